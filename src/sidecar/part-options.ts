import type { BurrowClientOptions } from '../burrow/undici-client.ts';
import type { Configuration } from '../config/configuration.ts';
import type { LiveAppOptions } from '../http/app.ts';
import type { OutboxOptions } from '../outbox/outbox.ts';
import type { LiveMaintainerOptions } from '../poll/url-maintainer.ts';
import type { SeriesOptions } from '../series/series-options.ts';
import { readTlsFiles, tlsClientOptions } from '../config/setting/tls-options.ts';

/** How samples become series. @param now the configuration that holds now, for what may change */
export function seriesOptions({ series }: Configuration, now: () => Configuration): SeriesOptions {
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

/** Share of the poll interval that a first sample waits for company, and its bound. */
const LINGER_SHARE = 1 / 30;
const MOST_LINGER_MS = 1000;

/**
 * How much may wait, and where. Polls are spread over their interval: a second of patience at the default of 30 s
 * makes one send to the brokers of many.
 *
 * @param now the configuration that holds now, for what may change
 */
export function outboxOptions({ outbox }: Configuration, now: () => Configuration): OutboxOptions {
  const { memoryBytes, disk } = outbox;
  return {
    memoryBytes,
    get lingerMs() {
      return Math.min(MOST_LINGER_MS, now().poll.intervalMs * LINGER_SHARE);
    },
    ...(disk.path !== '' && { disk }),
  };
}

/** A Burrow server: how to reach it, and our names for its clusters, by its own. */
export interface BurrowOptions extends BurrowClientOptions {
  readonly clusterNames: ReadonlyMap<string, string>;
}

/** How to reach each Burrow server. Reads the TLS files that are named. */
export function burrowClientOptions({ burrow }: Configuration): readonly BurrowOptions[] {
  return burrow.servers.map(({ tls, clusters = {}, ...server }) => ({
    ...server,
    clusterNames: new Map(Object.entries(clusters)),
    ...(tls && { tls: tlsClientOptions(tls) }),
    timeoutMs: burrow.timeoutMs,
    connections: burrow.concurrency,
  }));
}

/** With `push: only`, a woken group sleeps again after so many calm answers in a row. */
const CALM_ANSWERS_BEFORE_SLEEP = 4;

/** What is followed and how often it is polled, as far as that may change. */
export function liveMaintainerOptions({ discovery, poll }: Configuration): LiveMaintainerOptions {
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

/** For so long after a drop the health check speaks of it. */
const DROP_MEMORY_MS = 10 * 60_000;

/** What the HTTP server lets in and how it judges, as far as that may change. Reads the TLS files that are named. */
export function liveHttpOptions({ http, health, metrics }: Configuration): LiveAppOptions {
  return {
    ...(http.token !== undefined && { token: http.token }),
    protectMetrics: metrics.protected,
    ...(http.tls !== null && { tls: readTlsFiles(http.tls) }),
    limits: { ...health, dropMemoryMs: DROP_MEMORY_MS },
  };
}
