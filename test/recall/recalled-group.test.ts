import { describe, expect, test } from 'vitest';
import { toRecalledGroup, type RecordedTotals } from '../../src/recall/recalled-group.ts';

/** @param rows second, total lag, status */
function given(...rows: readonly (readonly [number, number, number])[]) {
  const totals = rows.map(([second, totalLagRecords, status]): RecordedTotals => ({
    atMs: second * 1000,
    totalLagRecords,
    status,
  }));
  const { samples, points } = toRecalledGroup(totals, 30_000);
  return {
    samples: samples.map(({ atMs, totalLagRecords, status }) => [atMs / 1000, totalLagRecords, status]),
    points: points.map(({ atMs, value, kind }) => `${atMs / 1000} ${value} ${kind}`),
  };
}

describe('given what records told of a group', () => {
  test('when one of two values was not sent, then it was as before', () => {
    const { samples, points } = given([0, 5, 1], [30, 7, NaN], [60, NaN, 3]);
    expect(samples).toEqual([
      [0, 5, 1],
      [30, 7, 1],
      [60, 7, 3],
    ]);
    expect(points).toEqual(['0 5 value', '30 7 value']);
  });

  test('when a value was not sent twice in a row, then it is not known, and not as it was long before', () => {
    const told = given([0, 5, 1], [30, 6, NaN], [60, 7, NaN], [90, 8, 3], [120, NaN, 4], [150, NaN, 3]);
    expect(told.samples).toEqual([
      [0, 5, 1],
      [30, 6, 1],
      [60, 7, NaN],
      [90, 8, 3],
      [120, 8, 4],
      [150, NaN, 3],
    ]);
  });

  test('when nothing of a sample was sent, then that was as the one before', () => {
    const { samples, points } = given([0, 5, 1], [60, 5, 1], [121, 8, 1]);
    expect(samples.map(([second, lag]) => [second, lag])).toEqual([
      [0, 5],
      [30, 5],
      [60, 5],
      [90.5, 5],
      [121, 8],
    ]);
    expect(points).toHaveLength(3);
  });

  test('when there was no sample for longer, then nothing is known of that time', () => {
    expect(given([0, 5, 1], [75, 5, 1], [120, 5, 1]).samples.map(([second]) => second)).toEqual([0, 75, 120]);
  });

  test('when its series begin and end, then these zeroes are points and no samples', () => {
    const { samples, points } = given(
      [0, 5, 1],
      [30, 0, 0],
      [60, 0, 0],
      [90, 0, 4],
      [120, 2, NaN],
      [150, NaN, 0],
      [180, NaN, 2],
    );
    expect(samples).toEqual([
      [0, 5, 1],
      [90, 0, 4],
      [120, 2, 4],
      // What was before the end is not known to go on.
      [180, NaN, 2],
    ]);
    expect(points).toEqual(['0 5 value', '30 0 end', '60 0 start', '90 0 value', '120 2 value']);
  });

  test('when the status is 0 and there is lag, then the status is not known', () => {
    expect(given([0, 5, 0]).samples).toEqual([[0, 5, NaN]]);
  });

  test('when there are no samples, then nothing is known', () => {
    expect(given()).toEqual({ samples: [], points: [] });
  });
});
