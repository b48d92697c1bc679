import type { Logger } from 'pino';

export interface RepeatGuardDeps {
  readonly log: Pick<Logger, 'warn' | 'info'>;
  /** Milliseconds since the epoch. */
  readonly nowMs: () => number;
}

export interface RepeatGuardOptions {
  /** The sentence of the line that says a fault began; logged as warn. */
  readonly began: string;
  /** The sentence of the line that says it ended; logged as info with `lastedSeconds` and `times`. */
  readonly ended: string;
  /** A fault has ended only when the last failure is so long ago, so that a flapping one is one fault. Default 0. */
  readonly settleMs?: number;
  /** How many faults are told apart at once. Those past it are counted together as one. Default 1000. */
  readonly maxKeys?: number;
}

/** Makes one line of a fault's beginning, one of its end with what it cost, and none of what is between. */
export interface RepeatGuard {
  /** The thing named `key` failed; `facts` go into the line if the fault is new. */
  failed(key: string, facts: object): void;
  /** The thing works. Cheap and silent when it had no fault. */
  recovered(key: string): void;
  /** The thing is no more: its fault is dropped without a line. */
  forget(key: string): void;
}

interface Fault {
  readonly facts: object;
  readonly beganMs: number;
  lastMs: number;
  times: number;
}

/** See {@link RepeatGuard}. */
export function createRepeatGuard(deps: RepeatGuardDeps, options: RepeatGuardOptions): RepeatGuard {
  const { log, nowMs } = deps;
  const settleMs = options.settleMs ?? 0;
  const maxKeys = options.maxKeys ?? 1000;
  const faults = new Map<string, Fault>();
  let hasOverflowed = false;

  return {
    failed(key, facts) {
      const now = nowMs();
      const known = faults.get(key);
      if (known !== undefined) {
        known.lastMs = now;
        known.times += 1;
      } else if (faults.size < maxKeys) {
        faults.set(key, { facts, beganMs: now, lastMs: now, times: 1 });
        log.warn(facts, options.began);
      } else if (!hasOverflowed) {
        hasOverflowed = true;
        log.warn({ faults: maxKeys }, `${options.began} (more of them than are logged one by one)`);
      }
    },
    recovered(key) {
      const fault = faults.get(key);
      if (fault === undefined) return;
      const now = nowMs();
      if (now - fault.lastMs < settleMs) return;
      remove(key);
      log.info(
        { ...fault.facts, lastedSeconds: Math.max(0, now - fault.beganMs) / 1000, times: fault.times },
        options.ended,
      );
    },
    forget: remove,
  };

  function remove(key: string): void {
    faults.delete(key);
    if (faults.size === 0) hasOverflowed = false;
  }
}
