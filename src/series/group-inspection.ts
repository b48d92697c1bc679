import { estimateLagSeconds } from './lag-seconds.ts';
import type { OffsetHistory } from './offset-history.ts';
import type { GroupSample, PartitionReading } from './sample.ts';
import type { PartitionLevel } from './series-book.ts';
import type { PartitionInspection } from './series-inspector.ts';

/** What is known of a group, from its series and, where it is kept, its newest sample. */
export interface InspectedGroup {
  readonly levels: Iterable<PartitionLevel>;
  readonly sample: GroupSample | null;
  readonly historyOf: (topic: string) => OffsetHistory | undefined;
  readonly producedPerMinute: (topic: string, partition: number) => number | null;
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
      producedPerMinute: group.producedPerMinute(level.topic, level.partition),
    };
  });
}

function keyOf({ topic, partition }: { readonly topic: string; readonly partition: number }): string {
  return `${partition}:${topic}`;
}

/** What the series remember of a reading that is not kept. */
function readingOf(level: PartitionLevel): PartitionReading {
  return {
    topic: level.topic,
    partition: level.partition,
    owner: level.owner,
    clientId: level.clientId,
    startOffset: null,
    startTimestampMs: null,
    startLagRecords: null,
    endOffset: level.committedOffset,
    endTimestampMs: null,
    endLagRecords: null,
    currentLagRecords: level.lagRecords,
  };
}
