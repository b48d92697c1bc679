import { metricsOf } from '../records/metrics.ts';
import type { SampleRecords, Subject } from '../records/record.ts';
import { estimateLagSeconds } from './lag-seconds.ts';
import { surveyLags, type LagSurvey } from './lag-survey.ts';
import { MaxLagSeries } from './max-lag-series.ts';
import type { OffsetHistories } from './offset-history.ts';
import { PartitionSeries } from './partition-series.ts';
import { SampleFinisher, type RecordList, type SampleSource } from './record-list.ts';
import { toPerSecond } from './rates.ts';
import { copyReading, type GroupSample, type PartitionReading } from './sample.ts';
import type { AddOpenSpan, RecoveredSpans } from './recovered-spans.ts';
import { SampleTimes, toSeconds } from './sample-times.ts';
import type {
  GroupSeries,
  GroupSummary,
  GroupTopicLevel,
  IsOpen,
  PartitionLevel,
  PartitionLevels,
  TopicLevels,
} from './series-book.ts';
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

/** What the series of all groups need from the book that holds them. */
export interface GroupSeriesHooks extends OffsetHistories {
  /** Null where it is unknown. */
  producedPerSecond(cluster: string, topic: string, partition: number): number | null;
  /** Called at the first sample that counts after the group was gone. */
  onTake(group: SeriesOfGroup): void;
  /** Called when the group is gone or released, with the latest second that a record has. */
  onGone(group: SeriesOfGroup, latestSeconds: number): void;
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

/**
 * The series of one consumer group: totals, maxima and all partitions. There may be tens of thousands of these, which is
 * why nothing here is made for each group that one object can do for all.
 */
export class SeriesOfGroup implements GroupSeries, GroupDetails, SampleSource {
  readonly about = 'group';
  readonly key: string;
  readonly cluster: string;
  readonly group: string;
  readonly #context: SeriesContext;
  readonly #hooks: GroupSeriesHooks;
  readonly #subject: Subject;
  readonly #times: SampleTimes;
  readonly #totals: Twins;
  readonly #maxLag: MaxLagSeries;
  readonly #partitions: PartitionSeries;
  readonly #topics: TopicTotals;
  readonly #finisher: SampleFinisher;
  /** Whether the book holds it: it does until the group is gone. */
  #isHeld = true;
  /** Whether the sample that came last counted. */
  #isTaken = false;
  #newest: GroupSample | null = null;
  #keepSampleUntilMs = 0;
  /** What was read last, until it was summed up. */
  #surveyed: GroupSample | null = null;
  #survey: LagSurvey | null = null;

  constructor(
    context: SeriesContext,
    hooks: GroupSeriesHooks,
    cluster: string,
    group: string,
    recovered: RecoveredSpans,
  ) {
    this.cluster = cluster;
    this.group = group;
    this.key = `${cluster}/${group}`;
    this.#context = context;
    this.#hooks = hooks;
    this.#subject = { kind: 'group', cluster, group };
    this.#times = new SampleTimes(context.options, recovered.notBeforeSeconds);
    this.#totals = new Twins({ span: 'lifetime', confirmZero: 0, zeroTolerance: 0 }, TOTALS.length);
    this.#maxLag = new MaxLagSeries(context, cluster, group);
    this.#partitions = new PartitionSeries(context, hooks, cluster, group);
    const { confirmZero, zeroTolerance } = context.options;
    this.#topics = new TopicTotals({ span: 'nonZero', confirmZero, zeroTolerance }, cluster, group);
    this.#finisher = new SampleFinisher(this);
    if (recovered.spans.length > 0) this.#resume(recovered);
  }

  take(sample: GroupSample): SampleRecords | null {
    const context = this.#context;
    this.#isTaken = context.isPaused?.() !== true && this.#times.advance(sample.takenAtMs);
    if (!this.#isTaken) return null;
    if (!this.#isHeld) this.#hooks.onTake(this);
    this.#isHeld = true;
    this.#newest = sample.takenAtMs < this.#keepSampleUntilMs ? copyOf(sample) : null;
    const out = context.lists.take();
    const survey = this.#surveyOf(sample);
    if (survey.mismatch !== null) context.onTotalMismatch(this.cluster, this.group, survey.mismatch);
    this.#feedTotal(TOTAL_LAG, survey.totalLagRecords, out);
    this.#feedTotal(STATUS, sample.status, out);
    this.#maxLag.take(sample.partitions, survey, this.#times, out);
    this.#partitions.take(sample, this.#times, out);
    this.#topics.take(sample.partitions, this.#partitions, this.#times, out);
    return this.#finisher.finish(out, sample.takenAtMs);
  }

  gone(nowMs: number): SampleRecords | null {
    const out = this.#context.lists.take();
    const nowSeconds = toSeconds(nowMs);
    for (const [index, metric] of TOTALS.entries()) {
      out.end(this.#totals, index, this.#subject, metric, nowSeconds);
    }
    this.#maxLag.gone(nowSeconds, out);
    this.#partitions.gone(nowSeconds, out);
    this.#topics.gone(nowSeconds, out);
    this.#times.forget(Math.max(nowSeconds, out.latestSeconds));
    this.release();
    return this.#finisher.finish(out, nowMs);
  }

  release(): void {
    this.#newest = null;
    this.#isHeld = false;
    this.#hooks.onGone(this, this.#times.latestSeconds);
  }

  endedElsewhere(timestampSeconds: number, isOpen: IsOpen): void {
    this.#finisher.tellSpans();
    if (isOpen('group', this.cluster, this.group)) return;
    this.#times.endedElsewhere(timestampSeconds);
    this.#totals.endedElsewhere(timestampSeconds);
    this.#maxLag.endedElsewhere(timestampSeconds);
    this.#topics.endedElsewhere(timestampSeconds);
    this.#partitions.endedElsewhere(timestampSeconds);
  }

  listOpen(add: AddOpenSpan): void {
    for (const [index, metric] of TOTALS.entries()) {
      if (this.#totals.isOpen(index)) add(this.#subject, metric, this.#totals.isDoubtful(index));
    }
    this.#maxLag.listOpen(add);
    this.#topics.listOpen(add);
    this.#partitions.listOpen(add);
  }

  levels(): Iterable<PartitionLevel> {
    return this.#partitions.levels();
  }

  *topicLevels(): Generator<GroupTopicLevel, void, undefined> {
    const { cluster, group } = this;
    for (const level of this.#topics.levels()) yield { cluster, group, ...level };
  }

  inspect(nowMs: number): GroupInspection {
    this.#keepSampleUntilMs = nowMs + KEEP_SAMPLE_MS;
    const { cluster } = this;
    const hooks = this.#hooks;
    return {
      totalLagState: this.#totals.state(TOTAL_LAG),
      partitions: inspectPartitions(
        {
          levels: this.levels(),
          sample: this.#newest,
          historyOf: (topic) => hooks.historyOf(cluster, topic),
          producedPerSecond: (topic, partition) => hooks.producedPerSecond(cluster, topic, partition),
        },
        nowMs,
      ),
    };
  }

  dropSample(): void {
    this.#keepSampleUntilMs = 0;
    this.#newest = null;
  }

  countStates(counts: StateCounts): void {
    this.#totals.countStates(TOTALS.length, counts);
    this.#maxLag.countStates(counts);
    this.#topics.countStates(counts);
    this.#partitions.countStates(counts);
  }

  totalLagRecords(sample: GroupSample): number | null {
    return this.#surveyOf(sample).totalLagRecords;
  }

  summarise(sample: GroupSample): GroupSummary | null {
    const { max, maxLagRecords } = this.#surveyOf(sample);
    // What it is made of may be used again for another sample.
    this.#surveyed = null;
    this.#survey = null;
    if (!this.#isTaken) return null;
    const { blankOwners, flow } = this.#partitions;
    return {
      maxLagRecords,
      maxLagSeconds: max === null ? null : this.#lagSecondsOf(max, maxLagRecords, sample.takenAtMs),
      blankOwners,
      consumedPerSecond: toPerSecond(flow.consumedPerMinute),
      producedPerSecond: toPerSecond(flow.producedPerMinute),
    };
  }

  #resume(recovered: RecoveredSpans): void {
    for (const { subject, metric, isDoubtful } of recovered.spans) {
      if (subject.kind !== 'group') continue;
      this.#totals.resume(TOTALS.indexOf(metric), isDoubtful, recovered.notBeforeSeconds);
    }
    this.#maxLag.resume(recovered);
    this.#topics.resume(recovered);
    this.#partitions.resume(recovered);
  }

  /** Every partition is read once a sample, however often this is called. */
  #surveyOf(sample: GroupSample): LagSurvey {
    if (this.#survey === null || this.#surveyed !== sample) {
      this.#surveyed = sample;
      this.#survey = surveyLags(sample, this.#context.options.zeroTolerance);
    }
    return this.#survey;
  }

  /** What counts as no lag has no age. */
  #lagSecondsOf(reading: PartitionReading, countedRecords: number | null, takenAtMs: number): number | null {
    if (countedRecords === 0) return 0;
    return estimateLagSeconds(reading, this.#hooks.historyOf(this.cluster, reading.topic), takenAtMs);
  }

  #feedTotal(index: number, value: number | null, out: RecordList): void {
    const metric = TOTALS[index];
    if (value === null || metric === undefined) return;
    out.feed(this.#totals, index, this.#subject, metric, value, this.#times);
  }
}

/** What a sample is made of may serve the next one. */
function copyOf(sample: GroupSample): GroupSample {
  return { ...sample, partitions: sample.partitions.map(copyReading) };
}
