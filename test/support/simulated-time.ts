import type { Clock, Scheduler } from '../../src/platform/clock.ts';

/** Time that stands still until a test moves it. */
export interface SimulatedTime {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  /** Goes on where the clock is set. */
  readonly monotonicMs: () => number;
  /** Sets the clock by so much, back where negative; timers fall due as if nothing had been. */
  setClock(byMs: number): void;
  /**
   * Moves time forward, running every timer that falls due at its own instant, in order (equals in the order they were
   * set), and everything that their promises lead to. Timers that are set on the way run too when they fall due.
   */
  advance(ms: number): Promise<void>;
  /** Lets promises that have resolved run on, without moving time. */
  settle(): Promise<void>;
  /** Timers that have not run and were not cancelled. */
  pending(): number;
}

/** @param startMs where time begins, milliseconds since the epoch */
export function createSimulatedTime(startMs = 1_700_000_000_000): SimulatedTime {
  let nowMs = startMs;
  let clockAheadMs = 0;
  // One bucket an instant, and the instants in order: ten thousand handlers set ten thousand timers.
  const buckets = new Map<number, Set<() => void>>();
  const instants: number[] = [];

  function positionOf(atMs: number): number {
    let low = 0;
    let high = instants.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (instants[middle]! < atMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  const scheduler: Scheduler = {
    after(delayMs, run) {
      const atMs = nowMs + Math.max(0, delayMs);
      let bucket = buckets.get(atMs);
      if (bucket === undefined) {
        bucket = new Set();
        buckets.set(atMs, bucket);
        instants.splice(positionOf(atMs), 0, atMs);
      }
      // A timer of its own even where the same function is set twice.
      const timer = (): void => run();
      bucket.add(timer);
      return () => void bucket.delete(timer);
    },
  };

  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  return {
    clock: { nowMs: () => nowMs + clockAheadMs },
    scheduler,
    monotonicMs: () => nowMs,
    setClock(byMs) {
      clockAheadMs += byMs;
    },
    async advance(ms) {
      const endMs = nowMs + ms;
      await settle();
      for (let atMs = instants[0]; atMs !== undefined && atMs <= endMs; atMs = instants[0]) {
        instants.shift();
        const bucket = buckets.get(atMs);
        buckets.delete(atMs);
        if (bucket === undefined || bucket.size === 0) continue;
        nowMs = atMs;
        // A timer that cancels another of the same instant prevents it, as it would with real timers.
        for (const timer of bucket) {
          bucket.delete(timer);
          timer();
        }
        await settle();
      }
      nowMs = endMs;
    },
    settle,
    pending: () => [...buckets.values()].reduce((total, bucket) => total + bucket.size, 0),
  };
}
