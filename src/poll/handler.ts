import type { Logger } from 'pino';

import type { Clock, Scheduler } from '../platform/clock.ts';
import type { CountException } from '../telemetry/exceptions.ts';

/** Where a handler is in its life; `unknown`: Burrow does not know what it asks about. */
export type HandlerState = 'asleep' | 'waiting' | 'polling' | 'backingOff' | 'unknown' | 'stopped';

/**
 * Why a handler ends. `STOP`: this process stops; the series stay until `close`. `GONE`: what is polled does not exist
 * any more, and its series end with zeroes. `RELEASED`: another process polls it from now on; nothing is written, and the
 * memory of its series is free.
 */
export type HandlerEnd = 'STOP' | 'GONE' | 'RELEASED';

/**
 * What polls show of the existence of the subject, the strongest first: it exists; nothing, since they fail; it is
 * answered for as before, which may be so without it; Burrow does not know it.
 */
export type PollEvidence = 'data' | 'failed' | 'unchanged' | 'notFound';

const STRENGTH: { readonly [evidence in PollEvidence]: number } = {
  data: 4,
  failed: 3,
  unchanged: 2,
  notFound: 1,
};

/** The stronger of two. */
export function strongerOf(one: PollEvidence | null, other: PollEvidence): PollEvidence {
  return one !== null && STRENGTH[one] > STRENGTH[other] ? one : other;
}

/** One URL of Burrow's that is polled. It never polls twice at once. */
export interface Handler {
  /** `{cluster}/{group}` or `{cluster}/topic/{topic}`. */
  readonly key: string;
  /** @param newcomers how many handlers start together, this one included: they spread their first polls */
  start(newcomers: number): void;
  /** Polls now: coalesced to one request in flight and one after it, at most one a second. */
  wake(): void;
  /**
   * A list lacks its name. Returns the strongest evidence of its polls since the last such call; null where there is
   * none, and at the first call: what came before counts for nothing.
   */
  missed(): PollEvidence | null;
  /** The list names it again. */
  listed(): void;
  /** Whether it polls at once anyway, for an event or because its request still waits for its turn. */
  isPollDue(): boolean;
  /** How many polls have begun; -1 where it does not run. */
  polls(): number;
  /** The intervals have changed: the next poll comes within the one that holds for it. */
  retime(): void;
  /** Ends a back-off early, because the server answers again. */
  resume(): void;
  /** No further poll; the request under way is cancelled and its answer is dropped. */
  stop(end: HandlerEnd): void;
  /** Ends the series and polls on: the next sample starts them again. */
  cut(nowMs: number): void;
  /** Ends the series of a handler that was stopped: the sidecar itself goes. */
  close(nowMs: number): void;
  state(): HandlerState;
  /** Whether a first poll has ended, with an answer or a failure. */
  hasPolled(): boolean;
}

/** How often handlers poll, milliseconds. One object for all of them, read at each poll. */
export interface PollTiming {
  readonly intervalMs: number;
  /** For those that sleep; null: none does, and this does not change. */
  readonly sleep: SleepOptions | null;
}

/** A handler that sleeps polls when it is woken, and now and then all the same, since an event may be lost. */
export interface SleepOptions {
  /** Calm answers in a row, 1 or more, after which it goes back to sleep. */
  readonly afterCalm: number;
  /** The interval in which it polls while it sleeps. */
  readonly safetyMs: number;
}

/** What all handlers of a process share. */
export interface HandlerEngine {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly timing: PollTiming;
  /** A number in [0, 1): jitter of retries. */
  random(): number;
  readonly count: CountException;
  readonly log: Logger;
}
