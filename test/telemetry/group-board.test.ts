import { describe, expect, test } from 'vitest';
import { createGroupBoard } from '../../src/telemetry/group-board.ts';
import type { GroupState } from '../../src/telemetry/group-board.ts';

const STATE: GroupState = {
  cluster: 'c',
  group: 'g',
  totalLagRecords: 5,
  maxLagRecords: 3,
  status: 1,
  partitions: 2,
  stoppedPartitions: 0,
  stalledPartitions: 0,
  blankOwners: 0,
  consumedPerSecond: 60,
  producedPerSecond: 90,
  takenAtMs: 1000,
};

describe('given a board of groups', () => {
  test('when a group is observed again, then only its newest state is there', () => {
    const board = createGroupBoard();
    board.observe(STATE);
    board.observe({ ...STATE, totalLagRecords: 6 });
    expect([...board.values()]).toEqual([{ ...STATE, totalLagRecords: 6 }]);
    expect(board.size).toBe(1);
  });

  test('when names hold separators, then groups stay apart', () => {
    const board = createGroupBoard();
    board.observe({ ...STATE, cluster: 'a/b', group: 'c' });
    board.observe({ ...STATE, cluster: 'a', group: 'b/c' });
    board.observe({ ...STATE, cluster: '__proto__', group: 'constructor' });
    expect(board.size).toBe(3);
  });

  test('when groups are forgotten, then they are gone, and unknown ones do no harm', () => {
    const board = createGroupBoard();
    board.observe(STATE);
    board.forget('c', 'other');
    board.forget('other', 'g');
    expect(board.size).toBe(1);
    board.forget('c', 'g');
    expect([...board.values()]).toEqual([]);
  });
});
