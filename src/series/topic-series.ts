import type { SampleRecords, Subject } from '../records/record.ts';
import type { OffsetHistory } from './offset-history.ts';
import { OffsetRates, REWOUND } from './rates.ts';
import type { RecordList } from './record-list.ts';
import type { TopicSample } from './sample.ts';
import type { Remembered } from './remembered.ts';
import { SampleTimes } from './sample-times.ts';
import type { IsOpen, TopicSeries } from './series-book.ts';
import { toSeconds, type SeriesContext } from './series-options.ts';
import { Twins, type StateCounts } from './twins.ts';

/** What a topic's series need from the book that holds them. */
export interface TopicSeriesHooks {
  /** Where this topic's offsets are kept for estimating lag in seconds. */
  readonly history: OffsetHistory;
  readonly onTake: () => void;
  readonly onGone: (latestSeconds: number) => void;
}

/** What can be asked of a topic's series, for showing. */
export interface TopicLook {
  /** The newest rate of a partition, records per minute; null where none is known. */
  producedPerMinute(partition: number): number | null;
  countStates(counts: StateCounts): void;
  /** See `SeriesBook.endedElsewhere`. */
  endedElsewhere(timestampSeconds: number, isOpen: IsOpen): void;
}

/** The series of one topic: each partition's log-end offset and the rate at which it is produced to. */
export function createTopicSeries(
  context: SeriesContext,
  hooks: TopicSeriesHooks,
  cluster: string,
  topic: string,
  remembered: Remembered,
): TopicSeries & TopicLook {
  const { options } = context;
  const key = `${cluster}/topic/${topic}`;
  const times = new SampleTimes(options, remembered.notBeforeSeconds);
  const rules = { span: 'nonZero', confirmZero: options.confirmZero, zeroTolerance: 0 } as const;
  const offsets = new Twins(rules, 0);
  const producers = new Twins(rules, 0);
  const rates = new OffsetRates(0);
  const subjects: Subject[] = [];

  function grow(partitionCount: number): void {
    if (partitionCount <= subjects.length) return;
    offsets.grow(partitionCount);
    producers.grow(partitionCount);
    rates.grow(partitionCount);
    for (let partition = subjects.length; partition < partitionCount; partition++) {
      subjects.push({ kind: 'topicPartition', cluster, topic, partition });
    }
  }

  for (const { subject, metric, isDoubtful } of remembered.spans) {
    const { partition } = subject;
    if (subject.kind !== 'topicPartition' || partition === undefined) continue;
    grow(partition + 1);
    const twins = metric === 'offset' ? offsets : producers;
    twins.resume(partition, isDoubtful, remembered.notBeforeSeconds);
  }

  function close(partition: number, subject: Subject, nowSeconds: number, out: RecordList): void {
    const offsetAsked = offsets.gone(partition, nowSeconds);
    if (offsetAsked !== 0) out.add(offsetAsked, offsets, subject, 'offset', null, nowSeconds);
    const producerAsked = producers.gone(partition, nowSeconds);
    if (producerAsked !== 0) out.add(producerAsked, producers, subject, 'offsetRate', null, nowSeconds);
    rates.reset(partition);
  }

  /** Whether the next sample tells what is open, whatever it changes. */
  let isToTell = false;

  function toSampleRecords(out: RecordList, takenAtMs: number): SampleRecords | null {
    const sample = out.toSample(
      { key, cluster, takenAtMs },
      'topic',
      (add) => {
        for (const [partition, subject] of subjects.entries()) {
          if (offsets.isOpen(partition)) add(subject, 'offset', offsets.isDoubtful(partition));
          if (producers.isOpen(partition)) add(subject, 'offsetRate', producers.isDoubtful(partition));
        }
      },
      isToTell,
    );
    isToTell &&= sample === null;
    return sample;
  }

  return {
    take(sample: TopicSample) {
      if (context.isPaused?.() === true || !times.advance(sample.takenAtMs)) return null;
      hooks.onTake();
      grow(sample.offsets.length);
      const out = context.lists.take();
      const { nowSeconds, beforeSeconds } = times;
      let rewinds = 0;
      for (const [partition, subject] of subjects.entries()) {
        if (partition >= sample.offsets.length) {
          close(partition, subject, nowSeconds, out);
          continue;
        }
        const offset = sample.offsets[partition] ?? null;
        if (offset === null) continue;
        const asked = offsets.feed(partition, offset, nowSeconds, beforeSeconds, false);
        if (asked !== 0) out.add(asked, offsets, subject, 'offset', offset, nowSeconds);
        const rate = rates.move(partition, offset, sample.takenAtMs);
        if (rate === REWOUND) rewinds++;
        if (!(rate >= 0)) continue;
        const rateAsked = producers.feed(partition, rate, nowSeconds, beforeSeconds, false);
        if (rateAsked !== 0) out.add(rateAsked, producers, subject, 'offsetRate', rate, nowSeconds);
      }
      // A topic that was re-created has another log: what the old one says of ages is worth nothing.
      if (rewinds > 0) {
        hooks.history.clear();
        context.countRewind(cluster, rewinds);
      }
      hooks.history.add(sample.takenAtMs, sample.offsets);
      return toSampleRecords(out, sample.takenAtMs);
    },

    producedPerMinute: (partition) => (partition < subjects.length ? rates.perMinute(partition) : null),

    countStates(counts) {
      offsets.countStates(subjects.length, counts);
      producers.countStates(subjects.length, counts);
    },

    endedElsewhere(timestampSeconds, isOpen) {
      isToTell = true;
      if (isOpen('topic', cluster, topic)) return;
      times.endedElsewhere(timestampSeconds);
      offsets.endedElsewhere(subjects.length, timestampSeconds);
      producers.endedElsewhere(subjects.length, timestampSeconds);
    },

    gone(nowMs) {
      const out = context.lists.take();
      const nowSeconds = toSeconds(nowMs);
      for (const [partition, subject] of subjects.entries()) close(partition, subject, nowSeconds, out);
      hooks.history.clear();
      times.forget(Math.max(nowSeconds, out.latestSeconds));
      hooks.onGone(times.latestSeconds);
      return toSampleRecords(out, nowMs);
    },

    release: () => hooks.onGone(times.latestSeconds),
  };
}
