import { setTimeout as sleep } from 'node:timers/promises';

export interface PollOptions {
  /** What is waited for, as the error will say it: `waited 30000 ms for <what>`. */
  readonly what: string;
  readonly withinMs: number;
  /** Default: 200 ms. What is asked is often a sidecar for its metrics, which costs both sides. */
  readonly everyMs?: number;
}

/**
 * Asks `probe` until it answers something other than `undefined`, and resolves with that. A probe that throws is
 * asked again; when time is up, the last thing that it threw is the cause of the error.
 */
export async function pollUntil<T>(
  probe: () => T | undefined | Promise<T | undefined>,
  { what, withinMs, everyMs = 200 }: PollOptions,
): Promise<T> {
  const deadlineMs = performance.now() + withinMs;
  let cause: unknown;
  for (;;) {
    try {
      const answer = await probe();
      if (answer !== undefined) return answer;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (performance.now() >= deadlineMs) {
      const reason = cause instanceof Error ? `: ${cause.message}` : '';
      throw new Error(`waited ${withinMs} ms for ${what}${reason}`, { cause });
    }
    await sleep(everyMs);
  }
}
