import { exceptionKindOf, exceptionMetric, type Metric } from '../records/metrics.ts';
import type { SampleRecords, Subject } from '../records/record.ts';
import { RecordList, SampleFinisher } from './record-list.ts';
import type { RecoveredSpans } from './recovered-spans.ts';
import { SampleTimes, toSeconds } from './sample-times.ts';
import type { IsOpen } from './series-book.ts';
import type { TwinRules } from './twin-machine.ts';
import { Twins } from './twins.ts';

/** One cluster's counts over the last minute; every one is a whole number, 0 or more. */
export interface TrafficSample {
  readonly takenAtMs: number;
  readonly totalMessage: number;
  readonly validMessage: number;
  readonly metricsSent: number;
  /** Exceptions by kind; kinds that are absent count 0. */
  readonly exceptions: ReadonlyMap<string, number>;
}

/** The traffic series of one cluster; see `GroupSeries` for what `take` and `gone` do. */
export interface TrafficSeries {
  take(sample: TrafficSample): SampleRecords | null;
  gone(nowMs: number): SampleRecords | null;
  /** See `SeriesBook.endedElsewhere`. */
  endedElsewhere(timestampSeconds: number, isOpen: IsOpen): void;
}

/** Begins the traffic series of a cluster. `intervalMs` is how often samples come. */
export function createTrafficSeries(
  cluster: string,
  options: { readonly intervalMs: number; readonly confirmZero: number },
  recovered: RecoveredSpans,
): TrafficSeries {
  const rules: TwinRules = { span: 'nonZero', confirmZero: options.confirmZero, zeroTolerance: 0 };
  const subject: Subject = { kind: 'cluster', cluster };
  const times = new SampleTimes(options, recovered.notBeforeSeconds);
  const twins = new Map<Metric, Twins>();

  function twinOf(metric: Metric): Twins {
    let twin = twins.get(metric);
    if (twin === undefined) {
      twin = new Twins(rules, 1);
      twins.set(metric, twin);
    }
    return twin;
  }

  for (const { subject: about, metric, isDoubtful } of recovered.spans) {
    if (about.kind === 'cluster') twinOf(metric).resume(0, isDoubtful, recovered.notBeforeSeconds);
  }

  function feed(metric: Metric, value: number, out: RecordList): void {
    out.feed(twinOf(metric), 0, subject, metric, value, times);
  }

  const finisher = new SampleFinisher({
    ...{ key: `${cluster}/traffic`, cluster, about: 'traffic' },
    listOpen(add) {
      for (const [metric, twin] of twins) if (twin.isOpen(0)) add(subject, metric, twin.isDoubtful(0));
    },
  });

  return {
    take(sample) {
      if (!times.advance(sample.takenAtMs)) return null;
      const out = new RecordList();
      feed('totalMessage', sample.totalMessage, out);
      feed('validMessage', sample.validMessage, out);
      feed('metricsSent', sample.metricsSent, out);
      let exceptionCount = 0;
      for (const count of sample.exceptions.values()) exceptionCount += count;
      feed('exceptionCount', exceptionCount, out);
      const kinds = new Set([...sample.exceptions.keys(), ...[...twins.keys()].map(exceptionKindOf)]);
      kinds.delete('');
      for (const kind of kinds) feed(exceptionMetric(kind), sample.exceptions.get(kind) ?? 0, out);
      return finisher.finish(out, sample.takenAtMs);
    },

    endedElsewhere(timestampSeconds, isOpen) {
      finisher.tellSpans();
      if (isOpen('traffic', cluster, '')) return;
      times.endedElsewhere(timestampSeconds);
      for (const twin of twins.values()) twin.endedElsewhere(timestampSeconds);
    },

    gone(nowMs) {
      const out = new RecordList();
      const nowSeconds = toSeconds(nowMs);
      for (const [metric, twin] of twins) out.end(twin, 0, subject, metric, nowSeconds);
      times.forget(Math.max(nowSeconds, out.latestSeconds));
      return finisher.finish(out, nowMs);
    },
  };
}
