import type { OpenSpan } from '../records/record.ts';
import { SeriesOfGroup, type GroupDetails, type GroupSeriesHooks } from './group-series.ts';
import { OffsetHistory } from './offset-history.ts';
import { RecordLists } from './record-list.ts';
import type { PartitionLevels, SeriesBook, TopicLevels, TopicSeries } from './series-book.ts';
import type { SeriesInspector } from './series-inspector.ts';
import type { RecoveredSpans } from './recovered-spans.ts';
import type { SeriesContext, SeriesDeps, SeriesOptions } from './series-options.ts';
import { createTopicSeries, type TopicDetails } from './topic-series.ts';
import { StateCounts } from './twins.ts';

/** For this many seconds the last record of a gone group or topic is remembered: far longer than a poll interval. */
const MEMORY_SECONDS = 3600;

/** Groups whose newest sample is kept because someone inspected them. */
const MOST_INSPECTED = 32;

/** Begins with no series. */
export function createSeriesBook(
  deps: SeriesDeps,
  options: SeriesOptions,
): SeriesBook & PartitionLevels & TopicLevels & SeriesInspector {
  const context: SeriesContext = { ...deps, options, lists: new RecordLists() };
  const groups = new Shelf<SeriesOfGroup>();
  const topics = new Shelf<TopicSeries & TopicDetails>();
  /** In the order in which they were last inspected. */
  const inspected = new Set<GroupDetails>();
  let notBeforeSeconds = 0;
  const histories = new Map<string, OffsetHistory>();
  const shownGroup = (cluster: string, group: string): string =>
    toKey(deps.showTag('env', cluster), deps.showTag('consumer', group));
  const hooks: GroupSeriesHooks = {
    historyOf: (cluster, topic) => histories.get(toKey(cluster, topic)),
    producedPerSecond: (cluster, topic, partition) =>
      topics.find(toKey(cluster, topic))?.producedPerSecond(partition) ?? null,
    onTake: (series) => void groups.put(toKey(series.cluster, series.group), series),
    onGone(series, latestSeconds) {
      const { cluster, group } = series;
      inspected.delete(series);
      groups.drop(toKey(cluster, group), shownGroup(cluster, group), latestSeconds);
    },
  };

  return {
    *levels() {
      for (const group of groups.live()) yield* group.levels();
    },

    *topicLevels() {
      for (const group of groups.live()) yield* group.topicLevels();
    },

    levelsOf: (cluster, group) => groups.find(toKey(cluster, group))?.levels() ?? [],

    inspect(cluster, group, nowMs) {
      const details = groups.find(toKey(cluster, group));
      if (details === undefined) return null;
      inspected.delete(details);
      inspected.add(details);
      for (const oldest of inspected) {
        if (inspected.size <= MOST_INSPECTED) break;
        oldest.dropSample();
        inspected.delete(oldest);
      }
      return details.inspect(nowMs);
    },

    countStates() {
      const counts = new StateCounts();
      for (const group of groups.live()) group.countStates(counts);
      for (const topic of topics.live()) topic.countStates(counts);
      return counts;
    },

    resume(spans, latestSeconds) {
      notBeforeSeconds = latestSeconds;
      for (const span of spans) {
        const { kind, cluster, group = '', topic = '' } = span.subject;
        if (kind === 'topicPartition') topics.recover(toKey(cluster, topic), span);
        else if (kind !== 'cluster') groups.recover(toKey(cluster, group), span);
      }
    },

    endedElsewhere(timestampSeconds, isOpen) {
      for (const group of groups.live()) group.endedElsewhere(timestampSeconds, isOpen);
      for (const topic of topics.live()) topic.endedElsewhere(timestampSeconds, isOpen);
    },

    group(cluster, group) {
      const key = toKey(cluster, group);
      return (
        groups.find(key) ??
        groups.put(
          key,
          new SeriesOfGroup(
            context,
            hooks,
            cluster,
            group,
            groups.recovered(key, shownGroup(cluster, group), notBeforeSeconds),
          ),
        )
      );
    },

    topic(cluster, topic) {
      const key = toKey(cluster, topic);
      const live = topics.find(key);
      if (live !== undefined) return live;
      const shownAs = toKey(deps.showTag('env', cluster), deps.showTag('topic', topic));
      const history = new OffsetHistory();
      const series = createTopicSeries(
        context,
        {
          history,
          onTake() {
            histories.set(key, history);
            topics.put(key, series);
          },
          onGone(latestSeconds) {
            histories.delete(key);
            topics.drop(key, shownAs, latestSeconds);
          },
        },
        cluster,
        topic,
        topics.recovered(key, shownAs, notBeforeSeconds),
      );
      return topics.put(key, series);
    },
  };
}

/** No two pairs of names have the same key, whatever characters they hold. */
function toKey(cluster: string, name: string): string {
  return `${cluster.length}:${cluster}${name}`;
}

/** Live series by key, and the second of the last record of those that are gone. */
class Shelf<S> {
  readonly #live = new Map<string, S>();
  /** By what records show of their names, the oldest first: a series that looks the same in records continues it. */
  readonly #goneAtSeconds = new Map<string, number>();
  /** What a former process left open, until the series is asked for. */
  readonly #recovered = new Map<string, OpenSpan[]>();

  live(): Iterable<S> {
    return this.#live.values();
  }

  find(key: string): S | undefined {
    return this.#live.get(key);
  }

  recover(key: string, span: OpenSpan): void {
    const spans = this.#recovered.get(key);
    if (spans === undefined) this.#recovered.set(key, [span]);
    else spans.push(span);
  }

  /** What a new series begins with; to be asked for once. */
  recovered(key: string, shownAs: string, leastSeconds: number): RecoveredSpans {
    const spans = this.#recovered.get(key) ?? [];
    this.#recovered.delete(key);
    return { notBeforeSeconds: Math.max(leastSeconds, this.#goneAtSeconds.get(shownAs) ?? 0), spans };
  }

  put(key: string, series: S): S {
    if (this.#live.get(key) !== series) this.#live.set(key, series);
    return series;
  }

  /** The series is gone, and `latestSeconds` is when it had its last record. */
  drop(key: string, shownAs: string, latestSeconds: number): void {
    this.#live.delete(key);
    this.#goneAtSeconds.delete(shownAs);
    this.#goneAtSeconds.set(shownAs, latestSeconds);
    this.#forgetOld(latestSeconds - MEMORY_SECONDS);
  }

  #forgetOld(beforeSeconds: number): void {
    for (const [key, goneAtSeconds] of this.#goneAtSeconds) {
      if (goneAtSeconds >= beforeSeconds) return;
      this.#goneAtSeconds.delete(key);
    }
  }
}
