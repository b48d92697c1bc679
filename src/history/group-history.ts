import type { GroupState } from '../telemetry/group-state.ts';
import { StatusTimeline, toStatusPoints, type StatusChange, type StatusPoint } from './status-timeline.ts';
import { NumberRows } from './number-rows.ts';
import { advance, HISTORY_STEPS, placeOf, stepOf, valuesUpTo } from './step-ring.ts';

/** A group's newest state and where its hour is kept. */
export interface GroupEntry {
  readonly state: GroupState;
  /** Mean over the newest samples, records per second; null: unknown. */
  readonly meanConsumedPerSecond: number | null;
  readonly meanProducedPerSecond: number | null;
  /** Since when the group has its status. */
  readonly statuses: Pick<StatusTimeline, 'sinceMs' | 'isExact'>;
  /** Grows with every change of any group. */
  readonly version: number;
}

/** A group that does not exist any more, and the version of its end. */
export interface GroupGone {
  readonly cluster: string;
  readonly group: string;
  readonly version: number;
}

/** What a sample before the start said. NaN: unknown. */
export interface EarlierSample {
  readonly atMs: number;
  readonly totalLagRecords: number;
  /** Burrow's number, 1..6. */
  readonly status: number;
}

export interface GroupHistoryOptions {
  /** Length of a step, ms, more than 0. */
  readonly stepMs: number;
  /** What it is now: where a group had no sample for longer, nobody looked. Default: that is never so. */
  readonly mostGapMs?: () => number;
}

/**
 * Every group's newest state, with its total lag at each of the last {@link HISTORY_STEPS} steps. A sample costs the
 * same whatever the size of its group. Memory: 544 bytes of numbers a group, 5.6 MB for ten thousand, and the changes
 * of its status.
 */
export interface GroupHistory {
  /** The version of the newest change; 0 before the first. */
  readonly version: number;
  /** Bytes that the numbers take. */
  readonly bytes: number;
  /** A good sample. @returns the change of the status, where it is one */
  observe(state: GroupState): StatusChange | null;
  forget(cluster: string, group: string): void;
  find(cluster: string, group: string): GroupEntry | undefined;
  /** In no particular order. */
  values(): Iterable<GroupEntry>;
  /** Groups that ended after a version, oldest first; null where all has to be loaded anew. */
  goneSince(version: number): readonly GroupGone[] | null;
  /**
   * Total lag at each step up to the one of `nowMs`, oldest first, NaN where there was no sample. The array is the
   * same at every call.
   */
  stepsOf(entry: GroupEntry, nowMs: number): Float64Array;
  /** The statuses of the last {@link HISTORY_STEPS} steps and the one before, oldest first; the last one is the present one. */
  statusesOf(entry: GroupEntry, nowMs: number): readonly StatusPoint[];
  /**
   * Puts what is known from elsewhere before what was observed. Lags fill steps without a sample only. Nothing happens
   * while the group has had no sample of its own.
   *
   * @returns the change of the status that its own samples turn out to have begun with
   */
  recall(cluster: string, group: string, samples: readonly EarlierSample[]): StatusChange | null;
  /** What readers have loaded is out of date: `goneSince` sends them to load all of it anew. */
  outdate(): void;
}

/** A mean rate is that of this many of the newest samples. */
const MEAN_SAMPLES = 4;

/** Ends that are remembered for readers that are behind. */
const MOST_GONE = 10_000;

interface Kept extends GroupEntry {
  readonly statuses: StatusTimeline;
  state: GroupState;
  version: number;
  meanConsumedPerSecond: number | null;
  meanProducedPerSecond: number | null;
  readonly row: number;
  newestStep: number;
  samples: number;
}

/** See {@link GroupHistory}. */
export function createGroupHistory({
  stepMs,
  mostGapMs = () => Infinity,
}: GroupHistoryOptions): GroupHistory {
  const clusters = new Map<string, Map<string, Kept>>();
  const rows = new NumberRows(HISTORY_STEPS + 2 * MEAN_SAMPLES);
  const scratch = new Float64Array(HISTORY_STEPS);
  let version = 0;
  let gone: GroupGone[] = [];
  let allGoneSince = 0;

  function find(cluster: string, group: string): Kept | undefined {
    return clusters.get(cluster)?.get(group);
  }

  function create(state: GroupState): Kept {
    let groups = clusters.get(state.cluster);
    if (groups === undefined) {
      groups = new Map();
      clusters.set(state.cluster, groups);
    }
    const kept: Kept = {
      state,
      version,
      meanConsumedPerSecond: null,
      meanProducedPerSecond: null,
      row: rows.claim(),
      newestStep: NaN,
      samples: 0,
      statuses: new StatusTimeline(state.status, state.takenAtMs),
    };
    groups.set(state.group, kept);
    return kept;
  }

  return {
    get version() {
      return version;
    },
    get bytes() {
      return rows.bytes;
    },
    observe(state) {
      const kept = find(state.cluster, state.group) ?? create(state);
      version += 1;
      kept.version = version;
      const beforeMs = kept.state.takenAtMs;
      const unobservedFromMs = state.takenAtMs - beforeMs > mostGapMs() ? beforeMs : null;
      kept.state = state;
      const numbers = rows.numbers(kept.row);
      const steps = numbers.subarray(0, HISTORY_STEPS);
      const consumed = numbers.subarray(HISTORY_STEPS, HISTORY_STEPS + MEAN_SAMPLES);
      const produced = numbers.subarray(HISTORY_STEPS + MEAN_SAMPLES);
      const step = stepOf(state.takenAtMs, stepMs);
      kept.newestStep = advance(steps, kept.newestStep, step);
      if (state.totalLagRecords !== null) steps[placeOf(step)] = state.totalLagRecords;
      noteRate(consumed, kept.samples, state.consumedPerSecond);
      noteRate(produced, kept.samples, state.producedPerSecond);
      kept.samples += 1;
      kept.meanConsumedPerSecond = meanPerSecond(consumed);
      kept.meanProducedPerSecond = meanPerSecond(produced);
      return kept.statuses.observe(state.status, state.takenAtMs, HISTORY_STEPS * stepMs, unobservedFromMs);
    },
    forget(cluster, group) {
      const groups = clusters.get(cluster);
      const kept = groups?.get(group);
      if (groups === undefined || kept === undefined) return;
      rows.release(kept.row);
      groups.delete(group);
      if (groups.size === 0) clusters.delete(cluster);
      version += 1;
      gone.push({ cluster, group, version });
      if (gone.length < 2 * MOST_GONE) return;
      allGoneSince = gone[MOST_GONE - 1]?.version ?? version;
      gone = gone.slice(MOST_GONE);
    },
    find,
    *values() {
      for (const groups of clusters.values()) yield* groups.values();
    },
    goneSince(since) {
      if (since < allGoneSince) return null;
      // Mostly there is none, and the newest end says so.
      if ((gone.at(-1)?.version ?? 0) <= since) return [];
      return gone.filter((end) => end.version > since);
    },
    stepsOf({ state }, nowMs) {
      const kept = find(state.cluster, state.group);
      if (kept === undefined) return scratch.fill(NaN);
      const steps = rows.numbers(kept.row).subarray(0, HISTORY_STEPS);
      return valuesUpTo(steps, kept.newestStep, stepOf(nowMs, stepMs), scratch);
    },
    statusesOf: ({ state }, nowMs) =>
      find(state.cluster, state.group)?.statuses.pointsFrom(nowMs - HISTORY_STEPS * stepMs) ?? [],
    recall(cluster, group, samples) {
      const kept = find(cluster, group);
      if (kept === undefined || samples.length === 0) return null;
      const { statuses, newestStep } = kept;
      const steps = rows.numbers(kept.row).subarray(0, HISTORY_STEPS);
      const observed = steps.slice();
      for (const { atMs, totalLagRecords } of samples) {
        const step = stepOf(atMs, stepMs);
        if (step > newestStep || step <= newestStep - HISTORY_STEPS || Number.isNaN(totalLagRecords))
          continue;
        const place = placeOf(step);
        if (Number.isNaN(observed[place])) steps[place] = totalLagRecords;
      }
      const [first] = statuses.pointsFrom(-Infinity);
      const change = statuses.recall(toStatusPoints(samples, first?.atMs ?? statuses.sinceMs, mostGapMs()));
      version += 1;
      kept.version = version;
      return change;
    },
    outdate() {
      version += 1;
      allGoneSince = version;
      gone = [];
    },
  };
}

/**
 * Notes the rate of a sample in a ring of the {@link MEAN_SAMPLES} newest. A sample without a rate leaves the
 * others as they are.
 *
 * @param sampleNumber how many samples came before
 */
function noteRate(ring: Float64Array, sampleNumber: number, perSecond: number | null): void {
  if (perSecond !== null) ring[sampleNumber % MEAN_SAMPLES] = perSecond;
}

/**
 * The mean of the newest rates; null where there is none. Without it a consumer that commits less often than it is
 * polled would seem to stop and to run in turn.
 */
function meanPerSecond(ring: Float64Array): number | null {
  let sum = 0;
  let known = 0;
  for (const perSecond of ring) {
    if (Number.isNaN(perSecond)) continue;
    sum += perSecond;
    known += 1;
  }
  return known === 0 ? null : Math.round((sum / known) * 1e6) / 1e6;
}
