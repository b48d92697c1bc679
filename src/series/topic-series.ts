import type { Subject } from '../records/record.ts';
import type { OffsetHistory } from './offset-history.ts';
import { OffsetRates, REWOUND } from './rates.ts';
import { SampleFinisher, type RecordList } from './record-list.ts';
import type { TopicSample } from './sample.ts';
import type { RecoveredSpans } from './recovered-spans.ts';
import { SampleTimes, toSeconds } from './sample-times.ts';
import type { IsOpen, TopicSeries } from './series-book.ts';
import type { SeriesContext } from './series-options.ts';
import { Twins, type StateCounts } from './twins.ts';

/** What a topic's series need from the book that holds them. */
export interface TopicSeriesHooks {
  /** Where this topic's offsets are kept for estimating lag in seconds. */
  readonly history: OffsetHistory;
  readonly onTake: () => void;
  readonly onGone: (latestSeconds: number) => void;
}

/** What a topic's series say of themselves, for showing. */
export interface TopicDetails {
  /** The newest rate of a partition, records per minute; null where none is known. */
  producedPerSecond(partition: number): number | null;
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
  recovered: RecoveredSpans,
): TopicSeries & TopicDetails {
  const { options } = context;
  const times = new SampleTimes(options, recovered.notBeforeSeconds);
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
      subjects.push({ kind: 'topicPartition', cluster, topic, partition, encoderSlot: null });
    }
  }

  for (const { subject, metric, isDoubtful } of recovered.spans) {
    const { partition } = subject;
    if (subject.kind !== 'topicPartition' || partition === undefined) continue;
    grow(partition + 1);
    const twins = metric === 'offset' ? offsets : producers;
    twins.resume(partition, isDoubtful, recovered.notBeforeSeconds);
  }

  function close(partition: number, subject: Subject, nowSeconds: number, out: RecordList): void {
    out.end(offsets, partition, subject, 'offset', nowSeconds);
    out.end(producers, partition, subject, 'offsetRate', nowSeconds);
    rates.reset(partition);
  }

  const finisher = new SampleFinisher({
    ...{ key: `${cluster}/topic/${topic}`, cluster, about: 'topic' },
    listOpen(add) {
      for (const [partition, subject] of subjects.entries()) {
        if (offsets.isOpen(partition)) add(subject, 'offset', offsets.isDoubtful(partition));
        if (producers.isOpen(partition)) add(subject, 'offsetRate', producers.isDoubtful(partition));
      }
    },
  });

  return {
    take(sample: TopicSample) {
      if (context.isPaused?.() === true || !times.advance(sample.takenAtMs)) return null;
      hooks.onTake();
      grow(sample.offsets.length);
      const out = context.lists.take();
      let rewinds = 0;
      for (const [partition, subject] of subjects.entries()) {
        if (partition >= sample.offsets.length) {
          close(partition, subject, times.nowSeconds, out);
          continue;
        }
        const offset = sample.offsets[partition] ?? null;
        if (offset === null) continue;
        out.feed(offsets, partition, subject, 'offset', offset, times);
        const rate = rates.move(partition, offset, sample.takenAtMs);
        if (rate === REWOUND) rewinds++;
        if (rate >= 0) out.feed(producers, partition, subject, 'offsetRate', rate, times);
      }
      // A topic that was re-created has another log: the offsets of the old one say nothing about ages.
      if (rewinds > 0) {
        hooks.history.clear();
        context.countRewind(cluster, rewinds);
      }
      hooks.history.add(sample.takenAtMs, sample.offsets);
      return finisher.finish(out, sample.takenAtMs);
    },

    producedPerSecond: (partition) => (partition < subjects.length ? rates.perSecond(partition) : null),

    countStates(counts) {
      offsets.countStates(subjects.length, counts);
      producers.countStates(subjects.length, counts);
    },

    endedElsewhere(timestampSeconds, isOpen) {
      finisher.tellSpans();
      if (isOpen('topic', cluster, topic)) return;
      times.endedElsewhere(timestampSeconds);
      offsets.endedElsewhere(timestampSeconds);
      producers.endedElsewhere(timestampSeconds);
    },

    gone(nowMs) {
      const out = context.lists.take();
      const nowSeconds = toSeconds(nowMs);
      for (const [partition, subject] of subjects.entries()) close(partition, subject, nowSeconds, out);
      hooks.history.clear();
      times.forget(Math.max(nowSeconds, out.latestSeconds));
      hooks.onGone(times.latestSeconds);
      return finisher.finish(out, nowMs);
    },

    release: () => hooks.onGone(times.latestSeconds),
  };
}
