import { describe, expect, test } from 'vitest';
import { SampleTimes } from '../../src/series/sample-times.ts';

describe('given the times of samples, thirty seconds apart', () => {
  const begin = (notBeforeSeconds = 0, intervalMs = 30_000) =>
    new SampleTimes({ intervalMs }, notBeforeSeconds);

  test('when the first comes, then the one before is thought an interval earlier', () => {
    const times = begin();
    expect(times.advance(100_900)).toBe(true);
    expect([times.beforeSeconds, times.nowSeconds, times.latestSeconds]).toEqual([70, 100, 100]);
  });

  test.each([
    [200, 99],
    [1000, 99],
    [1001, 98],
    [2500, 97],
  ])('when the interval is %i ms, then that is whole seconds, at least one', (intervalMs, before) => {
    const times = begin(0, intervalMs);
    times.advance(100_000);
    expect(times.beforeSeconds).toBe(before);
  });

  test('when the next comes, then the one before is the last, whatever the interval', () => {
    const times = begin();
    times.advance(100_000);
    expect(times.advance(107_000)).toBe(true);
    expect([times.beforeSeconds, times.nowSeconds]).toEqual([100, 107]);
  });

  test('when one comes within the same second or earlier, then it is left out, and nothing changes', () => {
    const times = begin();
    times.advance(100_000);
    expect([times.advance(100_999), times.advance(99_000)]).toEqual([false, false]);
    expect([times.beforeSeconds, times.nowSeconds, times.latestSeconds]).toEqual([70, 100, 100]);
    expect(times.advance(101_000)).toBe(true);
  });

  test('when a life before had records, then the first zero-start is later than these, and needs its room', () => {
    const times = begin(99);
    expect([times.advance(100_000), times.latestSeconds]).toEqual([false, 99]);
    expect(times.advance(101_000)).toBe(true);
    expect([times.beforeSeconds, times.nowSeconds]).toEqual([100, 101]);
  });

  test('when the subject was gone, then the next is a first one, later than all records so far', () => {
    const times = begin();
    times.advance(100_000);
    times.forget(110);
    expect([times.latestSeconds, times.advance(111_000)]).toEqual([110, false]);
    expect(times.advance(200_000)).toBe(true);
    expect([times.beforeSeconds, times.nowSeconds]).toEqual([170, 200]);
    times.forget(150);
    expect(times.latestSeconds).toBe(200);
  });

  test('when others ended it with a zero that is later than its last record here, then the next life is later', () => {
    const times = begin();
    times.advance(100_000);
    times.endedElsewhere(115);
    expect([times.latestSeconds, times.advance(110_000)]).toEqual([115, true]);
    times.forget(112);
    expect([times.advance(116_000), times.advance(117_000), times.beforeSeconds]).toEqual([false, true, 116]);
  });
});
