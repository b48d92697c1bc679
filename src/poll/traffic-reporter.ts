import type { Clock, Scheduler } from '../platform/clock.ts';
import type { Part } from '../platform/part.ts';
import { createTrafficSeries, type TrafficSeries } from '../series/traffic-series.ts';
import type { SeriesBook } from '../series/series-book.ts';
import type { TrafficCounters } from '../telemetry/traffic-counters.ts';
import type { EmitRecords } from './emit-records.ts';

export interface TrafficReporterDeps {
  readonly counters: Pick<TrafficCounters, 'takeMinute'>;
  readonly emit: EmitRecords;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  /** Whether to leave a report out, so that the next one covers more; default: never. */
  readonly isPaused?: () => boolean;
}

export interface TrafficReporterOptions {
  /** How often the counts are taken: a minute, unless time itself is sped up. */
  readonly intervalMs: number;
  readonly confirmZero: number;
}

type RecoveredSpan = Parameters<SeriesBook['resume']>[0][number];

/** Turns the counts of each minute into the traffic family, one sample a cluster. */
export interface TrafficReporter extends Part {
  /** Before `start`: goes on with what a former process left open; see `SeriesBook.resume`. */
  resume(spans: readonly RecoveredSpan[], notBeforeSeconds: number): void;
  /** See `SeriesBook.endedElsewhere`. */
  endedElsewhere: SeriesBook['endedElsewhere'];
  /** After `stop`: ends every series, stamped `nowMs` or later. The unfinished minute is not reported. */
  closeAll(nowMs: number): void;
}

/** See {@link TrafficReporter}. */
export function createTrafficReporter(
  deps: TrafficReporterDeps,
  options: TrafficReporterOptions,
): TrafficReporter {
  const { counters, emit, clock, scheduler } = deps;
  const byCluster = new Map<string, TrafficSeries>();
  let cancel: (() => void) | null = null;
  let notBefore = 0;

  function seriesOf(cluster: string, spans: readonly RecoveredSpan[] = []): TrafficSeries {
    let series = byCluster.get(cluster);
    if (series === undefined) {
      series = createTrafficSeries(cluster, options, { notBeforeSeconds: notBefore, spans });
      byCluster.set(cluster, series);
    }
    return series;
  }

  function report(takenAtMs: number): void {
    const gone = new Set(byCluster.keys());
    for (const {
      cluster,
      samples,
      laggingSamples,
      acknowledgedRecords,
      exceptions,
    } of counters.takeMinute()) {
      gone.delete(cluster);
      const records = seriesOf(cluster).take({
        takenAtMs,
        totalMessage: samples,
        validMessage: laggingSamples,
        metricsSent: acknowledgedRecords,
        exceptions,
      });
      if (records !== null) emit(records);
    }
    for (const cluster of gone) {
      end(seriesOf(cluster), takenAtMs);
      byCluster.delete(cluster);
    }
  }

  function end(series: TrafficSeries, nowMs: number): void {
    const records = series.gone(nowMs);
    if (records !== null) emit(records);
  }

  function arm(): void {
    cancel = scheduler.after(options.intervalMs, () => {
      if (deps.isPaused?.() !== true) report(clock.nowMs());
      arm();
    });
  }

  return {
    name: 'traffic',
    resume(spans, notBeforeSeconds) {
      notBefore = notBeforeSeconds;
      const ofTraffic = spans.filter(({ subject }) => subject.kind === 'cluster');
      for (const cluster of new Set(ofTraffic.map(({ subject }) => subject.cluster))) {
        seriesOf(
          cluster,
          ofTraffic.filter(({ subject }) => subject.cluster === cluster),
        );
      }
    },
    endedElsewhere(timestampSeconds, isOpen) {
      for (const series of byCluster.values()) series.endedElsewhere(timestampSeconds, isOpen);
    },
    start() {
      arm();
      return Promise.resolve();
    },
    stop() {
      cancel?.();
      cancel = null;
      return Promise.resolve();
    },
    closeAll(nowMs) {
      for (const series of byCluster.values()) end(series, nowMs);
    },
  };
}
