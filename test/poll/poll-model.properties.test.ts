import fc from 'fast-check';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { createActor } from 'xstate';
import type { Answer, BurrowRequest } from '../../src/poll/burrow-server.ts';
import { PollHandler } from '../../src/poll/poll-handler.ts';
import { pollMachine, type PollEvent } from '../../src/poll/poll-machine.ts';
import { pollTable, type PollCase, type PollState, type PollStep } from '../../src/poll/poll-table.ts';
import type { CheckedAnswer, Finding, PolledSubject } from '../../src/poll/polled-subject.ts';
import { createSimulatedTime } from '../support/simulated-time.ts';

const INTERVAL_MS = 30_000;

const polled: fc.Arbitrary<PollEvent> = fc.oneof(
  fc.record({ type: fc.constant('OK' as const), isCalm: fc.boolean(), isWakePending: fc.constant(false) }),
  fc.record({ type: fc.constant('OK' as const), isCalm: fc.boolean(), isWakePending: fc.boolean() }),
  fc.constantFrom<PollEvent>(
    { type: 'NOT_FOUND' },
    { type: 'FAILED' },
    { type: 'WAKE' },
    { type: 'SERVER_BACK' },
  ),
);
const end = fc.constantFrom<PollEvent>({ type: 'STOP' }, { type: 'GONE' }, { type: 'RELEASED' });
const history = fc.tuple(
  fc.boolean().map((isOnDemand): PollEvent => ({ type: 'START', isOnDemand })),
  fc.array(polled, { maxLength: 40 }),
  fc.array(end, { maxLength: 2 }),
  fc.array(polled, { maxLength: 3 }),
);
const calmBeforeSleep = fc.option(fc.integer({ min: 1, max: 4 }));

/** The declared machine, run by XState's own interpreter. */
function interpret(calm: number | null) {
  const actor = createActor(pollMachine, { input: { calmBeforeSleep: calm } });
  const outputs: string[] = [];
  actor.on('*', ({ type }) => outputs.push(type));
  actor.start();
  return {
    outputs,
    /** An actor that has come to its end hears nothing more. */
    send: (event: PollEvent): void => {
      if (actor.getSnapshot().status === 'active') actor.send(event);
    },
    state: (): PollState => actor.getSnapshot().value,
    counts: () => actor.getSnapshot().context,
  };
}

const COUNTS = ['forgetFailures', 'countFailure', 'forgetCalm', 'countCalm'];

/** Which row of the table an event is. */
function caseOf(event: PollEvent, calm: number, enough: number | null): PollCase {
  if (event.type === 'START') return event.isOnDemand ? 'START_ON_DEMAND' : 'START';
  if (event.type !== 'OK') return event.type;
  if (!event.isCalm) return 'OK';
  return enough !== null && calm + 1 >= enough && !event.isWakePending ? 'OK_CALM_ENOUGH' : 'OK_CALM';
}

describe('given any history of a handler', () => {
  test('when the table is looked up, then it says what the interpreted machine does', () => {
    fc.assert(
      fc.property(calmBeforeSleep, history, (enough, [start, before, ends, after]) => {
        const { send, outputs, state: interpreted, counts } = interpret(enough);
        let state: PollState = 'created';
        let failures = 0;
        let calm = 0;
        for (const event of [start, ...before, ...ends, ...after]) {
          // A handler that sleeps is woken by an event at once, so that no event waits for the end of its poll.
          if (state === 'asleep' && event.type === 'OK' && event.isWakePending) continue;
          const { next, actions }: PollStep = pollTable()[state][caseOf(event, calm, enough)];
          outputs.length = 0;
          send(event);
          state = next;
          for (const action of actions) {
            if (action === 'forgetFailures') failures = 0;
            if (action === 'countFailure') failures += 1;
            if (action === 'forgetCalm') calm = 0;
            if (action === 'countCalm') calm += 1;
          }
          expect(state).toBe(interpreted());
          expect(actions.filter((action) => !COUNTS.includes(action))).toEqual(outputs);
          expect(counts()).toMatchObject({ failures, calm });
        }
      }),
      { numRuns: 1000 },
    );
  });
});

type Step =
  | { readonly does: 'wake' | 'resume' | 'send' | 'cancel' }
  | { readonly does: 'answer'; readonly with: Finding | 'notFound' | 'failed' }
  | { readonly does: 'wait'; readonly ms: number }
  | { readonly does: 'end'; readonly as: 'STOP' | 'GONE' | 'RELEASED' };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ does: fc.constant('wait'), ms: fc.integer({ min: 1, max: 90_000 }) }) },
  {
    weight: 8,
    arbitrary: fc.record({
      does: fc.constant('answer'),
      with: fc.constantFrom('data', 'calm', 'calm', 'calm', 'unchanged', 'notFound', 'failed', 'failed'),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({ does: fc.constantFrom('wake', 'resume', 'resume', 'send', 'cancel') }),
  },
  fc.record({ does: fc.constant('end'), as: fc.constantFrom('STOP', 'GONE', 'RELEASED') }),
);

/** A subject whose requests a test answers, and what became of its series. */
function createSubject() {
  let settle: ((answer: Answer<CheckedAnswer> | { kind: 'cancelled' }) => void) | null = null;
  let isSent = false;
  let finding: Finding = 'data';
  const calls: string[] = [];
  const subject: PolledSubject = {
    cluster: 'local',
    key: 'local/billing',
    sleeps: true,
    ask(): BurrowRequest<CheckedAnswer> {
      isSent = false;
      return {
        settled: new Promise((resolve) => (settle = resolve)),
        sent: () => isSent,
        hurry: () => undefined,
        cancel: () => settleWith({ kind: 'cancelled' }),
      };
    },
    take: () => finding,
    end: () => void calls.push('end'),
    release: () => void calls.push('release'),
    forget: () => undefined,
  };
  function settleWith(answer: Answer<CheckedAnswer> | { kind: 'cancelled' }): void {
    settle?.(answer);
    settle = null;
  }
  return {
    subject,
    calls,
    isPolling: () => settle !== null,
    isSent: () => isSent,
    send: () => (isSent = settle !== null),
    cancel: () => settleWith({ kind: 'cancelled' }),
    answer(as: Finding | 'notFound' | 'failed'): void {
      const outcome =
        as === 'notFound'
          ? ({ kind: 'notFound' } as const)
          : as === 'failed'
            ? ({ kind: 'unreachable', reason: 'no answer' } as const)
            : ({ kind: 'ok', value: { unsafeIntegers: 0 } } as const);
      if (outcome.kind === 'ok') finding = as as Finding;
      settleWith({ kind: 'answer', outcome, answeredAtMs: 0 });
    },
  };
}

const SHOWN: { readonly [state in PollState]: string } = {
  created: 'waiting',
  steady: 'waiting',
  backingOff: 'backingOff',
  unknown: 'unknown',
  asleep: 'asleep',
  stopped: 'stopped',
  gone: 'stopped',
  released: 'stopped',
};

describe('given a handler, and anything that can happen to it', () => {
  test('when the interpreted machine hears of the same, then both stand where the other does', async () => {
    await fc.assert(
      fc.asyncProperty(
        calmBeforeSleep,
        fc.array(step, { maxLength: 60, size: 'max' }),
        async (enough, steps) => {
          const time = createSimulatedTime();
          const { send, outputs, state } = interpret(enough);
          const world = createSubject();
          const handler = new PollHandler(
            {
              clock: time.clock,
              scheduler: time.scheduler,
              timing: {
                intervalMs: INTERVAL_MS,
                sleep: enough === null ? null : { afterCalm: enough, safetyMs: 10 * INTERVAL_MS },
              },
              random: () => 0.5,
              count: () => undefined,
              log: pino({ level: 'silent' }),
            },
            world.subject,
          );
          handler.start(1);
          send({ type: 'START', isOnDemand: enough !== null });
          let isWakePending = false;
          for (const each of steps) {
            const wasPolling = world.isPolling();
            switch (each.does) {
              case 'wait':
                await time.advance(each.ms);
                if (!wasPolling && world.isPolling()) isWakePending = false;
                break;
              case 'wake':
                if (wasPolling && world.isSent()) isWakePending = true;
                handler.wake();
                send({ type: 'WAKE' });
                break;
              case 'resume':
                handler.resume();
                if (!wasPolling) send({ type: 'SERVER_BACK' });
                break;
              case 'send':
                world.send();
                break;
              case 'cancel':
                world.cancel();
                await time.settle();
                break;
              case 'answer':
                world.answer(each.with);
                await time.settle();
                if (!wasPolling) break;
                if (each.with === 'notFound') send({ type: 'NOT_FOUND' });
                else if (each.with === 'failed') send({ type: 'FAILED' });
                else send({ type: 'OK', isCalm: each.with === 'calm', isWakePending });
                break;
              case 'end':
                handler.stop(each.as);
                send({ type: each.as });
                await time.settle();
                break;
            }
            const isOver = SHOWN[state()] === 'stopped';
            expect(handler.state()).toBe(world.isPolling() && !isOver ? 'polling' : SHOWN[state()]);
            // Whoever lives polls, or is going to, and never both.
            expect(time.pending()).toBe(isOver || world.isPolling() ? 0 : 1);
            expect(world.calls).toEqual(
              outputs.flatMap((type) =>
                type === 'endSeries' ? ['end'] : type === 'releaseSeries' ? ['release'] : [],
              ),
            );
          }
        },
      ),
      { numRuns: 700 },
    );
  });
});
