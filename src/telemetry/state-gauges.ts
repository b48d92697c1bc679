import type { GaugedGroup } from './group-state.ts';

/** A metric's name, what it means, and the labels of its series. docs/metrics.md is written from these. */
export interface MetricRow {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
}

/** A gauge of each topic or partition: null is unknown, and no line. */
export interface StateRow<State> extends MetricRow {
  readonly value: (state: State) => number | null;
}

/** A gauge of each group, which may depend on the time. */
export interface GroupRow extends MetricRow {
  readonly value: (group: GaugedGroup, nowMs: number) => number | null;
}

const GROUP_LABELS = ['cluster', 'group'] as const;

export const GROUP_GAUGES: readonly GroupRow[] = [
  {
    name: 'burrow_rainbow_group_total_lag_records',
    help: 'Sum of the lag of all partitions of the group at the newest good sample.',
    labels: GROUP_LABELS,
    value: ({ state }) => state.totalLagRecords,
  },
  {
    name: 'burrow_rainbow_group_max_lag_records',
    help: 'Lag of the partition of the group that lags most.',
    labels: GROUP_LABELS,
    value: ({ state }) => state.maxLagRecords,
  },
  {
    name: 'burrow_rainbow_group_max_lag_seconds',
    help: 'Estimated time lag of the partition of the group that lags most.',
    labels: GROUP_LABELS,
    value: ({ state }) => state.maxLagSeconds ?? null,
  },
  {
    name: 'burrow_rainbow_group_status',
    help: "Burrow's status of the group: 0 NOTFOUND, 1 OK, 2 WARN, 3 ERR, 4 STOP, 5 STALL, 6 REWIND.",
    labels: GROUP_LABELS,
    value: ({ state }) => state.status,
  },
  {
    name: 'burrow_rainbow_group_status_since_timestamp_seconds',
    help: 'When the status of the group began, Unix time. Where it was so at the first sample after the start, or after a time without samples: that sample.',
    labels: GROUP_LABELS,
    value: ({ state, statuses }) => (state.status === null ? null : statuses.sinceMs / 1000),
  },
  {
    name: 'burrow_rainbow_group_partitions',
    help: 'Partitions that the group has.',
    labels: GROUP_LABELS,
    value: ({ state }) => state.partitions,
  },
  {
    name: 'burrow_rainbow_group_stopped_partitions',
    help: 'Partitions that Burrow calls STOP: they lag, and nothing was committed for a long time.',
    labels: GROUP_LABELS,
    value: ({ state }) => state.stoppedPartitions,
  },
  {
    name: 'burrow_rainbow_group_stalled_partitions',
    help: 'Partitions that Burrow calls STALL: they lag, and the commits do not advance.',
    labels: GROUP_LABELS,
    value: ({ state }) => state.stalledPartitions,
  },
  {
    name: 'burrow_rainbow_group_consumed_records_per_second',
    help: 'Records that the group consumed a second between its two newest good samples.',
    labels: GROUP_LABELS,
    value: ({ state }) => state.consumedPerSecond,
  },
  {
    name: 'burrow_rainbow_group_produced_records_per_second',
    help: "Records that were produced a second, in the same time, to the group's partitions.",
    labels: GROUP_LABELS,
    value: ({ state }) => state.producedPerSecond,
  },
  {
    name: 'burrow_rainbow_group_sample_age_seconds',
    help: 'Age of the newest good sample of the group.',
    labels: GROUP_LABELS,
    value: ({ state }, nowMs) => Math.max(0, nowMs - state.takenAtMs) / 1000,
  },
];

/** What the newest good sample of a group said about one of its topics. Null is unknown, never 0. */
export interface TopicState {
  readonly cluster: string;
  readonly group: string;
  readonly topic: string;
  readonly lagRecords: number | null;
}

/** What it said about one of its partitions. */
export interface PartitionState extends TopicState {
  readonly partition: number;
  /** Blank where none is known. */
  readonly owner: string;
  readonly clientId: string;
  readonly committedOffset: number | null;
}

export const TOPIC_GAUGES: readonly StateRow<TopicState>[] = [
  {
    name: 'burrow_rainbow_group_topic_lag_records',
    help: "Sum of the lag of the group's partitions of the topic at the newest good sample.",
    labels: ['cluster', 'group', 'topic'],
    value: (state) => state.lagRecords,
  },
];

const PARTITION_LABELS = ['cluster', 'group', 'topic', 'partition'] as const;

export const PARTITION_GAUGES: readonly StateRow<PartitionState>[] = [
  {
    name: 'burrow_rainbow_partition_lag_records',
    help: 'Lag of one partition of the group; only with metrics.partitions.',
    labels: PARTITION_LABELS,
    value: (state) => state.lagRecords,
  },
  {
    name: 'burrow_rainbow_partition_committed_offset_records',
    help: 'Newest offset that the group has committed on the partition; only with metrics.partitions.',
    labels: PARTITION_LABELS,
    value: (state) => state.committedOffset,
  },
];
