import type { GroupEntryView, GroupsView } from './api-source.ts';
import { SPARK_GAP, SPARK_LEVELS, type GroupListRow, type GroupRow } from './contract/groups.ts';
import { STATUS_WORDS, type StatusWord } from './contract/words.ts';

export function statusOf({ state }: GroupEntryView): StatusWord {
  return wordOf(state.status);
}

/** Burrow's word for a status. */
export function wordOf(status: number | null): StatusWord {
  return status === null ? 'UNKNOWN' : (STATUS_WORDS[status] ?? 'UNKNOWN');
}

/** Beyond this a lag is as good as never gone. */
const TEN_YEARS_SECONDS = 10 * 365 * 24 * 3600;

/** How long until the lag is gone, if it is consumed and produced to as fast as now. See `isDraining` of the contract. */
export interface Drain {
  readonly drainSeconds: number | null;
  readonly isDraining: boolean | null;
}

/**
 * By the mean rates, which are steadier than the newest ones, while both say the same: the newest ones are shown beside
 * it, and a drain time where more is produced than consumed could not be understood.
 */
export function drainOf(entry: GroupEntryView): Drain {
  const { totalLagRecords: lagRecords, consumedPerSecond, producedPerSecond } = entry.state;
  if (lagRecords === 0) return { drainSeconds: 0, isDraining: true };
  const now = secondsUntilGone(lagRecords, consumedPerSecond, producedPerSecond);
  const mean = secondsUntilGone(lagRecords, entry.meanConsumedPerSecond, entry.meanProducedPerSecond);
  if (now === null || mean === null || isFinite(now) !== isFinite(mean)) {
    return { drainSeconds: null, isDraining: null };
  }
  const isDraining = isFinite(mean);
  return { drainSeconds: isDraining ? Math.ceil(mean) : null, isDraining };
}

/** How long the lag lasts at these rates; Infinity: it does not shrink, or as good as not; null: unknown. */
function secondsUntilGone(
  lagRecords: number | null,
  consumedPerSecond: number | null,
  producedPerSecond: number | null,
): number | null {
  if (lagRecords === null || consumedPerSecond === null || producedPerSecond === null) return null;
  const seconds = lagRecords / (consumedPerSecond - producedPerSecond);
  return seconds >= 0 && seconds < TEN_YEARS_SECONDS ? seconds : Infinity;
}

/** A group as a row of the live events. */
export function toRow(entry: GroupEntryView): GroupRow {
  const { state } = entry;
  const { drainSeconds, isDraining } = drainOf(entry);
  return [
    state.cluster,
    state.group,
    statusOf(entry),
    state.totalLagRecords,
    state.maxLagSeconds ?? null,
    drainSeconds,
    isDraining,
    state.consumedPerSecond,
    state.producedPerSecond,
    state.partitions,
    state.takenAtMs,
    entry.statuses.sinceMs,
    entry.statuses.isExact,
  ];
}

/** A group as a row of the list. @param row of `toRow` */
export function toListRow(
  row: GroupRow,
  entry: GroupEntryView,
  groups: GroupsView,
  nowMs: number,
): GroupListRow {
  const { maxRecords, text } = sparkOf(groups.stepsOf(entry, nowMs));
  return [...row, maxRecords, text];
}

const HIGHEST = SPARK_LEVELS.length - 1;
const LEVELS = Buffer.from(SPARK_LEVELS, 'latin1');
const GAP = SPARK_GAP.charCodeAt(0);

/**
 * An hour of lag as text, see `groupListRow`. What is above 0 is drawn above 0, however small.
 *
 * @param steps lag at each step, oldest first; NaN without a sample
 */
function sparkOf(steps: Float64Array): { readonly maxRecords: number; readonly text: string } {
  let maxRecords = 0;
  let first = -1;
  for (let index = 0; index < steps.length; index++) {
    const records = steps[index] ?? NaN;
    if (Number.isNaN(records)) continue;
    if (first < 0) first = index;
    if (records > maxRecords) maxRecords = records;
  }
  if (first < 0) return { maxRecords, text: '' };
  const letters = Buffer.allocUnsafe(steps.length - first);
  for (let index = first; index < steps.length; index++) {
    const records = steps[index] ?? NaN;
    letters[index - first] = Number.isNaN(records) ? GAP : letterOf(records, maxRecords);
  }
  return { maxRecords, text: letters.toString('latin1') };
}

function letterOf(records: number, maxRecords: number): number {
  const level = records > 0 ? Math.max(1, Math.round((records / maxRecords) * HIGHEST)) : 0;
  return LEVELS[level] ?? GAP;
}
