import type { GroupLag, PartitionLag } from '../burrow/answers.ts';
import { STATUS_NUMBER } from '../burrow/answers.ts';
import { hasCommit } from '../series/sample.ts';
import { passes, type NameFilter } from './name-filter.ts';

/** A group's topics come again and again; more than so many are no normal cluster's. */
const MOST_KNOWN = 100_000;

/** Whether a topic's partitions count as the group's. */
export type CountsTopic = (topic: string) => boolean;

/**
 * Judges each topic once for as long as the filter stays the same.
 *
 * @param filter the one that holds now
 */
export function createTopicPick(filter: () => NameFilter): CountsTopic {
  let judgedBy = filter();
  const judged = new Map<string, boolean>();
  return (topic) => {
    if (filter() !== judgedBy || judged.size >= MOST_KNOWN) {
      judgedBy = filter();
      judged.clear();
    }
    let counts = judged.get(topic);
    if (counts === undefined) {
      counts = passes(judgedBy, topic);
      judged.set(topic, counts);
    }
    return counts;
  };
}

/** The lag of a group without the topics that do not count. The same object where all of them do. */
export function withoutTopics(lag: GroupLag, counts: CountsTopic): GroupLag {
  let isWhole = true;
  let topic: string | null = null;
  // Not by an iterator, whose results the engine makes as objects here. Partitions come in runs of one topic.
  for (let index = 0; index < lag.partitions.length && isWhole; index++) {
    const partition = lag.partitions[index];
    if (partition === undefined || partition.topic === topic) continue;
    topic = partition.topic;
    isWhole = counts(topic);
  }
  if (isWhole) return lag;
  const partitions = lag.partitions.filter((partition) => counts(partition.topic));
  return {
    ...lag,
    partitions,
    totalLagRecords: sumOf(partitions),
    stoppedPartitions: countOf(partitions, STATUS_NUMBER.STOP),
    stalledPartitions: countOf(partitions, STATUS_NUMBER.STALL),
  };
}

/** Null where one that has a commit is unknown. */
function sumOf(partitions: readonly PartitionLag[]): number | null {
  let sumRecords = 0;
  for (const partition of partitions) {
    if (partition.currentLagRecords !== null) sumRecords += partition.currentLagRecords;
    else if (hasCommit(partition)) return null;
  }
  return Number.isSafeInteger(sumRecords) ? sumRecords : null;
}

function countOf(partitions: readonly PartitionLag[], status: number): number {
  return partitions.filter((partition) => partition.status === status).length;
}
