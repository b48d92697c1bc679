import { randomUUID } from 'node:crypto';
import { Kafka, logLevel } from 'kafkajs';
import { readWavefrontLine, type ReadRecord } from '../../integration/support/wavefront-reader.ts';
import { pollUntil } from '../../stack/poll-until.ts';

/** No key of the sidecar's, which are all `{cluster}/…`. */
const END = 'end of reading';

/**
 * Reads a topic from its beginning to the present end, committed records only; throws on a line that is not of the
 * format. The end is found by a message that is appended to each partition, because offsets alone do not tell it where
 * transactions leave their marks.
 *
 * @param withinMs default: a minute and a half, in which brokers end a transaction that was left open
 */
export async function readBack(
  brokers: readonly string[],
  topic: string,
  withinMs = 90_000,
): Promise<readonly ReadRecord[]> {
  const kafka = new Kafka({
    clientId: 'reader',
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 100, maxRetryTime: 1000, retries: 30 },
  });
  const admin = kafka.admin();
  const producer = kafka.producer();
  const consumer = kafka.consumer({ groupId: `reader-${randomUUID()}`, maxWaitTimeInMs: 100 });
  const records: ReadRecord[] = [];
  const faults: unknown[] = [];
  const mark = randomUUID();
  const open = new Set<number>();
  try {
    await Promise.all([admin.connect(), producer.connect(), consumer.connect()]);
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    const partitions = topics[0]?.partitions.map(({ partitionId }) => partitionId) ?? [];
    for (const partition of partitions) open.add(partition);
    await producer.send({
      topic,
      messages: partitions.map((partition) => ({ partition, key: END, value: mark })),
    });
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      eachMessage: ({ partition, message }) => {
        if (String(message.key) === END) {
          if (String(message.value) === mark) open.delete(partition);
          return Promise.resolve();
        }
        try {
          if (open.has(partition)) records.push(...String(message.value).split('\n').map(readWavefrontLine));
        } catch (error) {
          faults.push(error);
        }
        return Promise.resolve();
      },
    });
    await pollUntil(() => (open.size === 0 ? true : undefined), {
      what: `all of ${topic} to be read`,
      withinMs,
    });
  } finally {
    await Promise.all([admin.disconnect(), producer.disconnect(), consumer.disconnect()]);
  }
  if (faults.length > 0) throw new AggregateError(faults, `lines of ${topic} that are none`);
  return records;
}
