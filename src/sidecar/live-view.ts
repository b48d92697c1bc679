import type { Configuration } from '../config/configuration.ts';
import { createDetailHistory } from '../history/detail-history.ts';
import { createGroupHistory, type GroupEntry } from '../history/group-history.ts';
import { createNotices } from '../history/notices.ts';
import type { Point } from '../history/point-ring.ts';
import { stepOf } from '../history/step-ring.ts';
import { createTrafficHistory } from '../history/traffic-history.ts';
import type { ApiSource, ClusterView, PartitionView, TwinView } from '../http/api/api-source.ts';
import type { UrlMaintainer } from '../poll/url-maintainer.ts';
import type { SeriesInspector } from '../series/series-inspector.ts';
import { SINK_KINDS } from '../sinks/sink-kinds.ts';
import { declareTwinMachine } from '../series/twin-declaration.ts';
import { EXCEPTION_KINDS, EXCEPTIONS } from '../telemetry/exceptions.ts';
import type { Recalled, RecallProgress } from '../recall/recall.ts';
import type { Listener, Listeners } from './listeners.ts';

export interface LiveViewDeps {
  readonly series: SeriesInspector;
  readonly maintainer: Pick<UrlMaintainer, 'clusters'>;
  readonly statusChanged: Listeners['statusChanged'];
  /** How far the recall is; null: there is none. */
  readonly recall: () => RecallProgress | null;
}

export interface LiveViewOptions {
  readonly version: string;
  /** Length of a step of every history, ms: a minute, unless time itself is sped up. */
  readonly stepMs: number;
  /** What it is now. */
  readonly pollIntervalMs: () => number;
  /** The longest time between two polls of a group while all goes as it should, what it is now. */
  readonly longestPauseMs: () => number;
}

/** Where a group had no sample for so long and for so many polls, nobody looked: its status may have changed and changed back. */
const MOST_GAP_MS = 5 * 60_000;
const MOST_GAP_POLLS = 10;

/** Groups that get their history before others may run: some 10 ms. */
const RECALLED_AT_ONCE = 200;

/** Listens to the river, and what the API shows of it. Telling costs the same whatever a group's size. */
export interface LiveView extends Listener {
  readonly source: ApiSource;
  /**
   * Takes what was read back of each group that there is, and of others as soon as they have a sample. Resolves when it has
   * done the former, a part at a time: others may run meanwhile.
   */
  recalled(recalled: Recalled): Promise<void>;
  /** Groups that have had no sample by now are not waited for. */
  released(): void;
  /** Every group that has had a sample and lives. */
  groups(): Iterable<GroupEntry>;
}

/** See {@link LiveView}. */
export function createLiveView(
  configuration: Configuration,
  { series, maintainer, statusChanged, recall }: LiveViewDeps,
  { version, stepMs, pollIntervalMs, longestPauseMs }: LiveViewOptions,
): LiveView {
  const groups = createGroupHistory({
    stepMs,
    mostGapMs: () => Math.max(MOST_GAP_MS, MOST_GAP_POLLS * longestPauseMs()),
  });
  const details = createDetailHistory({ lagsOf: (...names) => series.levelsOf(...names) }, { stepMs });
  const traffic = createTrafficHistory();
  const notices = createNotices();
  const states = series.countStates().states.map((value) => JSON.parse(value) as TwinView);
  const stateOf = (number: number): TwinView => states[number] ?? { span: '', cadence: '' };

  let recalled: Recalled | null = null;
  /** Whether the history of a group has changed since readers were told to load it anew. */
  let isOutdated = false;

  function recallGroup(cluster: string, group: string): void {
    // What has ended while others ran may come back.
    const entry = groups.find(cluster, group);
    if (recalled === null || entry === undefined) return;
    const { samples, points } = recalled.takeOut(cluster, group);
    if (samples.length === 0) return;
    const change = groups.recall(cluster, group, samples);
    if (change !== null) statusChanged(entry.state, change);
    details.recall(cluster, group, points);
    isOutdated = true;
  }

  function tellOutdated(): void {
    if (isOutdated) groups.outdate();
    isOutdated = false;
  }

  const look: ApiSource['look'] = (cluster, group, nowMs) => {
    const entry = groups.find(cluster, group);
    const inspected = entry && series.inspect(cluster, group, nowMs);
    if (entry === undefined || !inspected) return null;
    details.keep(cluster, group, nowMs);
    const kept = details.find(cluster, group);
    const step = stepOf(nowMs, stepMs);
    return {
      entry,
      totalLagTwin: stateOf(inspected.totalLagState),
      partitions: inspected.partitions.map((partition): PartitionView => ({
        ...partition,
        lagTwin: stateOf(partition.lagState),
        hostsTwin: stateOf(partition.hostsState),
        heat: () => kept?.heat.valuesOf(partition.topic, partition.partition, step) ?? null,
      })),
      points: kept?.points ?? null,
      isHeatKept: (kept?.heat.partitions ?? 0) > 0,
      notice: notices.find(cluster, group),
    };
  };

  return {
    groups: () => groups.values(),
    source: {
      about: {
        version,
        source: configuration.series.source,
        get pollIntervalMs() {
          return pollIntervalMs();
        },
        stepMs,
        destination: SINK_KINDS[configuration.sink.type].place(configuration),
        outboxMemoryBytes: configuration.outbox.memoryBytes,
      },
      recall,
      clusters: () =>
        maintainer.clusters().map(({ followed, ...cluster }): ClusterView => ({
          ...cluster,
          groups: followed['groups'] ?? 0,
          topics: followed['topics'] ?? 0,
        })),
      groups,
      look,
      minutes: () => traffic.minutes(),
      exceptions: () =>
        EXCEPTION_KINDS.map((kind) => ({
          kind,
          meaning: `${EXCEPTIONS[kind].happened} ${EXCEPTIONS[kind].remedy}`.replaceAll('`', ''),
          ...traffic.exceptionsOf(kind),
        })),
      machine: declareTwinMachine(),
      countTwins: () => series.countStates().counts.map((twins, number) => ({ ...stateOf(number), twins })),
    },
    groupSeen(state) {
      const change = groups.observe(state);
      if (change !== null) statusChanged(state, change);
      details.observe(state.cluster, state.group, state.totalLagRecords, state.takenAtMs);
      recallGroup(state.cluster, state.group);
    },
    groupGone(cluster, group) {
      groups.forget(cluster, group);
      details.forget(cluster, group);
    },
    emitted(sample) {
      traffic.countRecords(sample);
      const points: Point[] = [];
      let group: string | undefined;
      // A group's own records come first, before those of its partitions.
      for (const { subject, metric, kind, value, timestampSeconds } of sample.records) {
        if (subject.kind !== 'group') break;
        group = subject.group;
        if (metric === 'totalLag') points.push({ atMs: timestampSeconds * 1000, value, kind });
      }
      if (group !== undefined) details.points(sample.cluster, group, points);
    },
    minute(...ended) {
      traffic.minute(...ended);
      tellOutdated();
    },
    exception: (_cluster, kind, times) => traffic.countException(kind, times),
    notified({ cluster, group, event, id, status }, atMs) {
      notices.note(cluster, group, { event, id, status, atMs });
    },
    async recalled(found) {
      recalled = found;
      const all = [...groups.values()];
      for (let from = 0; from < all.length; from += RECALLED_AT_ONCE) {
        if (from > 0) await new Promise((resolve) => setImmediate(resolve));
        for (const { state } of all.slice(from, from + RECALLED_AT_ONCE))
          recallGroup(state.cluster, state.group);
      }
      tellOutdated();
    },
    released() {
      recalled = null;
    },
  };
}
