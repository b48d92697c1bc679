import { describe, expect, test } from 'vitest';
import { orderPartitions, type PartitionSort } from '../../src/dashboard/pages/partition-order.ts';
import type { PartitionDetail } from '../../src/http/api/contract/group.ts';

function partition(
  id: number,
  status: PartitionDetail['status'],
  lagRecords: number | null,
  lagSeconds: number | null,
): PartitionDetail {
  const twin = { span: 'open', cadence: 'fresh' };
  return {
    topic: 't',
    partition: id,
    owner: '',
    clientId: '',
    status,
    lagRecords,
    lagSeconds,
    startOffset: null,
    endOffset: null,
    logEndOffset: null,
    consumedPerSecond: null,
    producedPerSecond: null,
    lagTwin: twin,
    hostsTwin: twin,
    heat: null,
  };
}

const PARTITIONS = [
  partition(0, 'OK', 5, 1),
  partition(1, 'WARN', null, null),
  partition(2, 'STOP', 0, 0),
  partition(3, 'OK', 9, 0.5),
  partition(4, 'STALL', 9, 7),
];

describe('given the partitions of a group', () => {
  test.each<[PartitionSort, readonly number[]]>([
    ['topic', [0, 1, 2, 3, 4]],
    ['status', [2, 4, 1, 0, 3]],
    ['lagRecords', [3, 4, 0, 2, 1]],
    ['lagSeconds', [4, 0, 3, 2, 1]],
  ])('when they are sorted by %s, then the worst come first and what is unknown last', (sort, ids) => {
    const sorted = orderPartitions(PARTITIONS, { sort, isNotOkOnly: false });
    expect(sorted.map((each) => each.partition)).toEqual(ids);
  });

  test('when only those are wanted that are not OK, then the others are left out', () => {
    const shown = orderPartitions(PARTITIONS, { sort: 'topic', isNotOkOnly: true });
    expect(shown.map((each) => each.partition)).toEqual([1, 2, 4]);
  });
});
