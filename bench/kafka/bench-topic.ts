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
 * @param others more topics, for other writers
 */
export async function startBenchTopic(others: readonly string[] = []): Promise<BenchTopic> {
  const cluster: KafkaCluster = await startKafka({
    heapMegabytes: 512,
    // A run of minutes writes gigabytes that nobody will read.
    properties: {
      'log.retention.bytes': '268435456',
      'log.segment.bytes': '67108864',
      'log.retention.check.interval.ms': '10000',
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
