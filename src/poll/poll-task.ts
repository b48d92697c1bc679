import type { Urgency } from './request-queue.ts';

/** What came of one poll. */
export type PollResult =
  /**
   * `deliver` hands the answer on; it is called once, and never when the handler was stopped meanwhile. `calm`: there
   * is nothing to watch, so that a handler which polls on demand may sleep. `lives`: what was asked about is there for
   * certain; where it is false, what is no more might be answered about just so.
   */
  | { readonly kind: 'ok'; readonly calm: boolean; readonly lives: boolean; deliver(): void }
  | { readonly kind: 'notFound' }
  /** Unreachable or invalid: nothing is known. */
  | { readonly kind: 'failed' }
  /** Never sent, because everything is being stopped. */
  | { readonly kind: 'cancelled' };

/** What a handler does; when it does it is the loop's part. */
export interface PollTask {
  /** Never rejects but for a programmer's error. */
  poll(urgency: Urgency, signal: AbortSignal): Promise<PollResult>;
  /** True once the request of the poll under way has left the queue: its answer may be older than an event now. */
  sent(): boolean;
  /** Moves the waiting request of the poll under way to the front. */
  hurry(): void;
  /** Whether the name is missing from the list: from now on answers have to prove that it lives. */
  prove?(isMissing: boolean): void;
  /** Ends the series. Harmless when there is none. */
  gone(nowMs: number): void;
  /** Ends the series as `gone` does, but what they measure is still there: the next sample begins them anew. */
  cut(nowMs: number): void;
}

/** Milliseconds where nothing else is said. */
export interface PollTiming {
  /** Read at each poll. */
  readonly intervalMs: number;
  /** The handler's own place in the interval, from 0; read at each poll. */
  readonly phaseMs: number;
  /** The first poll, epoch; null sleeps at first. */
  readonly firstPollAtMs: number | null;
  /** When to sleep; null polls on for ever. */
  readonly sleep: SleepTiming | null;
}

/** A handler that sleeps polls when it is woken, and now and then all the same, since an event may be lost. */
export interface SleepTiming {
  /** Calm answers in a row, 1 or more, after which it goes back to sleep. */
  readonly afterCalm: number;
  /** The interval in which it polls while it sleeps. */
  readonly safetyMs: number;
  /** Its own place in that interval, from 0. */
  readonly safetyPhaseMs: number;
}
