import type { NoticeWord } from './contract/group.ts';

/** What the API shows. Nothing here does I/O or waits. Null is unknown, never 0; times are ms since the epoch. */
export interface ApiSource {
  readonly about: {
    readonly version: string;
    /** The source tag of every record. */
    readonly source: string;
    readonly pollIntervalMs: number;
    /** Length of a step of every history, ms. */
    readonly stepMs: number;
    /** Where records go, as far as that is known; each address is a host:port. */
    readonly destination: {
      readonly brokers?: readonly string[];
      readonly topic?: string;
      readonly address?: string;
    };
    /** Bound on what waits in memory. */
    readonly outboxMemoryBytes: number;
  };
  /** How far it is with reading back what was before the start; null: it does not. */
  recall(): RecallView | null;
  clusters(): readonly ClusterView[];
  readonly groups: GroupsView;
  /** One group in detail; to ask makes the sidecar keep more of it from now on. Null where it has had no sample. */
  look(cluster: string, group: string, nowMs: number): GroupLookView | null;
  /** Oldest first, 60 at most. */
  minutes(): readonly MinuteView[];
  /** Every kind of exception there is, with one sentence about it and how often it was counted since the start. */
  exceptions(): readonly {
    readonly kind: string;
    readonly meaning: string;
    /** The minute that has not ended is included. */
    readonly lastHour: number;
    readonly sinceStart: number;
  }[];
  /** The twin machine as it is declared. */
  readonly machine: MachineView;
  /** How many machines stand in each state; walks over all series. */
  countTwins(): readonly TwinCount[];
}

/** What is read back of the time before the start. */
export interface RecallView {
  readonly state: 'reading' | 'complete' | 'partial' | 'failed';
  readonly sinceMs: number | null;
  readonly share: number;
  readonly reason: string | null;
}

/** One cluster that is watched. */
export interface ClusterView {
  readonly name: string;
  /** The configured name of the Burrow server that is asked. */
  readonly server: string;
  readonly groups: number;
  readonly topics: number;
  /** Groups that discovery.groups leaves out, and a few of their names. */
  readonly hiddenGroups: { readonly total: number; readonly names: readonly string[] };
}

/** A group at its newest good sample. */
export interface GroupEntryView {
  readonly state: {
    readonly cluster: string;
    readonly group: string;
    readonly status: number | null;
    readonly totalLagRecords: number | null;
    readonly maxLagSeconds?: number | null;
    readonly partitions: number;
    /** Between its two newest samples: the sum of those of its partitions. */
    readonly consumedPerSecond: number | null;
    readonly producedPerSecond: number | null;
    readonly takenAtMs: number;
  };
  /** The means of those of some samples. */
  readonly meanConsumedPerSecond: number | null;
  readonly meanProducedPerSecond: number | null;
  /** Since when it has its status; not exact: it had it already at its first sample, or when nobody had looked for a while. */
  readonly statuses: { readonly sinceMs: number; readonly isExact: boolean };
  /** Grows with every change of any group. */
  readonly version: number;
}

/** All groups that have had a sample. */
export interface GroupsView {
  readonly version: number;
  values(): Iterable<GroupEntryView>;
  /** Groups that ended after a version; null where not all of them are remembered. */
  goneSince(version: number): readonly { readonly cluster: string; readonly group: string }[] | null;
  /** Total lag at each step up to the one of `nowMs`, NaN without a sample; good until the next call. */
  stepsOf(entry: GroupEntryView, nowMs: number): Float64Array;
  /** Its statuses of the last hour and the one before, oldest first; `unobserved`: from then on nobody looked. */
  statusesOf(
    entry: GroupEntryView,
    nowMs: number,
  ): readonly { readonly atMs: number; readonly status: number | null | 'unobserved' }[];
}

/** One group in detail. */
export interface GroupLookView {
  readonly entry: GroupEntryView;
  readonly totalLagTwin: TwinView;
  readonly partitions: readonly PartitionView[];
  /** As emitted, oldest first; null where none are kept. */
  readonly points: readonly PointView[] | null;
  /** Whether each partition's lag at each step is kept. */
  readonly isHeatKept: boolean;
  readonly notice: NoticeWord | null;
}

export interface TwinView {
  readonly span: string;
  readonly cadence: string;
}

export interface PointView {
  readonly atMs: number;
  readonly value: number;
  readonly kind: 'start' | 'value' | 'end';
}

export interface PartitionView {
  readonly topic: string;
  readonly partition: number;
  readonly owner: string;
  readonly clientId: string;
  readonly status: number | null;
  readonly lagRecords: number | null;
  readonly lagSeconds: number | null;
  readonly startOffset: number | null;
  readonly committedOffset: number | null;
  readonly consumedPerSecond: number | null;
  readonly producedPerSecond: number | null;
  readonly lagTwin: TwinView;
  readonly hostsTwin: TwinView;
  /** Lag at each step up to now, NaN where unknown; null where it is not kept. */
  heat(): Float64Array | null;
}

/** One minute of traffic. */
export interface MinuteView {
  /** Grows by 1. */
  readonly number: number;
  readonly endedAtMs: number;
  readonly records: Readonly<Record<'lag' | 'consumer' | 'producer' | 'traffic', number>>;
  readonly exceptions: ReadonlyMap<string, number>;
  readonly clusters: readonly {
    readonly cluster: string;
    readonly samples: number;
    readonly laggingSamples: number;
    readonly acknowledgedRecords: number;
    readonly exceptions: ReadonlyMap<string, number>;
  }[];
}

export interface MachineView {
  readonly id: string;
  readonly events: readonly string[];
  readonly regions: readonly {
    readonly id: string;
    readonly initial: string;
    readonly states: readonly string[];
    readonly transitions: readonly {
      readonly from: string;
      readonly event: string;
      readonly to: string;
      readonly guard: string | null;
      readonly actions: readonly string[];
    }[];
  }[];
}

export interface TwinCount extends TwinView {
  readonly twins: number;
}
