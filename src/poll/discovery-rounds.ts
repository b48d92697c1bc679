import { setMaxListeners } from 'node:events';
import { assign, createActor, fromPromise, setup } from 'xstate';

import type { Clock, Scheduler } from '../platform/clock.ts';
import type { DiscoveryReport } from './discovery.ts';

/** After a start (ours or a server's) discoveries follow each other at 1, 2, 4 … s until they reach the interval. */
const FIRST_DELAY_MS = 1000;
/** Never longer than this between two discoveries as long as nothing at all has been found. */
const EMPTY_DELAY_MS = 15_000;

/** One discovery: whether some server came (back), and whether there is anything to poll. */
export interface RoundReport extends DiscoveryReport {
  readonly handlers: number;
}

interface RoundsContext {
  readonly startedAtMs: number;
  /** How long after the start of this discovery the next one begins. */
  readonly delayMs: number;
  /** Discoveries since the last server came. */
  readonly step: number;
  /** Whether this discovery came a full interval after the one before, and so counts as evidence of absence. */
  readonly counts: boolean;
  /** Whether another one is to follow at once. */
  readonly again: boolean;
}

type RoundsEvent =
  | { readonly type: 'STOP' }
  /** What is followed has changed: discover now, or once more where that is under way. */
  | { readonly type: 'AGAIN' };

/**
 * The life of discovery: `discovering → resting → discovering`, until it is stopped.
 *
 * Burrow fills its lists only some seconds after its own start, and often starts together with us. So the first
 * discoveries come quickly; they only add. The same when a server comes back.
 */
function createRoundsMachine(
  clock: Clock,
  discover: (counts: boolean, signal: AbortSignal) => Promise<RoundReport>,
  /** Read at each discovery. */
  options: { readonly intervalMs: number },
) {
  return setup({
    types: { context: {} as RoundsContext, events: {} as RoundsEvent },
    actors: {
      discover: fromPromise<RoundReport, { readonly counts: boolean }>(({ input, signal }) =>
        discover(input.counts, signal),
      ),
    },
    delays: {
      untilNext({ context: { startedAtMs, delayMs } }) {
        // Less than nothing where the clock was set back meanwhile.
        const tookMs = Math.max(0, clock.nowMs() - startedAtMs);
        // A discovery that took longer than its delay is followed by a breath, never at once by the next.
        return Math.max(delayMs - tookMs, Math.min(delayMs, FIRST_DELAY_MS));
      },
    },
  }).createMachine({
    id: 'discovery',
    context: { startedAtMs: 0, delayMs: 0, step: 0, counts: false, again: false },
    initial: 'discovering',
    on: { STOP: '.stopped' },
    states: {
      discovering: {
        entry: assign({ startedAtMs: () => clock.nowMs() }),
        invoke: {
          src: 'discover',
          input: ({ context }) => ({ counts: context.counts }),
          onDone: [
            {
              guard: ({ context }) => context.again,
              target: 'discovering',
              reenter: true,
              actions: assign({ again: false, counts: false }),
            },
            {
              target: 'resting',
              actions: assign(({ context, event }) => {
                const { intervalMs } = options;
                const step = event.output.serverCame ? 0 : context.step;
                const ceilingMs =
                  event.output.handlers === 0 ? Math.min(intervalMs, EMPTY_DELAY_MS) : intervalMs;
                const delayMs = Math.min(ceilingMs, FIRST_DELAY_MS * 2 ** Math.min(step, 20));
                return { step: step + 1, delayMs, counts: delayMs === intervalMs };
              }),
            },
          ],
        },
        on: { AGAIN: { actions: assign({ again: true }) } },
      },
      resting: {
        after: { untilNext: 'discovering' },
        on: { AGAIN: { target: 'discovering', actions: assign({ counts: false }) } },
      },
      stopped: { type: 'final' },
    },
  });
}

/** Discoveries, one after the other. */
export interface DiscoveryRounds {
  start(): void;
  /** What is followed has changed: discovers now, or once more where that is under way. */
  again(): void;
  /** Aborts the discovery under way, and resolves when it is over. */
  stop(): Promise<unknown>;
}

/** See {@link DiscoveryRounds}. */
export function createDiscoveryRounds(
  deps: {
    readonly clock: Clock;
    readonly scheduler: Scheduler;
    readonly discover: (counts: boolean, signal: AbortSignal) => Promise<RoundReport>;
  },
  options: { readonly intervalMs: number },
): DiscoveryRounds {
  const { clock, scheduler, discover } = deps;
  let round: Promise<unknown> = Promise.resolve();
  const machine = createRoundsMachine(
    clock,
    (counts, signal) => {
      // One listener a request in flight; more than ten of them are no leak.
      setMaxListeners(0, signal);
      const report = discover(counts, signal);
      // Kept to wait for at the end; what it rejects with reaches the actor, which decides.
      round = report.catch(() => undefined);
      return report;
    },
    options,
  );
  const actor = createActor(machine, { clock: actorClock(scheduler) });

  return {
    start: () => void actor.start(),
    again: () => actor.send({ type: 'AGAIN' }),
    stop() {
      actor.send({ type: 'STOP' });
      return round;
    },
  };
}

/** What XState's `createActor` takes as `clock`. */
interface ActorClock {
  setTimeout(run: () => void, delayMs: number): () => void;
  clearTimeout(cancel: () => void): void;
}

/** Lets XState's delayed transitions run on our scheduler, and so on simulated time in tests. */
function actorClock(scheduler: Scheduler): ActorClock {
  return {
    setTimeout: (run, delayMs) => scheduler.after(delayMs, run),
    clearTimeout: (cancel) => cancel(),
  };
}
