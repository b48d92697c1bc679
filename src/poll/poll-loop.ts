import type { Clock, Scheduler } from '../platform/clock.ts';
import { nextInPhaseMs } from './phase.ts';
import type { PollResult, PollTask, PollTiming } from './poll-task.ts';
import type { Urgency } from './request-queue.ts';

/** Two polls of one handler are never closer: one second (the resolution of a record's time), less on short intervals. */
export function minSpacingMs(intervalMs: number): number {
  return Math.min(1000, intervalMs / 2);
}

/** What a poll came to, for the machine that decides what follows. */
export type PollNews = 'OK' | 'NOT_FOUND' | 'FAILED';

/**
 * What polls say of the thing that they ask about, the weightiest first: it lives; nothing, since they fail; it answers as
 * it did before, which it may do without living; Burrow does not know it.
 */
export type PollWord = 'data' | 'failed' | 'unchanged' | 'notFound';

const WEIGHTS: { readonly [word in PollWord]: number } = { data: 4, failed: 3, unchanged: 2, notFound: 1 };

/**
 * Polls one URL at its own place in each interval. It goes round by itself as long as answers are good and nobody
 * wants to hear of it, because a state machine's transition for each of ten thousand polls costs more than the
 * polls; whatever else happens it tells, and then waits to be told when to poll again.
 *
 * It never polls twice at once: what comes while a request is in flight is remembered, once, and polls afterwards.
 */
export interface PollLoop {
  /** True while a poll is under way. */
  readonly isPolling: boolean;
  /** Whether a first poll has come to something. */
  readonly hasPolled: boolean;
  /** Whether the latest good answer had nothing in it to watch. */
  readonly isCalm: boolean;
  /** Whether an event came after the request under way was sent. */
  readonly isWakePending: boolean;
  /** The weightiest word of the polls since it was last taken; null: none has come to anything. */
  takeWord(): PollWord | null;
  /** Whether a poll that will answer an event of this moment is to begin at once anyway, or waits for its turn. */
  readonly isPollDue: boolean;
  /** How many polls have begun. */
  readonly polls: number;
  /** Whether good answers are told, too. They are delivered in either case. */
  tellsOk: boolean;
  pollAt(atMs: number): void;
  /** At the next instant in phase, or as soon as may be where an event asked for it. */
  pollNext(): void;
  /** As soon as may be: after an event, before all regular polls. */
  pollSoon(): void;
  /** As `pollSoon`, also while a poll is under way. */
  wake(): void;
  /** The soonest that another poll may begin, epoch ms. */
  soonestMs(): number;
  /** The timing is another one now: a poll that is due without an event is due by that. */
  retime(): void;
  /** The next poll is only to be on the safe side: unless it is woken before, at its own place in that long interval. */
  rest(): void;
  /** For good. What is in flight is cancelled and not delivered. */
  stop(): void;
}

/** @param tell called when a poll has come to something that needs a decision; it must set the next poll */
export function createPollLoop(
  deps: { readonly clock: Clock; readonly scheduler: Scheduler; readonly tell: (news: PollNews) => void },
  task: PollTask,
  timing: PollTiming,
): PollLoop {
  const { clock, scheduler, tell } = deps;
  const stopping = new AbortController();
  let startedAtMs = -Infinity;
  /** When the newest poll was or is due. */
  let dueAtMs = -Infinity;
  let isFirst = true;
  let hasPolled = false;
  let urgency: Urgency = 'regular';
  let isPolling = false;
  let isCalm = false;
  let isWakePending = false;
  let word: PollWord | null = null;
  let polls = 0;
  /** Whether the poll that is due is one of those on the safe side. */
  let isResting = false;
  let cancelTimer: (() => void) | null = null;

  function schedule(atMs: number, as: Urgency): void {
    cancelTimer?.();
    urgency = as;
    isResting = false;
    dueAtMs = atMs;
    cancelTimer = scheduler.after(Math.max(0, atMs - clock.nowMs()), begin);
  }

  function begin(): void {
    cancelTimer = null;
    isPolling = true;
    isWakePending = false;
    polls += 1;
    startedAtMs = clock.nowMs();
    // A rejection is a programmer's error, and ends the process as one.
    void task.poll(urgency, stopping.signal).then(finish);
  }

  function hear(news: PollWord): void {
    if (word === null || WEIGHTS[news] > WEIGHTS[word]) word = news;
  }

  function finish(result: PollResult): void {
    isPolling = false;
    if (stopping.signal.aborted) return;
    hasPolled ||= result.kind !== 'cancelled';
    switch (result.kind) {
      case 'ok':
        isCalm = result.calm;
        hear(result.lives ? 'data' : 'unchanged');
        result.deliver();
        if (loop.tellsOk) tell('OK');
        else loop.pollNext();
        break;
      case 'notFound':
        hear('notFound');
        tell('NOT_FOUND');
        break;
      case 'failed':
        hear('failed');
        tell('FAILED');
        break;
      case 'cancelled':
        loop.pollNext();
        break;
    }
    isFirst = false;
  }

  /** So long after the beginning of the poll before, and not in the past. */
  function soonestMs(airMs: number): number {
    const nowMs = clock.nowMs();
    // A beginning in the future: the clock was set back. Polls do not wait until it has caught up.
    return Math.max(nowMs, Math.min(startedAtMs, nowMs) + airMs);
  }

  /** Not too close to the poll before; the first one gets half an interval of air. */
  function nextDueMs(): number {
    const { intervalMs, phaseMs } = timing;
    return afterDueMs(soonestMs(isFirst ? intervalMs / 2 : minSpacingMs(intervalMs)), phaseMs, intervalMs);
  }

  /** The first instant in phase after both `atMs` and the place that the newest poll was for. */
  function afterDueMs(atMs: number, phaseMs: number, intervalMs: number): number {
    // A clock that was slower than the timer has not come to that place yet. One that was set back is further from it.
    const isEarly = cancelTimer === null && dueAtMs - atMs < intervalMs / 2;
    return nextInPhaseMs(isEarly ? Math.max(atMs, dueAtMs) : atMs, phaseMs, intervalMs);
  }

  const loop: PollLoop = {
    get isPolling() {
      return isPolling;
    },
    get hasPolled() {
      return hasPolled;
    },
    get isCalm() {
      return isCalm;
    },
    get isWakePending() {
      return isWakePending;
    },
    takeWord() {
      const taken = word;
      word = null;
      return taken;
    },
    get isPollDue() {
      if (isPolling) return isWakePending || !task.sent();
      return cancelTimer !== null && urgency === 'wake';
    },
    get polls() {
      return polls;
    },
    tellsOk: false,
    pollAt: (atMs) => schedule(atMs, 'regular'),
    pollNext() {
      if (isWakePending) loop.pollSoon();
      else schedule(nextDueMs(), 'regular');
    },
    pollSoon: () => schedule(loop.soonestMs(), 'wake'),
    wake() {
      if (!isPolling) loop.pollSoon();
      else if (task.sent()) isWakePending = true;
      else task.hurry();
    },
    soonestMs: () => soonestMs(minSpacingMs(timing.intervalMs)),
    retime() {
      if (cancelTimer === null || urgency !== 'regular') return;
      if (isResting) loop.rest();
      else schedule(nextDueMs(), 'regular');
    },
    rest() {
      const { sleep } = timing;
      if (sleep === null) return;
      const soonestMs = loop.soonestMs();
      schedule(afterDueMs(soonestMs, sleep.safetyPhaseMs, sleep.safetyMs), 'regular');
      isResting = true;
    },
    stop() {
      cancelTimer?.();
      cancelTimer = null;
      stopping.abort();
    },
  };
  return loop;
}
