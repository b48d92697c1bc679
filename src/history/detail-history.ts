import { HeatMap, type PartitionLag } from './heat-map.ts';
import { PointRing, type Point } from './point-ring.ts';
import { HISTORY_STEPS, stepOf } from './step-ring.ts';

export interface DetailHistoryDeps {
  /** The partitions of a group at its newest sample. Called once a step for each group that is kept. */
  readonly lagsOf: (cluster: string, group: string) => Iterable<PartitionLag>;
}

export interface DetailHistoryOptions {
  /** Length of a step, ms, more than 0. */
  readonly stepMs: number;
  /** Groups that are kept at most. Default 1000, some 2.5 MB of points. */
  readonly groups?: number;
  /** Partitions that are kept at most, over all groups. Default 20,000, some 8 MB with their names. */
  readonly partitions?: number;
}

/** The details that are kept of one group. */
export interface KeptDetails {
  /** Oldest first. */
  readonly points: readonly Point[];
  readonly heat: HeatMap;
}

/**
 * Details of the groups that lag or that someone views: the points of their total lag as they were emitted, and each
 * partition's lag at each step. Everything is bounded. A group that has neither lagged nor been viewed for an hour makes
 * room for another one. While there is no room, a group that lags is not taken; one that is viewed is.
 */
export interface DetailHistory {
  readonly groups: number;
  readonly partitions: number;
  /** After each sample of a group. */
  observe(cluster: string, group: string, totalLagRecords: number | null, atMs: number): void;
  /** Points of the group's total lag were emitted. */
  points(cluster: string, group: string, emitted: readonly Point[]): void;
  /**
   * Puts points that are known from elsewhere before those that were emitted. A group that lagged then is kept from now
   * on, if there is room. @param earlier oldest first
   */
  recall(cluster: string, group: string, earlier: readonly Point[]): void;
  /** Someone views the group: it is kept from now on. */
  keep(cluster: string, group: string, nowMs: number): void;
  /** Null where nothing is kept of the group. */
  find(cluster: string, group: string): KeptDetails | null;
  forget(cluster: string, group: string): void;
}

interface Kept {
  readonly ring: PointRing;
  readonly heat: HeatMap;
  usedAtMs: number;
}

/** See {@link DetailHistory}. */
export function createDetailHistory(deps: DetailHistoryDeps, options: DetailHistoryOptions): DetailHistory {
  const { stepMs, groups: mostGroups = 1000, partitions: mostPartitions = 20_000 } = options;
  /** The one that was used least recently comes first. */
  const byKey = new Map<string, Kept>();
  let partitions = 0;

  function drop(key: string): void {
    partitions -= byKey.get(key)?.heat.partitions ?? 0;
    byKey.delete(key);
  }

  /** Whether there is room for one more; drops groups that were not used for an hour, for a viewed one any. */
  function hasRoom(nowMs: number, isViewed: boolean): boolean {
    while (byKey.size >= mostGroups || partitions >= mostPartitions) {
      const [oldest] = byKey;
      if (oldest === undefined) return false;
      const [key, { usedAtMs }] = oldest;
      if (!isViewed && nowMs - usedAtMs < HISTORY_STEPS * stepMs) return false;
      drop(key);
    }
    return true;
  }

  function useOrCreate(key: string, nowMs: number, isViewed: boolean): void {
    const known = byKey.get(key);
    if (known === undefined && !hasRoom(nowMs, isViewed)) return;
    const kept = known ?? { ring: new PointRing(), heat: new HeatMap(), usedAtMs: nowMs };
    kept.usedAtMs = nowMs;
    byKey.delete(key);
    byKey.set(key, kept);
  }

  return {
    get groups() {
      return byKey.size;
    },
    get partitions() {
      return partitions;
    },
    observe(cluster, group, totalLagRecords, atMs) {
      const key = toKey(cluster, group);
      if (totalLagRecords !== null && totalLagRecords > 0) useOrCreate(key, atMs, false);
      const heat = byKey.get(key)?.heat;
      const step = stepOf(atMs, stepMs);
      // Once a step: what a million partitions cost at each poll must not depend on who views them.
      if (heat === undefined || heat.newestStep === step) return;
      const before = heat.partitions;
      heat.note(step, deps.lagsOf(cluster, group), mostPartitions - partitions);
      partitions += heat.partitions - before;
    },
    points(cluster, group, emitted) {
      const key = toKey(cluster, group);
      // Records are emitted before the sample is observed. The first ones, zero-start and lag, must not be missed.
      const lagging = emitted.find(({ value }) => value > 0);
      if (lagging !== undefined) useOrCreate(key, lagging.atMs, false);
      const ring = byKey.get(key)?.ring;
      for (const point of emitted) ring?.add(point);
    },
    recall(cluster, group, earlier) {
      const key = toKey(cluster, group);
      const lagging = earlier.findLast(({ value }) => value > 0);
      if (lagging !== undefined && !byKey.has(key)) useOrCreate(key, lagging.atMs, false);
      const ring = byKey.get(key)?.ring;
      const firstMs = ring?.points()[0]?.atMs ?? Infinity;
      ring?.prepend(earlier.filter(({ atMs }) => atMs < firstMs));
    },
    keep(cluster, group, nowMs) {
      useOrCreate(toKey(cluster, group), nowMs, true);
    },
    find(cluster, group) {
      const kept = byKey.get(toKey(cluster, group));
      return kept === undefined ? null : { points: kept.ring.points(), heat: kept.heat };
    },
    forget(cluster, group) {
      drop(toKey(cluster, group));
    },
  };
}

/** Unambiguous whatever characters the names hold. */
function toKey(cluster: string, group: string): string {
  return `${cluster.length}:${cluster}${group}`;
}
