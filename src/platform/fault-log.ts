import type { Logger } from 'pino';
import type { Clock } from './clock.ts';
import { logSeconds } from './log-seconds.ts';

export interface FaultLogDeps {
  readonly log: Pick<Logger, 'error' | 'warn' | 'info'>;
  readonly clock: Clock;
}

/** The sentences of the log lines. The facts of a fault are fields of the line. */
export interface FaultLogOptions {
  /** A fault has begun. */
  readonly began: string;
  /** It goes on for another cause; absent: not logged. */
  readonly otherCause?: string;
  /**
   * It is over: logged as info, with `times` and `lastedSeconds`, which ends with the first success after the last failure;
   * absent: faults of this kind have no end.
   */
  readonly ended?: string | undefined;
  /** Of the lines about a beginning and another cause. Default `warn`. */
  readonly level?: 'error' | 'warn';
  /** A fault has ended only when the last failure is this long ago, so that a flapping one is one fault. Default 0. */
  readonly settleMs?: number;
  /**
   * How many different faults are known at once, default 1000. What comes past them is logged together as one where faults
   * have an end; else the oldest is forgotten, and logged again where it comes again.
   */
  readonly maxKeys?: number;
}

/**
 * The one way to log what may repeat: one line at the beginning of a fault, one for each further cause, one at its end
 * with what it came to, and none in between.
 */
export interface FaultLog {
  /**
   * The thing named `key` failed. Returns whether that is a new fault, or a new cause of one.
   *
   * @param facts go into the line, and those of the beginning into the one of the end
   */
  failed(key: string, facts: object, cause?: string): boolean;
  /** The thing worked once. Ends no fault, but the time that one has lasted, unless the thing fails again. */
  succeeded(key: string): void;
  /** The thing works. Cheap and silent when it had no fault. `figures` go into the line. */
  recovered(key: string, figures?: () => object): void;
  /** The thing is gone: its fault is dropped without a line. */
  forget(key: string): void;
}

interface Fault {
  readonly facts: object;
  readonly causes: Set<string>;
  readonly beganMs: number;
  lastMs: number;
  /** When the thing first worked after the last failure; null: it has not. */
  workedMs: number | null;
  times: number;
}

/** See {@link FaultLog}. */
export function createFaultLog({ log, clock }: FaultLogDeps, options: FaultLogOptions): FaultLog {
  const { began, otherCause, ended, level = 'warn', settleMs = 0, maxKeys = 1000 } = options;
  const faults = new Map<string, Fault>();
  let hasOverflowed = false;

  return {
    failed(key, facts, cause = '') {
      const nowMs = clock.nowMs();
      const known = faults.get(key);
      if (known !== undefined) {
        known.lastMs = nowMs;
        known.workedMs = null;
        known.times += 1;
        if (known.causes.has(cause)) return false;
        known.causes.add(cause);
        if (otherCause !== undefined) log[level](facts, otherCause);
        return true;
      }
      if (faults.size >= maxKeys && ended !== undefined) {
        if (!hasOverflowed)
          log[level]({ faults: maxKeys }, `${began} (more of them than are logged one by one)`);
        hasOverflowed = true;
        return false;
      }
      const times = { beganMs: nowMs, lastMs: nowMs, workedMs: null, times: 1 };
      faults.set(key, { facts, causes: new Set([cause]), ...times });
      for (const oldest of faults.keys()) {
        if (faults.size <= maxKeys) break;
        faults.delete(oldest);
      }
      log[level](facts, began);
      return true;
    },
    succeeded,
    recovered(key, figures) {
      const fault = faults.get(key);
      if (fault === undefined) return;
      const nowMs = clock.nowMs();
      succeeded(key);
      const quietMs = nowMs - fault.lastMs;
      // Less than nothing where the clock was set back: nobody knows how long it was quiet, and the fault has to end.
      if (quietMs >= 0 && quietMs < settleMs) return;
      remove(key);
      if (ended === undefined) return;
      const lastedSeconds = logSeconds((fault.workedMs ?? nowMs) - fault.beganMs);
      log.info({ ...fault.facts, lastedSeconds, times: fault.times, ...figures?.() }, ended);
    },
    forget: remove,
  };

  function succeeded(key: string): void {
    const fault = faults.get(key);
    if (fault !== undefined) fault.workedMs ??= clock.nowMs();
  }

  function remove(key: string): void {
    faults.delete(key);
    if (faults.size === 0) hasOverflowed = false;
  }
}
