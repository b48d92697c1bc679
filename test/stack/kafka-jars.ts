import { fetchJars } from './maven-jars.ts';

/** The Kafka that speed-racer lives on, and that is watched wherever the Burrow at hand can watch it. */
export const KAFKA_4 = '4.2.0';

/**
 * The last Kafka line that still answers the old requests which Kafka 4 has removed (KIP-896). For a Burrow built
 * on a client library too old for Kafka 4: see `burrow-binary.ts`.
 */
export const KAFKA_3 = '3.9.1';

/** The class path of an Apache Kafka broker, fetched on first use. */
export function fetchKafka(version: string): Promise<string> {
  return fetchJars(`kafka-${version}`, [
    { groupId: 'org.apache.kafka', artifactId: 'kafka_2.13', version },
    // Kafka leaves the choice of a log back end to its distribution. This one writes to standard error.
    { groupId: 'org.slf4j', artifactId: 'slf4j-simple', version: '1.7.36' },
    // Until version 4 the broker loads classes of Log4j 1 whatever the back end.
    ...(version.startsWith('3.')
      ? [{ groupId: 'ch.qos.reload4j', artifactId: 'reload4j', version: '1.2.25' }]
      : []),
  ]);
}

/** The class path of Kafka's command line tools that its brokers lack, such as `kafka-acls.sh`. */
export function fetchKafkaTools(version: string): Promise<string> {
  return fetchJars(`kafka-tools-${version}`, [
    { groupId: 'org.apache.kafka', artifactId: 'kafka-tools', version },
    { groupId: 'org.slf4j', artifactId: 'slf4j-simple', version: '1.7.36' },
  ]);
}
