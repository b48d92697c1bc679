import type { Logger } from 'pino';

import type { TopicOffsets } from '../burrow/answers.ts';
import type { TopicSeries } from '../series/series-book.ts';
import type { CountException } from '../telemetry/exceptions.ts';
import type { TrafficCounters } from '../telemetry/traffic-counters.ts';
import type { BurrowRequest } from './burrow-server.ts';
import type { EmitRecords } from './emit-records.ts';
import { createHandler, type Handler, type HandlerEngine, type HandlerOptions } from './handler.ts';
import { createPartitionCount } from './partition-count.ts';
import { createPollRequest } from './poll-request.ts';
import type { Urgency } from './request-queue.ts';

export interface TopicHandlerDeps {
  readonly engine: HandlerEngine;
  /** Asks the server that has the cluster now. */
  readonly requestOffsets: (urgency: Urgency, signal: AbortSignal) => BurrowRequest<TopicOffsets>;
  readonly series: TopicSeries;
  readonly emit: EmitRecords;
  readonly traffic: Pick<TrafficCounters, 'countSample'>;
  readonly count: CountException;
  readonly log: Logger;
}

export interface TopicHandlerOptions extends HandlerOptions {
  readonly topic: string;
}

/**
 * Polls `/v3/kafka/{cluster}/topic/{topic}` and turns each complete answer into a sample of the topic's series.
 * Incomplete ones are skipped and counted, see {@link createPartitionCount}.
 */
export function createTopicHandler(deps: TopicHandlerDeps, options: TopicHandlerOptions): Handler {
  const { series, emit, traffic, count, log } = deps;
  const { cluster, topic } = options;
  const key = `${cluster}/topic/${topic}`;
  const partitionCount = createPartitionCount();
  let isMissing = false;
  /** The answer before, as long as the topic is missing from the list. */
  let before: readonly (number | null)[] | null = null;

  /** Burrow may answer for a deleted topic what it last knew of it; only offsets that change prove a missing one. */
  function isProof(offsets: readonly (number | null)[]): boolean {
    if (!isMissing) return true;
    const former = before;
    before = offsets;
    return former !== null && !isSame(former, offsets);
  }

  function deliver({ offsets }: TopicOffsets, takenAtMs: number): void {
    if (!partitionCount.accepts(offsets.length)) {
      count(cluster, 'incompleteTopic', 1);
      log.debug({ key, offsets: offsets.length }, 'offsets of some partitions are missing');
      return;
    }
    const records = series.take({ takenAtMs, offsets });
    if (records !== null) emit(records);
    traffic.countSample(cluster, null);
  }

  function cut(nowMs: number): void {
    const records = series.gone(nowMs);
    if (records !== null) emit(records);
  }

  const task = createPollRequest(
    { request: deps.requestOffsets, count, log },
    { cluster, key },
    (answer, takenAtMs) => ({
      kind: 'ok',
      calm: false,
      lives: isProof(answer.offsets),
      deliver: () => deliver(answer, takenAtMs),
    }),
  );

  return createHandler(
    deps.engine,
    {
      ...task,
      prove(missing) {
        isMissing = missing;
        before = null;
      },
      cut,
      gone(nowMs) {
        cut(nowMs);
        log.debug({ key }, 'series of the topic ended');
      },
    },
    { ...options, key, sleep: null },
  );
}

function isSame(offsets: readonly (number | null)[], others: readonly (number | null)[]): boolean {
  return (
    offsets.length === others.length && offsets.every((offset, partition) => offset === others[partition])
  );
}
