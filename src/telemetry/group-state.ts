/** What the newest good sample of a consumer group said. Null is unknown, never 0. */
export interface GroupState {
  readonly cluster: string;
  readonly group: string;
  readonly totalLagRecords: number | null;
  /** Lag of the group's worst partition, records. */
  readonly maxLagRecords: number | null;
  /** Estimated time lag of that partition, seconds; absent where nobody estimates it. */
  readonly maxLagSeconds?: number | null;
  /** Burrow's number, 0..6. */
  readonly status: number | null;
  readonly partitions: number;
  /** Those that Burrow calls STOP, and those that it calls STALL. */
  readonly stoppedPartitions: number;
  readonly stalledPartitions: number;
  /** Partitions whose owner Burrow does not know. */
  readonly blankOwners: number;
  /** Records per second since the sample before, over all partitions; null where no rate is known (yet). */
  readonly consumedPerSecond: number | null;
  readonly producedPerSecond: number | null;
  /** When the sample was taken, milliseconds since the epoch. */
  readonly takenAtMs: number;
}

/** What follows every good sample of a group, and its end. */
export interface GroupBoard {
  observe(state: GroupState): void;
  /** The group is gone. */
  forget(cluster: string, group: string): void;
}

/** A group that lives, as the gauges show it. */
export interface GaugedGroup {
  /** At its newest good sample. */
  readonly state: GroupState;
  /** Since when it has its status, ms since the epoch. */
  readonly statuses: { readonly sinceMs: number };
}
