import type { BurrowWorld, Commit, PartitionState } from '../../../src/simulator/world.ts';

/** What a test says about one partition of a group; the rest follows. */
export interface ScriptedPartition {
  /** Lag now, records. Default 0. */
  readonly lagRecords?: number;
  /** Newest committed offset; null: no commit is stored. Default 1000. */
  readonly endOffset?: number | null;
  /** Oldest commit in the window. Default: like the newest. */
  readonly startOffset?: number;
  /** When the newest commit was made. Default: now. The oldest was made 45 s before it. */
  readonly endTimestampMs?: number;
  /** `lag` of both commits; null as after a backfill. Default: `lagRecords`. */
  readonly commitLagRecords?: number | null;
  /** Default blank. */
  readonly owner?: string;
  readonly clientId?: string;
  /** Default OK. */
  readonly status?: string;
}

/** A world that changes only when it is told to. Clusters and groups come to be when first named. */
export interface ScriptedWorld {
  addCluster(cluster: string): void;
  removeCluster(cluster: string): void;
  /** Log-end offsets, index = partition id; a hole (null) is left out of the answer, as Burrow does. */
  setOffsets(cluster: string, topic: string, offsets: readonly (number | null)[]): void;
  removeTopic(cluster: string, topic: string): void;
  /** A group as a whole, replacing what there was. Without partitions, Burrow knows the group but no more. */
  setGroup(cluster: string, group: string): void;
  /** One partition; what is not named is as it was, or else the default. */
  setLag(
    cluster: string,
    group: string,
    topic: string,
    partition: number,
    facts: number | ScriptedPartition,
  ): void;
  removePartition(cluster: string, group: string, topic: string, partition: number): void;
  /** `listed`: the list still names it while its URL says NOTFOUND, as Burrow does for expired groups. */
  removeGroup(cluster: string, group: string, remains?: 'listed' | 'nothing'): void;
}

const WINDOW_MS = 45_000;
const DEFAULT_END_OFFSET = 1000;

interface Group {
  readonly partitions: Map<
    string,
    { readonly topic: string; readonly partition: number; readonly facts: ScriptedPartition }
  >;
}

interface Cluster {
  readonly topics: Map<string, readonly (number | null)[]>;
  /** `null`: listed, but not found. */
  readonly groups: Map<string, Group | null>;
}

/** The script and the world that follows it. */
export function createScriptedWorld(): {
  readonly script: ScriptedWorld;
  readonly at: (nowMs: number) => BurrowWorld;
} {
  const clusters = new Map<string, Cluster>();
  const keyOf = (topic: string, partition: number): string => JSON.stringify([topic, partition]);

  function clusterOf(name: string): Cluster {
    const cluster = clusters.get(name) ?? { topics: new Map(), groups: new Map() };
    clusters.set(name, cluster);
    return cluster;
  }

  const script: ScriptedWorld = {
    addCluster: (cluster) => void clusterOf(cluster),
    removeCluster: (cluster) => void clusters.delete(cluster),
    setOffsets: (cluster, topic, offsets) => void clusterOf(cluster).topics.set(topic, [...offsets]),
    removeTopic: (cluster, topic) => void clusters.get(cluster)?.topics.delete(topic),
    setGroup: (cluster, group) => void clusterOf(cluster).groups.set(group, { partitions: new Map() }),
    setLag(cluster, group, topic, partition, facts) {
      const { groups } = clusterOf(cluster);
      const { partitions }: Group = groups.get(group) ?? { partitions: new Map() };
      groups.set(group, { partitions });
      const key = keyOf(topic, partition);
      const news = typeof facts === 'number' ? { lagRecords: facts } : facts;
      partitions.set(key, { topic, partition, facts: { ...partitions.get(key)?.facts, ...news } });
    },
    removePartition: (cluster, group, topic, partition) =>
      void clusters.get(cluster)?.groups.get(group)?.partitions.delete(keyOf(topic, partition)),
    removeGroup(cluster, group, remains = 'nothing') {
      const groups = clusters.get(cluster)?.groups;
      if (remains === 'listed') groups?.set(group, null);
      else groups?.delete(group);
    },
  };

  return {
    script,
    at: (nowMs) => ({
      clusters: () => [...clusters.keys()],
      topics: (cluster) => namesOf(clusters.get(cluster)?.topics),
      groups: (cluster) => namesOf(clusters.get(cluster)?.groups),
      offsets: (cluster, topic) => clusters.get(cluster)?.topics.get(topic) ?? null,
      group(cluster, group) {
        const found = clusters.get(cluster)?.groups.get(group);
        if (found === undefined || found === null) return null;
        return [...found.partitions.values()].map(({ topic, partition, facts }) =>
          stateOf(topic, partition, facts, nowMs),
        );
      },
    }),
  };
}

function namesOf(map: ReadonlyMap<string, unknown> | undefined): readonly string[] | null {
  return map === undefined ? null : [...map.keys()];
}

function stateOf(topic: string, partition: number, facts: ScriptedPartition, nowMs: number): PartitionState {
  const lagRecords = facts.lagRecords ?? 0;
  const endOffset = facts.endOffset === undefined ? DEFAULT_END_OFFSET : facts.endOffset;
  const endTimestampMs = facts.endTimestampMs ?? nowMs;
  const commit = (offset: number, timestampMs: number): Commit => ({
    offset,
    timestampMs,
    observedAtMs: timestampMs,
    lagRecords: facts.commitLagRecords === undefined ? lagRecords : facts.commitLagRecords,
  });
  return {
    topic,
    partition,
    owner: facts.owner ?? '',
    clientId: facts.clientId ?? '',
    commits:
      endOffset === null
        ? []
        : [
            commit(facts.startOffset ?? endOffset, endTimestampMs - WINDOW_MS),
            commit(endOffset, endTimestampMs),
          ],
    currentLagRecords: endOffset === null ? 0 : lagRecords,
    status: facts.status ?? 'OK',
  };
}
