import type { StatusWord } from '../../http/api/contract/words.ts';
import type { GroupBook } from './group-book.ts';
import { groupMatcher, type GroupFilter } from './group-order.ts';

/** The figures of one cluster, of its groups in the book. */
export interface ClusterCount {
  /** With a known lag. */
  knownGroups: number;
  unknownGroups: number;
  laggingGroups: number;
  /** Sum of the known lags. */
  lagRecords: number;
  readonly statuses: Map<StatusWord, number>;
}

/** The number of groups in each status, of those that match the filter without its statuses. */
export function countStatuses(book: GroupBook, filter: GroupFilter): Map<StatusWord, number> {
  const matches = groupMatcher(book, { ...filter, statuses: [] });
  const counts = new Map<StatusWord, number>();
  for (const slot of book.slotsByName()) {
    const status = book.row(slot)?.[2];
    if (status !== undefined && matches(slot)) addOne(counts, status);
  }
  return counts;
}

/** The figures of each cluster. They come from the same rows as the list, so the two never differ. */
export function countClusters(book: GroupBook): Map<string, ClusterCount> {
  const counts = new Map<string, ClusterCount>();
  for (const slot of book.slotsByName()) {
    const row = book.row(slot);
    if (row === undefined) continue;
    const [cluster, , status, lagRecords] = row;
    const count = counts.get(cluster) ?? {
      knownGroups: 0,
      unknownGroups: 0,
      laggingGroups: 0,
      lagRecords: 0,
      statuses: new Map<StatusWord, number>(),
    };
    counts.set(cluster, count);
    if (lagRecords === null) count.unknownGroups += 1;
    else count.knownGroups += 1;
    count.laggingGroups += (lagRecords ?? 0) > 0 ? 1 : 0;
    count.lagRecords += lagRecords ?? 0;
    addOne(count.statuses, status);
  }
  return counts;
}

function addOne(counts: Map<StatusWord, number>, status: StatusWord): void {
  counts.set(status, (counts.get(status) ?? 0) + 1);
}
