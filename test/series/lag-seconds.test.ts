import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { estimateLagSeconds } from '../../src/series/lag-seconds.ts';
import { OffsetHistory } from '../../src/series/offset-history.ts';
import { reading, START_MS } from './history.ts';

const unknownCommits = {
  startTimestampMs: null,
  startLagRecords: null,
  endTimestampMs: null,
  endLagRecords: null,
};

/** A topic of one partition that was produced to at a steady rate, sampled every 30 s for so many polls. */
function steadyHistory(recordsPerSecond: number, polls: number): { history: OffsetHistory; nowMs: number } {
  const history = new OffsetHistory();
  for (let poll = 0; poll < polls; poll++) {
    history.add(START_MS + poll * 30_000, [poll * 30 * recordsPerSecond]);
  }
  return { history, nowMs: START_MS + (polls - 1) * 30_000 };
}

describe('given the history of a topic', () => {
  test('when production is steady, then lag in seconds is lag over rate, at any age', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 500 }),
        fc.integer({ min: 2, max: 2000 }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        (rate, polls, share) => {
          const { history, nowMs } = steadyHistory(rate, polls);
          const logEnd = (polls - 1) * 30 * rate;
          const lag = Math.max(1, Math.round(logEnd * share));
          const taken = reading({ ...unknownCommits, endOffset: logEnd - lag, currentLagRecords: lag });
          expect(estimateLagSeconds(taken, history, nowMs)).toBeCloseTo(lag / rate, 0);
        },
      ),
    );
  });

  test('when nothing was produced for a while, then the pause counts', () => {
    const history = new OffsetHistory();
    history.add(START_MS, [0]);
    history.add(START_MS + 30_000, [300]);
    history.add(START_MS + 60_000, [300]);
    history.add(START_MS + 90_000, [300]);
    const taken = reading({ ...unknownCommits, endOffset: 150, currentLagRecords: 150 });
    expect(estimateLagSeconds(taken, history, START_MS + 90_000)).toBe(75);
  });

  test('when the committed offset is older than the history, then the mean rate is carried on', () => {
    const history = new OffsetHistory();
    history.add(START_MS, [1000]);
    history.add(START_MS + 30_000, [1300]);
    const taken = reading({ ...unknownCommits, endOffset: 700, currentLagRecords: 600 });
    expect(estimateLagSeconds(taken, history, START_MS + 30_000)).toBe(60);
  });

  test('when a partition was unknown at times, then the other points serve', () => {
    const history = new OffsetHistory();
    history.add(START_MS, [0]);
    history.add(START_MS + 30_000, [null]);
    history.add(START_MS + 60_000, [600]);
    const taken = reading({ ...unknownCommits, endOffset: 300, currentLagRecords: 300 });
    expect(estimateLagSeconds(taken, history, START_MS + 60_000)).toBe(30);
  });
});

describe('given no history of the topic', () => {
  const nowMs = START_MS + 60_000;

  test("when Burrow's commits carry their lag, then they serve", () => {
    const taken = reading({
      startOffset: 0,
      startTimestampMs: START_MS,
      startLagRecords: 100,
      endOffset: 100,
      endTimestampMs: START_MS + 30_000,
      endLagRecords: 300,
      currentLagRecords: 600,
    });
    // Log end: 100 at 0 s, 400 at 30 s, 700 at 60 s; the committed 100 was the end 60 s ago.
    expect(estimateLagSeconds(taken, undefined, nowMs)).toBe(60);
  });

  test('when the log stands still, then the age of the commit is what is proven', () => {
    const taken = reading({
      ...unknownCommits,
      endOffset: 100,
      endTimestampMs: START_MS + 20_000,
      endLagRecords: 50,
      currentLagRecords: 50,
    });
    expect(estimateLagSeconds(taken, undefined, nowMs)).toBe(40);
  });

  test('when nothing is known, then there is no estimate', () => {
    const taken = reading({ ...unknownCommits, endOffset: 100, currentLagRecords: 50 });
    expect(estimateLagSeconds(taken, undefined, nowMs)).toBeNull();
    expect(
      estimateLagSeconds(reading({ endOffset: null, currentLagRecords: null }), undefined, nowMs),
    ).toBeNull();
  });

  test.each([
    ['from year 9999', Date.UTC(9999, 11, 31), 50],
    ['from the next second', nowMs + 1000, 50],
    ['from the epoch', 0, 50],
    ['from the epoch, with lags at 2^53', 0, Number.MAX_SAFE_INTEGER],
  ])('when the commit is %s, then it proves nothing, and is no 0', (_, endTimestampMs, lagRecords) => {
    const taken = reading({
      ...unknownCommits,
      endOffset: 100,
      endTimestampMs,
      endLagRecords: lagRecords,
      currentLagRecords: lagRecords,
    });
    expect(estimateLagSeconds(taken, undefined, nowMs)).toBeNull();
  });

  test('when numbers are any that Burrow may send, then the estimate is unknown or an age within our era', () => {
    const natural = fc.oneof(fc.maxSafeNat(), fc.constantFrom(0, 1, Number.MAX_SAFE_INTEGER, Date.UTC(9999)));
    const orUnknown = fc.option(natural);
    fc.assert(
      fc.property(
        fc.record({
          startOffset: orUnknown,
          startTimestampMs: orUnknown,
          startLagRecords: orUnknown,
          endOffset: orUnknown,
          endTimestampMs: orUnknown,
          endLagRecords: orUnknown,
          currentLagRecords: orUnknown,
        }),
        fc.array(orUnknown, { maxLength: 13 }),
        (facts, ends) => {
          const history = new OffsetHistory();
          ends.forEach((end, index) => history.add(nowMs - (ends.length - index) * 30_000, [end]));
          const seconds = estimateLagSeconds(reading(facts), history, nowMs);
          if (seconds === null) return;
          expect(seconds).toBeGreaterThanOrEqual(0);
          expect(seconds).toBeLessThanOrEqual(nowMs / 1000);
          expect(String(seconds)).toMatch(/^\d+(\.\d)?$/);
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('when there is no lag, then it is 0', () => {
    expect(estimateLagSeconds(reading({ currentLagRecords: 0 }), undefined, nowMs)).toBe(0);
  });
});

describe('given a very long history', () => {
  test('when points are thinned out, then it stays small and reaches back to the beginning', () => {
    const { history } = steadyHistory(10, 5000);
    const times: number[] = [];
    history.visitNewestFirst(0, (timeMs) => times.push(timeMs) > 0);
    expect(times.length).toBeLessThanOrEqual(12);
    expect(times.at(-1)).toBe(START_MS);
    expect(times[0]! - times[1]!).toBe(30_000);
  });
});
