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

describe('given a group that commits at every second poll only', () => {
  const entry = {
    ...ENTRY,
    state: { ...ENTRY.state, totalLagRecords: 600, consumedPerSecond: 0, producedPerSecond: 90 },
    meanConsumedPerSecond: 100,
    meanProducedPerSecond: 90,
  };

  test('when it has not committed since the sample before, then its rate is 0, and it drains as it does in the mean', () => {
    const [, , , , , drainSeconds, isDraining, consumed, produced] = toRow(entry);
    expect([drainSeconds, isDraining, consumed, produced]).toEqual([60, true, 0, 90]);
  });
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
