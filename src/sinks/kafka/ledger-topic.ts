import kafkajs, { type Admin, type Kafka } from 'kafkajs';
import type { Logger } from 'pino';

/** Small and tidied up often, so that reading all of it stays quick. */
const settings = [
  { name: 'cleanup.policy', value: 'compact' },
  { name: 'min.cleanable.dirty.ratio', value: '0.1' },
  { name: 'segment.bytes', value: String(32 * 1024 * 1024) },
  // The entry of a group with as many partitions as we follow at most.
  { name: 'max.message.bytes', value: String(8 * 1024 * 1024) },
];

/** The ledger's topic is missing and cannot be made. The message says what to do. */
export class LedgerTopicError extends Error {
  override readonly name = 'LedgerTopicError';
}

/** Error types that tell of the ledger's topic and not of the brokers: then delivery goes on without it. */
const ownFaults = new Set([
  'UNKNOWN_TOPIC_OR_PARTITION',
  'TOPIC_AUTHORIZATION_FAILED',
  'GROUP_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'INVALID_TOPIC_EXCEPTION',
  'INVALID_RECORD',
  'POLICY_VIOLATION',
]);

/** Whether an error tells of the ledger's topic and not of the brokers. */
export function isLedgerFault(error: unknown): boolean {
  for (let link: unknown = error; link instanceof Error; link = link.cause) {
    if (link instanceof LedgerTopicError) return true;
    if ('type' in link && ownFaults.has(String(link.type))) return true;
  }
  return false;
}

/** The names of the two topics. */
export interface LedgerTopicNames {
  readonly topic: string;
  readonly recordsTopic: string;
}

/**
 * Creates the ledger's topic where it is missing: compacted, one partition, with the replication of the records' topic
 * (or the brokers' default, while that does not exist). Rejects with a {@link LedgerTopicError} where that is refused.
 */
export async function ensureLedgerTopic(
  kafka: Kafka,
  deps: { readonly log: Logger },
  names: LedgerTopicNames,
): Promise<void> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    if (await createMissing(admin, names, 'create'))
      deps.log.info({ topic: names.topic }, 'The topic of the ledger of open spans was created');
  } finally {
    await admin.disconnect();
  }
}

/** Whether the topic is missing; rejects as {@link ensureLedgerTopic} would, and changes nothing. */
export function wouldCreateLedgerTopic(admin: Admin, names: LedgerTopicNames): Promise<boolean> {
  return createMissing(admin, names, 'validate only');
}

async function createMissing(
  admin: Admin,
  { topic, recordsTopic }: LedgerTopicNames,
  how: 'create' | 'validate only',
): Promise<boolean> {
  const existing = await admin.listTopics();
  if (existing.includes(topic)) return false;
  const replicationFactor = existing.includes(recordsTopic) ? await replication(admin, recordsTopic) : -1;
  try {
    await admin.createTopics({
      topics: [{ topic, numPartitions: 1, replicationFactor, configEntries: settings }],
      validateOnly: how === 'validate only',
      waitForLeaders: how === 'create',
    });
    return true;
  } catch (error) {
    const type = refusalOf(error);
    if (type === null) throw error;
    throw new LedgerTopicError(
      `topic ${topic} does not exist and may not be created (${type}): ` +
        'create it with cleanup.policy=compact, or let this user create it',
      { cause: error },
    );
  }
}

/** What is wrong with how the topic is set up, as a clause; null where nothing is, or where one may not ask. */
export async function ledgerTopicFault(admin: Admin, topic: string): Promise<string | null> {
  try {
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configNames: ['cleanup.policy'] }],
    });
    const policy = resources[0]?.configEntries.find(
      ({ configName }) => configName === 'cleanup.policy',
    )?.configValue;
    if (policy === undefined || policy.includes('compact')) return null;
    return `cleanup.policy is ${policy}, so that it forgets spans or grows for ever: set it to compact`;
  } catch {
    return null;
  }
}

async function replication(admin: Admin, topic: string): Promise<number> {
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
  return topics[0]?.partitions[0]?.replicas.length ?? -1;
}

const refusals = new Set([
  'TOPIC_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'POLICY_VIOLATION',
  'INVALID_TOPIC_EXCEPTION',
  'INVALID_REPLICATION_FACTOR',
  'INVALID_CONFIG',
]);

function refusalOf(error: unknown): string | null {
  const { type, errors } = error as { readonly type?: unknown; readonly errors?: readonly unknown[] };
  for (const each of [type, ...(errors ?? []).map((inner) => (inner as { type?: unknown }).type)]) {
    if (typeof each === 'string' && refusals.has(each)) return each;
  }
  return null;
}
