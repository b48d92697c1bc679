import { describe, expect, test } from 'vitest';
import { createSeriesBook } from '../../src/series/create-series-book.ts';
import type { PartitionReading } from '../../src/series/sample.ts';
import { DEPS, OPTIONS, reading, sample, START_MS } from './history.ts';

function given() {
  const group = createSeriesBook(DEPS, OPTIONS).group('prod', 'workers');
  /** Takes a sample, and says how many records a second were consumed and produced. */
  const at = (second: number, ...partitions: Partial<PartitionReading>[]) => {
    const taken = sample(START_MS + second * 1000, partitions.map(reading));
    group.take(taken);
    const { consumedPerSecond, producedPerSecond } = group.summarise(taken)!;
    return [consumedPerSecond, producedPerSecond];
  };
  return { at, gone: (second: number) => group.gone(START_MS + second * 1000) };
}

const on = (partition: number, endOffset: number | null, currentLagRecords: number | null, owner = '/a') => ({
  partition,
  endOffset,
  currentLagRecords,
  owner,
});

describe('given two samples within one second', () => {
  test('when the second one changes nothing, then it is not summed up, and the next one is', () => {
    const group = createSeriesBook(DEPS, OPTIONS).group('prod', 'workers');
    const summaryAt = (afterMs: number, currentLagRecords: number) => {
      const taken = sample(START_MS + afterMs, [reading({ currentLagRecords })]);
      group.take(taken);
      return group.summarise(taken)?.maxLagRecords ?? null;
    };
    expect([summaryAt(0, 5), summaryAt(400, 6), summaryAt(1000, 7)]).toEqual([5, null, 7]);
  });
});

describe('given a group that consumes while others produce', () => {
  test('when it has one sample only, then its rates are not known', () => {
    expect(given().at(0, on(0, 100, 5))).toEqual([null, null]);
  });

  test('when two samples have told of all its partitions, then both rates are sums over them', () => {
    const { at } = given();
    at(0, on(0, 100, 50), on(1, 1000, 0));
    // 20 and 30 consumed; the lag of the one grew by 10, that of the other did not.
    expect(at(30, on(0, 120, 60), on(1, 1030, 0))).toEqual([1.666667, 2]);
  });

  test('when it stands still and its lag grows, then it consumes 0', () => {
    const { at } = given();
    at(0, on(0, 100, 50));
    expect(at(60, on(0, 100, 80))).toEqual([0, 0.5]);
  });

  test('when the time between two samples is odd, then it is the true one that counts', () => {
    const { at } = given();
    at(0, on(0, 100, 0));
    expect(at(7, on(0, 107, 7))).toEqual([1, 2]);
  });

  test('when a partition is new, changes hands or goes backwards, then only the others count', () => {
    const { at } = given();
    at(0, on(0, 100, 0), on(1, 100, 70), on(2, 100, 0));
    expect(at(60, on(0, 110, 0), on(1, 150, 20, '/b'), on(2, 50, 0), on(3, 9, 900))).toEqual([
      0.166667, 0.166667,
    ]);
  });

  test('when a lag is not known, then what was produced there is not either', () => {
    const { at } = given();
    at(0, on(0, 100, null), on(1, 100, 0));
    expect(at(60, on(0, 110, 0), on(1, 105, 3))).toEqual([0.25, 0.133333]);
  });

  test('when the end of a log seems to go back, then nothing was produced, and never less', () => {
    const { at } = given();
    at(0, on(0, 100, 50));
    expect(at(60, on(0, 110, 20))).toEqual([0.166667, 0]);
  });

  test('when it was gone in between, then its rates are not known', () => {
    const { at, gone } = given();
    at(0, on(0, 100, 50));
    gone(30);
    expect(at(60, on(0, 110, 50))).toEqual([null, null]);
  });
});
