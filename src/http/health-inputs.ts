import type { Condition } from '../platform/condition-tracker.ts';

/** Where the sidecar is in its life. While `stopping`, polling has ended on purpose and waiting records drain. */
export type Phase = 'starting' | 'running' | 'stopping';

/** One Burrow server; times in milliseconds since the epoch. */
export interface BurrowHealth {
  readonly name: string;
  /** The newest good answer of any kind: a Burrow that has no groups yet is a healthy one. */
  readonly lastOkMs: number | null;
  /** The newest good answer to a poll. */
  readonly lastSampleMs: number | null;
  /** The newest failure, if it is not over. */
  readonly lastError: { readonly atMs: number; readonly reason: string } | null;
  /** Since when there is such a failure, or none. */
  readonly sinceMs: number;
  /**
   * How long there has been no good answer where one was due, and about what; 0 ms: none is missing. Where there are
   * groups, lists alone are no good answer; where there is nothing to sample, any answer is one.
   */
  readonly silence: { readonly durationMs: number; readonly about: string };
}

export interface OutboxHealth {
  readonly condition: Condition;
  readonly waitingSamples: number;
  readonly waitingRecords: number;
  /** In memory. */
  readonly waitingBytes: number;
  /** On disk; 0 without one. */
  readonly diskBytes: number;
  /** Age of the oldest waiting sample, ms; 0 when none waits. */
  readonly oldestWaitingMs: number;
  /** How long samples have been waiting without any being acknowledged, ms; 0 when none waits. */
  readonly silentMs: number;
  /** As `silentMs`, but without any being refused either. */
  readonly unansweredMs: number;
  /** Milliseconds since the epoch. */
  readonly lastAcknowledgedMs: number | null;
  /** Since the start, for whatever cause. */
  readonly droppedSamples: number;
  /** Milliseconds since the epoch; `dropsSinceMs`: the first of the drops of which no two are far apart. */
  readonly lastDropMs: number | null;
  readonly dropsSinceMs: number | null;
}

export interface SinkHealth {
  readonly name: string;
  readonly condition: Condition;
}

export interface NotifierHealth {
  readonly acceptedEvents: number;
  readonly invalidBodies: number;
  readonly lastEventMs: number | null;
}

/** All that the judgement rests on, times in milliseconds since the epoch. */
export interface HealthInputs {
  readonly phase: Phase;
  readonly startedAtMs: number;
  /** How far the stamps of records are ahead of a system clock that was set back. */
  readonly clockAheadMs: number;
  /** When it was set back, milliseconds since the epoch; absent or null: not known. */
  readonly clockSetBackAtMs?: number | null;
  readonly burrows: readonly BurrowHealth[];
  /** Clusters of one name that two Burrows have, with different groups; absent: none. */
  readonly namesakes?: readonly { readonly cluster: string; readonly reason: string }[];
  /** The lists have been read, and there is nothing in them to sample, or only events cause polls. */
  readonly hasNothingToSample: boolean;
  /** Burrow runs in the same container, and is restarted with it. */
  readonly isBurrowSupervised: boolean;
  /** How far the first polls after a start are; null: every group has been polled. */
  readonly firstPolls: { readonly polledGroups: number; readonly groups: number } | null;
  /** Groups that are not followed, because as many as allowed are. */
  readonly groupLimit: {
    readonly maxGroups: number;
    readonly leftOutGroups: number;
  };
  readonly outbox: OutboxHealth;
  readonly sink: SinkHealth;
  /** Where open spans are remembered; null: nowhere. */
  readonly ledger: Condition | null;
}

export interface HealthLimits {
  readonly burrowSilentMs: number;
  /** In place of `burrowSilentMs` where Burrow is asked for nothing but its lists, which may be seldom. */
  readonly listsSilentMs: number;
  readonly sinkSilentMs: number;
  /** How long after a drop the health check still reports it. */
  readonly dropMemoryMs: number;
}
