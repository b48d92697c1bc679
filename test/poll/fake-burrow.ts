import type { GroupLag, PartitionLag, TopicOffsets } from '../../src/burrow/answers.ts';
import type { BurrowClient } from '../../src/burrow/burrow-client.ts';
import type { Outcome } from '../../src/burrow/outcome.ts';

const UNREACHABLE = { kind: 'unreachable', reason: 'connection refused' } as const;

/** What one cluster of a fake Burrow holds. A list that is not given is the names of the answers. */
export interface FakeCluster {
  groups: Map<string, Outcome<GroupLag>>;
  topics: Map<string, Outcome<TopicOffsets>>;
  groupList?: Outcome<readonly string[]>;
  topicList?: Outcome<readonly string[]>;
}

/** A Burrow whose answers a test sets, and whose requests it can count and hold. */
export interface FakeBurrow extends BurrowClient {
  readonly world: Map<string, FakeCluster>;
  /** False: every request is `unreachable`. */
  up: boolean;
  /** Set: `/v3/kafka` answers this. */
  clusterList: Outcome<readonly string[]> | null;
  /** True: polls stay in flight until `release`, or until they are cancelled. */
  holding: boolean;
  /** True: only polls are held, lists are not. */
  listing: boolean;
  /** How long an answer takes. */
  takes: () => Promise<void>;
  /** True: held requests do not even end when they are cancelled. */
  deaf: boolean;
  release(): void;
  /** What is held now ends as if its deadline had passed; what comes is held. */
  timeOut(): void;
  /** Paths in the order they were asked for. */
  readonly requests: string[];
  /** Requests in flight now, and the most there were at once. */
  readonly load: { now: number; most: number };
}

export function createFakeBurrow(name = 'burrow'): FakeBurrow {
  const held = new Set<(isInTime: boolean) => void>();

  async function ask<T>(path: string, signal: AbortSignal, answer: () => Outcome<T>): Promise<Outcome<T>> {
    burrow.requests.push(path);
    burrow.load.now += 1;
    burrow.load.most = Math.max(burrow.load.most, burrow.load.now);
    let isInTime = true;
    const isList = /^\/v3\/kafka$|\/(consumer|topic)$/.test(path);
    if (burrow.holding && !(burrow.listing && isList)) {
      isInTime = await new Promise<boolean>((resolve) => {
        held.add(resolve);
        signal.addEventListener('abort', () => {
          if (!burrow.deaf) resolve(false);
        });
      });
    }
    await burrow.takes();
    burrow.load.now -= 1;
    return burrow.up && isInTime && !signal.aborted ? answer() : UNREACHABLE;
  }

  const burrow: FakeBurrow = {
    name,
    world: new Map(),
    up: true,
    clusterList: null,
    holding: false,
    listing: false,
    takes: () => Promise.resolve(),
    deaf: false,
    release() {
      burrow.holding = false;
      for (const go of held) go(true);
      held.clear();
    },
    timeOut() {
      for (const go of held) go(false);
      held.clear();
    },
    requests: [],
    load: { now: 0, most: 0 },
    clusters: (signal) =>
      ask('/v3/kafka', signal, () => burrow.clusterList ?? { kind: 'ok', value: [...burrow.world.keys()] }),
    groups: (cluster, signal) =>
      ask(`${cluster}/consumer`, signal, () => {
        const found = burrow.world.get(cluster);
        return found === undefined
          ? { kind: 'notFound' }
          : (found.groupList ?? { kind: 'ok', value: [...found.groups.keys()] });
      }),
    topics: (cluster, signal) =>
      ask(`${cluster}/topic`, signal, () => {
        const found = burrow.world.get(cluster);
        return found === undefined
          ? { kind: 'notFound' }
          : (found.topicList ?? { kind: 'ok', value: [...found.topics.keys()] });
      }),
    groupLag: (cluster, group, signal) =>
      ask(
        `${cluster}/consumer/${group}`,
        signal,
        () => burrow.world.get(cluster)?.groups.get(group) ?? { kind: 'notFound' },
      ),
    topicOffsets: (cluster, topic, signal) =>
      ask(
        `${cluster}/topic/${topic}`,
        signal,
        () => burrow.world.get(cluster)?.topics.get(topic) ?? { kind: 'notFound' },
      ),
    close: () => Promise.resolve(),
  };
  return burrow;
}

/** A cluster whose groups and topics all answer well. */
export function clusterOf(groups: readonly string[], topics: readonly string[] = []): FakeCluster {
  return {
    groups: new Map(groups.map((group) => [group, lagOf(5)])),
    topics: new Map(topics.map((topic) => [topic, offsetsOf([10, 20])])),
  };
}

export function partitionOf(
  partition: number,
  currentLagRecords: number | null,
  owner = '/host',
): PartitionLag {
  return {
    topic: 'orders',
    partition,
    owner,
    clientId: 'client',
    status: 1,
    startOffset: 1,
    startTimestampMs: 1,
    startLagRecords: 1,
    endOffset: 2,
    endTimestampMs: 2,
    endLagRecords: 2,
    currentLagRecords,
  };
}

export function lagOf(lagRecords: number, over: Partial<GroupLag> = {}): Outcome<GroupLag> {
  const partitions = [partitionOf(0, lagRecords)];
  return {
    kind: 'ok',
    value: {
      status: 1,
      totalLagRecords: lagRecords,
      partitions,
      stoppedPartitions: 0,
      stalledPartitions: 0,
      unsafeIntegers: 0,
      ...over,
    },
  };
}

export function offsetsOf(offsets: readonly (number | null)[], unsafeIntegers = 0): Outcome<TopicOffsets> {
  return { kind: 'ok', value: { offsets, unsafeIntegers } };
}
