import { Kafka, logLevel } from 'kafkajs';
import { startKafka, type KafkaCluster } from '../../test/stack/kafka.ts';
import type { Settings } from '../measure/measured-sidecar.ts';

const TOPIC = 'speed-racer';
const PARTITIONS = 6;

/** Real brokers with an empty topic, and the settings that lead there. */
export interface BenchTopic {
  readonly settings: Settings;
  stop(): Promise<void>;
}

/** Starts Kafka; needs Java, and Maven the first time. */
export async function startBenchTopic(brokers: number): Promise<BenchTopic> {
  const cluster: KafkaCluster = await startKafka({
    brokers,
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
    await admin.createTopics({ waitForLeaders: true, topics: [{ topic: TOPIC, numPartitions: PARTITIONS }] });
    await admin.disconnect();
  } catch (error) {
    await cluster.stop();
    throw error;
  }
  return {
    settings: {
      'sink.type': 'kafka',
      'kafka.brokers': cluster.bootstrapServers.join(','),
      'kafka.topic': TOPIC,
      'kafka.compression': 'gzip',
    },
    stop: () => cluster.stop(),
  };
}
