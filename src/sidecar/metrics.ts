import type { Configuration } from '../config/configuration.ts';
import { DROP_CAUSES, type Outbox } from '../outbox/outbox.ts';
import type { UrlMaintainer } from '../poll/url-maintainer.ts';
import type { PartitionLevels, TopicLevels } from '../series/series-book.ts';
import type { Sink } from '../sinks/sink.ts';
import { SINK_KINDS } from '../sinks/sink-kinds.ts';
import type { GaugedGroup } from '../telemetry/group-state.ts';
import { createSelfMetrics, type SelfMetrics } from '../telemetry/self-metrics.ts';
import type { Listener } from './listeners.ts';

export interface MetricsDeps {
  readonly nowMs: () => number;
  readonly outbox: Pick<Outbox, 'depth' | 'oldestWaitingMs'>;
  readonly sink: Pick<Sink, 'condition'>;
  readonly maintainer: Pick<UrlMaintainer, 'clusters' | 'servers'>;
  readonly series: TopicLevels & PartitionLevels;
  /** Every group that lives. */
  readonly groups: () => Iterable<GaugedGroup>;
}

/** The sidecar's metrics: counters that listen, and gauges that are read when someone scrapes. */
export interface Metrics extends Listener, Pick<SelfMetrics, 'expose'> {}

/** See {@link Metrics}. */
export function createMetrics(
  { metrics: { partitions, partitionOwners }, sink: { type } }: Configuration,
  { nowMs, outbox, sink, maintainer, series, groups }: MetricsDeps,
  { version }: { readonly version: string },
): Metrics {
  const metrics = createSelfMetrics(
    {
      nowMs,
      groups,
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
      version,
      partitions,
      partitionOwners,
      dropCauses: DROP_CAUSES,
      sinkFaultCauses: SINK_KINDS[type].faultCauses,
    },
  );
  return {
    expose: (format) => metrics.expose(format),
    requested(server, outcome, durationSeconds) {
      metrics.count('polls', { server, outcome });
      metrics.observe('pollSeconds', { server }, durationSeconds);
    },
    sampleTaken: (cluster) => metrics.count('samples', { cluster }),
    acknowledged: (cluster, records) => metrics.count('recordsAcknowledged', { cluster }, records),
    dropped({ cluster, cause, samples, records }) {
      metrics.count('samplesDropped', { cluster, cause }, samples);
      metrics.count('recordsDropped', { cluster, cause }, records);
    },
    sinkFault: (cause) => metrics.count('sinkFaults', { cause }),
    exception: (cluster, kind, times) => metrics.count('exceptions', { cluster, kind }, times),
    notifierEvents: (outcome, times) => metrics.count('notifierEvents', { outcome }, times),
  };
}
