import { metricsOf } from '../records/metrics.ts';
import type { SampleRecords, Subject } from '../records/record.ts';
import { estimateLagSeconds } from './lag-seconds.ts';
import { inspectPartitions } from './group-inspection.ts';
import { surveyLags, type LagSurvey } from './lag-survey.ts';
import { MaxLagSeries } from './max-lag-series.ts';
import type { OffsetHistory } from './offset-history.ts';
import { PartitionSeries } from './partition-series.ts';
import type { RecordList } from './record-list.ts';
import { copyReading, type GroupSample, type PartitionReading } from './sample.ts';
import type { Remembered } from './remembered.ts';
import { SampleTimes } from './sample-times.ts';
import type { GroupSeries, IsOpen, PartitionLevels, TopicLevels } from './series-book.ts';
import type { GroupInspection } from './series-inspector.ts';
import { toSeconds, type SeriesContext } from './series-options.ts';
import { TopicTotals } from './topic-totals.ts';
import { Twins, type StateCounts } from './twins.ts';

/** For so long after someone looked at a group its newest sample is kept. */
const WATCH_MS = 5 * 60_000;

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

/** What can be asked of a group's series, for showing. */
export interface GroupLook extends PartitionLevels, TopicLevels {
  /** Also keeps the newest sample from now on, until `unwatch` or for {@link WATCH_MS}. */
  inspect(nowMs: number): GroupInspection;
  unwatch(): void;
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
  remembered: Remembered,
): GroupSeries & GroupLook {
  const { options } = context;
  const key = `${cluster}/${group}`;
  const subject: Subject = { kind: 'group', cluster, group };
  const times = new SampleTimes(options, remembered.notBeforeSeconds);
  const totals = new Twins({ span: 'lifetime', confirmZero: 0, zeroTolerance: 0 }, TOTALS.length);
  const maxLag = new MaxLagSeries(context, cluster, group);
  const partitions = new PartitionSeries(context, cluster, group, hooks.historyOf);
  const { confirmZero, zeroTolerance } = options;
  const topics = new TopicTotals({ span: 'nonZero', confirmZero, zeroTolerance }, cluster, group);
  const isRefused = (topic: string): boolean => partitions.isRefused(topic);
  for (const { subject: left, metric, isDoubtful } of remembered.spans) {
    if (left.kind !== 'group') continue;
    totals.resume(TOTALS.indexOf(metric), isDoubtful, remembered.notBeforeSeconds);
  }
  maxLag.resume(remembered);
  topics.resume(remembered);
  partitions.resume(remembered);

  let newest: GroupSample | null = null;
  let watchedUntilMs = 0;
  let surveyed: { readonly sample: GroupSample; readonly survey: LagSurvey } | null = null;

  /** Every partition is looked at once a sample, however often it is asked for. */
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
    if (value === null || metric === undefined) return;
    const { nowSeconds, beforeSeconds } = times;
    const asked = totals.feed(index, value, nowSeconds, beforeSeconds, false);
    if (asked !== 0) out.add(asked, totals, subject, metric, value, nowSeconds);
  }

  /** Whether the next sample tells what is open, whatever it changes. */
  let isToTell = false;

  function toSampleRecords(out: RecordList, takenAtMs: number): SampleRecords | null {
    const sample = out.toSample(
      { key, cluster, takenAtMs },
      'group',
      (add) => {
        for (const [index, metric] of TOTALS.entries()) {
          if (totals.isOpen(index)) add(subject, metric, totals.isDoubtful(index));
        }
        maxLag.listOpen(add);
        topics.listOpen(add);
        partitions.listOpen(add);
      },
      isToTell,
    );
    isToTell &&= sample === null;
    return sample;
  }

  return {
    take(sample: GroupSample) {
      if (context.isPaused?.() === true || !times.advance(sample.takenAtMs)) return null;
      hooks.onTake();
      newest = sample.takenAtMs < watchedUntilMs ? copyOf(sample) : null;
      const out = context.lists.take();
      const { nowSeconds, beforeSeconds } = times;
      const survey = surveyOf(sample);
      if (survey.mismatch !== null) context.onTotalMismatch(cluster, group, survey.mismatch);
      feedTotal(TOTAL_LAG, survey.totalLagRecords, out);
      feedTotal(STATUS, sample.status, out);
      maxLag.take(sample.partitions, survey, nowSeconds, beforeSeconds, out);
      partitions.take(sample.partitions, sample.takenAtMs, nowSeconds, beforeSeconds, out);
      topics.take(sample.partitions, isRefused, nowSeconds, beforeSeconds, out);
      return toSampleRecords(out, sample.takenAtMs);
    },

    gone(nowMs) {
      newest = null;
      const out = context.lists.take();
      const nowSeconds = toSeconds(nowMs);
      for (const [index, metric] of TOTALS.entries()) {
        const asked = totals.gone(index, nowSeconds);
        if (asked !== 0) out.add(asked, totals, subject, metric, null, nowSeconds);
      }
      maxLag.gone(nowSeconds, out);
      partitions.gone(nowSeconds, out);
      topics.gone(nowSeconds, out);
      times.forget(Math.max(nowSeconds, out.latestSeconds));
      hooks.onGone(times.latestSeconds);
      return toSampleRecords(out, nowMs);
    },

    release() {
      newest = null;
      hooks.onGone(times.latestSeconds);
    },

    endedElsewhere(timestampSeconds, isOpen) {
      isToTell = true;
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
      watchedUntilMs = nowMs + WATCH_MS;
      const { historyOf, producedPerMinute } = hooks;
      return {
        totalLagState: totals.state(TOTAL_LAG),
        partitions: inspectPartitions(
          { levels: partitions.levels(), sample: newest, historyOf, producedPerMinute },
          nowMs,
        ),
      };
    },

    unwatch() {
      watchedUntilMs = 0;
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
