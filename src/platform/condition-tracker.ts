import type { Logger } from 'pino';
import type { Clock } from './clock.ts';
import { createFaultLog } from './fault-log.ts';

/** The condition of a part, for the health check and the log; `sinceMs`: since when, ms since the epoch. */
export type Condition =
  | { readonly state: 'ok'; readonly sinceMs: number }
  /** `reason` says cause and remedy, and holds no secret. */
  | { readonly state: 'faulty'; readonly reason: string; readonly sinceMs: number };

/** Keeps account of a destination's faults, beside the log. */
export interface FaultBook {
  /** A fault begins, or goes on for another cause (a word of a bounded set). */
  began(cause: string): void;
  /** It is over. What it has cost: figures for the log, with their units in their names. */
  ended(): Readonly<Record<string, number>>;
}

/** Remembers the condition of a sink or of its ledger, and logs the changes as a `FaultLog` does. */
export interface ConditionTracker {
  ok(): void;
  /** It worked once, which does not end a fault: only the time that the fault has lasted, unless it fails again. */
  succeeded(): void;
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
  const { clock, faults } = deps;
  const faultLog = createFaultLog(deps, {
    began: `The ${subject} does not work; it is tried again`,
    otherCause: `The ${subject} fails for another reason now`,
    ended: `The ${subject} works again`,
  });
  let condition: Condition = { state: 'ok', sinceMs: clock.nowMs() };
  return {
    ok() {
      if (condition.state === 'ok') return;
      condition = { state: 'ok', sinceMs: clock.nowMs() };
      faultLog.recovered(subject, () => faults?.ended() ?? {});
    },
    succeeded: () => faultLog.succeeded(subject),
    faulty(reason, cause = 'other') {
      const sinceMs = condition.state === 'faulty' ? condition.sinceMs : clock.nowMs();
      condition = { state: 'faulty', reason, sinceMs };
      if (faultLog.failed(subject, { reason }, cause)) faults?.began(cause);
    },
    current: () => condition,
  };
}

/** The first that is faulty; where none is, all are ok since the last one is. */
export function firstFault(...conditions: readonly [Condition, ...Condition[]]): Condition {
  const [first, ...others] = conditions;
  return (
    conditions.find(({ state }) => state === 'faulty') ??
    others.reduce((latest, each) => (each.sinceMs > latest.sinceMs ? each : latest), first)
  );
}
