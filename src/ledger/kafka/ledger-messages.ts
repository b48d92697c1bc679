import type { Logger } from 'pino';
import { explainKafkaError, type KafkaFaultContext } from '../../kafka/faults/kafka-fault.ts';
import { ProducedMessage } from '../../kafka/messages/produced-message.ts';
import { RainbowError } from '../../platform/rainbow-error.ts';

/** All of a ledger is in one partition, however many its topic has, so that it has one order. */
export const LEDGER_PARTITION = 0;

/** Below the brokers' default limit of a batch, before compression. */
const BATCH_BYTES = 900_000;
const BATCH_MESSAGES = 1000;

/**
 * Kafka's word for a message without a time. Nobody needs the time of a ledger's message, and brokers refuse one that
 * is an hour ahead of their clocks.
 */
export const NO_TIMESTAMP = '-1';

/** Entries of a ledger as messages; a null value removes its key. */
export function toLedgerMessages(entries: ReadonlyMap<string, string | null>): readonly ProducedMessage[] {
  return Array.from(
    entries,
    ([key, value]) =>
      new ProducedMessage(Buffer.from(key), NO_TIMESTAMP, value === null ? null : Buffer.from(value)),
  );
}

/**
 * Appends messages to a ledger, in order and in batches that brokers take. An entry that is too large by itself is left
 * out, and the log says so: it must not hold up records. Rejects with what `append` rejects with otherwise.
 *
 * @param deps.append one attempt; true only when the brokers have named the partition
 */
export async function sendLedger(
  deps: {
    readonly log: Logger;
    readonly append: (batch: readonly ProducedMessage[]) => Promise<boolean>;
  },
  messages: readonly ProducedMessage[],
  context: KafkaFaultContext,
): Promise<void> {
  const { log, append } = deps;
  for (const batch of intoBatches(messages)) await send(batch);

  async function send(batch: readonly ProducedMessage[]): Promise<void> {
    try {
      if (await append(batch)) return;
    } catch (error) {
      if (explainKafkaError(error, context).action !== 'shrink') throw error;
      if (batch.length > 1) {
        const half = Math.ceil(batch.length / 2);
        await send(batch.slice(0, half));
        await send(batch.slice(half));
        return;
      }
      const [entry] = batch;
      log.error(
        { topic: context.topic, key: entry?.key.toString(), bytes: entry?.value?.length },
        'An entry of the ledger is larger than its topic allows: raise its max.message.bytes, or open series may lack their closing 0 after a crash',
      );
      return;
    }
    throw unnamed(context.topic);
  }
}

/** An answer that does not name the partition. */
export function unnamed(topic: string): Error {
  return new RainbowError(
    'KAFKA_ANSWER',
    `the answer did not name partition ${LEDGER_PARTITION} of topic ${topic}`,
  );
}

function* intoBatches(messages: readonly ProducedMessage[]): Generator<readonly ProducedMessage[]> {
  let batch: ProducedMessage[] = [];
  let bytes = 0;
  for (const message of messages) {
    const size = message.key.length + (message.value?.length ?? 0);
    if (batch.length > 0 && (bytes + size > BATCH_BYTES || batch.length >= BATCH_MESSAGES)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(message);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}
