import type { BurrowRequest } from './burrow-server.ts';
import type { Urgency } from './request-queue.ts';

/**
 * What a good answer shows: `data`: the subject exists for certain. `calm`: it exists, and there is nothing to watch.
 * `unchanged`: it may exist, but one that was deleted might be answered for in the same way.
 */
export type Finding = 'data' | 'calm' | 'unchanged';

/** One thing that is polled, a group or a topic: what is asked, and what becomes of the answers. */
export interface PolledSubject<T extends CheckedAnswer = CheckedAnswer> {
  readonly cluster: string;
  /** Unique among all that is polled, and the same after a restart: it decides when polls begin. */
  readonly key: string;
  /** Whether it sleeps where handlers may: events are then what starts its polls. */
  readonly sleeps: boolean;
  ask(urgency: Urgency): BurrowRequest<T>;
  /** Takes a good answer as a sample; `takenAtMs` is when it arrived, epoch ms. */
  take(answer: T, takenAtMs: number): Finding;
  /** Whether its name is missing from the list: from now on answers have to prove that it exists. */
  setMissing?(isMissing: boolean): void;
  /** Ends the series with zeroes, if there are any. The next sample starts them again. */
  end(nowMs: number): void;
  /** Lets go of the series without any record. */
  release(): void;
  /** Forgets what is shown of it, after it has ended or was released. */
  forget(): void;
}

/** What every decoded answer has. */
export interface CheckedAnswer {
  readonly unsafeIntegers: number;
}
