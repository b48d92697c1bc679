import { RainbowError } from '../platform/rainbow-error.ts';
import { readsCommittedOnly, type KafkaClient } from './kafka-client.ts';
import { hasMethods } from './patches/patch.ts';

export interface PartitionMessage {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
}

/** A message with its place in the partition. */
export interface FetchedMessage extends PartitionMessage {
  readonly offset: string;
  /** The mark of a transaction, or what the patch `aborted-reading` hides. */
  readonly isControlRecord: boolean;
}

/** What a broker answered to one fetch. */
export interface Fetched {
  /** Whole batches: the first messages may be older than what was asked for. */
  readonly messages: readonly FetchedMessage[];
  readonly lastStableOffset: string;
}

/** Reads the partitions of one topic without a consumer group, committed records only. */
export interface ClusterReader {
  /** Rejects where the topic does not exist. */
  connect(): Promise<void>;
  disconnect(): void;
  /** The ids of the topic's partitions. */
  partitions(): readonly number[];
  /**
   * An offset of each of these partitions: the first one, the last stable one, or the first one whose message is not
   * older than that many ms since the epoch. Absent where a partition has no such message.
   */
  offsetsAt(
    place: 'beginning' | 'end' | number,
    partitions: readonly number[],
  ): Promise<ReadonlyMap<number, bigint>>;
  /** Undefined where the answer names no partition, as where a broker limits how fast is read. */
  fetch(partition: number, offset: bigint, maxBytes: number): Promise<Fetched | undefined>;
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
  readonly responses: readonly { readonly partitions: readonly Fetched[] }[];
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
/** How long a broker may wait for messages before it answers. */
const MAX_WAIT_MS = 100;

/**
 * kafkajs lets only consumer groups read, and a broker by default keeps the first member of a group waiting for 3 s. What
 * the groups themselves read with is hidden in the client. Null where this kafkajs hides it in another way, or would
 * show records that were not committed.
 */
export function createClusterReader(kafka: KafkaClient, topic: string): ClusterReader | null {
  const cluster = readsCommittedOnly() ? createCluster(kafka) : null;
  if (cluster === null) return null;

  return {
    async connect() {
      await cluster.connect();
      await cluster.addTargetTopic(topic);
    },
    disconnect: () => void cluster.disconnect().catch(() => undefined),
    partitions: () => cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId),
    async offsetsAt(place, partitions) {
      const asked = {
        topic,
        partitions: partitions.map((partition) => ({ partition })),
        ...(typeof place === 'number' ? { fromTimestamp: place } : { fromBeginning: place === 'beginning' }),
      };
      const [found] = await cluster.fetchTopicsOffset([asked]);
      const offsets = (found?.partitions ?? []).map(
        ({ partition, offset }) => [partition, BigInt(offset)] as const,
      );
      return new Map(offsets.filter(([, offset]) => offset >= 0n));
    },
    async fetch(partition, offset, maxBytes) {
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
        maxBytes,
        isolationLevel: READ_COMMITTED,
        topics: [{ topic, partitions: [{ partition, fetchOffset: String(offset), maxBytes }] }],
      });
      return responses[0]?.partitions[0];
    },
  };
}

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
