import { randomUUID } from 'node:crypto';
import { abortable } from '../../platform/abortable.ts';
import type { KafkaClient } from '../../kafka/kafka-client.ts';
import type { PartitionMessage } from '../../kafka/cluster-reader.ts';
import { readPartition } from '../../kafka/read-partition.ts';
import { RainbowError } from '../../platform/rainbow-error.ts';
import type { LedgerContents } from '../ledger.ts';
import { LEDGER_PARTITION } from './ledger-messages.ts';

/** An attempt ends after this time without progress: messages behind an open transaction cannot be read before it ends. */
const IDLE_MS = 5000;

/**
 * Reads a ledger's topic from beginning to end, committed records only. One attempt; rejects with what went wrong, or
 * when the signal aborts.
 *
 * The end is where a message of its own comes back. The offsets that kafkajs gives for the end of a topic are those of
 * the first transaction that is still open, and what is behind that would be missing without a word.
 *
 * @param deps.append appends a message without a value; nothing is left of it once the topic has been compacted
 * @param deps.keeps whether the value of a key is wanted; else it is ''; default: all are
 * @param deps.succeed called with what was found up to there; where it appends such a message itself, with others, and
 *   resolves to true, reading goes on up to that
 */
export async function readLedgerTopic(
  deps: {
    readonly kafka: KafkaClient;
    readonly append: (key: Buffer) => Promise<void>;
    readonly keeps?: (key: string) => boolean;
    readonly succeed?: (entries: ReadonlyMap<string, string>, endKey: string) => Promise<boolean>;
  },
  { topic, clientId }: { readonly topic: string; readonly clientId: string },
  signal: AbortSignal,
): Promise<LedgerContents> {
  const { kafka, append, keeps = () => true, succeed } = deps;
  const id = randomUUID();
  const endKey = JSON.stringify(['end', id]);
  const laterEndKey = JSON.stringify(['end', id, 'later']);
  const end = Buffer.from(endKey);
  const laterEnd = Buffer.from(laterEndKey);
  const entries = new Map<string, string>();
  let isNew = true;

  async function take(messages: readonly PartitionMessage[]): Promise<boolean> {
    for (const { key, value } of messages) {
      if (key?.equals(end) === true) {
        if (succeed !== undefined && (await succeed(entries, laterEndKey))) continue;
        return true;
      }
      if (key?.equals(laterEnd) === true) return true;
      isNew = false;
      if (key === null) continue;
      const name = key.toString();
      if (value === null) entries.delete(name);
      else entries.set(name, keeps(name) ? value.toString() : '');
    }
    return false;
  }

  await abortable(append(end), signal);
  const isIdle = new AbortController();
  let idle: NodeJS.Timeout | undefined;
  const taker = {
    async take(messages: readonly PartitionMessage[]) {
      // What is appended meanwhile may take its time.
      clearTimeout(idle);
      const isEnough = await take(messages);
      if (!isEnough) taker.progressed();
      return isEnough;
    },
    progressed() {
      clearTimeout(idle);
      idle = setTimeout(() => {
        const reason =
          `topic ${topic} cannot be read to its end yet: a transaction is still open; ` +
          'one that was left behind by a killed sidecar is ended by the brokers within a minute';
        isIdle.abort(new RainbowError('LEDGER_UNFINISHED', reason));
      }, IDLE_MS);
    },
  };
  try {
    const options = { topic, partition: LEDGER_PARTITION, groupPrefix: `${clientId}-ledger` };
    await readPartition(kafka, options, taker, AbortSignal.any([signal, isIdle.signal]));
    return { entries, isNew };
  } finally {
    clearTimeout(idle);
  }
}
