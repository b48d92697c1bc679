import type { EncodedSample } from '../records/encoded-sample.ts';
import type { Condition } from '../platform/condition-tracker.ts';
import type { Part } from '../platform/part.ts';

/** What a sink tells about the samples of one `deliver`. Each sample is named exactly once, in one of the two. */
export interface DeliveryReport {
  /** They have safely arrived. May be called several times. */
  acknowledged(samples: readonly EncodedSample[]): void;
  /** The destination will never take them, however often they are tried; `reason` is one English clause. */
  refused(samples: readonly EncodedSample[], reason: string): void;
  /** The destination is gone for good (the reader of a pipe has left): it wants neither these nor any others. */
  closed(): void;
}

/**
 * A destination. The outbox calls `deliver` with one batch at a time and never again before it has settled.
 */
export interface Sink extends Part {
  /**
   * Delivers all samples, in order within each key, retrying with back-off for as long as it takes.
   * Resolves when every sample has been named to `report`, or after `report.closed()`.
   * Rejects only when `signal` aborts; samples not named by then may or may not have arrived.
   */
  deliver(samples: readonly EncodedSample[], report: DeliveryReport, signal: AbortSignal): Promise<void>;
  condition(): Condition;
}
