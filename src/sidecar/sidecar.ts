import type { Writable } from 'node:stream';
import type { Logger } from 'pino';
import type { Configuration } from '../config/configuration.ts';
import { HISTORY_STEPS } from '../history/step-ring.ts';
import type { Phase } from '../http/health-inputs.ts';
import { namesOf } from '../ledger/recovered-spans.ts';
import type { Clock, Scheduler } from '../platform/clock.ts';
import { logSeconds } from '../platform/log-seconds.ts';
import { startInOrder, stopInReverse, type LoosePart, type Part } from '../platform/part.ts';
import { createSteadyClock } from '../platform/steady-clock.ts';
import type { Recall } from '../recall/recall.ts';
import { createBurrowServers } from './burrow-servers.ts';
import { createDelivery, type Delivery } from './delivery.ts';
import { createListeners, type Listeners } from './listeners.ts';
import { createLiveView, type LiveView } from './live-view.ts';
import { createMetrics } from './metrics.ts';
import { createPolling } from './polling.ts';
import { createStatusLog } from './status-log.ts';
import { createWebServer } from './web-server.ts';

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
  /** How often the traffic family is sent: each minute, unless time itself is sped up. */
  readonly trafficIntervalMs: number;
  /** Burrow runs in the same container, and is restarted with it. Default: no. */
  readonly isBurrowSupervised?: boolean;
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
  let live = configuration;
  let phase: Phase = 'starting';
  let startedAtMs = given.clock.nowMs();
  let onClosed: (error: Error | null) => void = () => undefined;
  const closed = new Promise<Error | null>((resolve) => (onClosed = resolve));
  const listeners = createListeners();
  const clock = createListenedClock(given, listeners);
  const deps = { ...given, clock, listeners, now: () => live };

  const delivery = await createDelivery(configuration, { ...deps, onClosed });
  const { outbox, memory } = delivery;
  const burrows = createBurrowServers(configuration, deps);
  const polling = createPolling(
    configuration,
    {
      ...deps,
      clients: burrows.clients,
      emit: (sample) => delivery.emit(sample),
      isPaused: () => memory?.isUnsure() === true,
    },
    options,
  );
  const { maintainer, series } = polling;
  const recovery = memory?.createKeeper({
    spansOnDisk: () => outbox.spansOnDisk(),
    offer: (sample) => outbox.offer(sample),
    endedElsewhere: (...ended) => polling.endedElsewhere(...ended),
    resume(spans, notBeforeSeconds) {
      polling.resume(spans, notBeforeSeconds);
      maintainer.remember(namesOf(spans));
    },
  });
  const view = createLiveView(
    configuration,
    {
      series,
      maintainer,
      statusChanged: listeners.statusChanged,
      recall: () => recall?.progress() ?? null,
    },
    {
      version: options.version,
      stepMs: options.trafficIntervalMs,
      pollIntervalMs: () => live.poll.intervalMs,
      longestPauseMs: () => (live.poll.push === 'only' ? live.poll.pushSafetyMs : live.poll.intervalMs),
    },
  );
  const metrics = createMetrics(
    configuration,
    {
      nowMs: () => clock.nowMs(),
      outbox,
      sink: delivery.sink,
      maintainer,
      series,
      groups: () => view.groups(),
    },
    options,
  );
  listeners.add(metrics, view, createStatusLog({ log: given.log.child({ part: 'groups' }) }));
  const recall = await createHistoryRecall(configuration, deps, delivery, view, options);
  const http = createWebServer(
    configuration,
    {
      ...deps,
      life: () => ({
        phase,
        startedAtMs,
        clockAheadMs: clock.aheadMs(),
        clockSetBackAtMs: clock.setBackAtMs(),
      }),
      delivery,
      maintainer,
      burrows,
      metrics,
      source: view.source,
    },
    options,
  );
  // Stopping goes backwards: polling first, then the zero-ends, then the outbox drains into the sink.
  const parts: readonly LoosePart[] = [
    http,
    burrows,
    ...delivery.parts,
    ...(recovery ? [recovery] : []),
    ...polling.parts,
    ...(recall ? [recall] : []),
  ];

  return {
    name: 'sidecar',
    closed,
    address: () => http.address(),
    reconfigure(next) {
      // What may fail comes first.
      const { tags } = next.series;
      const makeTagsCount = isSame(live.series.tags, tags) ? null : delivery.prepareTags(tags);
      const makeDestinationCount = delivery.prepareAccess(next);
      const makeBurrowsCount = burrows.prepare(next);
      http.reconfigure(next);
      makeBurrowsCount();
      makeDestinationCount();
      // With other tags every series is another one: those that are open end now, and begin again with their next samples.
      if (makeTagsCount !== null) {
        polling.cutAll(clock.nowMs());
        makeTagsCount();
      }
      live = next;
      polling.reconfigure(next);
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

/** What reads back the history of before the start; null, and not loaded, where the destination is not Kafka. */
async function createHistoryRecall(
  { series, discovery }: Configuration,
  deps: SidecarDeps & { readonly now: () => Configuration },
  { kafka }: Pick<Delivery, 'kafka'>,
  view: Pick<LiveView, 'recalled' | 'released'>,
  { trafficIntervalMs }: SidecarOptions,
): Promise<Recall | null> {
  if (kafka === undefined) return null;
  const { createRecall } = await import('../recall/recall.ts');
  return createRecall(
    { ...deps, ...view, log: deps.log.child({ part: 'recall' }) },
    {
      kafka,
      source: series.source,
      stepMs: trafficIntervalMs,
      steps: HISTORY_STEPS,
      mostGroups: discovery.maxGroups,
      pollIntervalMs: () => deps.now().poll.intervalMs,
    },
  );
}

/** A steady clock that logs what the system clock does to it. */
function createListenedClock(deps: SidecarDeps, listeners: Listeners) {
  const log = deps.log.child({ part: 'clock' });
  return createSteadyClock({
    ...deps,
    onSetBack(byMs) {
      listeners.exception('', 'clockSetBack', 1);
      log.warn(
        { bySeconds: logSeconds(byMs) },
        'The system clock was set back; records go on from where they were, ahead of it until it catches up',
      );
    },
    onCaughtUp(lastedMs) {
      log.info({ lastedSeconds: logSeconds(lastedMs) }, 'The system clock has caught up with the records');
    },
  });
}

function isSame(tags: Configuration['series']['tags'], others: Configuration['series']['tags']): boolean {
  const inOrder = (of: typeof tags): string => JSON.stringify(Object.entries(of).sort());
  return inOrder(tags) === inOrder(others);
}
