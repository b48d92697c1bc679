import { withRiders } from '../records/metrics.ts';
import type { Subject } from '../records/record.ts';
import type { RecordList } from './record-list.ts';
import type { LagSurvey } from './lag-survey.ts';
import type { PartitionReading } from './sample.ts';
import type { SampleTimes } from './sample-times.ts';
import type { AddOpenSpan, RecoveredSpans } from './recovered-spans.ts';
import { shownOwner, UNKNOWN_TAG, type SeriesContext } from './series-options.ts';
import { Twins, type StateCounts } from './twins.ts';

const METRICS = withRiders('maxLagPartitionID');

/**
 * The `maxLag*` records of one group. They live as long as the group and are sent together. Their tag names the topic of
 * the partition (or its owner, as in goRainbow): when that changes or vanishes, the old series end and new ones begin.
 */
export class MaxLagSeries {
  readonly #context: SeriesContext;
  readonly #cluster: string;
  readonly #group: string;
  readonly #twin: Twins;
  #subject: Subject | null = null;
  #partition = -1;
  /** When the series of former tags had their last record; only the most recent can still matter. */
  #former: { readonly tag: string; readonly lastRecordSeconds: number } | null = null;

  constructor(context: SeriesContext, cluster: string, group: string) {
    this.#context = context;
    this.#cluster = cluster;
    this.#group = group;
    this.#twin = new Twins({ span: 'lifetime', confirmZero: 0, zeroTolerance: 0 }, 1);
  }

  /** Goes on with what a former process left open. To be called before the first sample. */
  resume({ spans, notBeforeSeconds }: RecoveredSpans): void {
    const subject = spans.find((span) => span.subject.kind === 'maxLag')?.subject;
    if (subject === undefined) return;
    this.#subject = subject;
    const own = spans.filter((span) => span.subject === subject);
    this.#twin.resume(
      0,
      own.some(({ isDoubtful }) => isDoubtful),
      notBeforeSeconds,
    );
  }

  listOpen(add: AddOpenSpan): void {
    const subject = this.#subject;
    if (subject === null || !this.#twin.isOpen(0)) return;
    for (const metric of METRICS) add(subject, metric, this.#twin.isDoubtful(0));
  }

  /** Adds the state of its one twin machine to `counts`. */
  countStates(counts: StateCounts): void {
    this.#twin.countStates(1, counts);
  }

  /** Takes the partition with the most lag among all of one sample. */
  take(
    readings: readonly PartitionReading[],
    { max: reading, maxLagRecords: lagRecords }: LagSurvey,
    { nowSeconds, beforeSeconds }: SampleTimes,
    out: RecordList,
  ): void {
    if (reading === null || lagRecords === null) {
      // While a partition with the same tag exists, its lag is only unknown. Without one (the topic was deleted) nothing
      // else would ever end the series.
      if (!readings.some((each) => this.#isCurrent(this.#tagOf(each)))) this.gone(nowSeconds, out);
      return;
    }
    const subject = this.#subjectFor(reading, nowSeconds, out);
    const isOther = reading.partition !== this.#partition;
    this.#partition = reading.partition;
    const actions = this.#twin.feed(0, lagRecords, nowSeconds, beforeSeconds, isOther);
    if (actions === 0) return;
    out.add(actions, this.#twin, subject, 'maxLagPartitionID', reading.partition, nowSeconds);
    out.add(actions, this.#twin, subject, 'maxLagCurrentLag', lagRecords, nowSeconds);
    out.add(actions, this.#twin, subject, 'maxLagStartOffset', reading.startOffset, nowSeconds);
    out.add(actions, this.#twin, subject, 'maxLagEndOffset', reading.endOffset, nowSeconds);
  }

  endedElsewhere(timestampSeconds: number): void {
    this.#twin.endedElsewhere(timestampSeconds);
  }

  gone(nowSeconds: number, out: RecordList): void {
    const subject = this.#subject;
    const actions = this.#twin.gone(0, nowSeconds);
    if (subject === null || actions === 0) return;
    for (const metric of METRICS) out.add(actions, this.#twin, subject, metric, null, nowSeconds);
  }

  #subjectFor(reading: PartitionReading, nowSeconds: number, out: RecordList): Subject {
    const tag = this.#tagOf(reading);
    const current = this.#subject;
    if (current !== null && this.#isCurrent(tag)) return current;

    if (current !== null) {
      this.gone(nowSeconds, out);
      const isReturning = this.#former !== null && this.#lookAlike(this.#former.tag, tag);
      const lastRecordSeconds = isReturning ? (this.#former?.lastRecordSeconds ?? 0) : 0;
      this.#former = {
        tag: current.topic ?? current.owner ?? '',
        lastRecordSeconds: this.#twin.lastRecordSeconds(0),
      };
      this.#twin.reset(0, lastRecordSeconds);
    }
    const tagged = this.#context.options.maxLagTag === 'topic' ? { topic: tag } : { owner: tag };
    const subject: Subject = { kind: 'maxLag', cluster: this.#cluster, group: this.#group, ...tagged };
    this.#subject = subject;
    return subject;
  }

  #isCurrent(tag: string): boolean {
    const current = this.#subject?.topic ?? this.#subject?.owner;
    return current !== undefined && this.#lookAlike(tag, current);
  }

  /** Whether records show the same of both. */
  #lookAlike(tag: string, other: string): boolean {
    if (tag === other) return true;
    const { options, showTag } = this.#context;
    return options.maxLagTag === 'topic'
      ? showTag('topic', tag) === showTag('topic', other)
      : shownOwner(this.#context, 'owner', tag) === shownOwner(this.#context, 'owner', other);
  }

  #tagOf(reading: PartitionReading): string {
    return this.#context.options.maxLagTag === 'topic' ? reading.topic : reading.owner || UNKNOWN_TAG;
  }
}
