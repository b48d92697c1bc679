import { EXCEPTION_KINDS } from './exceptions.ts';
import type { GaugedGroup } from './group-state.ts';
import { GROUP_GAUGES, PARTITION_GAUGES, TOPIC_GAUGES, type MetricRow } from './state-gauges.ts';

const NOTIFIER_OUTCOMES = ['woken', 'merged', 'deferred', 'unknown', 'ignored', 'invalid'] as const;

/** What a notifier's event came to. */
export type NotifierOutcome = (typeof NOTIFIER_OUTCOMES)[number];

const POLL_OUTCOMES = ['ok', 'notFound', 'unreachable', 'invalid'] as const;

/** What a request to Burrow came to. */
export type PollOutcome = (typeof POLL_OUTCOMES)[number];

/** What the rows need to know of the configuration. */
export interface MetricOptions {
  readonly version: string;
  /** Every cause that a drop may have. */
  readonly dropCauses: readonly string[];
  /** Every cause that a fault of the destination may have. */
  readonly sinkFaultCauses: readonly string[];
}

/** Counted with `SelfMetrics.count`, by its key. */
export interface CounterRow extends MetricRow {
  /**
   * A label besides `cluster` or `server`, and all the values that it may have: a series of each begins at 0, with the
   * first count for its cluster or server where it has such a label.
   */
  readonly zeroes?: (options: MetricOptions) => { readonly [label: string]: readonly string[] };
}

/** Each counter, by the key that it is counted with. */
export const COUNTERS = {
  samples: {
    name: 'burrow_rainbow_samples_total',
    help: 'Samples taken: good answers of Burrow about a group or a topic.',
    labels: ['cluster'],
  },
  polls: {
    name: 'burrow_rainbow_polls_total',
    help: 'Requests to Burrow by outcome: ok, notFound, unreachable, invalid.',
    labels: ['server', 'outcome'],
    zeroes: () => ({ outcome: POLL_OUTCOMES }),
  },
  exceptions: {
    name: 'burrow_rainbow_exceptions_total',
    help: 'What went wrong with a single poll or record, by kind (see Exceptions).',
    labels: ['cluster', 'kind'],
    zeroes: () => ({ kind: EXCEPTION_KINDS }),
  },
  recordsAcknowledged: {
    name: 'burrow_rainbow_records_acknowledged_total',
    help: 'Records acknowledged by the destination.',
    labels: ['cluster'],
  },
  samplesDropped: {
    name: 'burrow_rainbow_samples_dropped_total',
    help: 'Samples dropped, whole or all but their zero bounds: full, refused, stopped, or lost (disk damaged).',
    labels: ['cluster', 'cause'],
    zeroes: ({ dropCauses }) => ({ cause: dropCauses }),
  },
  recordsDropped: {
    name: 'burrow_rainbow_records_dropped_total',
    help: 'Records dropped, for the same causes.',
    labels: ['cluster', 'cause'],
    zeroes: ({ dropCauses }) => ({ cause: dropCauses }),
  },
  sinkFaults: {
    name: 'burrow_rainbow_sink_faults_total',
    help: 'Faults of the destination and of the ledger there that have begun, by cause (see Destinations).',
    labels: ['cause'],
    zeroes: ({ sinkFaultCauses }) => ({ cause: sinkFaultCauses }),
  },
  notifierEvents: {
    name: 'burrow_rainbow_notifier_events_total',
    help: "Events of Burrow's notifier by outcome: woken, merged, deferred, unknown, ignored, invalid.",
    labels: ['outcome'],
    zeroes: () => ({ outcome: NOTIFIER_OUTCOMES }),
  },
} as const satisfies Readonly<Record<string, CounterRow>>;

/** Observed with `SelfMetrics.observe`, by its key. */
export const HISTOGRAMS = {
  pollSeconds: {
    name: 'burrow_rainbow_poll_duration_seconds',
    help: 'Time from the request to Burrow to its whole answer.',
    labels: ['server'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  },
} as const satisfies Readonly<Record<string, MetricRow & { readonly buckets: readonly number[] }>>;

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

interface ClusterGroups {
  readonly cluster: string;
  readonly groups: number;
}

/** What gauges are read from at each scrape; none of it may do I/O. */
export interface GaugeSources {
  readonly groups: () => Iterable<GaugedGroup>;
  readonly outbox: () => OutboxGauges;
  readonly isSinkUp: () => boolean;
  /** Live handlers by kind. */
  readonly handlers: () => { readonly group: number; readonly topic: number };
  /** For each cluster that is followed, how many of its groups the filter leaves out. */
  readonly hiddenGroups: () => Iterable<ClusterGroups>;
  /** Groups that are left out because of discovery.maxGroups, by cluster. */
  readonly groupsOverLimit: () => Iterable<ClusterGroups>;
  /** Burrow servers by their configured names, and whether the newest request to them was answered. */
  readonly burrows: () => Iterable<{ readonly name: string; readonly isUp: boolean }>;
}

export interface GaugeRow extends MetricRow {
  /** The value now; with a label, one for each value of that. */
  readonly read: (
    sources: GaugeSources,
    options: MetricOptions,
  ) => number | Iterable<readonly [label: string, value: number]>;
}

export const GAUGES: readonly GaugeRow[] = [
  {
    name: 'burrow_rainbow_outbox_samples',
    help: 'Samples waiting for the destination.',
    labels: [],
    read: ({ outbox }) => outbox().samples,
  },
  {
    name: 'burrow_rainbow_outbox_records',
    help: 'Records waiting for the destination.',
    labels: [],
    read: ({ outbox }) => outbox().records,
  },
  {
    name: 'burrow_rainbow_outbox_bytes',
    help: 'Bytes waiting for the destination.',
    labels: [],
    read: ({ outbox }) => outbox().bytes,
  },
  {
    name: 'burrow_rainbow_outbox_disk_bytes',
    help: 'Bytes of the outbox on disk.',
    labels: [],
    read: ({ outbox }) => outbox().diskBytes,
  },
  {
    name: 'burrow_rainbow_outbox_oldest_age_seconds',
    help: 'Age of the oldest waiting sample; 0 when none waits.',
    labels: [],
    read: ({ outbox }) => outbox().oldestAgeSeconds ?? 0,
  },
  {
    name: 'burrow_rainbow_sink_up',
    help: '1 while the destination takes records, 0 while it has a fault.',
    labels: [],
    read: ({ isSinkUp }) => Number(isSinkUp()),
  },
  {
    name: 'burrow_rainbow_burrow_up',
    help: '1 while the Burrow server answers, 0 since a request failed.',
    labels: ['server'],
    read: ({ burrows }) => [...burrows()].map(({ name, isUp }) => [name, Number(isUp)]),
  },
  {
    name: 'burrow_rainbow_handlers',
    help: 'URLs that are polled, by kind: group or topic.',
    labels: ['kind'],
    read: ({ handlers }) => Object.entries(handlers()),
  },
  {
    name: 'burrow_rainbow_hidden_groups',
    help: 'Groups that Burrow lists and discovery.groups leaves out.',
    labels: ['cluster'],
    read: ({ hiddenGroups }) => [...hiddenGroups()].map(({ cluster, groups }) => [cluster, groups]),
  },
  {
    name: 'burrow_rainbow_groups_over_limit',
    help: 'Groups that are not followed, because discovery.maxGroups are.',
    labels: ['cluster'],
    read: ({ groupsOverLimit }) => [...groupsOverLimit()].map(({ cluster, groups }) => [cluster, groups]),
  },
  {
    name: 'burrow_rainbow_blank_owner_partitions',
    help: 'Partitions without a known owner at the newest samples, which is normal.',
    labels: ['cluster'],
    read({ groups }) {
      const byCluster = new Map<string, number>();
      for (const {
        state: { cluster, blankOwners },
      } of groups()) {
        byCluster.set(cluster, (byCluster.get(cluster) ?? 0) + blankOwners);
      }
      return byCluster;
    },
  },
  {
    name: 'burrow_rainbow_build_info',
    help: 'Always 1; the labels say what runs.',
    labels: ['version'],
    read: (_sources, { version }) => [[version, 1]],
  },
];

/** Every metric of our own, in the order in which they are exposed. */
export const METRIC_ROWS: readonly (MetricRow & { readonly type: 'counter' | 'histogram' | 'gauge' })[] = [
  ...Object.values(COUNTERS).map((row) => ({ ...row, type: 'counter' as const })),
  ...Object.values(HISTOGRAMS).map((row) => ({ ...row, type: 'histogram' as const })),
  ...[...GAUGES, ...GROUP_GAUGES, ...TOPIC_GAUGES, ...PARTITION_GAUGES].map((row) => ({
    ...row,
    type: 'gauge' as const,
  })),
];
