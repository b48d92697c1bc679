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
