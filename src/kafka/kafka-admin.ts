// ConfigResourceTypes is not among the names that Node finds in this CommonJS package.
import kafkajs, { type Admin, type Consumer, type Kafka } from 'kafkajs';

/** kafkajs's client for questions about the cluster and for changes to it. */
export type KafkaAdmin = Admin;

/**
 * Settings of a topic or a broker, by name. Those that this user may not read are left out: nothing that we do needs
 * them.
 */
export async function readSettings(
  admin: KafkaAdmin,
  of: { readonly topic: string } | { readonly broker: string },
  settings: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const { TOPIC, BROKER } = kafkajs.ConfigResourceTypes;
  const [type, name] = 'topic' in of ? [TOPIC, of.topic] : [BROKER, of.broker];
  try {
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type, name, configNames: [...settings] }],
    });
    const entries = resources[0]?.configEntries ?? [];
    return new Map(entries.map(({ configName, configValue }) => [configName, configValue]));
  } catch {
    return new Map();
  }
}

/** How many partitions a topic has now; 0: there is no such topic. */
export async function countPartitions(kafka: Kafka, topic: string): Promise<number> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    return topics[0]?.partitions.length ?? 0;
  } finally {
    await admin.disconnect();
  }
}

/** Ends a consumer and removes its group. Nothing depends on it, and with a broker that does not answer it takes long. */
export async function leaveGroup(kafka: Kafka, consumer: Consumer, groupId: string): Promise<void> {
  const admin = kafka.admin();
  await consumer.disconnect().catch(() => undefined);
  await admin.connect().catch(() => undefined);
  await admin.deleteGroups([groupId]).catch(() => undefined);
  await admin.disconnect().catch(() => undefined);
}
