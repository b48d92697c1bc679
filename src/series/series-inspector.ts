import type { PartitionLevel } from './series-book.ts';

/** One partition of a group as someone sees it who looks now. Null is unknown. */
export interface PartitionInspection extends PartitionLevel {
  /** Estimated age of the oldest record that is not consumed, seconds. */
  readonly lagSeconds: number | null;
  /** Oldest commit in Burrow's window; known from the first sample after someone looked at the group. */
  readonly startOffset: number | null;
  /** Records per minute, between the two newest samples of its topic. */
  readonly producedPerMinute: number | null;
}

/** One group as someone sees it who looks now. */
export interface GroupInspection {
  /** Number of the state of `totalLag`'s twin machine, see `TwinTable.states`. */
  readonly totalLagState: number;
  readonly partitions: readonly PartitionInspection[];
}

/** A look at live series, for showing; what it costs is paid by who looks, not at each poll. */
export interface SeriesInspector {
  /** One group; null where none of that name lives. Its newest sample is kept from now on for some minutes. */
  inspect(cluster: string, group: string, nowMs: number): GroupInspection | null;
  /** The partitions of one group; none where no such group lives. */
  levelsOf(cluster: string, group: string): Iterable<PartitionLevel>;
  /** The reachable states of the twin machine as JSON, and how many machines stand in each. */
  countStates(): { readonly states: readonly string[]; readonly counts: readonly number[] };
}
