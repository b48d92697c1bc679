import type { Clock, Scheduler } from '../../src/platform/clock.ts';

/** A clock that stands still until `advance`, which then runs what is due, in order. */
export interface ManualTime extends Clock, Scheduler {
  advance(ms: number): Promise<void>;
  /** Goes on where the clock is set. */
  readonly monotonicMs: () => number;
  setClock(byMs: number): void;
  /** How many delays are armed. */
  armed(): number;
}

export function createManualTime(startMs = 1_000_000): ManualTime {
  let nowMs = startMs;
  let clockAheadMs = 0;
  const due = new Map<object, { atMs: number; run: () => void }>();
  return {
    nowMs: () => nowMs + clockAheadMs,
    monotonicMs: () => nowMs,
    setClock(byMs) {
      clockAheadMs += byMs;
    },
    after(delayMs, run) {
      const id = {};
      due.set(id, { atMs: nowMs + delayMs, run });
      return () => void due.delete(id);
    },
    async advance(ms) {
      const untilMs = nowMs + ms;
      for (;;) {
        await settled();
        const next = [...due]
          .filter(([, { atMs }]) => atMs <= untilMs)
          .sort(([, a], [, b]) => a.atMs - b.atMs)[0];
        if (next === undefined) break;
        due.delete(next[0]);
        nowMs = Math.max(nowMs, next[1].atMs);
        next[1].run();
      }
      nowMs = untilMs;
      await settled();
    },
    armed: () => due.size,
  };
}

/** Lets everything that waits on settled promises run. */
export function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
