import type { Logger } from 'pino';

import type { GroupLag } from '../burrow/answers.ts';
import type { GroupSample } from '../series/sample.ts';
import type { GroupSeries } from '../series/series-book.ts';
import type { CountException } from '../telemetry/exceptions.ts';
import type { GroupBoard } from '../telemetry/group-board.ts';
import type { TrafficCounters } from '../telemetry/traffic-counters.ts';
import type { BurrowRequest } from './burrow-server.ts';
import type { EmitRecords } from './emit-records.ts';
import {
  createHandler,
  type Handler,
  type HandlerEngine,
  type HandlerOptions,
  type SleepOptions,
} from './handler.ts';
import { createPollRequest } from './poll-request.ts';
import type { Urgency } from './request-queue.ts';
import { withoutTopics, type CountsTopic } from './topic-pick.ts';

export interface ConsumerHandlerDeps {
  readonly engine: HandlerEngine;
  /** Asks the server that has the cluster now. */
  readonly requestLag: (urgency: Urgency, signal: AbortSignal) => BurrowRequest<GroupLag>;
  readonly series: GroupSeries;
  readonly emit: EmitRecords;
  readonly board: Pick<GroupBoard, 'observe' | 'forget'>;
  readonly traffic: Pick<TrafficCounters, 'countSample'>;
  readonly count: CountException;
  /** Whether a topic's partitions count as the group's. */
  readonly countsTopic: CountsTopic;
  readonly log: Logger;
}

export interface ConsumerHandlerOptions extends HandlerOptions {
  readonly group: string;
  /**
   * Null polls at every interval. Else the handler sleeps until it is woken, and again after some answers in a row with
   * status OK and no lag.
   */
  readonly sleep: SleepOptions | null;
}

/** Polls `/v3/kafka/{cluster}/consumer/{group}/lag` and turns each good answer into a sample of the group's series. */
export function createConsumerHandler(deps: ConsumerHandlerDeps, options: ConsumerHandlerOptions): Handler {
  const { series, emit, board, traffic, log } = deps;
  const { cluster, group } = options;
  const key = `${cluster}/${group}`;

  function deliver(lag: GroupLag, sample: GroupSample): void {
    const { status, partitions, stoppedPartitions, stalledPartitions } = lag;
    const { takenAtMs } = sample;
    const records = series.take(sample);
    if (records !== null) emit(records);
    const totalLagRecords = series.totalLagRecords(sample);
    traffic.countSample(cluster, totalLagRecords);
    board.observe({
      cluster,
      group,
      status,
      totalLagRecords,
      takenAtMs,
      partitions: partitions.length,
      stoppedPartitions,
      stalledPartitions,
      ...series.summarise(sample),
    });
    lag.release?.();
  }

  function cut(nowMs: number): void {
    const records = series.gone(nowMs);
    if (records !== null) emit(records);
  }

  const task = createPollRequest(
    { request: deps.requestLag, count: deps.count, log },
    { cluster, key },
    (answer, takenAtMs) => {
      const lag = withoutTopics(answer, deps.countsTopic);
      const { status, totalLagRecords, partitions } = lag;
      const sample: GroupSample = { takenAtMs, status, totalLagRecords, partitions };
      return {
        kind: 'ok',
        calm: status === 1 && options.sleep !== null && series.totalLagRecords(sample) === 0,
        lives: true,
        deliver: () => deliver(lag, sample),
      };
    },
  );

  return createHandler(
    deps.engine,
    {
      ...task,
      cut,
      gone(nowMs) {
        cut(nowMs);
        board.forget(cluster, group);
        log.debug({ key }, 'series of the group ended');
      },
    },
    { ...options, key },
  );
}
