import type { PartitionDetail } from '../../http/api/contract/group.ts';
import { SEVERITY } from '../../words/statuses.ts';

/** What partitions can be sorted by. `topic`: by topic and id, as the API gives them. */
export type PartitionSort = 'topic' | 'status' | 'lagRecords' | 'lagSeconds';

/** What a reader wants to see of the partitions. */
export interface PartitionView {
  readonly sort: PartitionSort;
  /** Only those whose status is not OK. */
  readonly isNotOkOnly: boolean;
}

/** The partitions of a view. All orders but `topic` have the worst first and what is unknown last. */
export function orderPartitions(
  partitions: readonly PartitionDetail[],
  { sort, isNotOkOnly }: PartitionView,
): readonly PartitionDetail[] {
  const shown = isNotOkOnly ? partitions.filter(isNotOk) : partitions;
  // The sort is stable: equal ones stay by topic and id.
  return sort === 'topic' ? shown : shown.toSorted((a, b) => weightOf(b, sort) - weightOf(a, sort));
}

export function isNotOk({ status }: PartitionDetail): boolean {
  return status !== 'OK';
}

function weightOf(partition: PartitionDetail, sort: Exclude<PartitionSort, 'topic'>): number {
  return sort === 'status' ? SEVERITY[partition.status] : (partition[sort] ?? -1);
}
