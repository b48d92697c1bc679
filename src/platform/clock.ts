/** Wall-clock time in milliseconds since the epoch. */
export interface Clock {
  nowMs(): number;
}

/** Runs something once, later. The returned function cancels it and is idempotent. */
export interface Scheduler {
  after(delayMs: number, run: () => void): () => void;
}

export const systemClock: Clock = { nowMs: () => Date.now() };

export const systemScheduler: Scheduler = {
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Resolves after `delayMs`; rejects with the signal's reason when it aborts first. */
export function sleep(scheduler: Scheduler, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason as Error);
      return;
    }
    const cancel = scheduler.after(delayMs, () => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
    function onAbort(): void {
      cancel();
      reject(signal.reason as Error);
    }
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
