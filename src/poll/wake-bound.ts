import type { Scheduler } from '../platform/clock.ts';
import type { Handler } from './handler.ts';

/** So many wakes a second are never too many, however few groups there are. */
const LEAST_PER_SECOND = 50;

/** What a wake came to: polled now, to be polled at once anyway, or put off because too many came. */
export type WakeOutcome = 'woken' | 'merged' | 'deferred';

/**
 * Bounds the polls that webhooks cause: a second's share of what polling every group once an interval costs, and at
 * least 50. So the load of Burrow at most doubles, and a wake of every group is over within one interval.
 */
export interface WakeBound {
  /**
   * Wakes the handler now, or, when too many were woken of late, as soon as its turn comes. A handler that polls
   * meanwhile by itself needs no other poll, and is not woken. One that is to poll at once anyway costs nothing.
   */
  wake(handler: WokenHandler): WakeOutcome;
  /** Forgets what was put off. */
  stop(): void;
}

/** What is woken; see {@link Handler}. */
export type WokenHandler = Pick<Handler, 'wake' | 'isPollDue' | 'polls'>;

/** See {@link WakeBound}. */
export function createWakeBound(
  deps: {
    readonly scheduler: Scheduler;
    /** A clock that never goes back, milliseconds. */
    readonly monotonicMs: () => number;
    /** How many groups are followed now. */
    readonly groups: () => number;
  },
  options: { readonly intervalMs: number },
): WakeBound {
  /** With the number of polls that each had begun when it was put off. No more than there are handlers. */
  const deferred = new Map<WokenHandler, number>();
  let perSecond = LEAST_PER_SECOND;
  let left = LEAST_PER_SECOND;
  let countedAtMs = -Infinity;
  let cancel: (() => void) | null = null;

  /** At most one second's wakes are saved up. */
  function refill(): void {
    const nowMs = deps.monotonicMs();
    if (nowMs === countedAtMs) return;
    perSecond = Math.max(LEAST_PER_SECOND, (deps.groups() * 1000) / options.intervalMs);
    left = Math.min(perSecond, left + ((nowMs - countedAtMs) * perSecond) / 1000);
    countedAtMs = nowMs;
  }

  function wakeDeferred(): void {
    cancel = null;
    refill();
    for (const [handler, polls] of deferred) {
      if (left < 1) break;
      deferred.delete(handler);
      if (handler.polls() !== polls) continue;
      left -= 1;
      handler.wake();
    }
    wakeLater();
  }

  function wakeLater(): void {
    if (deferred.size === 0 || cancel !== null) return;
    // Some at a time: a timer for each would cost more than the wakes.
    cancel = deps.scheduler.after(100, wakeDeferred);
  }

  return {
    wake(handler) {
      if (handler.isPollDue()) {
        handler.wake();
        return 'merged';
      }
      if (deferred.has(handler)) return 'deferred';
      refill();
      // Those that were put off come first.
      if (left >= 1 && deferred.size === 0) {
        left -= 1;
        handler.wake();
        return 'woken';
      }
      deferred.set(handler, handler.polls());
      wakeLater();
      return 'deferred';
    },
    stop() {
      deferred.clear();
      cancel?.();
      cancel = null;
    },
  };
}
