import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { isAddressable } from '../burrow/request-path.ts';
import { createBurrowServers } from './burrow-servers.ts';
import type { Configuration } from '../config/configuration.ts';
import { healthInputs } from './health-inputs.ts';
import { readDashboard } from '../http/dashboard-routes.ts';
import type { HealthInputs, Phase } from '../http/health.ts';
import { createHttpServer } from '../http/http-server.ts';
import { createLiveView } from './live-view.ts';
import { createOutbox, DROP_CAUSES, type Drop } from '../outbox/outbox.ts';
import type { Clock, Scheduler } from '../platform/clock.ts';
import { liveHttpOptions, liveMaintainerOptions, outboxOptions, seriesOptions } from './part-options.ts';
import { startInOrder, stopInReverse, type Part } from '../platform/part.ts';
import { createSteadyClock } from '../platform/steady-clock.ts';
import { createTrafficReporter } from '../poll/traffic-reporter.ts';
import { someOf } from '../poll/name-selector.ts';
import { createUrlMaintainer } from '../poll/url-maintainer.ts';
import { createEncoder, showTagIn } from '../records/create-encoder.ts';
import type { SampleRecords } from '../records/record.ts';
import { namesOf } from '../ledger/recovered-spans.ts';
import { createSpanMemory } from './span-memory.ts';
import { createSeriesBook } from '../series/create-series-book.ts';
import { createSinkFaults } from './sink-faults.ts';
import type { FaultBook } from '../platform/condition-tracker.ts';
import { createFaultLog } from '../platform/fault-log.ts';
import { SINK_KINDS } from '../sinks/sink-kinds.ts';
import { openLevelStore } from '../store/level-store.ts';
import type { CountException } from '../telemetry/exceptions.ts';
import { createGroupBoard } from '../telemetry/group-board.ts';
import { createSelfMetrics } from '../telemetry/self-metrics.ts';
import { createTrafficCounters } from '../telemetry/traffic-counters.ts';

export interface SidecarDeps {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  /** A clock that never goes back, milliseconds. */
  readonly monotonicMs: () => number;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly log: Logger;
  /** Where the stdout sink writes. */
  readonly stdout: Writable;
}

export interface SidecarOptions {
  readonly version: string;
  /** How often the traffic family is told: a minute, unless time itself is sped up. */
  readonly trafficIntervalMs: number;
}

/** Burrow in, series out: everything put together. */
export interface Sidecar extends Part {
  /**
   * Makes another configuration count while it runs; of a key that needs a restart it must hold what is there already.
   * Throws, before anything has changed, where one of its values cannot be used.
   */
  reconfigure(configuration: Configuration): void;
  /** Where HTTP listens; null before `start` and after `stop`. */
  address(): { readonly host: string; readonly port: number } | null;
  /** Resolves when the destination has gone for good: null where its reader left, else with what broke it. */
  readonly closed: Promise<Error | null>;
}

/**
 * Builds a sidecar; nothing runs before `start`. `stop` ends polling, closes every span (`series.closeOnStop`),
 * drains the outbox until its signal aborts, and disconnects; it throws an `AggregateError` of what failed.
 */
export async function createSidecar(
  configuration: Configuration,
  given: SidecarDeps,
  options: SidecarOptions,
): Promise<Sidecar> {
  const sinkKind = SINK_KINDS[configuration.sink.type];
  const { create: createDestination } = await sinkKind.load();
  const { scheduler, log } = given;
  const child = (part: string): Logger => log.child({ part });
  const clock = createSteadyClock({
    ...given,
    onSetBack(byMs) {
      count('', 'clockSetBack', 1);
      child('clock').warn(
        { bySeconds: Math.round(byMs) / 1000 },
        'The system clock was set back; records go on from where they were, ahead of it until it catches up',
      );
    },
    onCaughtUp(lastedMs) {
      child('clock').info(
        { lastedSeconds: Math.round(lastedMs) / 1000 },
        'The system clock has caught up with the records',
      );
    },
  });
  const deps = { ...given, clock };
  /** What holds now of the keys that may change. */
  let live = configuration;
  let phase: Phase = 'starting';
  let startedAtMs = clock.nowMs();
  let droppedSamples = 0;
  let lastDropMs: number | null = null;
  let close: (error: Error | null) => void = () => undefined;
  const closed = new Promise<Error | null>((resolve) => (close = resolve));

  const traffic = createTrafficCounters();
  const board = createGroupBoard();
  const metrics = createSelfMetrics(
    {
      nowMs: () => clock.nowMs(),
      groups: () => board.values(),
      outbox: () => ({ ...outbox.depth(), oldestAgeSeconds: outbox.oldestWaitingMs() / 1000 }),
      isSinkUp: () => sink.condition().state === 'ok',
      handlers: () => {
        const handlers = { group: 0, topic: 0 };
        for (const { followed } of maintainer.clusters()) {
          handlers.group += followed['groups'] ?? 0;
          handlers.topic += followed['topics'] ?? 0;
        }
        return handlers;
      },
      hiddenGroups: () =>
        maintainer
          .clusters()
          .map(({ name, hiddenGroups }) => ({ cluster: name, groups: hiddenGroups.total })),
      groupsOverLimit: () =>
        maintainer
          .clusters()
          .map(({ name, groupsOverLimit }) => ({ cluster: name, groups: groupsOverLimit })),
      burrows: () =>
        maintainer.servers().map(({ name, lastOkMs, lastError }) => ({
          name,
          isUp: lastOkMs !== null && lastError === null,
        })),
      topics: () => series.topicLevels(),
      partitions: () => series.levels(),
    },
    {
      version: options.version,
      partitions: configuration.metrics.partitions,
      partitionOwners: configuration.metrics.partitionOwners,
      dropCauses: DROP_CAUSES,
      sinkFaultCauses: sinkKind.faultCauses,
    },
  );
  const count: CountException = (cluster, kind, times) => {
    traffic.countException(cluster, kind, times);
    metrics.count('exceptions', { cluster, kind }, times);
    view.countException(kind, times);
  };

  const createFaultBook = (): FaultBook =>
    createSinkFaults({
      count: (cause) => metrics.count('sinkFaults', { cause }),
      waitingSamples: () => outbox.depth().samples,
      droppedSamples: () => droppedSamples,
    });
  const destination = createDestination(configuration, {
    ...deps,
    faults: createFaultBook(),
    log: child('sink'),
    onClosed: (error) => close(error),
  });
  const memory = await createSpanMemory(configuration, {
    ...deps,
    destination,
    faults: createFaultBook(),
    log: child('ledger'),
  });
  const sink = memory?.sink ?? destination.createSink();
  const outbox = createOutbox(
    {
      sink,
      clock,
      monotonicMs: deps.monotonicMs,
      scheduler,
      log: child('outbox'),
      onAcknowledged(samples) {
        for (const sample of samples) {
          const { cluster, recordCount } = sample;
          traffic.countAcknowledged(cluster, recordCount);
          metrics.count('recordsAcknowledged', { cluster }, recordCount);
          encoder.recycle(sample);
        }
      },
      onDropped(drop: Drop) {
        droppedSamples += drop.samples;
        lastDropMs = clock.nowMs();
        const { cluster, cause } = drop;
        metrics.count('samplesDropped', { cluster, cause }, drop.samples);
        metrics.count('recordsDropped', { cluster, cause }, drop.records);
        count(drop.cluster, 'samplesDropped', drop.samples);
      },
      openStore: openLevelStore,
    },
    outboxOptions(configuration, () => live),
  );
  const shortenedNames = createFaultLog(
    { log: child('records'), clock },
    {
      began:
        'A name is longer than a tag of a record may be; its records show its beginning and a hash of the whole',
    },
  );
  const encoder = createEncoder(
    { ...configuration.series, format: configuration.sink.format },
    (cluster, tag, name) => {
      const [shown = ''] = someOf([name]);
      const facts = { cluster, tag, name: shown, characters: name.length };
      const key = JSON.stringify({ ...facts, end: name.slice(-100) });
      if (shortenedNames.failed(key, facts)) count(cluster, 'nameShortened', 1);
    },
  );
  const showTag = showTagIn(configuration.sink);
  const emit = (sample: SampleRecords): void => {
    view.emitted(sample);
    const encoded = encoder.encode(sample);
    outbox.offer(memory?.mark(sample, encoded) ?? encoded);
    sample.release?.();
  };

  const burrows = createBurrowServers(configuration, {
    scheduler,
    countRequest(server, outcome, durationSeconds) {
      metrics.count('polls', { server, outcome });
      metrics.observe('pollSeconds', { server }, durationSeconds);
    },
    monotonicMs: deps.monotonicMs,
    log: child('poll'),
  });
  const ambiguousTopics = createFaultLog(
    { log: child('series'), clock },
    { began: 'A topic of a group that no record can tell from another one of it is left out' },
  );
  const totalMismatches = createFaultLog(
    { log: child('series'), clock },
    { began: "Burrow's total lag of a group is not the sum of its partitions; the sum is sent" },
  );
  const series = createSeriesBook(
    {
      showTag,
      countRewind: (cluster, times) => count(cluster, 'offsetRewind', times),
      ...(memory && { isPaused: () => memory.isUnsure() }),
      onAmbiguousTopic(cluster, group, topic) {
        count(cluster, 'ambiguousName', 1);
        ambiguousTopics.failed(JSON.stringify([cluster, group]), { cluster, group, topics: someOf([topic]) });
      },
      onTotalMismatch(cluster, group, mismatch) {
        count(cluster, 'totalMismatch', 1);
        totalMismatches.failed(JSON.stringify([cluster, group]), { cluster, group, ...mismatch });
      },
    },
    seriesOptions(configuration, () => live),
  );
  const view = createLiveView(
    configuration,
    {
      series,
      clusters: () =>
        maintainer.clusters().map(({ followed: { groups = 0, topics = 0 }, ...cluster }) => ({
          ...cluster,
          groups,
          topics,
        })),
    },
    {
      version: options.version,
      stepMs: options.trafficIntervalMs,
      pollIntervalMs: () => live.poll.intervalMs,
    },
  );
  const maintainer = createUrlMaintainer(
    {
      clients: burrows.clients,
      isAddressable,
      showTag,
      series,
      emit,
      board: {
        observe(state) {
          board.observe(state);
          view.observe(state);
        },
        forget(cluster, group) {
          board.forget(cluster, group);
          view.forget(cluster, group);
        },
      },
      traffic: {
        ...traffic,
        countSample(cluster, totalLagRecords) {
          traffic.countSample(cluster, totalLagRecords);
          metrics.count('samples', { cluster });
        },
        countException: count,
      },
      clock,
      scheduler,
      monotonicMs: deps.monotonicMs,
      random: deps.random,
      log: child('poll'),
    },
    {
      concurrency: configuration.burrow.concurrency,
      ...liveMaintainerOptions(configuration),
      deadAfter: configuration.discovery.deadAfter,
      maxGroups: configuration.discovery.maxGroups,
    },
  );
  const reporter = createTrafficReporter(
    {
      counters: {
        takeMinute() {
          const taken = traffic.takeMinute();
          view.minute(taken, clock.nowMs());
          return taken;
        },
      },
      emit,
      clock,
      scheduler,
      ...(memory && { isPaused: () => memory.isUnsure() }),
    },
    { intervalMs: options.trafficIntervalMs, confirmZero: configuration.series.confirmZero },
  );
  const spanKeeper = memory?.createKeeper({
    spansOnDisk: () => outbox.spansOnDisk(),
    offer: (sample) => outbox.offer(sample),
    endedElsewhere(timestampSeconds, isOpen) {
      series.endedElsewhere(timestampSeconds, isOpen);
      reporter.endedElsewhere(timestampSeconds, isOpen);
    },
    resume(spans, notBeforeSeconds) {
      series.resume(spans, notBeforeSeconds);
      reporter.resume(spans, notBeforeSeconds);
      maintainer.remember(namesOf(spans));
    },
  });
  const http = createHttpServer(
    {
      health: () => health(),
      exposeMetrics: (format) => metrics.expose(format),
      wake: (cluster, group) =>
        cluster === null
          ? maintainer.wake(null, group)
          : burrows.ownNames(cluster).flatMap((name) => maintainer.wake(name, group)),
      countNotifier(outcome, times) {
        metrics.count('notifierEvents', { outcome }, times);
        if (outcome === 'invalid') count('', 'notifierInvalid', times);
      },
      faults: createFaultLog(
        { log: child('http'), clock },
        {
          began: 'Requests are refused',
          ended: 'Requests are good again',
          settleMs: 60_000,
        },
      ),
      heard(event, atMs) {
        if (event.cluster === null) view.heard(event, atMs);
        else {
          for (const cluster of burrows.ownNames(event.cluster)) {
            if (maintainer.follows(cluster, event.group)) view.heard({ ...event, cluster }, atMs);
          }
        }
      },
      source: view.source,
      dashboard: readDashboard(fileURLToPath(new URL('../../dist/dashboard/', import.meta.url))),
      clock,
      scheduler,
      log: child('http'),
    },
    {
      ...liveHttpOptions(configuration),
      host: configuration.http.host,
      port: configuration.http.port,
      version: options.version,
      push: configuration.poll.push,
    },
  );

  /** Every series is another one with other tags: those of now end, and all begin anew with their next samples. */
  function retag(tags: Configuration['series']['tags']): void {
    const nowMs = clock.nowMs();
    maintainer.cutAll(nowMs);
    reporter.closeAll(nowMs);
    encoder.retag(tags);
    memory?.retag(tags);
  }

  const health = (): HealthInputs =>
    healthInputs(configuration, {
      maintainer,
      outbox,
      sink,
      memory,
      own: { phase, startedAtMs, clockAheadMs: clock.aheadMs(), droppedSamples, lastDropMs },
    });

  const spans: Part = {
    name: 'spans',
    start: () => Promise.resolve(),
    async stop(signal) {
      if (!configuration.series.closeOnStop) return;
      const nowMs = clock.nowMs();
      await maintainer.closeAll(nowMs, signal);
      reporter.closeAll(nowMs);
    },
  };
  // Stopping goes backwards: polling first, then the zero-ends, then the outbox drains into the sink.
  const parts: readonly Part[] = [
    http,
    burrows,
    ...(memory ? [memory.ledger] : []),
    sink,
    outbox,
    ...(spanKeeper ? [spanKeeper] : []),
    spans,
    reporter,
    maintainer,
  ];

  return {
    name: 'sidecar',
    closed,
    address: () => http.address(),
    reconfigure(next) {
      // What may fail comes first.
      const isRetagged = !isSame(live.series.tags, next.series.tags);
      if (isRetagged && (memory?.isReading() === true || memory?.isUnsure() === true)) {
        throw new Error('series.tags cannot change before the ledger of open spans has been read');
      }
      const makeDestinationCount = destination.prepare?.(next);
      const makeAccessCount = burrows.prepare(next);
      http.reconfigure(liveHttpOptions(next));
      makeAccessCount();
      if (isRetagged) retag(next.series.tags);
      makeDestinationCount?.();
      live = next;
      maintainer.reconfigure(liveMaintainerOptions(next));
    },
    async start(signal) {
      startedAtMs = clock.nowMs();
      await startInOrder(parts, signal);
      phase = 'running';
    },
    async stop(signal) {
      phase = 'stopping';
      await stopInReverse(parts, signal);
    },
  };
}

function isSame(tags: Configuration['series']['tags'], others: Configuration['series']['tags']): boolean {
  const inOrder = (of: typeof tags): string => JSON.stringify(Object.entries(of).sort());
  return inOrder(tags) === inOrder(others);
}
