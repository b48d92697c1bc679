/** One partition of a group at the time of a sample. */
export interface PartitionReading {
  readonly topic: string;
  readonly partition: number;
  /** Blank where Burrow knows none. */
  readonly owner: string;
  readonly clientId: string;
  /** Burrow's number of the partition's status, 0..6, or null where unknown. */
  readonly status: number | null;
  /** Oldest commit in Burrow's window. */
  readonly startOffset: number | null;
  readonly startTimestampMs: number | null;
  readonly startLagRecords: number | null;
  /** Newest commit: the committed offset. */
  readonly endOffset: number | null;
  readonly endTimestampMs: number | null;
  readonly endLagRecords: number | null;
  /** Null is unknown, and is never taken for 0. */
  readonly currentLagRecords: number | null;
}

/**
 * Whether the group has committed on the partition. Without a commit Burrow counts no lag. A commit of no offset (-1)
 * leaves the lag unknown.
 */
export function hasCommit(reading: Pick<PartitionReading, 'endOffset' | 'endTimestampMs'>): boolean {
  return reading.endOffset !== null || reading.endTimestampMs !== null;
}

/** A copy that does not change with the original. */
export function copyReading(reading: PartitionReading): PartitionReading {
  const { topic, partition, owner, clientId, status } = reading;
  const { startOffset, startTimestampMs, startLagRecords } = reading;
  const { endOffset, endTimestampMs, endLagRecords, currentLagRecords } = reading;
  return {
    topic,
    partition,
    owner,
    clientId,
    status,
    startOffset,
    startTimestampMs,
    startLagRecords,
    endOffset,
    endTimestampMs,
    endLagRecords,
    currentLagRecords,
  };
}

/** What one poll of a group's lag said. */
export interface GroupSample {
  /** When the answer arrived, milliseconds since the epoch. */
  readonly takenAtMs: number;
  /** Burrow's number, 0..6, or null where unknown. */
  readonly status: number | null;
  readonly totalLagRecords: number | null;
  readonly partitions: readonly PartitionReading[];
}

/** What one poll of a topic's log-end offsets said; index = partition id. */
export interface TopicSample {
  readonly takenAtMs: number;
  readonly offsets: readonly (number | null)[];
}
