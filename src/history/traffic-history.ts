import { ALL_METRICS, rowOf, type Family } from '../records/metrics.ts';
import type { SampleRecords } from '../records/record.ts';
import type { ExceptionKind } from '../telemetry/exceptions.ts';
import type { ClusterTraffic } from '../telemetry/traffic-counters.ts';
import { HISTORY_STEPS } from './step-ring.ts';

/** Records made, by family. */
export type FamilyCounts = Readonly<Record<Family, number>>;

/** One minute of traffic, over all clusters. */
export interface MinuteOfTraffic {
  /** Grows by 1 with each minute; the first is 1. */
  readonly number: number;
  readonly endedAtMs: number;
  readonly records: FamilyCounts;
  /** By kind, those included that concern no one cluster; absent is 0. */
  readonly exceptions: ReadonlyMap<ExceptionKind, number>;
  readonly clusters: readonly ClusterTraffic[];
}

/** How often an exception occurred. */
export interface ExceptionCounts {
  /** The minute that has not ended is included, so that within the first hour this is the number since the start. */
  readonly lastHour: number;
  readonly sinceStart: number;
}

/** What was emitted in each of the last {@link HISTORY_STEPS} minutes. The caller says when a minute ends. */
export interface TrafficHistory {
  /** Records were made of a sample. */
  countRecords(sample: SampleRecords): void;
  countException(kind: ExceptionKind, times: number): void;
  exceptionsOf(kind: ExceptionKind): ExceptionCounts;
  /** A minute has ended. */
  minute(clusters: readonly ClusterTraffic[], endedAtMs: number): void;
  /** Oldest first. */
  minutes(): readonly MinuteOfTraffic[];
}

/** See {@link TrafficHistory}. */
export function createTrafficHistory(): TrafficHistory {
  let minutes: readonly MinuteOfTraffic[] = [];
  let ended = 0;
  let records = none();
  let exceptions = new Map<ExceptionKind, number>();
  const allExceptions = new Map<ExceptionKind, number>();

  return {
    countException(kind, times) {
      exceptions.set(kind, (exceptions.get(kind) ?? 0) + times);
      allExceptions.set(kind, (allExceptions.get(kind) ?? 0) + times);
    },
    exceptionsOf(kind) {
      let lastHour = exceptions.get(kind) ?? 0;
      for (const minute of minutes.slice(1 - HISTORY_STEPS)) lastHour += minute.exceptions.get(kind) ?? 0;
      return { lastHour, sinceStart: allExceptions.get(kind) ?? 0 };
    },
    countRecords(sample) {
      const kind = sample.records[0]?.subject.kind;
      const { length } = sample.records;
      if (kind === 'topicPartition') records.producer += length;
      else if (kind === 'cluster') records.traffic += length;
      else {
        let consumer = 0;
        for (const { metric } of sample.records) if (CONSUMER_METRICS.includes(metric)) consumer += 1;
        records.consumer += consumer;
        records.lag += length - consumer;
      }
    },
    minute(clusters, endedAtMs) {
      ended += 1;
      minutes = [...minutes, { number: ended, endedAtMs, records, exceptions, clusters }].slice(
        -HISTORY_STEPS,
      );
      records = none();
      exceptions = new Map();
    },
    minutes: () => minutes,
  };
}

/** A list, since it is searched for each record and has next to nothing in it. */
const CONSUMER_METRICS = ALL_METRICS.filter((metric) => rowOf(metric).family === 'consumer');

function none(): Record<Family, number> {
  return { lag: 0, consumer: 0, producer: 0, traffic: 0 };
}
