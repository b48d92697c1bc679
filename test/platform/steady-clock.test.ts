import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createSteadyClock } from '../../src/platform/steady-clock.ts';
import { createSimulatedTime } from '../support/simulated-time.ts';

const HOUR_MS = 3_600_000;

function createWatched() {
  const time = createSimulatedTime();
  const told: string[] = [];
  const steady = createSteadyClock({
    clock: time.clock,
    monotonicMs: time.monotonicMs,
    onSetBack: (byMs) => told.push(`back by ${Math.round(byMs / 1000)} s`),
    onCaughtUp: (lastedMs) => told.push(`caught up after ${Math.round(lastedMs / 1000)} s`),
  });
  return { time, steady, told };
}

describe('given a clock that never goes back', () => {
  test('when the system clock just runs, then it says the same', async () => {
    const { time, steady, told } = createWatched();
    for (let second = 0; second < 100; second += 1) {
      await time.advance(1000);
      expect(steady.nowMs()).toBe(time.clock.nowMs());
    }
    expect(told).toEqual([]);
  });

  test('when the system clock is set forward, then it follows at once', () => {
    const { time, steady, told } = createWatched();
    time.setClock(HOUR_MS);
    expect(steady.nowMs()).toBe(time.clock.nowMs());
    expect(told).toEqual([]);
  });

  test('when the system clock is set back, then it goes on a tenth slower, and tells so once', async () => {
    const { time, steady, told } = createWatched();
    const beforeMs = steady.nowMs();
    time.setClock(-HOUR_MS);
    expect(steady.nowMs()).toBe(beforeMs);
    await time.advance(1000);
    expect(steady.nowMs()).toBe(beforeMs + 900);
    expect(steady.aheadMs()).toBe(HOUR_MS - 100);
    expect(steady.setBackAtMs()).toBe(beforeMs);
    time.setClock(-HOUR_MS);
    expect(steady.setBackAtMs()).toBe(beforeMs);
    expect(told).toEqual(['back by 3600 s', 'back by 3600 s']);
  });

  test('when the system clock catches up, then they are one again, and that is told once', async () => {
    const { time, steady, told } = createWatched();
    time.setClock(-10_000);
    for (let second = 0; second < 200; second += 1) {
      steady.nowMs();
      await time.advance(1000);
    }
    expect(steady.nowMs()).toBe(time.clock.nowMs());
    expect([steady.aheadMs(), steady.setBackAtMs()]).toEqual([0, null]);
    expect(told).toEqual(['back by 10 s', 'caught up after 100 s']);
  });

  test('when it is corrected by less than a second, then nothing is told', async () => {
    const { time, steady, told } = createWatched();
    time.setClock(-900);
    for (let second = 0; second < 20; second += 1) {
      steady.nowMs();
      await time.advance(1000);
    }
    expect(steady.nowMs()).toBe(time.clock.nowMs());
    expect(told).toEqual([]);
  });

  test('when it is set whatever way and how often, then time goes forward and never lags behind', async () => {
    const step = fc.record({ byMs: fc.integer({ min: -HOUR_MS, max: HOUR_MS }), thenMs: fc.nat(100_000) });
    await fc.assert(
      fc.asyncProperty(fc.array(step), async (steps) => {
        const { time, steady } = createWatched();
        for (const { byMs, thenMs } of steps) {
          const beforeMs = steady.nowMs();
          time.setClock(byMs);
          await time.advance(thenMs);
          expect(steady.nowMs() - beforeMs).toBeGreaterThanOrEqual(Math.floor(0.9 * thenMs));
          expect(steady.nowMs()).toBeGreaterThanOrEqual(time.clock.nowMs());
        }
      }),
    );
  });
});
