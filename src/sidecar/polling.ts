import type { Logger } from 'pino';
import type { BurrowClient } from '../burrow/burrow-client.ts';
import { isAddressable } from '../burrow/request-path.ts';
import type { Configuration } from '../config/configuration.ts';
import type { Clock, Scheduler } from '../platform/clock.ts';
import { createFaultLog } from '../platform/fault-log.ts';
import type { LoosePart } from '../platform/part.ts';
import { someOf } from '../poll/name-selector.ts';
import { createTrafficReporter, type TrafficReporter } from '../poll/traffic-reporter.ts';
import type { LiveMaintainerOptions } from '../poll/maintainer-options.ts';
import { createUrlMaintainer, type UrlMaintainer } from '../poll/url-maintainer.ts';
import { FORMATS } from '../records/formats/formats.ts';
import type { SampleRecords } from '../records/record.ts';
import { createSeriesBook } from '../series/create-series-book.ts';
import type { SeriesBook } from '../series/series-book.ts';
import type { SeriesOptions } from '../series/series-options.ts';
import { createTrafficCounters } from '../telemetry/traffic-counters.ts';
import type { Listeners } from './listeners.ts';

export interface PollingDeps {
  readonly clients: readonly BurrowClient[];
  readonly emit: (sample: SampleRecords) => void;
  /** Whether no sample is to be taken for now. */
  readonly isPaused: () => boolean;
  readonly listeners: Listeners;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly monotonicMs: () => number;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly log: Logger;
  /** The configuration that holds now. */
  readonly now: () => Configuration;
}

export interface PollingOptions {
  /** How often the traffic family is sent: each minute, unless time itself is sped up. */
  readonly trafficIntervalMs: number;
}

/** From Burrow to records: the maintainer, the series of what it polls, and the traffic family. */
export interface Polling {
  /** In the order in which they start. When they stop, every span is closed last (`series.closeOnStop`). */
  readonly parts: readonly LoosePart[];
  readonly maintainer: UrlMaintainer;
  readonly series: ReturnType<typeof createSeriesBook>;
  /** Closes every span and polls on: the next samples begin them anew. */
  cutAll(nowMs: number): void;
  reconfigure(configuration: Configuration): void;
  /** See `SeriesBook`. */
  resume: TrafficReporter['resume'];
  endedElsewhere: SeriesBook['endedElsewhere'];
}

/** See {@link Polling}. */
export function createPolling(
  configuration: Configuration,
  deps: PollingDeps,
  options: PollingOptions,
): Polling {
  const { listeners, emit, isPaused, clock, scheduler, log } = deps;
  const { burrow, discovery, series: seriesSettings } = configuration;
  const showTag = FORMATS[configuration.sink.format].showTag;
  const series = createSeriesBook(
    { showTag, isPaused, ...createSeriesFaults(deps) },
    seriesOptions(configuration, deps.now),
  );
  const traffic = createTrafficCounters();
  listeners.add({
    clusterFound: (cluster) => traffic.know(cluster),
    clusterGone: (cluster) => traffic.forget(cluster),
    sampleTaken: (cluster, totalLagRecords) => traffic.countSample(cluster, totalLagRecords),
    acknowledged: (cluster, records) => traffic.countAcknowledged(cluster, records),
    exception: (cluster, kind, times) => traffic.countException(cluster, kind, times),
  });
  const maintainer = createUrlMaintainer(
    {
      ...deps,
      isAddressable,
      showTag,
      series,
      board: { observe: listeners.groupSeen, forget: listeners.groupGone },
      traffic: {
        know: listeners.clusterFound,
        forget: listeners.clusterGone,
        countSample: listeners.sampleTaken,
        countException: listeners.exception,
      },
      log: log.child({ part: 'poll' }),
    },
    {
      ...liveMaintainerOptions(configuration),
      concurrency: burrow.concurrency,
      deadAfter: discovery.deadAfter,
      maxGroups: discovery.maxGroups,
    },
  );
  const reporter = createTrafficReporter(
    {
      counters: {
        takeMinute() {
          const taken = traffic.takeMinute();
          listeners.minute(taken, clock.nowMs());
          return taken;
        },
      },
      emit,
      isPaused,
      clock,
      scheduler,
    },
    { intervalMs: options.trafficIntervalMs, confirmZero: seriesSettings.confirmZero },
  );
  const closing: LoosePart = {
    name: 'open spans',
    async stop(signal) {
      if (!seriesSettings.closeOnStop) return;
      const nowMs = clock.nowMs();
      await maintainer.closeAll(nowMs, signal);
      reporter.closeAll(nowMs);
    },
  };

  return {
    parts: [closing, reporter, maintainer],
    maintainer,
    series,
    cutAll(nowMs) {
      maintainer.cutAll(nowMs);
      reporter.closeAll(nowMs);
    },
    reconfigure: (next) => maintainer.reconfigure(liveMaintainerOptions(next)),
    resume(spans, notBeforeSeconds) {
      series.resume(spans, notBeforeSeconds);
      reporter.resume(spans, notBeforeSeconds);
    },
    endedElsewhere(timestampSeconds, isOpen) {
      series.endedElsewhere(timestampSeconds, isOpen);
      reporter.endedElsewhere(timestampSeconds, isOpen);
    },
  };
}

/** Counts what samples do that they should not do, and logs it once for each group. */
function createSeriesFaults({ listeners, clock, log }: PollingDeps) {
  const logOf = (began: string) => createFaultLog({ log: log.child({ part: 'series' }), clock }, { began });
  const ambiguousTopics = logOf(
    'A topic of a group that no record can tell from another one of it is left out',
  );
  const totalMismatches = logOf(
    "Burrow's total lag of a group is not the sum of its partitions; the sum is sent",
  );
  return {
    countRewind: (cluster: string, times: number) => listeners.exception(cluster, 'offsetRewind', times),
    onAmbiguousTopic(cluster: string, group: string, topic: string): void {
      listeners.exception(cluster, 'ambiguousName', 1);
      ambiguousTopics.failed(JSON.stringify([cluster, group]), { cluster, group, topics: someOf([topic]) });
    },
    onTotalMismatch(cluster: string, group: string, mismatch: object): void {
      listeners.exception(cluster, 'totalMismatch', 1);
      totalMismatches.failed(JSON.stringify([cluster, group]), { cluster, group, ...mismatch });
    },
  };
}

/** How samples become series. */
function seriesOptions({ series }: Configuration, now: () => Configuration): SeriesOptions {
  const isGoRainbow = series.naming === 'gorainbow';
  return {
    get intervalMs() {
      return now().poll.intervalMs;
    },
    confirmZero: series.confirmZero,
    zeroTolerance: series.zeroToleranceRecords,
    seriesTags: {
      owner: series.seriesTags.includes('owner'),
      // goRainbow had no such tag, so a change of it must not cut a series that looks the same.
      clientId: series.seriesTags.includes('client_id') && !isGoRainbow,
    },
    maxLagTag: isGoRainbow ? 'owner' : 'topic',
    sharesHosts: isGoRainbow,
  };
}

/** With `push: only`, a woken group sleeps again after this many calm answers in a row. */
const CALM_ANSWERS_BEFORE_SLEEP = 4;

/** What is followed and how often it is polled, as far as that may change. */
function liveMaintainerOptions({ discovery, poll }: Configuration): LiveMaintainerOptions {
  const { intervalMs, clusters, groups, topics } = discovery;
  return {
    discoveryIntervalMs: intervalMs,
    pollIntervalMs: poll.intervalMs,
    clusters,
    groups,
    topics,
    sleep:
      poll.push === 'only' ? { afterCalm: CALM_ANSWERS_BEFORE_SLEEP, safetyMs: poll.pushSafetyMs } : null,
  };
}
