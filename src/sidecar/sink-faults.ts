import type { FaultBook } from '../platform/condition-tracker.ts';

/** Counts the faults of the destination by cause, and tells what each has cost. */
export function createSinkFaults(deps: {
  readonly count: (cause: string) => void;
  /** Waiting now. */
  readonly waitingSamples: () => number;
  /** Since the start. */
  readonly droppedSamples: () => number;
}): FaultBook {
  let droppedBefore: number | null = null;
  return {
    began(cause) {
      droppedBefore ??= deps.droppedSamples();
      deps.count(cause);
    },
    ended() {
      const droppedSamples = deps.droppedSamples() - (droppedBefore ?? 0);
      droppedBefore = null;
      return { waitingSamples: deps.waitingSamples(), droppedSamples };
    },
  };
}
