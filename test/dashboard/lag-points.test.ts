import { describe, expect, test } from 'vitest';
import { lagLine } from '../../src/dashboard/pages/lag-points.ts';

describe('given the points of a total lag', () => {
  test('when a span has ended, then the line to the next one has a gap, and both bounds are marked', () => {
    const points = [
      [1000, 0, 'start'],
      [1010, 7, 'value'],
      [1020, 0, 'end'],
      [1900, 0, 'start'],
    ] as const;
    const { timesMs, values, bounds } = lagLine(
      points.map(([...point]) => point),
      { exactFromMs: 1000, gapMs: 150, unobservedMs: [] },
    );
    expect(values).toEqual([0, 7, 0, null, 0]);
    expect(timesMs).toEqual([1000, 1010, 1020, 1021, 1900]);
    expect(bounds.map(({ atMs, kind }) => [atMs, kind])).toEqual([
      [1000, 'start'],
      [1020, 'end'],
      [1900, 'start'],
    ]);
  });

  test('when steps are missing, then the line has a gap there; records that repeat nothing leave none', () => {
    const points = [
      [100, 5, 'value'],
      [200, 5, 'value'],
      [500, 6, 'value'],
      [600, 6, 'value'],
      [2000, 8, 'value'],
    ] as const;
    const lineOf = (exactFromMs: number | null, unobservedMs: readonly number[] = []) =>
      lagLine(
        points.map(([...point]) => point),
        { exactFromMs, gapMs: 150, unobservedMs },
      );
    expect(lineOf(600).values).toEqual([5, 5, null, 6, 6, 8]);
    expect(lineOf(600).timesMs).toEqual([100, 200, 201, 500, 600, 2000]);
    // A sidecar was away for a while, and the former one had sent every record.
    expect(lineOf(100, [250]).values).toEqual([5, 5, null, 6, 6, 8]);
    expect(lineOf(null).values).toEqual([5, 5, null, 6, 6, null, 8]);
  });
});
