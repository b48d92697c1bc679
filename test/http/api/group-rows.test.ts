import { describe, expect, test } from 'vitest';
import type { GroupEntryView, GroupsView } from '../../../src/http/api/api-source.ts';
import { toListRow, toRow } from '../../../src/http/api/group-rows.ts';

const ENTRY: GroupEntryView = {
  state: {
    cluster: 'prod',
    group: 'mailer',
    status: 1,
    totalLagRecords: 0,
    maxLagSeconds: 0,
    partitions: 1,
    consumedPerSecond: null,
    producedPerSecond: null,
    takenAtMs: 0,
  },
  meanConsumedPerSecond: null,
  meanProducedPerSecond: null,
  statuses: { sinceMs: 0, isExact: false },
  version: 1,
};

/** The highest lag and the spark of a group with these lags, a step each up to now. */
function sparkOf(...lags: readonly number[]): readonly unknown[] {
  const steps = Float64Array.from([...Array<number>(60 - lags.length).fill(NaN), ...lags]);
  const groups = { stepsOf: () => steps } as Pick<GroupsView, 'stepsOf'> as GroupsView;
  return toListRow(toRow(ENTRY), ENTRY, groups, 0).slice(-2);
}

describe('given a group with 600 records of lag', () => {
  test.each([
    ['both rates of the newest sample and of the mean shrink it', [120, 90], [100, 90], [60, true]],
    ['both let it grow', [80, 90], [80, 90], [null, false]],
    ['it is consumed as fast as produced', [90, 90], [90, 90], [null, false]],
    [
      'it shrinks so slowly that it is as good as never gone',
      [90.000001, 90],
      [90.000001, 90],
      [null, false],
    ],
    // A drain time beside a produced/s that is higher than consumed/s would be a riddle.
    ['it has not committed since the sample before', [0, 90], [100, 90], [null, null]],
    ['it has only just begun to consume again', [95, 90], [40, 90], [null, null]],
    ['the newest sample has no rates', [null, null], [100, 90], [null, null]],
    ['nobody knows what was produced', [120, null], [100, null], [null, null]],
  ] as const)(
    'when %s, then the drain time is never at odds with the rates beside it',
    (_what, [consumedPerSecond, producedPerSecond], [meanConsumed, meanProduced], expected) => {
      const [, , , , , drainSeconds, isDraining, consumed, produced] = toRow({
        ...ENTRY,
        state: { ...ENTRY.state, totalLagRecords: 600, consumedPerSecond, producedPerSecond },
        meanConsumedPerSecond: meanConsumed,
        meanProducedPerSecond: meanProduced,
      });
      expect([consumed, produced]).toEqual([consumedPerSecond, producedPerSecond]);
      expect([drainSeconds, isDraining]).toEqual(expected);
    },
  );
});

describe('given the lags of a group in the last hour', () => {
  test.each([
    ['nothing is known', [], [0, '']],
    ['it is young and has no lag', [0, 0], [0, 'AA']],
    ['a step had no sample', [5, NaN, 0], [5, '/.A']],
    ['its newest step has no sample yet', [0, NaN], [0, 'A.']],
    ['a lag is small beside another', [1, 1_000_000], [1_000_000, 'B/']],
  ] as const)('when %s, then the spark shows just what is known', (_what, lags, spark) => {
    expect(sparkOf(...lags)).toEqual(spark);
  });
});
