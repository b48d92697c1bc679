/** The four families of time series. */
export type Family = 'lag' | 'consumer' | 'producer' | 'traffic';

/** Whose sample tells of a subject. It decides the message key, and under which name the ledger remembers its spans. */
export type SampleOwner = 'group' | 'topic' | 'traffic';

export interface SubjectRow {
  readonly about: SampleOwner;
  /** In Influx's line protocol, after the prefix. */
  readonly measurement: string;
  /** What each subject of the kind has besides its cluster and the name of its owner. */
  readonly needs: readonly ('topic' | 'partition')[];
  readonly mayHave: readonly ('topic' | 'owner' | 'clientId')[];
}

/** What a series can be about. */
export const SUBJECT_KINDS = {
  group: { about: 'group', measurement: 'group', needs: [], mayHave: [] },
  /** All partitions of a topic that a group has. */
  groupTopic: { about: 'group', measurement: 'group_topic', needs: ['topic'], mayHave: [] },
  /** The partition of a group with the most lag, told by its topic or its owner. */
  maxLag: { about: 'group', measurement: 'group', needs: [], mayHave: ['topic', 'owner', 'clientId'] },
  partition: {
    about: 'group',
    measurement: 'partition',
    needs: ['topic', 'partition'],
    mayHave: ['owner', 'clientId'],
  },
  /** All partitions of one id that an owner has, of whatever topic. */
  host: { about: 'group', measurement: 'host', needs: ['partition'], mayHave: ['owner', 'clientId'] },
  topicPartition: { about: 'topic', measurement: 'topic', needs: ['partition'], mayHave: [] },
  cluster: { about: 'traffic', measurement: 'traffic', needs: [], mayHave: [] },
} as const satisfies Readonly<Record<string, SubjectRow>>;

export type SubjectKind = keyof typeof SUBJECT_KINDS;

export function isSubjectKind(name: string): name is SubjectKind {
  return Object.hasOwn(SUBJECT_KINDS, name);
}

/** What a value counts, and whether it is a whole number at all times. */
export const UNITS = {
  records: { isWhole: true },
  offset: { isWhole: true },
  partition: { isWhole: true },
  /** Burrow's status: 0 not found, 1 OK, 2 WARN, 3 ERR, 4 STOP, 5 STALL, 6 REWIND. */
  burrowStatus: { isWhole: true },
  seconds: { isWhole: false },
  recordsPerMinute: { isWhole: false },
  count: { isWhole: true },
} as const satisfies Readonly<Record<string, { readonly isWhole: boolean }>>;

export type Unit = keyof typeof UNITS;

export interface MetricRow {
  readonly family: Family;
  /** The kinds of subject that have it. */
  readonly of: readonly SubjectKind[];
  readonly unit: Unit;
  /** The metric whose span is also this one's, so that its records come and go with those of that metric. */
  readonly ridesOn?: string;
  /**
   * Its name below `{prefix}.{cluster}.`, for each naming. All metrics of a subject have the same name up to the last
   * word, unless the name ends with a placeholder.
   */
  readonly names: { readonly rainbow: string; readonly gorainbow: string };
  /** Its field in Influx's line protocol. */
  readonly field: string;
  /** What it is of a group's history, which is read back from the topic after a restart. */
  readonly history?: 'lag' | 'status';
  /** For the documentation. */
  readonly meaning: string;
}

const same = (name: string) => ({ rainbow: name, gorainbow: name });

/** Every metric there is. Nothing else lists their names, but for the place that computes one. */
export const METRICS = {
  totalLag: {
    family: 'lag',
    of: ['group'],
    unit: 'records',
    names: same('{group}.totalLag'),
    field: 'total_lag',
    history: 'lag',
    meaning: "records: sum over the group's partitions",
  },
  topicLag: {
    family: 'lag',
    of: ['groupTopic'],
    unit: 'records',
    names: same('{group}.{topic}.totalLag'),
    field: 'total_lag',
    meaning: "records: sum over the group's partitions of the topic",
  },
  status: {
    family: 'lag',
    of: ['group'],
    unit: 'burrowStatus',
    names: same('{group}.status'),
    field: 'status',
    history: 'status',
    meaning: '0 not found, 1 OK, 2 WARN, 3 ERR, 4 STOP, 5 STALL, 6 REWIND',
  },
  maxLagPartitionID: {
    family: 'lag',
    of: ['maxLag'],
    unit: 'partition',
    names: { rainbow: '{group}.maxLagPartitionID', gorainbow: '{group}.maxLagmaxLagPartitionID' },
    field: 'max_lag_partition',
    meaning: 'partition with the most lag',
  },
  maxLagCurrentLag: {
    family: 'lag',
    of: ['maxLag'],
    unit: 'records',
    ridesOn: 'maxLagPartitionID',
    names: same('{group}.maxLagCurrentLag'),
    field: 'max_lag',
    meaning: 'records: its lag',
  },
  maxLagStartOffset: {
    family: 'lag',
    of: ['maxLag'],
    unit: 'offset',
    ridesOn: 'maxLagPartitionID',
    names: same('{group}.maxLagStartOffset'),
    field: 'max_lag_start_offset',
    meaning: 'oldest commit of it that Burrow holds',
  },
  maxLagEndOffset: {
    family: 'lag',
    of: ['maxLag'],
    unit: 'offset',
    ridesOn: 'maxLagPartitionID',
    names: same('{group}.maxLagEndOffset'),
    field: 'max_lag_end_offset',
    meaning: 'newest commit of it that Burrow holds',
  },
  Lag: {
    family: 'lag',
    of: ['partition'],
    unit: 'records',
    names: same('{group}.{topic}.{partition}.Lag'),
    field: 'lag',
    meaning: 'records',
  },
  startOffset: {
    family: 'lag',
    of: ['partition'],
    unit: 'offset',
    ridesOn: 'Lag',
    names: same('{group}.{topic}.{partition}.startOffset'),
    field: 'start_offset',
    meaning: 'oldest commit that Burrow holds',
  },
  endOffset: {
    family: 'lag',
    of: ['partition'],
    unit: 'offset',
    ridesOn: 'Lag',
    names: same('{group}.{topic}.{partition}.endOffset'),
    field: 'end_offset',
    meaning: 'newest commit that Burrow holds',
  },
  lagSeconds: {
    family: 'lag',
    of: ['partition'],
    unit: 'seconds',
    ridesOn: 'Lag',
    names: same('{group}.{topic}.{partition}.lagSeconds'),
    field: 'lag_seconds',
    meaning:
      "seconds: how long ago the committed offset was the end of the log, interpolated on the topic's own history",
  },
  hosts: {
    family: 'consumer',
    of: ['partition', 'host'],
    unit: 'recordsPerMinute',
    names: { rainbow: '{group}.hosts.{topic}.{partition}', gorainbow: '{group}.hosts.{partition}' },
    field: 'consumed_per_minute',
    meaning: 'records consumed per minute by the owning host',
  },
  offset: {
    family: 'producer',
    of: ['topicPartition'],
    unit: 'offset',
    names: same('topic.{topic}.{partition}.offset'),
    field: 'end_offset',
    meaning: 'log-end offset',
  },
  offsetRate: {
    family: 'producer',
    of: ['topicPartition'],
    unit: 'recordsPerMinute',
    names: same('topic.{topic}.offsetRate.{partition}'),
    field: 'produced_per_minute',
    meaning: 'records produced per minute',
  },
  totalMessage: {
    family: 'traffic',
    of: ['cluster'],
    unit: 'count',
    names: same('totalMessage'),
    field: 'total_message',
    meaning: 'samples taken in the last minute',
  },
  validMessage: {
    family: 'traffic',
    of: ['cluster'],
    unit: 'count',
    names: same('validMessage'),
    field: 'valid_message',
    meaning: 'samples with lag in the last minute',
  },
  metricsSent: {
    family: 'traffic',
    of: ['cluster'],
    unit: 'count',
    names: same('metricsSent'),
    field: 'metrics_sent',
    meaning: 'records acknowledged in the last minute',
  },
  exceptionCount: {
    family: 'traffic',
    of: ['cluster'],
    unit: 'count',
    names: same('exceptionCount'),
    field: 'exception_count',
    meaning: 'what went wrong in the last minute, all kinds together',
  },
  'exception.{kind}': {
    family: 'traffic',
    of: ['cluster'],
    unit: 'count',
    names: same('exception.{kind}'),
    field: 'exception_{kind}',
    meaning: 'what went wrong in the last minute, of one kind',
  },
} as const satisfies Readonly<Record<string, MetricRow>>;

type ListedMetric = keyof typeof METRICS;

/** What a series measures. */
export type Metric = Exclude<ListedMetric, 'exception.{kind}'> | `exception.${string}`;

const ROWS: ReadonlyMap<string, MetricRow> = new Map(Object.entries(METRICS));
const EXCEPTION = 'exception.';

/** What the table says of a metric. */
export function rowOf(metric: Metric): MetricRow {
  return ROWS.get(metric) ?? METRICS['exception.{kind}'];
}

/** The kind of an exception's metric; '' for any other. */
export function exceptionKindOf(metric: Metric): string {
  return metric.startsWith(EXCEPTION) ? metric.slice(EXCEPTION.length) : '';
}

/** The metric that counts the exceptions of one kind. */
export function exceptionMetric(kind: string): Metric {
  return `${EXCEPTION}${kind}`;
}

export function isMetric(name: string): name is Metric {
  return /^exception\.\w+$/.test(name) || (ROWS.has(name) && !name.includes('{'));
}

/** All but those of single kinds of exceptions, in the order of the table. */
export const ALL_METRICS: readonly Metric[] = [...ROWS.keys()].filter(isMetric);

/** A metric and those that ride on it, in the order of their records. */
export function withRiders(metric: Metric): readonly Metric[] {
  return ALL_METRICS.filter((each) => each === metric || rowOf(each).ridesOn === metric);
}

/** The metrics of a kind of subject that have spans of their own. */
export function metricsOf(kind: SubjectKind): readonly Metric[] {
  return ALL_METRICS.filter((each) => rowOf(each).ridesOn === undefined && rowOf(each).of.includes(kind));
}
