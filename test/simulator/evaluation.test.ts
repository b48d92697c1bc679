import { describe, expect, test } from 'vitest';
import { evaluateGroup, partitionStatus } from '../../src/simulator/evaluation.ts';
import type { Commit, PartitionState } from '../../src/simulator/world.ts';

const NOW_MS = 1_800_000_000_000;

/** Commits 5 s apart, the newest `agoMs` ago. */
function commits(offsets: readonly number[], lags: readonly (number | null)[], agoMs = 0): Commit[] {
  return offsets.map((offset, index) => {
    const timestampMs = NOW_MS - agoMs - (offsets.length - 1 - index) * 5_000;
    return { offset, timestampMs, observedAtMs: timestampMs, lagRecords: lags[index] ?? null };
  });
}

describe('given the commits of one partition', () => {
  test.each([
    { name: 'no commit', of: commits([], []), lag: 0, status: 'OK' },
    { name: 'no lag now', of: commits([5, 5, 5], [1, 1, 1]), lag: 0, status: 'OK' },
    { name: 'a lag that was 0 within the window', of: commits([5, 5, 5], [1, 0, 1]), lag: 1, status: 'OK' },
    { name: 'an offset that went back', of: commits([5, 3, 9], [1, 3, 1]), lag: 1, status: 'REWIND' },
    { name: 'commits that ceased', of: commits([5, 6, 7], [1, 1, 1], 11_000), lag: 9, status: 'STOP' },
    { name: 'commits of one offset', of: commits([5, 5, 5], [1, 2, 3]), lag: 4, status: 'STALL' },
    { name: 'a lag that never falls', of: commits([5, 6, 7], [1, 1, 2]), lag: 3, status: 'WARN' },
    { name: 'a lag that fell once', of: commits([5, 6, 7], [3, 2, 4]), lag: 3, status: 'OK' },
    { name: 'unknown lags', of: commits([5, 6, 7], [null, 2, 4]), lag: 3, status: 'WARN' },
  ])('when there is $name, then it is $status', ({ of, lag, status }) => {
    expect(partitionStatus(of, lag, NOW_MS)).toBe(status);
  });
});

describe('given a group', () => {
  const partition = (facts: Partial<PartitionState>): PartitionState => ({
    topic: 'orders',
    partition: 0,
    owner: '',
    clientId: '',
    commits: [],
    currentLagRecords: 0,
    ...facts,
  });

  test('when partitions have equal lag, then the first is the maximum', () => {
    const group = evaluateGroup(
      'a',
      'g',
      [1, 2, 0].map((id) => partition({ partition: id, currentLagRecords: id === 0 ? 3 : 7 })),
      NOW_MS,
    );
    expect(group.maxlag?.partition).toBe(1);
    expect(group.totallag).toBe(17);
  });

  test.each([
    { words: ['OK', 'STALL'], status: 'ERR' },
    { words: ['OK', 'WARN'], status: 'WARN' },
    { words: ['OK', 'OK'], status: 'OK' },
    { words: [], status: 'OK' },
  ])('when its partitions are $words, then it is $status', ({ words, status }) => {
    const partitions = words.map((word, id) => partition({ partition: id, status: word }));
    expect(evaluateGroup('a', 'g', partitions, NOW_MS).status).toBe(status);
  });

  test('when one of two rings is full, then it is half complete', () => {
    const full = partition({ commits: commits([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], []) });
    const young = partition({ partition: 1, commits: commits([1, 2, 3], []) });
    const group = evaluateGroup('a', 'g', [full, young], NOW_MS);
    expect(group.complete).toBe(0.5);
    expect(group.partitions.map(({ complete }) => complete)).toEqual([1, 0.3]);
  });
});
