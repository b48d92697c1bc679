import { sleep, type Scheduler } from './clock.ts';

/** How long to wait before the next attempt, in milliseconds. */
export interface RetryDelayOptions {
  /** Delay after the first failure. */
  readonly initialMs: number;
  /** No delay is longer than this. */
  readonly maxMs: number;
  /** 0 to 1: the share of the delay that is random, so that many callers do not retry in step. Default 0.2. */
  readonly jitter?: number;
}

/**
 * Exponential back-off: doubles with each failure up to `maxMs`.
 *
 * @param failures how many attempts have failed in a row, 1 or more
 * @param random a number in [0, 1), so that callers can make it repeatable
 */
export function retryDelayMs(failures: number, options: RetryDelayOptions, random: number): number {
  const jitter = options.jitter ?? 0.2;
  const full = Math.min(options.maxMs, options.initialMs * 2 ** Math.min(failures - 1, 30));
  return full * (1 - jitter + jitter * random);
}

export interface RetryDeps {
  readonly scheduler: Scheduler;
  /** A number in [0, 1). */
  readonly random: () => number;
}

/**
 * Attempts something until it succeeds, with a growing delay between attempts. Rejects with the signal's reason as soon
 * as that aborts between or after attempts, and with what `onFailed` throws.
 *
 * @param delays how to grow them, or a function that gives the delay after a failure in milliseconds
 * @param attempt is handed `progressed`; calling it counts failures from the beginning again
 * @param onFailed is called after each failure, with how many there were in a row, this one included
 */
export async function retry<T>(
  { scheduler, random }: RetryDeps,
  delays: RetryDelayOptions | ((error: unknown, failures: number) => number),
  signal: AbortSignal,
  attempt: (progressed: () => void) => Promise<T>,
  onFailed: (error: unknown, failures: number) => void,
): Promise<T> {
  let failures = 0;
  const progressed = (): void => void (failures = 0);
  for (;;) {
    signal.throwIfAborted();
    try {
      return await attempt(progressed);
    } catch (error) {
      signal.throwIfAborted();
      failures += 1;
      onFailed(error, failures);
      const delayMs =
        typeof delays === 'function' ? delays(error, failures) : retryDelayMs(failures, delays, random());
      await sleep(scheduler, delayMs, signal);
    }
  }
}
