import type { Outcome } from '../burrow/outcome.ts';
import type { Answer, BurrowRequest } from './burrow-server.ts';
import {
  strongerOf,
  type Handler,
  type HandlerEnd,
  type HandlerEngine,
  type HandlerState,
  type PollEvidence,
  type SleepOptions,
} from './handler.ts';
import type { PollAction } from './poll-machine.ts';
import { pollTable, type PollCase, type PollState } from './poll-table.ts';
import {
  backOffMs,
  firstPollAtMs,
  minSpacingMs,
  nextDueMs,
  phaseOf,
  phaseStartMs,
  soonestMs,
} from './poll-times.ts';
import type { CheckedAnswer, Finding, PolledSubject } from './polled-subject.ts';
import type { Cancelled, Urgency } from './request-queue.ts';

const NOT_RUNNING: ReadonlySet<PollState> = new Set(['created', 'stopped', 'gone', 'released']);

/**
 * Polls one subject in its own phase of each interval. What follows a poll or an event is looked up in the table of the
 * poll machine; a handler is only a few fields, since there may be tens of thousands.
 */
export class PollHandler<T extends CheckedAnswer> implements Handler {
  readonly #engine: HandlerEngine;
  readonly #subject: PolledSubject<T>;
  readonly #phase: number;
  #state: PollState = 'created';
  #failures = 0;
  /** Calm answers in a row. */
  #calm = 0;
  #evidence: PollEvidence | null = null;
  #isMissing = false;
  #polls = 0;
  /** The poll under way. */
  #request: BurrowRequest<T> | null = null;
  /** Whether an event came after the request under way was sent. */
  #isWakePending = false;
  #hasPolled = false;
  /** Until the first poll is over, whatever it came to. */
  #isFirst = true;
  #cancelTimer: (() => void) | null = null;
  #urgency: Urgency = 'regular';
  /** Whether the poll that is due is one of those in the safety interval. */
  #isResting = false;
  #startedAtMs = -Infinity;
  /** When the newest poll was or is due. */
  #dueAtMs = -Infinity;

  constructor(engine: HandlerEngine, subject: PolledSubject<T>) {
    this.#engine = engine;
    this.#subject = subject;
    this.#phase = phaseOf(subject.key);
  }

  get key(): string {
    return this.#subject.key;
  }

  start(newcomers: number): void {
    if (this.#state !== 'created') return;
    if (this.#sleep() !== null) this.#step('START_ON_DEMAND');
    else this.#step('START', newcomers);
  }

  wake(): void {
    this.#step('WAKE');
  }

  missed(): PollEvidence | null {
    const evidence = this.#evidence;
    this.#evidence = null;
    if (this.#isMissing) return evidence;
    this.#isMissing = true;
    this.#subject.setMissing?.(true);
    return null;
  }

  listed(): void {
    this.#isMissing = false;
    this.#subject.setMissing?.(false);
  }

  isPollDue(): boolean {
    if (this.#request !== null) return this.#isWakePending || !this.#request.sent();
    return this.#cancelTimer !== null && this.#urgency === 'wake';
  }

  polls(): number {
    return this.#isRunning() ? this.#polls : -1;
  }

  retime(): void {
    if (this.#cancelTimer === null || this.#urgency !== 'regular') return;
    if (this.#isResting) this.#rest();
    else this.#pollAt(this.#nextDueMs(), 'regular');
  }

  resume(): void {
    if (this.#request === null) this.#step('SERVER_BACK');
  }

  stop(end: HandlerEnd): void {
    this.#step(end);
  }

  cut(nowMs: number): void {
    this.#subject.end(nowMs);
  }

  close(nowMs: number): void {
    this.#subject.end(nowMs);
    this.#subject.forget();
  }

  state(): HandlerState {
    if (this.#request !== null && this.#isRunning()) return 'polling';
    switch (this.#state) {
      case 'created':
      case 'steady':
        return 'waiting';
      case 'stopped':
      case 'gone':
      case 'released':
        return 'stopped';
      default:
        return this.#state;
    }
  }

  hasPolled(): boolean {
    return this.#hasPolled && this.#isRunning();
  }

  #isRunning(): boolean {
    return !NOT_RUNNING.has(this.#state);
  }

  #sleep(): SleepOptions | null {
    return this.#subject.sleeps ? this.#engine.timing.sleep : null;
  }

  /** Does what the machine says. */
  #step(what: PollCase, newcomers = 1): void {
    const { next, actions } = pollTable()[this.#state][what];
    this.#state = next;
    for (const action of actions) this.#act(action, newcomers);
  }

  #act(action: PollAction, newcomers: number): void {
    const { clock, timing } = this.#engine;
    switch (action) {
      case 'forgetFailures':
        this.#failures = 0;
        break;
      case 'countFailure':
        this.#failures += 1;
        break;
      case 'forgetCalm':
        this.#calm = 0;
        break;
      case 'countCalm':
        this.#calm += 1;
        break;
      case 'pollFirst': {
        const { intervalMs } = timing;
        const phaseMs = phaseStartMs(this.#phase, intervalMs);
        this.#pollAt(firstPollAtMs(clock.nowMs(), phaseMs, intervalMs, newcomers), 'regular');
        break;
      }
      case 'pollNext':
        this.#pollNext();
        break;
      case 'pollSoon':
        if (this.#request === null) this.#pollAt(this.#soonestMs(), 'wake');
        else if (this.#request.sent()) this.#isWakePending = true;
        else this.#request.hurry();
        break;
      case 'backOff': {
        const delayMs = backOffMs(this.#failures, timing.intervalMs, this.#engine.random());
        this.#pollAt(Math.max(this.#soonestMs(), clock.nowMs() + delayMs), 'regular');
        break;
      }
      case 'rest':
        this.#rest();
        break;
      case 'cancelPoll':
        this.#cancelTimer?.();
        this.#cancelTimer = null;
        this.#request?.cancel();
        break;
      case 'endSeries':
        this.close(clock.nowMs());
        break;
      case 'releaseSeries':
        this.#subject.release();
        this.#subject.forget();
        break;
    }
  }

  #pollAt(atMs: number, urgency: Urgency): void {
    const { clock, scheduler } = this.#engine;
    this.#cancelTimer?.();
    this.#urgency = urgency;
    this.#isResting = false;
    this.#dueAtMs = atMs;
    this.#cancelTimer = scheduler.after(Math.max(0, atMs - clock.nowMs()), () => this.#begin());
  }

  /** At the next instant in phase, or as soon as may be where an event asked for it. */
  #pollNext(): void {
    if (this.#isWakePending) this.#pollAt(this.#soonestMs(), 'wake');
    else this.#pollAt(this.#nextDueMs(), 'regular');
  }

  /** If nothing wakes it, it polls at its phase in the long safety interval. */
  #rest(): void {
    const { safetyMs } = this.#sleep() ?? { safetyMs: this.#engine.timing.intervalMs };
    this.#pollAt(this.#inPhase(this.#soonestMs(), safetyMs), 'regular');
    this.#isResting = true;
  }

  #begin(): void {
    this.#cancelTimer = null;
    this.#isWakePending = false;
    this.#polls += 1;
    this.#startedAtMs = this.#engine.clock.nowMs();
    this.#request = this.#subject.ask(this.#urgency);
    // A rejection is a programmer's error, and ends the process as one.
    void this.#request.settled.then((answer) => this.#finish(answer));
  }

  #finish(answer: Answer<T> | Cancelled): void {
    this.#request = null;
    if (!this.#isRunning()) return;
    if (answer.kind === 'cancelled') this.#pollNext();
    else {
      this.#hasPolled = true;
      this.#hear(answer.outcome, answer.answeredAtMs);
    }
    this.#isFirst = false;
  }

  #hear(outcome: Outcome<T>, answeredAtMs: number): void {
    const { count, log } = this.#engine;
    const { cluster, key } = this.#subject;
    switch (outcome.kind) {
      case 'ok': {
        const { unsafeIntegers } = outcome.value;
        if (unsafeIntegers > 0) count(cluster, 'unsafeInteger', unsafeIntegers);
        const finding = this.#subject.take(outcome.value, answeredAtMs);
        this.#evidence = strongerOf(this.#evidence, finding === 'unchanged' ? 'unchanged' : 'data');
        this.#step(this.#caseOf(finding));
        return;
      }
      case 'notFound':
        log.debug({ key }, 'unknown to Burrow');
        this.#evidence = strongerOf(this.#evidence, 'notFound');
        this.#step('NOT_FOUND');
        return;
      case 'unreachable':
        count(cluster, 'burrowUnreachable', 1);
        break;
      case 'invalid':
        count(cluster, 'burrowInvalid', 1);
        break;
    }
    // One warning about the server stands for all of its failures.
    log.debug({ key, outcome: outcome.kind, reason: outcome.reason }, 'poll failed');
    this.#evidence = strongerOf(this.#evidence, 'failed');
    this.#step('FAILED');
  }

  #caseOf(finding: Finding): PollCase {
    const sleep = this.#sleep();
    if (finding !== 'calm' || sleep === null) return 'OK';
    return this.#calm + 1 >= sleep.afterCalm && !this.#isWakePending ? 'OK_CALM_ENOUGH' : 'OK_CALM';
  }

  #soonestMs(distanceMs?: number): number {
    const { clock, timing } = this.#engine;
    return soonestMs(clock.nowMs(), this.#startedAtMs, distanceMs ?? minSpacingMs(timing.intervalMs));
  }

  /** The next instant in phase. The second poll keeps half an interval of distance to the first one. */
  #nextDueMs(): number {
    const { intervalMs } = this.#engine.timing;
    return this.#inPhase(this.#soonestMs(this.#isFirst ? intervalMs / 2 : undefined), intervalMs);
  }

  #inPhase(soonestAtMs: number, intervalMs: number): number {
    const dueAtMs = this.#cancelTimer === null ? this.#dueAtMs : -Infinity;
    return nextDueMs(soonestAtMs, dueAtMs, phaseStartMs(this.#phase, intervalMs), intervalMs);
  }
}
