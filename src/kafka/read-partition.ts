import { randomUUID } from 'node:crypto';
import { abortable } from '../platform/abortable.ts';
import { RainbowError } from '../platform/rainbow-error.ts';
import { leaveGroup } from './kafka-admin.ts';
import { readsCommittedOnly, type KafkaClient } from './kafka-client.ts';
import { hasMethods } from './patches/patch.ts';

export interface PartitionMessage {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
}

export interface PartitionOptions {
  readonly topic: string;
  readonly partition: number;
  /** Where a consumer group is needed, its name begins with this. */
  readonly groupPrefix: string;
}

export interface PartitionTaker {
  /** Takes what was read, in order; resolves to true when that is enough. */
  readonly take: (messages: readonly PartitionMessage[]) => Promise<boolean>;
  /** Reading has begun, or has come on, perhaps by messages that are not shown, as those of aborted transactions. */
  readonly progressed: () => void;
}

/** How long a broker may wait for messages before it answers, and how much it answers with. */
const MAX_WAIT_MS = 100;
const MAX_BYTES = 4 * 1024 * 1024;

/**
 * Reads a partition from its beginning, committed records only, until `take` resolves to true. Rejects with what went
 * wrong, or when the signal aborts.
 */
export async function readPartition(
  kafka: KafkaClient,
  options: PartitionOptions,
  taker: PartitionTaker,
  signal: AbortSignal,
): Promise<void> {
  const cluster = readsCommittedOnly() ? createCluster(kafka) : null;
  if (cluster === null) await readInGroup(kafka, options, taker, signal);
  else await readDirectly(cluster, options, taker, signal);
}

/** The part of kafkajs's own connection to a cluster that reading needs. */
interface Cluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  addTargetTopic(topic: string): Promise<void>;
  fetchTopicsOffset(topics: readonly object[]): Promise<
    readonly {
      readonly partitions: readonly { readonly partition: number; readonly offset: string }[];
    }[]
  >;
  findTopicPartitionMetadata(
    topic: string,
  ): readonly { readonly partitionId: number; readonly leader: number }[];
  findBroker(of: { readonly nodeId: number }): Promise<{ fetch(request: object): Promise<FetchAnswer> }>;
}

interface FetchAnswer {
  readonly responses: readonly { readonly partitions: readonly FetchedPartition[] }[];
}

interface FetchedPartition {
  readonly lastStableOffset: string;
  readonly messages: readonly (PartitionMessage & {
    readonly offset: string;
    /** The mark of a transaction, or what the patch `aborted-reading` hides. */
    readonly isControlRecord: boolean;
  })[];
}

const CREATE_CLUSTER = 'private:Kafka:createCluster';
const CLUSTER_METHODS = {
  connect: 0,
  disconnect: 0,
  addTargetTopic: 1,
  fetchTopicsOffset: 1,
  findTopicPartitionMetadata: 1,
  findBroker: 1,
};
const READ_COMMITTED = 1;

/**
 * kafkajs lets only consumer groups read, and a broker by default keeps the first member of a group waiting for 3 s. What
 * the groups themselves read with is hidden in the client. Null where this kafkajs hides it in another way.
 */
function createCluster(kafka: KafkaClient): Cluster | null {
  const hidden = Object.getOwnPropertySymbols(kafka).find(
    ({ description }) => description === CREATE_CLUSTER,
  );
  const create: unknown = hidden === undefined ? undefined : Reflect.get(kafka, hidden);
  if (typeof create !== 'function') return null;
  const cluster: unknown = Reflect.apply(create, kafka, [
    { metadataMaxAge: 300_000, allowAutoTopicCreation: false, isolationLevel: READ_COMMITTED },
  ]);
  return isCluster(cluster) ? cluster : null;
}

function isCluster(cluster: unknown): cluster is Cluster {
  return typeof cluster === 'object' && cluster !== null && hasMethods(cluster, CLUSTER_METHODS);
}

async function readDirectly(
  cluster: Cluster,
  { topic, partition }: PartitionOptions,
  { take, progressed }: PartitionTaker,
  signal: AbortSignal,
): Promise<void> {
  try {
    await abortable(cluster.connect(), signal);
    await abortable(cluster.addTargetTopic(topic), signal);
    const asked = [{ topic, partitions: [{ partition }], fromBeginning: true }];
    const [found] = await abortable(cluster.fetchTopicsOffset(asked), signal);
    let next = BigInt(found?.partitions.find((each) => each.partition === partition)?.offset ?? 0);
    progressed();
    for (;;) {
      const fetched = await abortable(fetchFrom(cluster, { topic, partition, offset: next }), signal);
      // A broker answers so where it limits how fast is read; kafkajs waits as long as it was told.
      if (fetched === undefined) continue;
      const { messages, lastStableOffset } = fetched;
      const from = next;
      const wanted = messages.filter(({ offset }) => BigInt(offset) >= from);
      const last = wanted.at(-1);
      if (last !== undefined) next = BigInt(last.offset) + 1n;
      // A batch of which compaction has left nothing, or nothing that was asked for.
      else if (next < BigInt(lastStableOffset)) next += 1n;
      else continue;
      progressed();
      const shown = wanted.filter(({ isControlRecord }) => !isControlRecord);
      if (shown.length > 0 && (await abortable(take(shown), signal))) return;
    }
  } finally {
    cluster.disconnect().catch(() => undefined);
  }
}

/** Undefined where the answer names no partition. */
async function fetchFrom(
  cluster: Cluster,
  {
    topic,
    partition,
    offset,
  }: { readonly topic: string; readonly partition: number; readonly offset: bigint },
): Promise<FetchedPartition | undefined> {
  const leader = cluster
    .findTopicPartitionMetadata(topic)
    .find(({ partitionId }) => partitionId === partition)?.leader;
  if (leader === undefined) {
    throw new RainbowError('KAFKA_NO_PARTITIONS', `topic ${topic} has no partition ${partition}`);
  }
  const broker = await cluster.findBroker({ nodeId: leader });
  const { responses } = await broker.fetch({
    maxWaitTime: MAX_WAIT_MS,
    minBytes: 1,
    maxBytes: MAX_BYTES,
    isolationLevel: READ_COMMITTED,
    topics: [{ topic, partitions: [{ partition, fetchOffset: String(offset), maxBytes: MAX_BYTES }] }],
  });
  return responses[0]?.partitions[0];
}

/** As a consumer group of its own, which is left and removed again. */
async function readInGroup(
  kafka: KafkaClient,
  { topic, partition, groupPrefix }: PartitionOptions,
  { take, progressed }: PartitionTaker,
  signal: AbortSignal,
): Promise<void> {
  // Burrow's own list of groups shows it for a moment; by default, groups that begin with burrow- are not followed.
  const groupId = `${groupPrefix}-${randomUUID()}`;
  const consumer = kafka.consumer({
    groupId,
    allowAutoTopicCreation: false,
    maxWaitTimeInMs: MAX_WAIT_MS,
    maxBytesPerPartition: MAX_BYTES,
    readUncommitted: false,
  });
  try {
    await abortable(consumer.connect(), signal);
    await abortable(consumer.subscribe({ topic, fromBeginning: true }), signal);
    const done = new Promise<void>((resolve, reject) => {
      consumer.on('consumer.crash', ({ payload }) => reject(payload.error));
      consumer.on('consumer.group_join', progressed);
      // Emitted for batches, too, of which nothing is shown.
      consumer.on('consumer.end_batch_process', progressed);
      consumer
        .run({
          autoCommit: false,
          eachBatch: async ({ batch }) => {
            if (batch.partition === partition && (await take(batch.messages))) resolve();
          },
        })
        .catch(reject);
    });
    await abortable(done, signal);
  } finally {
    void leaveGroup(kafka, consumer, groupId);
  }
}
