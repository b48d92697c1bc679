import { estimateLagSeconds } from './lag-seconds.ts';
import type { OffsetHistory } from './offset-history.ts';
import type { GroupSample, PartitionReading } from './sample.ts';
import type { PartitionLevel } from './series-book.ts';

/** One partition of a group, as it is now. Null is unknown. */
export interface PartitionInspection extends PartitionLevel {
  /** Estimated age of the oldest record that is not consumed, seconds. */
  readonly lagSeconds: number | null;
  /** Oldest commit in Burrow's window; known from the first sample after someone inspected the group. */
  readonly startOffset: number | null;
  /** Records per second, between the two newest samples of its topic. */
  readonly producedPerSecond: number | null;
}

/** One group, as it is now. */
export interface GroupInspection {
  /** Number of the state of `totalLag`'s twin machine, see `countStates`. */
  readonly totalLagState: number;
  readonly partitions: readonly PartitionInspection[];
}

/** Live series, for showing. What it costs is paid by who calls it, not at each poll. */
export interface SeriesInspector {
  /** One group; null where none of that name lives. Its newest sample is kept from now on for some minutes. */
  inspect(cluster: string, group: string, nowMs: number): GroupInspection | null;
  /** The partitions of one group; none where no such group lives. */
  levelsOf(cluster: string, group: string): Iterable<PartitionLevel>;
  /** The reachable states of the twin machine as JSON, and how many machines stand in each. */
  countStates(): { readonly states: readonly string[]; readonly counts: readonly number[] };
}

/** What is known of a group, from its series and, where it is kept, its newest sample. */
export interface InspectedGroup {
  readonly levels: Iterable<PartitionLevel>;
  readonly sample: GroupSample | null;
  readonly historyOf: (topic: string) => OffsetHistory | undefined;
  readonly producedPerSecond: (topic: string, partition: number) => number | null;
}

/** Puts together what the series know of each partition. Costs as much as a poll of the group does. */
export function inspectPartitions(group: InspectedGroup, nowMs: number): PartitionInspection[] {
  const readings = new Map<string, PartitionReading>();
  for (const reading of group.sample?.partitions ?? []) readings.set(keyOf(reading), reading);
  const takenAtMs = group.sample?.takenAtMs ?? nowMs;
  return [...group.levels].map((level) => {
    const reading = readings.get(keyOf(level)) ?? readingOf(level);
    return {
      ...level,
      // What counts as no lag has no age.
      lagSeconds:
        level.lagRecords === 0 ? 0 : estimateLagSeconds(reading, group.historyOf(level.topic), takenAtMs),
      startOffset: reading.startOffset,
      producedPerSecond: group.producedPerSecond(level.topic, level.partition),
    };
  });
}

function keyOf({ topic, partition }: { readonly topic: string; readonly partition: number }): string {
  return `${partition}:${topic}`;
}

/** What the series know of a reading that is not kept. */
function readingOf(level: PartitionLevel): PartitionReading {
  return {
    topic: level.topic,
    partition: level.partition,
    owner: level.owner,
    clientId: level.clientId,
    status: level.status,
    startOffset: null,
    startTimestampMs: null,
    startLagRecords: null,
    endOffset: level.committedOffset,
    endTimestampMs: null,
    endLagRecords: null,
    currentLagRecords: level.lagRecords,
  };
}
