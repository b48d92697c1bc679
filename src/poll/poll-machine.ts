import { assertEvent, assign, emit, setup } from 'xstate';

/**
 * What can happen to a handler.
 *
 * - `START`: polls begin; `isOnDemand`: only when an event asks for one.
 * - `WAKE`: an event says that something has changed.
 * - `SERVER_BACK`: the server answers again after it did not. Never sent while a poll is under way.
 * - `OK`: a poll has brought a good answer. `isCalm`: there is nothing to watch in it. `isWakePending`: an event has
 *   come since it was asked for.
 * - `NOT_FOUND`: Burrow does not know what was asked about.
 * - `FAILED`: a poll has brought no answer, or a bad one.
 * - `STOP`: polls end, and that is all.
 * - `GONE`: what is polled does not exist any more.
 * - `RELEASED`: another process polls it from now on.
 */
export type PollEvent =
  | { readonly type: 'START'; readonly isOnDemand: boolean }
  | { readonly type: 'WAKE' }
  | { readonly type: 'SERVER_BACK' }
  | { readonly type: 'OK'; readonly isCalm: boolean; readonly isWakePending: boolean }
  | { readonly type: 'NOT_FOUND' }
  | { readonly type: 'FAILED' }
  | { readonly type: 'STOP' }
  | { readonly type: 'GONE' }
  | { readonly type: 'RELEASED' };

export interface PollContext {
  /** Calm answers in a row, 1 or more, after which it sleeps; null: it never does. */
  readonly calmBeforeSleep: number | null;
  /** In a row. */
  readonly failures: number;
  readonly calm: number;
}

/**
 * What a step asks to be done, in this order. Polls: the first one; at the next instant in phase; as soon as may be;
 * after a back-off; or at a rare safety interval. `cancelPoll` also drops the answer of the poll under way.
 */
export const POLL_ACTIONS = [
  'forgetFailures',
  'countFailure',
  'forgetCalm',
  'countCalm',
  'pollFirst',
  'pollNext',
  'pollSoon',
  'backOff',
  'rest',
  'cancelPoll',
  'endSeries',
  'releaseSeries',
] as const;

export type PollAction = (typeof POLL_ACTIONS)[number];

export const POLL_GUARDS = ['isOnDemand', 'isCalm', 'isCalmEnough'] as const;

const fallAsleep = ['forgetFailures', 'forgetCalm', 'rest'] as const;
const goOn = { target: 'steady', actions: ['forgetFailures', 'forgetCalm', 'pollNext'] } as const;
const goOnCalm = { ...goOn, guard: 'isCalm', actions: ['forgetFailures', 'countCalm', 'pollNext'] } as const;
const polling = {
  WAKE: { actions: ['pollSoon'] },
  OK: [{ guard: 'isCalmEnough', target: 'asleep', actions: fallAsleep }, goOnCalm, goOn],
  FAILED: { target: 'backingOff', actions: ['countFailure', 'backOff'] },
  NOT_FOUND: { target: 'unknown', actions: ['forgetFailures', 'forgetCalm', 'pollNext'] },
} as const;

/**
 * The life of one handler: `steady` while answers are good, `backingOff` after failures, `unknown` while Burrow says
 * NOTFOUND (it polls on at the normal cadence: that alone ends nothing), `asleep` where only events start polls, beside
 * rare ones in case an event was lost. It ends `stopped`, `gone` or `released`.
 *
 * This declaration is the whole specification. What runs for each handler is the table that `pollTable` makes of it:
 * an actor for each of ten thousand handlers would cost more than all that they poll. A test compares the two over random
 * histories.
 */
export const pollMachine = setup({
  types: {
    context: {} as PollContext,
    events: {} as PollEvent,
    emitted: {} as { readonly type: PollAction },
    input: {} as { readonly calmBeforeSleep: number | null },
  },
  guards: {
    isOnDemand: ({ event }) => {
      assertEvent(event, 'START');
      return event.isOnDemand;
    },
    isCalm: ({ event }) => {
      assertEvent(event, 'OK');
      return event.isCalm;
    },
    isCalmEnough: ({ context: { calmBeforeSleep, calm }, event }) => {
      assertEvent(event, 'OK');
      return event.isCalm && !event.isWakePending && calmBeforeSleep !== null && calm + 1 >= calmBeforeSleep;
    },
  },
  actions: {
    forgetFailures: assign({ failures: 0 }),
    countFailure: assign({ failures: ({ context }) => context.failures + 1 }),
    forgetCalm: assign({ calm: 0 }),
    countCalm: assign({ calm: ({ context }) => context.calm + 1 }),
    pollFirst: emit({ type: 'pollFirst' }),
    pollNext: emit({ type: 'pollNext' }),
    pollSoon: emit({ type: 'pollSoon' }),
    backOff: emit({ type: 'backOff' }),
    rest: emit({ type: 'rest' }),
    cancelPoll: emit({ type: 'cancelPoll' }),
    endSeries: emit({ type: 'endSeries' }),
    releaseSeries: emit({ type: 'releaseSeries' }),
  },
}).createMachine({
  id: 'poll',
  context: ({ input: { calmBeforeSleep } }) => ({ calmBeforeSleep, failures: 0, calm: 0 }),
  initial: 'created',
  on: {
    STOP: { target: '.stopped', actions: ['cancelPoll'] },
    GONE: { target: '.gone', actions: ['cancelPoll', 'endSeries'] },
    RELEASED: { target: '.released', actions: ['cancelPoll', 'releaseSeries'] },
  },
  states: {
    created: {
      on: {
        START: [
          { guard: 'isOnDemand', target: 'asleep', actions: ['rest'] },
          { target: 'steady', actions: ['pollFirst'] },
        ],
      },
    },
    steady: { on: polling },
    backingOff: {
      on: { ...polling, SERVER_BACK: { target: 'steady', actions: ['forgetFailures', 'pollNext'] } },
    },
    unknown: { on: polling },
    asleep: {
      on: {
        ...polling,
        WAKE: { target: 'steady', actions: ['pollSoon'] },
        // One calm answer lets it sleep on; any other ends the sleep.
        OK: [{ guard: 'isCalm', target: 'asleep', actions: fallAsleep }, goOn],
      },
    },
    stopped: { type: 'final' },
    gone: { type: 'final' },
    released: { type: 'final' },
  },
});
