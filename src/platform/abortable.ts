import { systemScheduler, type Scheduler } from './clock.ts';

/** Settles as `promise` does, or rejects with the signal's reason when it aborts first; the rest is then ignored. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

/**
 * Settles as `work` does, or rejects with what `late` makes when that takes longer than `deadlineMs`; the rest is then
 * ignored.
 */
export function withDeadline<T>(
  work: Promise<T>,
  { scheduler, deadlineMs }: { readonly scheduler: Scheduler; readonly deadlineMs: number },
  late: () => Error,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = scheduler.after(deadlineMs, () => reject(late()));
    work.then(resolve, reject).finally(cancel);
  });
}

/**
 * Runs work under a signal that aborts when the given one does, and after `withinMs` with a `TimeoutError`. Node 20 lets go
 * of the timer of `AbortSignal.any([signal, AbortSignal.timeout(withinMs)])` at the next garbage collection.
 */
export async function within<T>(
  withinMs: number,
  signal: AbortSignal,
  work: (soon: AbortSignal) => Promise<T>,
): Promise<T> {
  const ending = new AbortController();
  const onAbort = (): void => ending.abort(signal.reason);
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  const cancel = systemScheduler.after(withinMs, () =>
    ending.abort(new DOMException(`not done within ${withinMs} ms`, 'TimeoutError')),
  );
  try {
    return await work(ending.signal);
  } finally {
    cancel();
    signal.removeEventListener('abort', onAbort);
  }
}

/**
 * Resolves when `work` has settled, however it did, or the grace time after the signal has aborted: what is nearly done may
 * end, and what hangs does not hold up the rest.
 */
export function settledOrLate(
  work: Promise<unknown>,
  signal: AbortSignal,
  { scheduler, graceMs }: { readonly scheduler: Scheduler; readonly graceMs: number },
): Promise<void> {
  return new Promise((resolve) => {
    let cancel = (): void => undefined;
    const onAbort = (): void => {
      cancel = scheduler.after(graceMs, done);
    };
    function done(): void {
      cancel();
      signal.removeEventListener('abort', onAbort);
      resolve();
    }
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    work.then(done, done);
  });
}
