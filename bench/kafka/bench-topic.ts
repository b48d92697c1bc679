import { Kafka, logLevel } from 'kafkajs';
import { startKafka, type KafkaCluster } from '../../test/stack/kafka.ts';
import type { Settings } from '../measure/measured-sidecar.ts';
import { RECORDS_PARTITIONS, RECORDS_TOPIC, recordsTopicSettings } from './records-topic.ts';

/** A real broker with an empty topic, and the settings that lead there. */
export interface BenchTopic {
  readonly settings: Settings;
  readonly brokers: readonly string[];
  stop(): Promise<void>;
}

/**
 * Starts Kafka; needs Java, and Maven the first time.
 *
 * @param options.others more topics, for other writers
 * @param options.properties of the broker, over those of the tests
 */
export async function startBenchTopic({
  others = [],
  properties = {},
}: {
  readonly others?: readonly string[];
  readonly properties?: Readonly<Record<string, string>>;
} = {}): Promise<BenchTopic> {
  const cluster: KafkaCluster = await startKafka({
    heapMegabytes: 512,
    // A run of minutes writes gigabytes that nobody will read.
    properties: {
      'log.retention.bytes': '268435456',
      'log.segment.bytes': '67108864',
      'log.retention.check.interval.ms': '10000',
      ...properties,
    },
  });
  try {
    const admin = new Kafka({
      brokers: [...cluster.bootstrapServers],
      logLevel: logLevel.NOTHING,
    }).admin();
    await admin.connect();
    await admin.createTopics({
      waitForLeaders: true,
      topics: [RECORDS_TOPIC, ...others].map((topic) => ({ topic, numPartitions: RECORDS_PARTITIONS })),
    });
    await admin.disconnect();
  } catch (error) {
    await cluster.stop();
    throw error;
  }
  return {
    settings: recordsTopicSettings(cluster.bootstrapServers),
    brokers: cluster.bootstrapServers,
    stop: () => cluster.stop(),
  };
}
