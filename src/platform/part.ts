import { RainbowError } from './rainbow-error.ts';

/**
 * A running thing with a beginning and an end.
 *
 * `start` resolves when the part is ready and undoes a partial start before it rejects; its signal cancels
 * the start. `stop` is idempotent, waits for work in flight, and gives up waiting when its signal aborts.
 */
export interface Part {
  readonly name: string;
  start(signal: AbortSignal): Promise<void>;
  stop(signal: AbortSignal): Promise<void>;
}

/** A part that has nothing to start, or nothing to stop. */
export type LoosePart = Pick<Part, 'name'> & Partial<Part>;

/** Starts parts in order. When one fails, those already started are stopped in reverse and the error is thrown on. */
export async function startInOrder(parts: readonly LoosePart[], signal: AbortSignal): Promise<void> {
  const started: LoosePart[] = [];
  try {
    for (const part of parts) {
      signal.throwIfAborted();
      await part.start?.(signal);
      started.push(part);
    }
  } catch (error) {
    await stopInReverse(started, signal);
    throw error;
  }
}

/**
 * Stops parts in reverse order. Every part is asked, whatever the others do;
 * their failures are thrown together as one `AggregateError`.
 */
export async function stopInReverse(parts: readonly LoosePart[], signal: AbortSignal): Promise<void> {
  const failures: unknown[] = [];
  for (const part of parts.toReversed()) {
    try {
      await part.stop?.(signal);
    } catch (error) {
      failures.push(new RainbowError('STOP_FAILED', `stopping ${part.name} failed`, { cause: error }));
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, 'some parts did not stop cleanly');
}

/** Several parts as one: started in order, stopped in reverse. */
export function createPartGroup(name: string, parts: readonly Part[]): Part {
  return {
    name,
    start: (signal) => startInOrder(parts, signal),
    stop: (signal) => stopInReverse(parts, signal),
  };
}
