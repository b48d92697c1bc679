import type { Scheduler } from '../platform/clock.ts';

/** What XState's `createActor` takes as `clock`. */
export interface ActorClock {
  setTimeout(run: () => void, delayMs: number): () => void;
  clearTimeout(cancel: () => void): void;
}

/** Lets XState's delayed transitions run on our scheduler, and so on simulated time in tests. */
export function createActorClock(scheduler: Scheduler): ActorClock {
  return {
    setTimeout: (run, delayMs) => scheduler.after(delayMs, run),
    clearTimeout: (cancel) => cancel(),
  };
}
