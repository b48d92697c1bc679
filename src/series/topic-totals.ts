import type { Subject } from '../records/record.ts';
import type { RecordList } from './record-list.ts';
import type { AddOpenSpan, RecoveredSpans } from './recovered-spans.ts';
import { hasCommit, type PartitionReading } from './sample.ts';
import type { SampleTimes } from './sample-times.ts';
import type { TwinRules } from './twin-machine.ts';
import { Twins, type StateCounts } from './twins.ts';

const INITIAL_CAPACITY = 1;

/** One topic that a group consumes. */
interface TopicTotal {
  readonly topic: string;
  readonly index: number;
  readonly subject: Subject;
  /** The newest sample that named one of its partitions. */
  seenIn: number;
  /** Of that sample: the sum of the lags, NaN where one of them is unknown. */
  sumRecords: number;
}

/** What the newest sample of a group says of one of its topics. */
export interface TopicLevel {
  readonly topic: string;
  /** Sum of its partitions' lags, records; null where one of them is unknown. */
  readonly lagRecords: number | null;
}

/**
 * The lag of one group by topic. A series lasts while the topic lags, as those of its partitions do. A lag up to the
 * tolerance counts as 0, as does a partition without any commit; where any other lag is unknown, so is the sum.
 */
export class TopicTotals {
  readonly #cluster: string;
  readonly #group: string;
  readonly #zeroTolerance: number;
  readonly #twins: Twins;
  readonly #byTopic = new Map<string, TopicTotal>();
  #free: number[] | null = null;
  #size = 0;
  #capacity = INITIAL_CAPACITY;
  #sampleNumber = 0;

  constructor(rules: TwinRules, cluster: string, group: string) {
    this.#cluster = cluster;
    this.#group = group;
    this.#zeroTolerance = rules.zeroTolerance;
    this.#twins = new Twins({ ...rules, zeroTolerance: 0 }, INITIAL_CAPACITY);
  }

  /** Goes on with what a former process left open. To be called before the first sample. */
  resume({ spans, notBeforeSeconds }: RecoveredSpans): void {
    for (const { subject, isDoubtful } of spans) {
      if (subject.kind !== 'groupTopic' || subject.topic === undefined) continue;
      this.#twins.resume(this.#find(subject.topic).index, isDoubtful, notBeforeSeconds);
    }
  }

  listOpen(add: AddOpenSpan): void {
    for (const { index, subject } of this.#byTopic.values()) {
      if (this.#twins.isOpen(index)) add(subject, 'topicLag', this.#twins.isDoubtful(index));
    }
  }

  /**
   * Takes all partitions of one sample; topics that it no longer names are gone.
   *
   * @param refused tells which topics' partitions are left out
   */
  take(
    readings: readonly PartitionReading[],
    refused: { isRefused(topic: string): boolean },
    times: SampleTimes,
    out: RecordList,
  ): void {
    this.#sampleNumber += 1;
    let total: TopicTotal | undefined;
    let ofTopic: string | null = null;
    // Not by an iterator: V8 would make an object of each result. Partitions come in runs of one topic.
    for (let at = 0; at < readings.length; at++) {
      const reading = readings[at];
      if (reading === undefined) continue;
      const { topic, currentLagRecords } = reading;
      if (topic !== ofTopic) {
        ofTopic = topic;
        total = refused.isRefused(topic) ? undefined : this.#find(topic);
      }
      if (total === undefined) continue;
      if (total.seenIn !== this.#sampleNumber) {
        total.seenIn = this.#sampleNumber;
        total.sumRecords = 0;
      }
      if (currentLagRecords === null) {
        if (hasCommit(reading)) total.sumRecords = NaN;
      } else if (currentLagRecords > this.#zeroTolerance) total.sumRecords += currentLagRecords;
    }
    this.#feed(times, out);
  }

  /** The group is gone, and all its topics with it. */
  gone(nowSeconds: number, out: RecordList): void {
    this.#sampleNumber += 1;
    this.#feed({ nowSeconds, beforeSeconds: 0 }, out);
  }

  /** See `SeriesBook.endedElsewhere`. */
  endedElsewhere(timestampSeconds: number): void {
    this.#twins.endedElsewhere(timestampSeconds);
  }

  /** Those that the newest sample named. Samples may be taken while it is read. */
  *levels(): Generator<TopicLevel, void, undefined> {
    // What a former process left open has no lag before the first sample.
    if (this.#sampleNumber === 0) return;
    for (const { topic, seenIn, sumRecords } of this.#byTopic.values()) {
      if (seenIn !== this.#sampleNumber) continue;
      yield { topic, lagRecords: Number.isSafeInteger(sumRecords) ? sumRecords : null };
    }
  }

  countStates(counts: StateCounts): void {
    this.#twins.countStates(this.#byTopic.size, counts);
  }

  #feed(times: Pick<SampleTimes, 'nowSeconds' | 'beforeSeconds'>, out: RecordList): void {
    for (const total of this.#byTopic.values()) {
      const { index, subject, sumRecords, seenIn } = total;
      if (seenIn === this.#sampleNumber) {
        if (Number.isSafeInteger(sumRecords))
          out.feed(this.#twins, index, subject, 'topicLag', sumRecords, times);
        continue;
      }
      out.end(this.#twins, index, subject, 'topicLag', times.nowSeconds);
      // Kept for one sample more: a topic that comes back at once must remember when its last record was.
      if (seenIn >= this.#sampleNumber - 1) continue;
      this.#byTopic.delete(total.topic);
      (this.#free ??= []).push(index);
    }
  }

  #find(topic: string): TopicTotal {
    const known = this.#byTopic.get(topic);
    if (known !== undefined) return known;
    const index = this.#free?.pop() ?? this.#size++;
    if (index >= this.#capacity) {
      this.#capacity *= 2;
      this.#twins.grow(this.#capacity);
    }
    this.#twins.reset(index, 0);
    const subject: Subject = {
      kind: 'groupTopic',
      cluster: this.#cluster,
      group: this.#group,
      topic,
      encoderSlot: null,
    };
    const total: TopicTotal = { topic, index, subject, seenIn: 0, sumRecords: 0 };
    this.#byTopic.set(topic, total);
    return total;
  }
}
