import { pino } from 'pino';

import { createSteadyClock } from '../../src/platform/steady-clock.ts';
import { createBurrowServer } from '../../src/poll/burrow-server.ts';
import { createConsumerHandler } from '../../src/poll/consumer-handler.ts';
import type { HandlerEngine, SleepOptions } from '../../src/poll/handler.ts';
import { createPollMachine } from '../../src/poll/poll-machine.ts';
import { createTopicHandler } from '../../src/poll/topic-handler.ts';
import type { GroupState } from '../../src/telemetry/group-board.ts';
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
  options: { readonly concurrency?: number; readonly random?: number; readonly isSteady?: boolean } = {},
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
  const engine: HandlerEngine = {
    machine: createPollMachine(clock, time.scheduler, () => options.random ?? 0.999),
    nowMs: () => clock.nowMs(),
  };
  const series = createRecordedSeries();
  const emitted: { readonly key: string; readonly takenAtMs: number }[] = [];
  const exceptions: string[] = [];
  const states: GroupState[] = [];
  const forgotten: string[] = [];
  const counted: (number | null)[] = [];
  const shared = {
    engine,
    emit: (records: { readonly key: string; readonly takenAtMs: number }) => void emitted.push(records),
    count: (cluster: string, kind: string, times: number) =>
      void exceptions.push(`${cluster} ${kind} ${times}`),
    traffic: {
      countSample: (_: string, totalLagRecords: number | null) => void counted.push(totalLagRecords),
    },
    log,
  };
  const timing = { cluster: 'local', intervalMs: INTERVAL_MS, newcomers: 1 };

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
      createConsumerHandler(
        {
          ...shared,
          countsTopic: () => true,
          requestLag: (urgency, signal) =>
            server.ask(
              'groups',
              (client, sent) => client.groupLag('local', 'billing', sent),
              urgency,
              signal,
            ),
          series: series.group('local', 'billing'),
          board: {
            observe: (state) => void states.push(state),
            forget: (cluster, group) => void forgotten.push(`${cluster}/${group}`),
          },
        },
        { ...timing, group: 'billing', sleep },
      ),
    topic: () =>
      createTopicHandler(
        {
          ...shared,
          requestOffsets: (urgency, signal) =>
            server.ask(
              'topics',
              (client, sent) => client.topicOffsets('local', 'orders', sent),
              urgency,
              signal,
            ),
          series: series.topic('local', 'orders'),
        },
        { ...timing, topic: 'orders' },
      ),
  };
}
