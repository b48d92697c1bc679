import { createActor } from 'xstate';

import { firstPollAtMs, phaseMs } from './phase.ts';
import type { PollWord } from './poll-loop.ts';
import type { PollActor, PollMachine } from './poll-machine.ts';
import type { PollTask, SleepTiming } from './poll-task.ts';

/** Where a handler is in its life; `unknown`: Burrow does not know what it asks about. */
export type HandlerState = 'asleep' | 'waiting' | 'polling' | 'backingOff' | 'unknown' | 'stopped';

/** One URL of Burrow's that is polled. */
export interface Handler {
  /** `{cluster}/{group}` or `{cluster}/topic/{topic}`. */
  readonly key: string;
  start(): void;
  /** Polls now: coalesced to one request in flight and one after it, at most one a second. */
  wake(): void;
  /**
   * A list lacks its name. Returns the weightiest that its own polls have said since the last such call; null where they
   * have said nothing, and at the first call: what was said before counts for nothing.
   */
  missed(): PollWord | null;
  /** The list names it again. */
  listed(): void;
  /** Whether it polls at once anyway, for an event or because its request still waits for its turn. */
  isPollDue(): boolean;
  /** How many polls have begun; -1 where it does not run. */
  polls(): number;
  /** Polls at other intervals from now on, the next time within the one that holds for it. */
  retime(intervals: { readonly intervalMs: number; readonly safetyMs: number }): void;
  /** Ends a back-off early, because the server answers again. */
  resume(): void;
  /**
   * No further poll; the request under way is cancelled and nothing of it is delivered. With `gone` the series are
   * ended too, because what they measure is no more.
   */
  stop(options: { readonly gone: boolean }): void;
  /** Ends the series and polls on: the next sample begins them anew. */
  cut(nowMs: number): void;
  /** Ends the series of a handler that was stopped: the sidecar itself goes. */
  close(nowMs: number): void;
  state(): HandlerState;
  /** Whether a first poll has come to something, be it a failure. */
  hasPolled(): boolean;
}

/** Numbers are milliseconds where nothing else is said. */
export interface HandlerOptions {
  readonly cluster: string;
  readonly intervalMs: number;
  /** Handlers that start together with this one, itself included: they spread their first polls. */
  readonly newcomers: number;
}

/** See `SleepTiming`. */
export type SleepOptions = Omit<SleepTiming, 'safetyPhaseMs'>;

/** What a handler is driven by. The machine is shared by all handlers of a process. */
export interface HandlerEngine {
  readonly machine: PollMachine;
  nowMs(): number;
}

/**
 * Runs a task as an actor of its own. Each handler is a root actor and not a child of the maintainer's: XState copies
 * a parent's whole list of children at every spawn, which is quadratic for ten thousand of them.
 */
export function createHandler(
  engine: HandlerEngine,
  task: PollTask,
  options: HandlerOptions & { readonly key: string; readonly sleep: SleepOptions | null },
): Handler {
  const timing = { intervalMs: options.intervalMs, phaseMs: phaseMs(options.key, options.intervalMs) };
  const sleep = options.sleep && {
    ...options.sleep,
    safetyPhaseMs: phaseMs(options.key, options.sleep.safetyMs),
  };
  let actor: PollActor | null = null;
  let stopped = false;
  let isMissing = false;

  return {
    key: options.key,
    start() {
      if (actor !== null || stopped) return;
      const first =
        options.sleep === null
          ? firstPollAtMs(engine.nowMs(), timing.phaseMs, timing.intervalMs, options.newcomers)
          : null;
      actor = createActor(engine.machine, {
        input: {
          task,
          // The very object, so that it can be retimed.
          timing: Object.assign(timing, { firstPollAtMs: first, sleep }),
        },
      });
      actor.start();
    },
    wake: () => actor?.send({ type: 'WAKE' }),
    missed() {
      const word = actor?.getSnapshot().context.loop.takeWord() ?? null;
      if (isMissing) return word;
      isMissing = true;
      task.prove?.(true);
      return null;
    },
    listed() {
      isMissing = false;
      task.prove?.(false);
    },
    isPollDue: () => actor?.getSnapshot().context.loop.isPollDue ?? false,
    polls: () => actor?.getSnapshot().context.loop.polls ?? -1,
    retime({ intervalMs, safetyMs }) {
      timing.intervalMs = intervalMs;
      timing.phaseMs = phaseMs(options.key, intervalMs);
      if (sleep !== null) {
        sleep.safetyMs = safetyMs;
        sleep.safetyPhaseMs = phaseMs(options.key, safetyMs);
      }
      actor?.getSnapshot().context.loop.retime();
    },
    resume: () => actor?.send({ type: 'RESUME' }),
    stop({ gone }) {
      stopped = true;
      actor?.send({ type: 'STOP', gone });
      actor = null;
    },
    close: (nowMs) => task.gone(nowMs),
    cut: (nowMs) => task.cut(nowMs),
    hasPolled: () => actor?.getSnapshot().context.loop.hasPolled ?? false,
    state() {
      if (stopped) return 'stopped';
      if (actor === null) return 'waiting';
      const { value, context } = actor.getSnapshot();
      if (context.loop.isPolling) return 'polling';
      return value === 'starting' || value === 'steady' ? 'waiting' : value;
    },
  };
}
