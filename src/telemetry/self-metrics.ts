import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { EXCEPTION_KINDS, type CountException } from './exceptions.ts';
import type { GroupState } from './group-board.ts';
import { renderGroupFamilies } from './group-exposition.ts';
import { OPEN_METRICS_END, OPEN_METRICS_TYPE, toOpenMetrics } from './open-metrics.ts';
import { renderTopicFamily, type TopicState } from './topic-exposition.ts';
import { renderPartitionFamilies, type PartitionState } from './partition-exposition.ts';

/** What waits in the outbox. */
export interface OutboxGauges {
  readonly samples: number;
  readonly records: number;
  readonly bytes: number;
  /** Age of the oldest waiting sample, seconds; null when nothing waits. */
  readonly oldestAgeSeconds: number | null;
  /** What lies on disk; 0 without one. */
  readonly diskBytes: number;
}

/** Collaborators that are asked at each scrape; none of them may do I/O. */
export interface SelfMetricsDeps {
  readonly nowMs: () => number;
  readonly groups: () => Iterable<GroupState>;
  /** Every topic of every group, those of one group together. */
  readonly topics: () => Iterable<TopicState>;
  readonly outbox: () => OutboxGauges;
  readonly isSinkUp: () => boolean;
  /** Live handlers by kind. */
  readonly handlers: () => { readonly group: number; readonly topic: number };
  /** For each cluster that is followed, how many of its groups the filter leaves out. */
  readonly hiddenGroups: () => Iterable<{ readonly cluster: string; readonly groups: number }>;
  /** Groups that are left out because of discovery.maxGroups, by cluster. */
  readonly groupsOverLimit: () => Iterable<{ readonly cluster: string; readonly groups: number }>;
  /** Burrow servers by their configured names, and whether the newest request to them was answered. */
  readonly burrows: () => Iterable<{ readonly name: string; readonly isUp: boolean }>;
  /** Every partition of every group, those of one group together; only asked with the option `partitions`. */
  readonly partitions: () => Iterable<PartitionState>;
}

export interface SelfMetricsOptions {
  readonly version: string;
  /** Whether each partition has series of its own. */
  readonly partitions: boolean;
  /** Whether those are labelled with owner and client id, too. */
  readonly partitionOwners: boolean;
  /** Every cause that a drop may have. */
  readonly dropCauses: readonly string[];
  /** Every cause that a fault of the destination may have. */
  readonly sinkFaultCauses: readonly string[];
}

/** Samples of one cluster that will not be delivered, and why (a word of a bounded set). */
export interface DroppedSamples {
  readonly cluster: string;
  readonly samples: number;
  readonly records: number;
  readonly cause: string;
}

const NOTIFIER_OUTCOMES = ['woken', 'merged', 'deferred', 'unknown', 'ignored', 'invalid'] as const;

/** What a notifier's event came to. */
export type NotifierOutcome = (typeof NOTIFIER_OUTCOMES)[number];

const POLL_OUTCOMES = ['ok', 'notFound', 'unreachable', 'invalid'] as const;

/** What a request to Burrow came to. */
export type PollOutcome = (typeof POLL_OUTCOMES)[number];

/** Prometheus' own text format, or OpenMetrics. */
export type ExpositionFormat = 'text' | 'openMetrics';

/** `/metrics`, ready to send. */
export interface Exposition {
  readonly contentType: string;
  readonly body: Buffer;
  /** What comes after it, made as it is read, anew for each reader; null: nothing. */
  readonly rest: AsyncIterable<Buffer> | null;
}

/** The sidecar's own metrics, in a registry of their own. Counts are 0 or more. */
export interface SelfMetrics {
  countSample(cluster: string): void;
  /** @param server the configured name, never a URL with credentials */
  countPoll(server: string, outcome: PollOutcome, durationSeconds: number): void;
  readonly countException: CountException;
  countAcknowledged(cluster: string, records: number): void;
  countDropped(drop: DroppedSamples): void;
  /** A fault of the destination has begun, or goes on for this cause now. */
  countSinkFault(cause: string): void;
  countNotifier(outcome: NotifierOutcome, times: number): void;
  /** Callers that come while one exposition of a format is under way share it. */
  expose(format: ExpositionFormat): Promise<Exposition>;
}

const PREFIX = 'burrow_rainbow_';
const POLL_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Coarser than the library's 10 ms, whose timer alone wakes an idle process 100 times a second. */
const EVENT_LOOP_RESOLUTION_MS = 100;

/** See {@link SelfMetrics}. Node's own metrics keep their customary names `process_*` and `nodejs_*`. */
export function createSelfMetrics(deps: SelfMetricsDeps, options: SelfMetricsOptions): SelfMetrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: EVENT_LOOP_RESOLUTION_MS });

  const samples = counter(
    'samples_total',
    'Samples taken: good answers of Burrow about a group or a topic.',
    ['cluster'],
  );
  const polls = counter(
    'polls_total',
    'Requests to Burrow by what came of them: ok, notFound, unreachable, invalid.',
    ['server', 'outcome'],
  );
  const exceptions = counter(
    'exceptions_total',
    'What went wrong with a single poll or record, by kind (see Exceptions).',
    ['cluster', 'kind'],
  );
  const acknowledged = counter('records_acknowledged_total', 'Records acknowledged by the destination.', [
    'cluster',
  ]);
  const droppedSamples = counter(
    'samples_dropped_total',
    'Samples dropped, whole or all but their zero bounds: full, refused, stopped, or lost (disk damaged).',
    ['cluster', 'cause'],
  );
  const droppedRecords = counter('records_dropped_total', 'Records dropped, for the same causes.', [
    'cluster',
    'cause',
  ]);
  const sinkFaults = counter(
    'sink_faults_total',
    'Faults of the destination and of the ledger there that have begun: unreachable, silent, throttled, topic, tooLarge, forbidden, credentials, certificate, replicas, producer, other.',
    ['cause'],
  );
  const notifier = counter(
    'notifier_events_total',
    "Events of Burrow's notifier by what they came to: woken, merged, deferred, unknown, ignored, invalid.",
    ['outcome'],
  );
  const pollSeconds = new Histogram({
    name: `${PREFIX}poll_duration_seconds`,
    help: 'Time from the request to Burrow to its whole answer.',
    labelNames: ['server'],
    buckets: POLL_SECONDS,
    registers,
  });

  gauge('outbox_samples', 'Samples waiting for the destination.', () => deps.outbox().samples);
  gauge('outbox_records', 'Records waiting for the destination.', () => deps.outbox().records);
  gauge('outbox_bytes', 'Bytes waiting for the destination.', () => deps.outbox().bytes);
  gauge('outbox_disk_bytes', 'Bytes of the outbox on disk.', () => deps.outbox().diskBytes);
  gauge(
    'outbox_oldest_age_seconds',
    'Age of the oldest waiting sample; 0 when none waits.',
    () => deps.outbox().oldestAgeSeconds ?? 0,
  );
  gauge('sink_up', '1 while the destination takes records, 0 while it has a fault.', () =>
    deps.isSinkUp() ? 1 : 0,
  );
  new Gauge({
    name: `${PREFIX}burrow_up`,
    help: '1 while the Burrow server answers, 0 since a request failed.',
    labelNames: ['server'],
    registers,
    collect() {
      for (const { name, isUp } of deps.burrows()) this.set({ server: name }, isUp ? 1 : 0);
    },
  });
  new Gauge({
    name: `${PREFIX}handlers`,
    help: 'URLs that are polled, by kind: group or topic.',
    labelNames: ['kind'],
    registers,
    collect() {
      const { group, topic } = deps.handlers();
      this.set({ kind: 'group' }, group);
      this.set({ kind: 'topic' }, topic);
    },
  });
  new Gauge({
    name: `${PREFIX}hidden_groups`,
    help: 'Groups that Burrow lists and discovery.groups leaves out.',
    labelNames: ['cluster'],
    registers,
    collect() {
      this.reset();
      for (const { cluster, groups } of deps.hiddenGroups()) this.set({ cluster }, groups);
    },
  });
  new Gauge({
    name: `${PREFIX}groups_over_limit`,
    help: 'Groups that are not followed, because discovery.maxGroups are.',
    labelNames: ['cluster'],
    registers,
    collect() {
      this.reset();
      for (const { cluster, groups } of deps.groupsOverLimit()) this.set({ cluster }, groups);
    },
  });
  new Gauge({
    name: `${PREFIX}blank_owner_partitions`,
    help: 'Partitions without a known owner at the newest samples, which is normal.',
    labelNames: ['cluster'],
    registers,
    collect() {
      const byCluster = new Map<string, number>();
      for (const { cluster, blankOwners } of deps.groups()) {
        byCluster.set(cluster, (byCluster.get(cluster) ?? 0) + blankOwners);
      }
      this.reset();
      for (const [cluster, partitions] of byCluster) this.set({ cluster }, partitions);
    },
  });
  new Gauge({
    name: `${PREFIX}build_info`,
    help: 'Always 1; the labels say what runs.',
    labelNames: ['version'],
    registers,
  }).set({ version: options.version }, 1);

  const knownClusters = new Set<string>();
  const knownServers = new Set<string>();
  // What concerns no one cluster, or one that is not known any more.
  knowCluster('');
  for (const outcome of NOTIFIER_OUTCOMES) notifier.inc({ outcome }, 0);
  for (const cause of options.sinkFaultCauses) sinkFaults.inc({ cause }, 0);
  const underWay = new Map<ExpositionFormat, Promise<Exposition>>();

  return {
    countSample(cluster) {
      samples.inc({ cluster });
      if (!knownClusters.has(cluster)) knowCluster(cluster);
    },
    countPoll(server, outcome, durationSeconds) {
      polls.inc({ server, outcome });
      if (!knownServers.has(server)) knowServer(server);
      pollSeconds.observe({ server }, durationSeconds);
    },
    countException: (cluster, kind, times) => exceptions.inc({ cluster, kind }, times),
    countAcknowledged: (cluster, records) => acknowledged.inc({ cluster }, records),
    countDropped({ cluster, samples: lost, records, cause }) {
      droppedSamples.inc({ cluster, cause }, lost);
      droppedRecords.inc({ cluster, cause }, records);
    },
    countSinkFault: (cause) => sinkFaults.inc({ cause }),
    countNotifier: (outcome, times) => notifier.inc({ outcome }, times),
    expose(format) {
      let exposition = underWay.get(format);
      if (exposition === undefined) {
        exposition = render(format).finally(() => underWay.delete(format));
        underWay.set(format, exposition);
      }
      return exposition;
    },
  };

  /** A counter that began with the first drop would hide that drop from Prometheus, which sees growth alone. */
  function knowCluster(cluster: string): void {
    knownClusters.add(cluster);
    for (const kind of EXCEPTION_KINDS) exceptions.inc({ cluster, kind }, 0);
    for (const cause of options.dropCauses) {
      droppedSamples.inc({ cluster, cause }, 0);
      droppedRecords.inc({ cluster, cause }, 0);
    }
  }

  function knowServer(server: string): void {
    knownServers.add(server);
    for (const outcome of POLL_OUTCOMES) polls.inc({ server, outcome }, 0);
  }

  async function render(format: ExpositionFormat): Promise<Exposition> {
    const isOpen = format === 'openMetrics';
    const own = await registry.metrics();
    const groups = await renderGroupFamilies(deps.groups(), deps.nowMs(), nextTurn);
    const topics = await renderTopicFamily(deps.topics(), nextTurn);
    const end = isOpen ? OPEN_METRICS_END : '';
    const rest = { [Symbol.asyncIterator]: () => renderPartitions(end) };
    return {
      contentType: isOpen ? OPEN_METRICS_TYPE : registry.contentType,
      body: Buffer.concat([
        Buffer.from(isOpen ? toOpenMetrics(own) : own),
        groups,
        topics,
        Buffer.from(options.partitions ? '' : end),
      ]),
      rest: options.partitions ? rest : null,
    };
  }

  async function* renderPartitions(end: string): AsyncGenerator<Buffer, void, undefined> {
    yield* renderPartitionFamilies(deps.partitions, nextTurn, { owners: options.partitionOwners });
    if (end !== '') yield Buffer.from(end);
  }

  function counter<Label extends string>(name: string, help: string, labelNames: Label[]): Counter<Label> {
    return new Counter({ name: PREFIX + name, help, labelNames, registers });
  }

  function gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name: PREFIX + name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
