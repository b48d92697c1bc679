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

/** The newest state of every group that lives: written after each good sample, read when someone looks. */
export interface GroupBoard {
  readonly size: number;
  observe(state: GroupState): void;
  /** The group is gone. */
  forget(cluster: string, group: string): void;
  /** In no particular order; groups may come and go while it is read. */
  values(): Iterable<GroupState>;
}

/** See {@link GroupBoard}. */
export function createGroupBoard(): GroupBoard {
  const clusters = new Map<string, Map<string, GroupState>>();
  return {
    get size() {
      let size = 0;
      for (const groups of clusters.values()) size += groups.size;
      return size;
    },
    observe(state) {
      let groups = clusters.get(state.cluster);
      if (groups === undefined) {
        groups = new Map();
        clusters.set(state.cluster, groups);
      }
      groups.set(state.group, state);
    },
    forget(cluster, group) {
      const groups = clusters.get(cluster);
      if (groups?.delete(group) === true && groups.size === 0) clusters.delete(cluster);
    },
    *values() {
      for (const groups of clusters.values()) yield* groups.values();
    },
  };
}
