import { pino } from 'pino';

import { createSteadyClock } from '../../src/platform/steady-clock.ts';
import { createBurrowServer } from '../../src/poll/burrow-server.ts';
import type { FollowDeps, PolledCluster } from '../../src/poll/followed-kind.ts';
import { GROUPS } from '../../src/poll/group-kind.ts';
import type { Handler, SleepOptions } from '../../src/poll/handler.ts';
import { TOPICS } from '../../src/poll/topic-kind.ts';
import type { GroupState } from '../../src/telemetry/group-state.ts';
import { createSimulatedTime } from '../support/simulated-time.ts';
import { clusterOf, createFakeBurrow } from './fake-burrow.ts';
import { createRecordedSeries } from './recorded-series.ts';

export const INTERVAL_MS = 30_000;

/**
 * Everything around one handler of group `billing` or topic `orders` in cluster `local`.
 *
 * @param options.isSteady whether its clock is the one that never goes back
 */
export function createHarness(
  options: {
    readonly concurrency?: number;
    readonly random?: number;
    readonly isSteady?: boolean;
    readonly intervalMs?: number;
  } = {},
) {
  const time = createSimulatedTime();
  const ignore = (): void => undefined;
  const clock = options.isSteady
    ? createSteadyClock({ ...time, onSetBack: ignore, onCaughtUp: ignore })
    : time.clock;
  const burrow = createFakeBurrow();
  burrow.world.set('local', clusterOf(['billing'], ['orders']));
  const log = pino({ level: 'silent' });
  const server = createBurrowServer(
    { client: burrow, clock, monotonicMs: time.monotonicMs, log },
    { concurrency: options.concurrency ?? 1, settleMs: 60_000 },
  );
  const series = createRecordedSeries();
  const emitted: { readonly key: string; readonly takenAtMs: number }[] = [];
  const exceptions: string[] = [];
  const states: GroupState[] = [];
  const forgotten: string[] = [];
  const counted: (number | null)[] = [];
  const deps = (sleep: SleepOptions | null): FollowDeps => ({
    engine: {
      clock,
      scheduler: time.scheduler,
      timing: { intervalMs: options.intervalMs ?? INTERVAL_MS, sleep },
      random: () => options.random ?? 0.999,
      count: (cluster, kind, times) => void exceptions.push(`${cluster} ${kind} ${times}`),
      log,
    },
    series,
    emit: (records) => void emitted.push(records),
    board: {
      observe: (state) => void states.push(state),
      forget: (cluster, group) => void forgotten.push(`${cluster}/${group}`),
    },
    traffic: { countSample: (_, totalLagRecords) => void counted.push(totalLagRecords) },
    countsTopic: () => true,
  });
  const cluster: PolledCluster = { name: 'local', ask: (...request) => server.ask(...request) };
  /** Starts as the only newcomer. */
  const alone = (handler: Handler) => Object.assign(handler, { start: handler.start.bind(handler, 1) });

  return {
    time,
    burrow,
    server,
    series,
    emitted,
    exceptions,
    states,
    forgotten,
    counted,
    /** Polls of the group or topic so far. */
    polls: () => burrow.requests.length,
    samples: () => series.calls.filter(({ call }) => call === 'take').length,
    ends: () => series.calls.filter(({ call }) => call === 'gone').length,
    consumer: (sleep: SleepOptions | null = null) =>
      alone(GROUPS.createHandler(deps(sleep), cluster, 'billing')),
    topic: () => alone(TOPICS.createHandler(deps(null), cluster, 'orders')),
  };
}
