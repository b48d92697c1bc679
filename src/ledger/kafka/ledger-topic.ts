import type { Logger } from 'pino';
import { abortable } from '../../platform/abortable.ts';
import type { Clock } from '../../platform/clock.ts';
import { found, type Finding } from '../../platform/finding.ts';
import { readSettings, type KafkaAdmin } from '../../kafka/kafka-admin.ts';
import { createKafkaClient, type KafkaClient } from '../../kafka/kafka-client.ts';
import { explainKafkaError } from '../../kafka/faults/kafka-fault.ts';
import type { KafkaConnectionOptions } from '../../kafka/kafka-options.ts';
import { hasCode, RainbowError } from '../../platform/rainbow-error.ts';
import { LEDGER_PARTITION } from './ledger-messages.ts';

/** Small and tidied up often, so that reading all of it stays quick. */
const settings = [
  { name: 'cleanup.policy', value: 'compact' },
  { name: 'min.cleanable.dirty.ratio', value: '0.1' },
  { name: 'segment.bytes', value: String(32 * 1024 * 1024) },
  // The entry of a group with as many partitions as we follow at most.
  { name: 'max.message.bytes', value: String(8 * 1024 * 1024) },
];

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
    if (hasCode(link, 'LEDGER_TOPIC')) return true;
    if ('type' in link && ownFaults.has(String(link.type))) return true;
  }
  return false;
}

/** The names of the two topics. */
export interface LedgerTopicNames {
  readonly topic: string;
  readonly recordsTopic: string;
}

/** As many copies as survive the loss of one broker while another is being restarted. */
const REPLICAS = 3;

/**
 * Creates the ledger's topic where it is missing: compacted, one partition, with the replication of the records' topic,
 * and at least three copies where there are three brokers: all records wait a while when it is away. Rejects with a
 * LEDGER_TOPIC error where that is refused.
 */
export async function ensureLedgerTopic(
  kafka: KafkaClient,
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
function wouldCreateLedgerTopic(admin: KafkaAdmin, names: LedgerTopicNames): Promise<boolean> {
  return createMissing(admin, names, 'validate only');
}

async function createMissing(
  admin: KafkaAdmin,
  { topic, recordsTopic }: LedgerTopicNames,
  how: 'create' | 'validate only',
): Promise<boolean> {
  const existing = await admin.listTopics();
  if (existing.includes(topic)) return false;
  const ofRecords = existing.includes(recordsTopic) ? await replication(admin, recordsTopic) : 0;
  const replicationFactor = Math.max(ofRecords, Math.min(REPLICAS, await countBrokers(admin)));
  const configEntries = [
    ...settings,
    { name: 'min.insync.replicas', value: String(inSync(replicationFactor)) },
  ];
  try {
    await admin.createTopics({
      topics: [{ topic, numPartitions: 1, replicationFactor, configEntries }],
      validateOnly: how === 'validate only',
      waitForLeaders: how === 'create',
    });
    return true;
  } catch (error) {
    const type = refusalOf(error);
    if (type === null) throw error;
    throw new RainbowError('LEDGER_TOPIC', `topic ${topic} does not exist and may not be created (${type})`, {
      remedy: 'create it with cleanup.policy=compact, or let this user create it',
      cause: error,
    });
  }
}

/** How many of so many copies a write has to reach: all but one, so that one may be missing. */
function inSync(replicas: number): number {
  return Math.max(1, Math.min(2, replicas - 1));
}

/** What should be changed about an existing topic. */
interface LedgerTopicAdvice {
  /** As a clause. */
  readonly text: string;
  /** Whether the ledger cannot do its work like that; else it is merely in danger. */
  readonly isFault: boolean;
}

/** Null where all is well, or where one may not ask. */
async function adviseOnLedgerTopic(admin: KafkaAdmin, topic: string): Promise<LedgerTopicAdvice | null> {
  const found = await readSettings(admin, { topic }, ['cleanup.policy', 'min.insync.replicas']);
  const policy = found.get('cleanup.policy');
  const leastInSync = Number(found.get('min.insync.replicas') ?? 1);
  if (policy !== undefined && !policy.includes('compact')) {
    const text = `cleanup.policy is ${policy}, so that it forgets spans or grows for ever: set it to compact`;
    return { text, isFault: true };
  }
  const [replicas, brokers] = await Promise.all([replication(admin, topic), countBrokers(admin)]);
  const wanted = Math.min(REPLICAS, brokers);
  if (replicas < wanted) {
    const text =
      `it has ${replicas} of ${wanted} replicas: without ${replicas === 1 ? 'that broker' : 'those brokers'} ` +
      `open spans cannot be remembered: raise its replication to ${wanted}`;
    return { text, isFault: false };
  }
  if (replicas > 1 && leastInSync >= replicas) {
    const text =
      `min.insync.replicas is ${leastInSync} of ${replicas} replicas, so that each broker's restart stops it: ` +
      `set it to ${inSync(replicas)}`;
    return { text, isFault: false };
  }
  return null;
}

/** Looks at the ledger's topic and changes nothing. Never rejects. */
export async function checkLedgerTopic(
  deps: { readonly clock: Clock; readonly log: Logger },
  options: KafkaConnectionOptions & LedgerTopicNames,
  signal: AbortSignal,
): Promise<Finding> {
  const { topic, brokers } = options;
  const subject = `ledger topic ${topic}`;
  const admin = createKafkaClient(deps, options).admin();
  try {
    await abortable(admin.connect(), signal);
    if (await abortable(wouldCreateLedgerTopic(admin, options), signal))
      return found('ok', subject, 'does not exist yet: it is created at the start');
    const advice = await abortable(adviseOnLedgerTopic(admin, topic), signal);
    if (advice === null) return found('ok', subject, 'exists');
    const { text, isFault } = advice;
    return isFault ? found('fail', subject, text) : found('warn', subject, `exists, but ${text}`);
  } catch (error) {
    const message = signal.aborted
      ? 'no answer in time'
      : explainKafkaError(error, { brokers, topic }).reason;
    return found('fail', subject, message);
  } finally {
    admin.disconnect().catch(() => undefined);
  }
}

/** Logs what should be changed about an existing topic; nothing depends on it. */
export async function logLedgerAdvice(kafka: KafkaClient, log: Logger, topic: string): Promise<void> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    const advice = await adviseOnLedgerTopic(admin, topic);
    if (advice === null) return;
    log.warn({ topic, fault: advice.text }, 'The topic of the ledger should be set up in another way');
  } finally {
    await admin.disconnect();
  }
}

async function countBrokers(admin: KafkaAdmin): Promise<number> {
  return (await admin.describeCluster()).brokers.length;
}

/** Of the first partition; the others are not used. */
async function replication(admin: KafkaAdmin, topic: string): Promise<number> {
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
  const first = topics[0]?.partitions.find(({ partitionId }) => partitionId === LEDGER_PARTITION);
  return first?.replicas.length ?? 0;
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
