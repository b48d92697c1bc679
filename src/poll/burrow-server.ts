import type { Logger } from 'pino';

import type { BurrowClient } from '../burrow/burrow-client.ts';
import type { Outcome } from '../burrow/outcome.ts';
import type { Clock } from '../platform/clock.ts';
import { createFaultLog } from '../platform/fault-log.ts';
import { createAnswerRecord, LISTS, type Silence } from './answer-record.ts';
import { createRequestQueue, type Cancelled, type QueuedRequest, type Urgency } from './request-queue.ts';

/** What came of a request, stamped once, when the answer arrived. */
export interface Answer<T> {
  readonly kind: 'answer';
  readonly outcome: Outcome<T>;
  readonly answeredAtMs: number;
}

/** A request to Burrow that waits for its turn or is in flight. */
export type BurrowRequest<T> = QueuedRequest<Answer<T>>;

/** The state of one server. Times are milliseconds since the epoch. */
export interface ServerStatus {
  readonly name: string;
  /** The newest good answer of any kind; a 404 that keeps the contract is good. */
  readonly lastOkMs: number | null;
  /** The newest good answer to a poll (not to discovery). */
  readonly lastSampleMs: number | null;
  /** The newest failure that no good answer about the same subject has followed; null: none. */
  readonly lastError: { readonly atMs: number; readonly reason: string } | null;
  /** Since when there is such a failure, or none. */
  readonly sinceMs: number;
  readonly silence: Silence;
}

/** For whom something is asked. */
export interface RequestOwner {
  /** The server gave no answer, or none that keeps the contract. */
  failed(): void;
}

/** One Burrow server as the handlers see it: its client behind its own bounded queue, and a record of its answers. */
export interface BurrowServer {
  readonly name: string;
  /**
   * @param about what is asked about, see `AnswerRecord`
   * @param signal cancels it, as the request's own `cancel` does
   * @param owner see `cancelOf`; it hears when the request fails
   */
  ask<T>(
    about: string,
    send: (client: BurrowClient, signal: AbortSignal) => Promise<Outcome<T>>,
    urgency: Urgency,
    signal?: AbortSignal,
    owner?: RequestOwner,
  ): BurrowRequest<T>;
  /** Cancels what was asked for this owner. */
  cancelOf(owner: RequestOwner): void;
  status(): ServerStatus;
  /** What will be asked about from now on beside lists, the most important first. Silence about anything else is none. */
  expect(subjects: readonly string[]): void;
  /** Cancels every request and waits for those in flight. Does not close the client, which it did not open. */
  stop(): Promise<void>;
}

/**
 * @param options.concurrency requests in flight, 1 or more
 * @param options.settleMs a server that failed so lately is not logged as recovered yet
 */
export function createBurrowServer(
  deps: {
    readonly client: BurrowClient;
    readonly clock: Clock;
    /** A clock that never goes back, milliseconds. */
    readonly monotonicMs: () => number;
    readonly log: Logger;
  },
  options: { readonly concurrency: number; readonly settleMs: number },
): BurrowServer {
  const { client, clock, monotonicMs, log } = deps;
  const queue = createRequestQueue(options);
  const answers = createAnswerRecord();
  let lastOkMs: number | null = null;
  let lastSampleMs: number | null = null;
  let isFailing = false;
  let sinceMs = clock.nowMs();
  const faults = createFaultLog(
    { log, clock: { nowMs: monotonicMs } },
    { began: 'requests to Burrow fail', ended: 'Burrow answers again', settleMs: options.settleMs },
  );

  function note(
    about: string,
    outcome: Outcome<unknown>,
    atMs: number,
    owner: RequestOwner | undefined,
  ): void {
    if (outcome.kind === 'ok' || outcome.kind === 'notFound') {
      lastOkMs = atMs;
      answers.good(about, monotonicMs());
      // Lists are asked for seldom: whatever it answers shows that it is back.
      faults.succeeded(client.name);
      if (answers.failure() === null) faults.recovered(client.name);
      if (outcome.kind === 'ok' && about !== LISTS) lastSampleMs = atMs;
      noteState(atMs);
      return;
    }
    owner?.failed();
    answers.bad(about, { atMs, reason: outcome.reason });
    faults.failed(client.name, { server: client.name, reason: outcome.reason });
    noteState(atMs);
  }

  function noteState(atMs: number): void {
    if ((answers.failure() !== null) === isFailing) return;
    isFailing = !isFailing;
    sinceMs = atMs;
  }

  return {
    name: client.name,
    ask(about, send, urgency, signal, owner) {
      answers.asked(about, monotonicMs());
      return queue.enqueue(
        async (requestSignal) => {
          const outcome = await send(client, requestSignal);
          const answeredAtMs = clock.nowMs();
          // A request that we cancelled says nothing about the server.
          if (!requestSignal.aborted) note(about, outcome, answeredAtMs, owner);
          return { kind: 'answer', outcome, answeredAtMs };
        },
        urgency,
        signal,
        owner,
      );
    },
    cancelOf: (owner) => queue.cancelOf(owner),
    status: () => ({
      name: client.name,
      lastOkMs,
      lastSampleMs,
      lastError: answers.failure(),
      sinceMs,
      silence: answers.silence(monotonicMs()),
    }),
    expect(subjects) {
      answers.expect(subjects);
      noteState(clock.nowMs());
    },
    stop: () => queue.stop(),
  };
}

/** The outcome of a request, or null when it was cancelled. */
export async function outcomeOf<T>(request: BurrowRequest<T>): Promise<Outcome<T> | null> {
  const settled: Answer<T> | Cancelled = await request.settled;
  return settled.kind === 'cancelled' ? null : settled.outcome;
}
