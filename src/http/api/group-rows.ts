import type { GroupEntryView, GroupsView } from './api-source.ts';
import type { GroupListRow, GroupRow } from './contract/groups.ts';
import { STATUS_WORDS, type StatusWord } from './contract/words.ts';
import { drainTime } from './drain-time.ts';
import { sparkOf } from './spark.ts';

export function statusOf({ state }: GroupEntryView): StatusWord {
  return state.status === null ? 'UNKNOWN' : (STATUS_WORDS[state.status] ?? 'UNKNOWN');
}

export function drainOf({ state, consumedPerMinute, producedPerMinute }: GroupEntryView) {
  return drainTime(state.totalLagRecords, consumedPerMinute, producedPerMinute);
}

/** A group as a row of the live events. */
export function toRow(entry: GroupEntryView): GroupRow {
  const { state } = entry;
  return [
    state.cluster,
    state.group,
    statusOf(entry),
    state.totalLagRecords,
    state.maxLagSeconds ?? null,
    drainOf(entry),
    entry.consumedPerMinute,
    entry.producedPerMinute,
    state.partitions,
    state.takenAtMs,
  ];
}

/** A group as a row of the list. */
export function toListRow(entry: GroupEntryView, groups: GroupsView, nowMs: number): GroupListRow {
  const { maxRecords, text } = sparkOf(groups.stepsOf(entry, nowMs));
  return [...toRow(entry), maxRecords, text];
}
