/** Burrow's status of a group or partition, by the numbers its own source gives them. Unknown words are `null`. */
export const STATUS_NUMBER = {
  NOTFOUND: 0,
  OK: 1,
  WARN: 2,
  ERR: 3,
  STOP: 4,
  STALL: 5,
  REWIND: 6,
} as const;

/**
 * One partition of `/v3/kafka/{cluster}/consumer/{group}/lag`, flattened.
 * `start` and `end` are the oldest and newest commit in Burrow's window; their fields are null where Burrow
 * knows no commit, or where a number is negative or past 2^53.
 */
export interface PartitionLag {
  readonly topic: string;
  readonly partition: number;
  /** As Burrow gives it, its first 1024 characters: mostly `/host`, blank where unknown. */
  readonly owner: string;
  readonly clientId: string;
  /** Burrow's status of it, 0..6, or null for a word this version of Burrow does not have. */
  readonly status: number | null;
  readonly startOffset: number | null;
  readonly startTimestampMs: number | null;
  /** Lag at the time of that commit, records. */
  readonly startLagRecords: number | null;
  readonly endOffset: number | null;
  readonly endTimestampMs: number | null;
  readonly endLagRecords: number | null;
  /**
   * Lag now, records. Null where it is unknown: no commit stored (`end` null), a committed offset below 0, or not a
   * safe integer.
   */
  readonly currentLagRecords: number | null;
}

/** `/v3/kafka/{cluster}/consumer/{group}/lag` of a group that Burrow knows. */
export interface GroupLag {
  /** 0..6, or null for a word this version of Burrow does not have. */
  readonly status: number | null;
  /** Sum over all partitions, records; null where it is not a safe integer. */
  readonly totalLagRecords: number | null;
  /** In Burrow's order, which is random. */
  readonly partitions: readonly PartitionLag[];
  /** How many partitions Burrow calls STOP: lag, and no commit for long. A group itself is called no worse than ERR. */
  readonly stoppedPartitions: number;
  /** How many it calls STALL: lag, and commits that do not advance. */
  readonly stalledPartitions: number;
  /** How many numbers were not safe integers; each of them is null above. */
  readonly unsafeIntegers: number;
  /**
   * To be called, where it is there, when nobody looks at `partitions` any more: their memory then serves another
   * answer. Idempotent; where it is never called the memory is merely left to the garbage collector.
   */
  readonly release?: () => void;
}

/** `/v3/kafka/{cluster}/topic/{topic}`. */
export interface TopicOffsets {
  /**
   * Log-end offsets as Burrow lists them: compacted, so that index = partition id only while the length equals
   * the topic's partition count. Null where negative or past 2^53.
   */
  readonly offsets: readonly (number | null)[];
  readonly unsafeIntegers: number;
}
