import type { Clock } from './clock.ts';

/** What it reads, and what it calls when the system clock is set back. */
export interface SteadyClockDeps {
  readonly clock: Clock;
  /** A clock that never goes back, milliseconds. */
  readonly monotonicMs: () => number;
  /** The system clock was set back by so much. */
  readonly onSetBack: (byMs: number) => void;
  /** It has caught up, this long after it was set back. */
  readonly onCaughtUp: (lastedMs: number) => void;
}

/** Wall-clock time that never goes back. */
export interface SteadyClock extends Clock {
  /** By how much it is ahead of the system clock, milliseconds; 0 but for a while after that was set back. */
  aheadMs(): number;
  /** When the system clock was set back, by this clock; null while it is not waited for. */
  setBackAtMs(): number | null;
}

/** While it waits for the system clock it is so much slower than time: little enough for rates to stay true. */
const SLOWED_BY = 0.1;
/** Smaller steps are not reported: they are corrections by NTP. */
const REPORTED_MS = 1000;

/**
 * Follows a system clock at once where that goes forward. Where it is set back, this one goes on by the monotonic
 * clock, a tenth slower, until the system clock has caught up: what has been stamped cannot be taken back, and what
 * comes must be later. An hour takes ten hours to catch up.
 */
export function createSteadyClock(deps: SteadyClockDeps): SteadyClock {
  const { clock, monotonicMs, onSetBack, onCaughtUp } = deps;
  let seenMs = monotonicMs();
  /** What is added to the monotonic clock. */
  let offsetMs = clock.nowMs() - seenMs;
  let aheadMs = 0;
  let behindSinceMs: number | null = null;
  let setBackAtMs: number | null = null;

  function look(): number {
    const monotonic = monotonicMs();
    const systemOffsetMs = clock.nowMs() - monotonic;
    const slowedMs = offsetMs - SLOWED_BY * (monotonic - seenMs);
    seenMs = monotonic;
    offsetMs = Math.max(systemOffsetMs, slowedMs);
    const wasAheadMs = aheadMs;
    aheadMs = offsetMs - systemOffsetMs;
    if (aheadMs - wasAheadMs >= REPORTED_MS) {
      behindSinceMs ??= monotonic;
      setBackAtMs ??= Math.round(monotonic + offsetMs);
      onSetBack(aheadMs - wasAheadMs);
    } else if (aheadMs === 0 && behindSinceMs !== null) {
      onCaughtUp(monotonic - behindSinceMs);
      behindSinceMs = null;
      setBackAtMs = null;
    }
    return monotonic;
  }

  return {
    nowMs: () => Math.round(look() + offsetMs),
    aheadMs() {
      look();
      return aheadMs;
    },
    setBackAtMs() {
      look();
      return setBackAtMs;
    },
  };
}
