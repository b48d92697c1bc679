import type { HealthInputs, NotifierHealth } from '../health-inputs.ts';
import type { DatedHealth } from '../health-since.ts';
import type { Route } from '../route.ts';
import { apiRoute, type ApiDeps } from './api-route.ts';
import type { ApiSource, MinuteView } from './api-source.ts';
import { traffic, type OutboxState, type Traffic, type TrafficMinute } from './contract/traffic.ts';

export function trafficRoute({ source, health, judge, notifier, clock }: ApiDeps): Route {
  return apiRoute(
    '/api/traffic',
    { id: 'traffic', summary: 'What goes in and out', answer: traffic },
    (reply) => reply.send(describeTraffic(source, health(), judge(), notifier(), clock.nowMs())),
  );
}

function describeTraffic(
  source: ApiSource,
  health: HealthInputs,
  { parts }: DatedHealth,
  notifier: NotifierHealth,
  nowMs: number,
): Traffic {
  const minutes = source.minutes();
  const newest = minutes.at(-1);
  const { destination } = source.about;
  return {
    nowMs,
    stepMs: source.about.stepMs,
    minutes: minutes.map(describeMinute),
    exceptions: source.exceptions().map(({ kind, ...counts }) => ({
      kind,
      lastMinute: newest?.exceptions.get(kind) ?? 0,
      ...counts,
    })),
    outbox: describeOutbox(source, health),
    sink: {
      name: health.sink.name,
      condition: health.sink.condition,
      brokers: [...(destination.brokers ?? [])],
      topic: destination.topic ?? null,
      address: destination.address ?? null,
    },
    ledger: health.ledger && { condition: health.ledger },
    burrows: health.burrows.map(({ name, lastOkMs, lastSampleMs, lastError, sinceMs }) => ({
      name,
      ...statusOf(`burrow ${name}`, parts, sinceMs),
      lastOkMs,
      lastSampleMs,
      lastError: lastError && { atMs: lastError.atMs, reason: lastError.reason },
    })),
    notifier: {
      acceptedEvents: notifier.acceptedEvents,
      invalidBodies: notifier.invalidBodies,
      lastEventMs: notifier.lastEventMs,
    },
  };
}

/** What health says of a part. */
function statusOf(name: string, parts: DatedHealth['parts'], sinceMs: number) {
  const part = parts.find((each) => each.name === name);
  return { status: part?.status ?? 'ok', sinceMs: part?.sinceMs ?? sinceMs };
}

export function describeMinute(minute: MinuteView): TrafficMinute {
  const clusters = minute.clusters.map(
    ({ cluster, samples, laggingSamples, acknowledgedRecords, exceptions }) => ({
      cluster,
      totalMessage: samples,
      validMessage: laggingSamples,
      metricsSent: acknowledgedRecords,
      exceptionCount: sum([...exceptions.values()], (times) => times),
    }),
  );
  return {
    atMs: minute.endedAtMs,
    totalMessage: sum(clusters, ({ totalMessage }) => totalMessage),
    validMessage: sum(clusters, ({ validMessage }) => validMessage),
    metricsSent: sum(clusters, ({ metricsSent }) => metricsSent),
    // Some concern no one cluster.
    exceptionCount: sum([...minute.exceptions.values()], (times) => times),
    records: { ...minute.records },
    exceptions: Object.fromEntries(minute.exceptions),
    clusters,
  };
}

export function describeOutbox({ about }: ApiSource, { outbox }: HealthInputs): OutboxState {
  return {
    condition: outbox.condition,
    waitingSamples: outbox.waitingSamples,
    waitingRecords: outbox.waitingRecords,
    waitingBytes: outbox.waitingBytes,
    memoryBytes: about.outboxMemoryBytes,
    diskBytes: outbox.diskBytes,
    oldestWaitingMs: outbox.oldestWaitingMs,
    lastAcknowledgedMs: outbox.lastAcknowledgedMs,
    droppedSamples: outbox.droppedSamples,
    lastDropMs: outbox.lastDropMs,
  };
}

function sum<T>(items: readonly T[], read: (item: T) => number): number {
  let total = 0;
  for (const item of items) total += read(item);
  return total;
}
