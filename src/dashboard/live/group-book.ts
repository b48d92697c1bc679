import { signal, type ReadonlySignal } from '@preact/signals';
import type { EventData } from '../../http/api/contract/events.ts';
import type { GroupListRow, GroupRow } from '../../http/api/contract/groups.ts';
import { advanceSpark, SPARK_STEPS, unpackSpark } from './group-spark.ts';
import { SEVERITY } from '../../words/statuses.ts';

/** The columns of a group that are sorted as numbers. */
export type NumberColumn =
  | 'severity'
  | 'totalLagRecords'
  | 'lagSeconds'
  | 'drainSeconds'
  | 'consumedPerSecond'
  | 'producedPerSecond'
  | 'partitions'
  | 'sampledAtMs'
  | 'statusSinceMs';

/** All groups as they are now, each in its own slot: the rows as the API sent them, and their numbers in typed arrays. */
export interface GroupBook {
  /** Increases with every change. */
  readonly version: ReadonlySignal<number>;
  readonly size: () => number;
  /** Slots in use, in the order of cluster and group. */
  readonly slotsByName: () => Uint32Array;
  readonly row: (slot: number) => GroupRow | undefined;
  /** Lower case: cluster and group, to search in. */
  readonly searchText: (slot: number) => string;
  /** NaN: unknown; Infinity: the drain time of a group that is not draining. */
  readonly numbers: (column: NumberColumn) => Float64Array;
  /** Total lag by step, oldest first, up to the step of `nowMs`: an array of the caller's own. */
  readonly spark: (slot: number, nowMs: number) => Float32Array;
  readonly slotOf: (cluster: string, group: string) => number | undefined;
  load(rows: readonly GroupListRow[], newestStepMs: number, stepMs: number): void;
  apply(event: EventData['groups']): void;
}

const COLUMNS: readonly NumberColumn[] = [
  'severity',
  'totalLagRecords',
  'lagSeconds',
  'drainSeconds',
  'consumedPerSecond',
  'producedPerSecond',
  'partitions',
  'sampledAtMs',
  'statusSinceMs',
];

export function createGroupBook(): GroupBook {
  const version = signal(0);
  const slots = new Map<string, Map<string, number>>();
  let rows: (GroupRow | undefined)[] = [];
  let texts: string[] = [];
  let free: number[] = [];
  let capacity = 0;
  let stepMs = 60_000;
  let sparks = new Float32Array(0);
  /** For each slot, the step of the last value of its spark, counted from the epoch. */
  let sparkSteps = new Float64Array(0);
  let byName: Uint32Array | null = null;
  const numbers = new Map(COLUMNS.map((column) => [column, new Float64Array(0)]));

  function grow(least: number): void {
    if (least <= capacity) return;
    capacity = Math.max(least, capacity * 2, 64);
    for (const [column, values] of numbers) numbers.set(column, copyInto(new Float64Array(capacity), values));
    sparks = copyInto(new Float32Array(capacity * SPARK_STEPS), sparks);
    sparkSteps = copyInto(new Float64Array(capacity), sparkSteps);
  }

  function slotFor(cluster: string, group: string): number {
    const groups = slots.get(cluster) ?? new Map<string, number>();
    slots.set(cluster, groups);
    const known = groups.get(group);
    if (known !== undefined) return known;
    const slot = free.pop() ?? rows.length;
    grow(slot + 1);
    groups.set(group, slot);
    texts[slot] = `${cluster}\n${group}`.toLowerCase();
    sparkSteps[slot] = NaN;
    byName = null;
    return slot;
  }

  function write(slot: number, row: GroupRow): void {
    rows[slot] = row;
    const [, , status, totalLag, lagSeconds, drainSeconds, isDraining, ...others] = row;
    const [consumed, produced, partitions, sampledAtMs, statusSinceMs] = others;
    const values = [
      SEVERITY[status],
      totalLag ?? NaN,
      lagSeconds ?? NaN,
      isDraining === false ? Infinity : (drainSeconds ?? NaN),
      consumed ?? NaN,
      produced ?? NaN,
      partitions,
      sampledAtMs,
      statusSinceMs,
    ];
    for (const [index, column] of COLUMNS.entries()) {
      const kept = numbers.get(column);
      if (kept !== undefined) kept[slot] = values[index] ?? NaN;
    }
  }

  function bringTo(slot: number, step: number): Float32Array {
    const values = sparks.subarray(slot * SPARK_STEPS, (slot + 1) * SPARK_STEPS);
    const last = sparkSteps[slot] ?? NaN;
    if (Number.isNaN(last)) values.fill(NaN);
    else if (step > last) advanceSpark(values, step - last);
    if (!(step < last)) sparkSteps[slot] = step;
    return values;
  }

  function noteLag(slot: number, lagRecords: number | null, atMs: number): void {
    const step = Math.floor(atMs / stepMs);
    const values = bringTo(slot, step);
    const place = SPARK_STEPS - 1 - ((sparkSteps[slot] ?? step) - step);
    if (lagRecords !== null && place >= 0) values[place] = lagRecords;
  }

  function remove(cluster: string, group: string): void {
    const slot = slots.get(cluster)?.get(group);
    if (slot === undefined) return;
    slots.get(cluster)?.delete(group);
    rows[slot] = undefined;
    texts[slot] = '';
    free.push(slot);
    byName = null;
  }

  return {
    version,
    size: () => rows.length - free.length,
    slotsByName() {
      byName ??= sortByName(rows);
      return byName;
    },
    row: (slot) => rows[slot],
    searchText: (slot) => texts[slot] ?? '',
    numbers: (column) => numbers.get(column) ?? new Float64Array(0),
    spark(slot, nowMs) {
      // Nothing is thrown away here: the reader's clock may be wrong for a while, as after a sleep.
      const shown = sparks.slice(slot * SPARK_STEPS, (slot + 1) * SPARK_STEPS);
      const steps = Math.floor(nowMs / stepMs) - (sparkSteps[slot] ?? NaN);
      if (Number.isNaN(steps)) return shown.fill(NaN);
      if (steps > 0) advanceSpark(shown, steps);
      return shown;
    },
    slotOf: (cluster, group) => slots.get(cluster)?.get(group),

    load(listed, newestStepMs, newStepMs) {
      slots.clear();
      rows = [];
      texts = [];
      free = [];
      stepMs = newStepMs;
      byName = null;
      grow(listed.length);
      for (const listRow of listed) {
        const [row, max, spark] = splitListRow(listRow);
        const slot = slotFor(row[0], row[1]);
        write(slot, row);
        unpackSpark(spark, max, sparks.subarray(slot * SPARK_STEPS, (slot + 1) * SPARK_STEPS));
        sparkSteps[slot] = Math.floor(newestStepMs / stepMs);
      }
      version.value += 1;
    },

    apply({ rows: newRows, gone }) {
      for (const [cluster, group] of gone) remove(cluster, group);
      for (const row of newRows) {
        const slot = slotFor(row[0], row[1]);
        const known = rows[slot];
        // An event that came while a snapshot was loaded may be older than the snapshot.
        if (known !== undefined && known[10] > row[10]) continue;
        write(slot, row);
        noteLag(slot, row[3], row[10]);
      }
      version.value += 1;
    },
  };
}

function sortByName(rows: readonly (GroupRow | undefined)[]): Uint32Array {
  const taken = rows.flatMap((row, slot) => (row === undefined ? [] : [{ row, slot }]));
  taken.sort((a, b) => compareText(a.row[0], b.row[0]) || compareText(a.row[1], b.row[1]));
  return Uint32Array.from(taken, ({ slot }) => slot);
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function copyInto<T extends Float32Array | Float64Array>(target: T, source: T): T {
  target.set(source);
  return target;
}

/** A row of the list is a row of the events, and the two columns of its spark. */
function splitListRow(listRow: GroupListRow): [row: GroupRow, sparkMaxRecords: number, spark: string] {
  const [cluster, group, status, lag, lagSeconds, drainSeconds, isDraining, ...others] = listRow;
  const [consumed, produced, partitions, sampledAtMs, statusSinceMs, isSinceExact, ...sparks] = others;
  const row: GroupRow = [
    cluster,
    group,
    status,
    lag,
    lagSeconds,
    drainSeconds,
    isDraining,
    consumed,
    produced,
    partitions,
    sampledAtMs,
    statusSinceMs,
    isSinceExact,
  ];
  return [row, ...sparks];
}
