import type { Logger } from 'pino';
import type { Clock } from './clock.ts';

/** How a part fares, for the health check and the log. */
export type Condition =
  | { readonly state: 'ok' }
  /** `reason` says cause and remedy, and holds no secret. */
  | { readonly state: 'faulty'; readonly reason: string; readonly sinceMs: number };

/** Keeps account of a destination's faults, beside the log. */
export interface FaultBook {
  /** A fault begins, or goes on for another cause (a word of a bounded set). */
  began(cause: string): void;
  /** It is over. What it has cost: figures for the log, with their units in their names. */
  ended(): Readonly<Record<string, number>>;
}

/**
 * Remembers how a sink (or its ledger) fares and logs the changes: one line when it fails, one when it is well with what that has cost,
 * and between the two one for each further cause.
 */
export interface ConditionTracker {
  ok(): void;
  /**
   * The time of the first fault in a row is kept.
   *
   * @param reason says cause and remedy and holds no secret
   * @param cause the kind of fault, for counting; default `other`
   */
  faulty(reason: string, cause?: string): void;
  current(): Condition;
}

/** @param subject what the log calls it; default `sink` */
export function createConditionTracker(
  deps: { readonly clock: Clock; readonly log: Logger; readonly faults?: FaultBook | undefined },
  subject = 'sink',
): ConditionTracker {
  const { clock, log, faults } = deps;
  /** Of the fault at hand. */
  const causes = new Set<string>();
  let condition: Condition = { state: 'ok' };
  return {
    ok() {
      if (condition.state === 'ok') return;
      const faultyMs = clock.nowMs() - condition.sinceMs;
      log.info({ faultyMs, ...faults?.ended() }, `The ${subject} works again`);
      condition = { state: 'ok' };
      causes.clear();
    },
    faulty(reason, cause = 'other') {
      const sinceMs = condition.state === 'faulty' ? condition.sinceMs : clock.nowMs();
      condition = { state: 'faulty', reason, sinceMs };
      if (causes.has(cause)) return;
      if (causes.size === 0) log.warn({ reason }, `The ${subject} does not work; it is tried again`);
      else log.warn({ reason }, `The ${subject} fails for another reason now`);
      causes.add(cause);
      faults?.began(cause);
    },
    current: () => condition,
  };
}
