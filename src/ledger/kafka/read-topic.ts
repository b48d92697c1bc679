import { randomUUID } from 'node:crypto';
import { abortable } from '../../platform/abortable.ts';
import { leaveGroup } from '../../kafka/kafka-admin.ts';
import type { KafkaClient } from '../../kafka/kafka-client.ts';
import { RainbowError } from '../../platform/rainbow-error.ts';
import type { LedgerContents } from '../ledger.ts';
import { LEDGER_PARTITION } from './ledger-messages.ts';

/** An attempt ends after this time without progress: messages behind an open transaction cannot be read before it ends. */
const IDLE_MS = 5000;

/**
 * Reads a ledger's topic from beginning to end, committed records only. One attempt; rejects with what went wrong, or
 * when the signal aborts. It needs a consumer group for that, which it leaves and removes again.
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
  // Burrow's own list of groups shows it for a moment; by default, groups that begin with burrow- are not followed.
  const groupId = `${clientId}-ledger-${randomUUID()}`;
  const endKey = JSON.stringify(['end', groupId]);
  const laterEndKey = JSON.stringify(['end', groupId, 'later']);
  const end = Buffer.from(endKey);
  const laterEnd = Buffer.from(laterEndKey);
  const consumer = kafka.consumer({
    groupId,
    allowAutoTopicCreation: false,
    maxWaitTimeInMs: 100,
    maxBytesPerPartition: 4 * 1024 * 1024,
    readUncommitted: false,
  });
  const entries = new Map<string, string>();
  let isNew = true;
  let idle: NodeJS.Timeout | undefined;
  try {
    await abortable(append(end), signal);
    await abortable(consumer.connect(), signal);
    await abortable(consumer.subscribe({ topic, fromBeginning: true }), signal);
    const done = new Promise<void>((resolve, reject) => {
      const waitOn = (): void => {
        clearTimeout(idle);
        idle = setTimeout(() => {
          const reason =
            `topic ${topic} cannot be read to its end yet: a transaction is still open; ` +
            'one that was left behind by a killed sidecar is ended by the brokers within a minute';
          reject(new RainbowError('LEDGER_UNFINISHED', reason));
        }, IDLE_MS);
      };
      consumer.on('consumer.crash', ({ payload }) => reject(payload.error));
      consumer.on('consumer.group_join', waitOn);
      // Emitted for batches, too, of which nothing is shown: aborted transactions and the marks of committed ones.
      consumer.on('consumer.end_batch_process', waitOn);
      consumer
        .run({
          autoCommit: false,
          eachBatch: async ({ batch }) => {
            if (batch.partition !== LEDGER_PARTITION) return;
            for (const { key, value } of batch.messages) {
              if (key?.equals(end) === true) {
                clearTimeout(idle);
                if (succeed !== undefined && (await succeed(entries, laterEndKey))) continue;
                resolve();
                return;
              }
              if (key?.equals(laterEnd) === true) {
                resolve();
                return;
              }
              isNew = false;
              if (key === null) continue;
              const name = key.toString();
              if (value === null) entries.delete(name);
              else entries.set(name, keeps(name) ? value.toString() : '');
            }
          },
        })
        .catch(reject);
    });
    await abortable(done, signal);
    return { entries, isNew };
  } finally {
    clearTimeout(idle);
    void leaveGroup(kafka, consumer, groupId);
  }
}
