import { assign, setup, type ActorRefFrom } from 'xstate';

import type { Clock, Scheduler } from '../platform/clock.ts';
import { retryDelayMs, type RetryDelayOptions } from '../platform/retry.ts';
import { createPollLoop, type PollLoop, type PollNews } from './poll-loop.ts';
import type { PollTask, PollTiming } from './poll-task.ts';

type PollEvent =
  /** Poll now: an event says that something changed. */
  | { readonly type: 'WAKE' }
  /** The server is back: no need to sit out a long back-off. */
  | { readonly type: 'RESUME' }
  | { readonly type: 'STOP'; readonly gone: boolean }
  /** What a poll came to, from the loop. */
  | { readonly type: PollNews };

interface PollContext {
  readonly task: PollTask;
  readonly timing: PollTiming;
  readonly loop: PollLoop;
  /** In a row. */
  readonly failures: number;
  readonly calm: number;
}

/** Half an interval after the first failure, doubling up to four; half of it random, so that retries do not march in step. */
export function pollRetry(intervalMs: number): RetryDelayOptions {
  return { initialMs: intervalMs / 2, maxMs: intervalMs * 4, jitter: 0.5 };
}

/**
 * The life of one handler, declared once for all of them: `steady` while answers are good, `backingOff` after
 * failures, `unknown` while Burrow says NOTFOUND (it polls on at the normal cadence: that alone ends nothing), `asleep`
 * where only events start polls, beside rare ones in case an event was lost, and `stopped`. The polls themselves are the
 * loop's: in `steady` it goes round without an event.
 */
export function createPollMachine(clock: Clock, scheduler: Scheduler, random: () => number) {
  return setup({
    types: {
      context: {} as PollContext,
      events: {} as PollEvent,
      input: {} as { readonly task: PollTask; readonly timing: PollTiming },
    },
    guards: {
      onDemand: ({ context }) => context.timing.firstPollAtMs === null,
      mayRest: ({ context: { timing, loop, calm } }) => {
        const inARow = loop.isCalm ? calm + 1 : 0;
        return timing.sleep !== null && inARow >= timing.sleep.afterCalm && !loop.isWakePending;
      },
      isCalm: ({ context: { loop } }) => loop.isCalm && !loop.isWakePending,
    },
    actions: {
      wake: ({ context }) => context.loop.wake(),
      pollFirst: ({ context }) => context.loop.pollAt(context.timing.firstPollAtMs ?? clock.nowMs()),
      pollNext: ({ context }) => context.loop.pollNext(),
      pollLater: ({ context: { loop, timing, failures } }) => {
        const delayMs = retryDelayMs(failures, pollRetry(timing.intervalMs), random());
        loop.pollAt(Math.max(loop.soonestMs(), clock.nowMs() + delayMs));
      },
      rest: ({ context }) => context.loop.rest(),
      end: ({ context }) => context.task.gone(clock.nowMs()),
      stop: ({ context }) => context.loop.stop(),
      listen: ({ context }) => {
        context.loop.tellsOk = true;
      },
      /** In steady times good answers change nothing, but for a rest to be had. */
      listenIfNeeded: ({ context: { loop, timing } }) => {
        loop.tellsOk = timing.sleep !== null;
      },
      countOk: assign({
        failures: 0,
        calm: ({ context: { loop, calm } }) => (loop.isCalm ? calm + 1 : 0),
      }),
      countFailure: assign({ failures: ({ context }) => context.failures + 1 }),
      forgetCalm: assign({ calm: 0 }),
      forgetFailures: assign({ failures: 0 }),
    },
  }).createMachine({
    id: 'poll',
    context: ({ input: { task, timing }, self }) => ({
      task,
      timing,
      loop: createPollLoop({ clock, scheduler, tell: (type) => self.send({ type }) }, task, timing),
      failures: 0,
      calm: 0,
    }),
    initial: 'starting',
    on: {
      STOP: [
        { guard: ({ event }) => event.gone, target: '.stopped', actions: 'end' },
        { target: '.stopped' },
      ],
      WAKE: { actions: 'wake' },
      OK: [
        { guard: 'mayRest', target: '.asleep', actions: ['countOk', 'forgetCalm', 'rest'] },
        { target: '.steady', actions: ['countOk', 'pollNext'] },
      ],
      FAILED: { target: '.backingOff', actions: ['countFailure', 'pollLater'] },
      NOT_FOUND: { target: '.unknown', actions: ['forgetCalm', 'forgetFailures', 'pollNext'] },
    },
    states: {
      starting: {
        always: [
          { guard: 'onDemand', target: 'asleep', actions: 'rest' },
          { target: 'steady', actions: 'pollFirst' },
        ],
      },
      asleep: {
        entry: 'listen',
        on: {
          WAKE: { target: 'steady', actions: 'wake' },
          // One calm answer lets it sleep on; any other ends the sleep.
          OK: [
            { guard: 'isCalm', actions: ['countOk', 'forgetCalm', 'rest'] },
            { target: 'steady', actions: ['countOk', 'pollNext'] },
          ],
        },
      },
      steady: { entry: 'listenIfNeeded' },
      backingOff: {
        entry: 'listen',
        on: {
          // While it polls there is nothing to cut short.
          RESUME: {
            guard: ({ context }) => !context.loop.isPolling,
            target: 'steady',
            actions: ['forgetFailures', 'pollNext'],
          },
        },
      },
      unknown: { entry: 'listen' },
      stopped: { type: 'final', entry: 'stop' },
    },
  });
}

export type PollMachine = ReturnType<typeof createPollMachine>;
export type PollActor = ActorRefFrom<PollMachine>;
