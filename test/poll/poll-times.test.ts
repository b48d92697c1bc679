import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { firstPollAtMs, nextInPhaseMs, phaseOf, phaseStartMs } from '../../src/poll/poll-times.ts';

const interval = fc.integer({ min: 100, max: 600_000 });
const now = fc.integer({ min: 0, max: 2_000_000_000_000 });
const phaseMs = (key: string, intervalMs: number): number => phaseStartMs(phaseOf(key), intervalMs);

describe('given a handler key', () => {
  test('when asked twice, then the phase is the same and within the interval', () => {
    fc.assert(
      fc.property(fc.string(), interval, (key, intervalMs) => {
        const phase = phaseMs(key, intervalMs);
        expect(phase).toBe(phaseMs(key, intervalMs));
        expect(phase).toBeGreaterThanOrEqual(0);
        expect(phase).toBeLessThan(intervalMs);
      }),
    );
  });

  test('when it was computed by an earlier version, then it is still the same', () => {
    expect(phaseMs('local/billing', 30_000)).toBe(20_250);
    expect(phaseMs('local/topic/orders', 30_000)).toBe(11_750);
  });

  test.each([
    ['numbered groups', (index: number) => `cluster/group-${index}`],
    ['groups that differ in the middle', (index: number) => `cluster/${index}-consumer-of-orders`],
    ['padded numbers', (index: number) => `c/${String(index).padStart(8, '0')}`],
  ])(
    'when there are ten thousand (%s), then no tenth of the window is much fuller than another',
    (_, keyOf) => {
      const tenths = new Array<number>(10).fill(0);
      for (let index = 0; index < 10_000; index += 1)
        tenths[Math.floor(phaseMs(keyOf(index), 30_000) / 3000)]! += 1;
      // Six standard deviations of a fair spread.
      for (const handlers of tenths) expect(Math.abs(handlers - 1000)).toBeLessThan(180);
    },
  );
});

describe('given thousands of handlers', () => {
  test('when each has its phase, then sixty of them poll side by side in each of sixty phases', () => {
    const phases = new Map<number, number>();
    for (let index = 0; index < 3600; index += 1) {
      const phase = phaseMs(`cluster/group-${index}`, 30_000);
      phases.set(phase, (phases.get(phase) ?? 0) + 1);
    }
    expect([...phases.keys()].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 60 }, (_, index) => index * 500 + 250),
    );
    // Five standard deviations of a fair spread.
    for (const handlers of phases.values()) expect(Math.abs(handlers - 60)).toBeLessThan(40);
  });
});

describe('given a phase', () => {
  test('when the next poll is planned, then it is the first instant in phase strictly after', () => {
    fc.assert(
      fc.property(
        now,
        interval,
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (afterMs, intervalMs, share) => {
          const phase = Math.floor(share * intervalMs);
          const next = nextInPhaseMs(afterMs, phase, intervalMs);
          expect(next).toBeGreaterThan(afterMs);
          expect(next - afterMs).toBeLessThanOrEqual(intervalMs);
          expect((next - phase) % intervalMs).toBe(0);
        },
      ),
    );
  });

  test('when the interval is not a whole number, then the next poll is still strictly later', () => {
    fc.assert(
      fc.property(now, fc.double({ min: 100, max: 60_000, noNaN: true }), (afterMs, intervalMs) => {
        const next = nextInPhaseMs(afterMs, 0, intervalMs);
        expect(next).toBeGreaterThan(afterMs);
        expect(nextInPhaseMs(next, 0, intervalMs)).toBeGreaterThan(next);
      }),
    );
  });
});

describe('given new handlers', () => {
  test('when they are many, then each starts in phase, at most one interval from now', () => {
    expect(firstPollAtMs(1_000_000, 7000, 30_000, 6000)).toBe(nextInPhaseMs(1_000_000, 7000, 30_000));
  });

  test('when they are few, then all of them start within 5 ms for each', () => {
    fc.assert(
      fc.property(now, fc.string(), fc.integer({ min: 1, max: 5999 }), (nowMs, key, newcomers) => {
        const first = firstPollAtMs(nowMs, phaseMs(key, 30_000), 30_000, newcomers);
        expect(first).toBeGreaterThanOrEqual(nowMs);
        expect(first - nowMs).toBeLessThan(newcomers * 5);
      }),
    );
  });
});
