import { randomUUID } from 'node:crypto';
import { Kafka, logLevel } from 'kafkajs';
import { pollUntil } from '../../stack/poll-until.ts';
import { toSeries, type ReadSeries } from './series.ts';
import type { Cleanup } from './sidecar-process.ts';
import { readWavefrontLine, type ReadRecord } from './wavefront-reader.ts';

/** Reads a topic of the sidecar's from its beginning, and goes on reading. */
export interface TopicFollower {
  /** Everything read so far. Throws on a line that is not of the format. */
  records(): readonly ReadRecord[];
  series(): readonly ReadSeries[];
  /** The key of the message with each line. */
  keysOf(name: string): ReadonlySet<string>;
  /** Resolves when all that the topic had at the call has been read. */
  catchUp(): Promise<void>;
}

/** Creates the topic with three partitions and follows it until the test ends. */
export async function followTopic(
  brokers: readonly string[],
  topic: string,
  cleanup: Cleanup,
): Promise<TopicFollower> {
  const kafka = new Kafka({
    clientId: 'reader',
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    // A broker that is away for a while must not end the reading.
    retry: { initialRetryTime: 200, maxRetryTime: 1000, retries: 1000 },
  });
  const admin = kafka.admin();
  const consumer = kafka.consumer({ groupId: `reader-${randomUUID()}`, maxWaitTimeInMs: 100 });
  cleanup(async () => {
    await Promise.all([consumer.disconnect(), admin.disconnect()]);
  });
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions: 3 }], waitForLeaders: true });
  const records: ReadRecord[] = [];
  const keys = new Map<string, Set<string>>();
  const faults: Error[] = [];
  const nextOffset = new Map<number, number>();
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    eachMessage: ({ partition, message }) => {
      const key = String(message.key);
      const next = Number(message.offset);
      // After a reconnection a message may be handed over again.
      if (next < (nextOffset.get(partition) ?? 0)) return Promise.resolve();
      nextOffset.set(partition, next + 1);
      for (const line of String(message.value).split('\n')) {
        try {
          const record = readWavefrontLine(line);
          records.push(record);
          keys.set(record.name, (keys.get(record.name) ?? new Set()).add(key));
        } catch (error) {
          faults.push(error as Error);
        }
      }
      return Promise.resolve();
    },
  });
  const read = (): readonly ReadRecord[] => {
    if (faults[0] !== undefined) throw faults[0];
    return records;
  };
  return {
    records: read,
    series: () => toSeries(read()),
    keysOf: (name) => keys.get(name) ?? new Set(),
    async catchUp() {
      const ends = await admin.fetchTopicOffsets(topic);
      await pollUntil(
        () =>
          ends.every(({ partition, high }) => (nextOffset.get(partition) ?? 0) >= Number(high))
            ? true
            : undefined,
        { what: `all of ${topic} to be read`, withinMs: 60_000 },
      );
    },
  };
}
