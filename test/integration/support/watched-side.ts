import { Kafka, logLevel, type Admin } from 'kafkajs';
import { pollUntil } from '../../stack/poll-until.ts';
import type { Stack } from '../../stack/stack.ts';
import type { Cleanup } from './sidecar-process.ts';

/** The cluster that Burrow watches, as those who produce to it and read from it have it. */
export interface WatchedSide {
  readonly kafka: Kafka;
  readonly admin: Admin;
  /** Creates a topic and waits until Burrow knows it: a commit on a topic that Burrow does not know is lost on it. */
  createTopic(topic: string, partitions: number): Promise<void>;
  /** Produces so many records to each partition. */
  produce(topic: string, recordsPerPartition: number): Promise<void>;
  /** Commits these offsets, by partition, for a group without members. */
  commit(group: string, topic: string, offsets: readonly number[]): Promise<void>;
  /** Log-end offset minus committed offset of each partition, as Kafka's admin API tells them. */
  lags(group: string, topic: string): Promise<readonly number[]>;
}

/** @param burrowUrls every Burrow that has to know a new topic */
export async function openWatchedSide(
  watched: Stack['watched'],
  burrowUrls: readonly string[],
  cleanup: Cleanup,
): Promise<WatchedSide> {
  const brokers = [...watched.kafka.bootstrapServers];
  const kafka = new Kafka({ clientId: 'workload', brokers, logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  const producer = kafka.producer();
  cleanup(async () => {
    await Promise.all([admin.disconnect(), producer.disconnect()]);
  });
  await Promise.all([admin.connect(), producer.connect()]);
  const partitionsOf = new Map<string, number>();

  async function ends(topic: string): Promise<readonly number[]> {
    const offsets = await admin.fetchTopicOffsets(topic);
    return offsets.toSorted((a, b) => a.partition - b.partition).map(({ high }) => Number(high));
  }

  return {
    kafka,
    admin,
    async createTopic(topic, partitions) {
      partitionsOf.set(topic, partitions);
      await admin.createTopics({ topics: [{ topic, numPartitions: partitions }], waitForLeaders: true });
      for (const url of burrowUrls) {
        await pollUntil(
          async () => {
            const response = await fetch(`${url}/v3/kafka/local/topic/${topic}`);
            const { offsets = [] } = (await response.json()) as { readonly offsets?: readonly number[] };
            return offsets.length === partitions ? true : undefined;
          },
          { what: `Burrow to list ${topic}`, withinMs: 60_000 },
        );
      }
    },
    async produce(topic, recordsPerPartition) {
      const partitions = Array.from({ length: partitionsOf.get(topic) ?? 0 }, (_, partition) => partition);
      await producer.send({
        topic,
        messages: partitions.flatMap((partition) =>
          Array.from({ length: recordsPerPartition }, () => ({ partition, value: 'dear reader' })),
        ),
      });
    },
    async commit(group, topic, offsets) {
      await admin.setOffsets({
        groupId: group,
        topic,
        partitions: offsets.map((offset, partition) => ({ partition, offset: String(offset) })),
      });
    },
    async lags(group, topic) {
      const [committed] = await admin.fetchOffsets({ groupId: group, topics: [topic] });
      return (await ends(topic)).map((end, partition) => {
        const at = committed?.partitions.find((each) => each.partition === partition)?.offset;
        if (at === undefined) throw new Error(`${group} has committed nothing on partition ${partition}`);
        return end - Number(at);
      });
    },
  };
}
