import { metricsOf } from '../records/metrics.ts';
import type { Subject } from '../records/record.ts';
import { estimateLagSeconds } from './lag-seconds.ts';
import { surveyLags, type LagSurvey } from './lag-survey.ts';
import { MaxLagSeries } from './max-lag-series.ts';
import type { OffsetHistory } from './offset-history.ts';
import { PartitionSeries } from './partition-series.ts';
import { SampleFinisher, type RecordList } from './record-list.ts';
import { copyReading, type GroupSample, type PartitionReading } from './sample.ts';
import type { RecoveredSpans } from './recovered-spans.ts';
import { SampleTimes, toSeconds } from './sample-times.ts';
import type { GroupSeries, IsOpen, PartitionLevels, TopicLevels } from './series-book.ts';
import { inspectPartitions, type GroupInspection } from './series-inspector.ts';
import type { SeriesContext } from './series-options.ts';
import { TopicTotals } from './topic-totals.ts';
import { Twins, type StateCounts } from './twins.ts';

/** For this long after someone inspected a group its newest sample is kept. */
const KEEP_SAMPLE_MS = 5 * 60_000;

/** Those of the group itself; the place of one is that of its twin machine. */
const TOTALS = metricsOf('group');
const TOTAL_LAG = TOTALS.indexOf('totalLag');
const STATUS = TOTALS.indexOf('status');

/** What a group's series need from the book that holds them. */
export interface GroupSeriesHooks {
  readonly historyOf: (topic: string) => OffsetHistory | undefined;
  /** Null where it is unknown. */
  readonly producedPerMinute: (topic: string, partition: number) => number | null;
  /** Called at each sample that counts. */
  readonly onTake: () => void;
  /** Called when the group is gone or released, with the latest second that a record has. */
  readonly onGone: (latestSeconds: number) => void;
}

/** What a group's series say of themselves, for showing. */
export interface GroupDetails extends PartitionLevels, TopicLevels {
  /** Also keeps the newest sample from now on, for {@link KEEP_SAMPLE_MS} or until `dropSample`. */
  inspect(nowMs: number): GroupInspection;
  dropSample(): void;
  countStates(counts: StateCounts): void;
  /** See `SeriesBook.endedElsewhere`. */
  endedElsewhere(timestampSeconds: number, isOpen: IsOpen): void;
}

/** The series of one consumer group: totals, maxima and all partitions. */
export function createGroupSeries(
  context: SeriesContext,
  hooks: GroupSeriesHooks,
  cluster: string,
  group: string,
  recovered: RecoveredSpans,
): GroupSeries & GroupDetails {
  const { options } = context;
  const subject: Subject = { kind: 'group', cluster, group };
  const times = new SampleTimes(options, recovered.notBeforeSeconds);
  const totals = new Twins({ span: 'lifetime', confirmZero: 0, zeroTolerance: 0 }, TOTALS.length);
  const maxLag = new MaxLagSeries(context, cluster, group);
  const partitions = new PartitionSeries(context, cluster, group, hooks.historyOf);
  const { confirmZero, zeroTolerance } = options;
  const topics = new TopicTotals({ span: 'nonZero', confirmZero, zeroTolerance }, cluster, group);
  const isRefused = (topic: string): boolean => partitions.isRefused(topic);
  for (const { subject: about, metric, isDoubtful } of recovered.spans) {
    if (about.kind !== 'group') continue;
    totals.resume(TOTALS.indexOf(metric), isDoubtful, recovered.notBeforeSeconds);
  }
  maxLag.resume(recovered);
  topics.resume(recovered);
  partitions.resume(recovered);

  let newest: GroupSample | null = null;
  let keepSampleUntilMs = 0;
  let surveyed: { readonly sample: GroupSample; readonly survey: LagSurvey } | null = null;

  /** Every partition is read once a sample, however often this is called. */
  function surveyOf(sample: GroupSample): LagSurvey {
    if (surveyed?.sample !== sample) surveyed = { sample, survey: surveyLags(sample, options.zeroTolerance) };
    return surveyed.survey;
  }

  /** What counts as no lag has no age. */
  function lagSecondsOf(
    reading: PartitionReading,
    countedRecords: number | null,
    takenAtMs: number,
  ): number | null {
    return countedRecords === 0 ? 0 : estimateLagSeconds(reading, hooks.historyOf(reading.topic), takenAtMs);
  }

  function feedTotal(index: number, value: number | null, out: RecordList): void {
    const metric = TOTALS[index];
    if (value !== null && metric !== undefined) out.feed(totals, index, subject, metric, value, times);
  }

  const finisher = new SampleFinisher({
    ...{ key: `${cluster}/${group}`, cluster, about: 'group' },
    listOpen(add) {
      for (const [index, metric] of TOTALS.entries()) {
        if (totals.isOpen(index)) add(subject, metric, totals.isDoubtful(index));
      }
      maxLag.listOpen(add);
      topics.listOpen(add);
      partitions.listOpen(add);
    },
  });

  return {
    take(sample: GroupSample) {
      if (context.isPaused?.() === true || !times.advance(sample.takenAtMs)) return null;
      hooks.onTake();
      newest = sample.takenAtMs < keepSampleUntilMs ? copyOf(sample) : null;
      const out = context.lists.take();
      const survey = surveyOf(sample);
      if (survey.mismatch !== null) context.onTotalMismatch(cluster, group, survey.mismatch);
      feedTotal(TOTAL_LAG, survey.totalLagRecords, out);
      feedTotal(STATUS, sample.status, out);
      maxLag.take(sample.partitions, survey, times, out);
      partitions.take(sample, times, out);
      topics.take(sample.partitions, isRefused, times, out);
      return finisher.finish(out, sample.takenAtMs);
    },

    gone(nowMs) {
      newest = null;
      const out = context.lists.take();
      const nowSeconds = toSeconds(nowMs);
      for (const [index, metric] of TOTALS.entries()) out.end(totals, index, subject, metric, nowSeconds);
      maxLag.gone(nowSeconds, out);
      partitions.gone(nowSeconds, out);
      topics.gone(nowSeconds, out);
      times.forget(Math.max(nowSeconds, out.latestSeconds));
      hooks.onGone(times.latestSeconds);
      return finisher.finish(out, nowMs);
    },

    release() {
      newest = null;
      hooks.onGone(times.latestSeconds);
    },

    endedElsewhere(timestampSeconds, isOpen) {
      finisher.tellSpans();
      if (isOpen('group', cluster, group)) return;
      times.endedElsewhere(timestampSeconds);
      totals.endedElsewhere(TOTALS.length, timestampSeconds);
      maxLag.endedElsewhere(timestampSeconds);
      topics.endedElsewhere(timestampSeconds);
      partitions.endedElsewhere(timestampSeconds);
    },

    levels: () => partitions.levels(),

    *topicLevels() {
      for (const level of topics.levels()) yield { cluster, group, ...level };
    },

    inspect(nowMs) {
      keepSampleUntilMs = nowMs + KEEP_SAMPLE_MS;
      const { historyOf, producedPerMinute } = hooks;
      return {
        totalLagState: totals.state(TOTAL_LAG),
        partitions: inspectPartitions(
          { levels: partitions.levels(), sample: newest, historyOf, producedPerMinute },
          nowMs,
        ),
      };
    },

    dropSample() {
      keepSampleUntilMs = 0;
      newest = null;
    },

    countStates(counts) {
      totals.countStates(TOTALS.length, counts);
      maxLag.countStates(counts);
      topics.countStates(counts);
      partitions.countStates(counts);
    },

    totalLagRecords: (sample) => surveyOf(sample).totalLagRecords,

    summarise(sample) {
      const { max, maxLagRecords } = surveyOf(sample);
      // What it is made of may be used again for another sample.
      surveyed = null;
      return {
        maxLagRecords,
        maxLagSeconds: max === null ? null : lagSecondsOf(max, maxLagRecords, sample.takenAtMs),
        blankOwners: partitions.blankOwners,
        consumedPerMinute: partitions.flow.consumedPerMinute,
        producedPerMinute: partitions.flow.producedPerMinute,
      };
    },
  };
}

/** What a sample is made of may serve the next one. */
function copyOf(sample: GroupSample): GroupSample {
  return { ...sample, partitions: sample.partitions.map(copyReading) };
}
