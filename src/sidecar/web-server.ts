import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { describeDifference } from '../burrow/differing-lists.ts';
import type { Configuration } from '../config/configuration.ts';
import { readTlsFiles } from '../config/setting/tls-options.ts';
import type { ApiSource } from '../http/api/api-source.ts';
import type { LiveAppOptions } from '../http/app.ts';
import { readDashboard } from '../http/dashboard-routes.ts';
import type { HealthInputs, Phase } from '../http/health-inputs.ts';
import { createHttpServer, type HttpServer } from '../http/http-server.ts';
import type { Clock, Scheduler } from '../platform/clock.ts';
import { createFaultLog } from '../platform/fault-log.ts';
import type { UrlMaintainer } from '../poll/url-maintainer.ts';
import type { BurrowServers } from './burrow-servers.ts';
import { DROP_MEMORY_MS, type Delivery } from './delivery.ts';
import type { Listeners } from './listeners.ts';
import type { Metrics } from './metrics.ts';

export interface WebServerDeps {
  /** What the sidecar says of itself. */
  readonly life: () => {
    readonly phase: Phase;
    readonly startedAtMs: number;
    /** See `HealthInputs`. */
    readonly clockAheadMs: number;
    readonly clockSetBackAtMs: number | null;
  };
  readonly delivery: Pick<Delivery, 'outbox' | 'sink' | 'memory' | 'drops'>;
  readonly maintainer: UrlMaintainer;
  readonly burrows: Pick<BurrowServers, 'ownNames'>;
  readonly metrics: Pick<Metrics, 'expose'>;
  readonly source: ApiSource;
  readonly listeners: Listeners;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly log: Logger;
}

/** The HTTP server with all that it shows. */
export interface WebServer extends Omit<HttpServer, 'reconfigure'> {
  /** See `HttpServer`. */
  reconfigure(configuration: Configuration): void;
}

/** See {@link WebServer}. */
export function createWebServer(
  configuration: Configuration,
  deps: WebServerDeps,
  {
    version,
    isBurrowSupervised = false,
  }: { readonly version: string; readonly isBurrowSupervised?: boolean },
): WebServer {
  const { maintainer, burrows, metrics, listeners, clock } = deps;
  const log = deps.log.child({ part: 'http' });
  const server = createHttpServer(
    {
      health: () => ({ ...healthInputs(configuration, deps), isBurrowSupervised }),
      exposeMetrics: (format) => metrics.expose(format),
      wake: (cluster, group) =>
        cluster === null
          ? maintainer.wake(null, group)
          : burrows.ownNames(cluster).flatMap((name) => maintainer.wake(name, group)),
      countNotifier(outcome, times) {
        listeners.notifierEvents(outcome, times);
        if (outcome === 'invalid') listeners.exception('', 'notifierInvalid', times);
      },
      faults: createFaultLog(
        { log, clock },
        {
          began: 'Requests are refused',
          ended: 'Requests are good again',
          settleMs: 60_000,
        },
      ),
      heard(event, atMs) {
        if (event.cluster === null) listeners.notified(event, atMs);
        else {
          for (const cluster of burrows.ownNames(event.cluster)) {
            if (maintainer.follows(cluster, event.group)) listeners.notified({ ...event, cluster }, atMs);
          }
        }
      },
      source: deps.source,
      dashboard: readDashboard(fileURLToPath(new URL('../../dist/dashboard/', import.meta.url))),
      clock,
      scheduler: deps.scheduler,
      log,
    },
    {
      ...liveHttpOptions(configuration),
      host: configuration.http.host,
      port: configuration.http.port,
      version,
      push: configuration.poll.push,
    },
  );
  return { ...server, reconfigure: (next) => server.reconfigure(liveHttpOptions(next)) };
}

/** What the HTTP server lets in and how it judges, as far as that may change. Reads the TLS files that are named. */
function liveHttpOptions({ http, health, metrics, discovery }: Configuration): LiveAppOptions {
  return {
    ...(http.token !== undefined && { token: http.token }),
    protectMetrics: metrics.protected,
    ...(http.tls !== null && { tls: readTlsFiles(http.tls) }),
    limits: {
      ...health,
      listsSilentMs: Math.max(health.burrowSilentMs, 2 * discovery.intervalMs),
      dropMemoryMs: DROP_MEMORY_MS,
    },
  };
}

/** All that the health check judges by, at this moment. Does no I/O. */
function healthInputs(
  { discovery, sink: { type } }: Configuration,
  { life, delivery, maintainer }: WebServerDeps,
): Omit<HealthInputs, 'isBurrowSupervised'> {
  const { outbox, sink, memory } = delivery;
  const { samples, records, bytes, diskBytes } = outbox.depth();
  return {
    ...life(),
    burrows: maintainer.servers(),
    namesakes: maintainer
      .namesakes()
      .map((namesake) => ({ cluster: namesake.cluster, reason: describeDifference(namesake) })),
    hasNothingToSample: maintainer.hasNothingToSample(),
    firstPolls: maintainer.firstPolls(),
    groupLimit: {
      maxGroups: discovery.maxGroups,
      leftOutGroups: maintainer.clusters().reduce((sum, cluster) => sum + cluster.groupsOverLimit, 0),
    },
    outbox: {
      condition: outbox.condition(),
      waitingSamples: samples,
      waitingRecords: records,
      waitingBytes: bytes,
      diskBytes,
      oldestWaitingMs: outbox.oldestWaitingMs(),
      silentMs: outbox.silentMs(),
      unansweredMs: outbox.unansweredMs(),
      lastAcknowledgedMs: outbox.lastAcknowledgedMs(),
      ...delivery.drops(),
    },
    sink: { name: type, condition: sink.condition() },
    ledger: memory?.condition() ?? null,
  };
}
