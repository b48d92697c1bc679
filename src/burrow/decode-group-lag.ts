import { STATUS_NUMBER, type GroupLag, type PartitionLag } from './answers.ts';
import {
  nameOf,
  naturalOrNull,
  objectOf,
  partitionListOf,
  ShapeFault,
  stringOf,
  stringOrBlank,
  type IntegerTally,
  type JsonObject,
} from './json-shape.ts';

const LARGEST_INT32 = 0x7fff_ffff;

/** A consumer chooses its own client id, and every line of its partitions carries it; the rest of it is cut off. */
const LONGEST_OWNER = 1024;

/**
 * The lag of a group, out of the whole JSON answer to `/v3/kafka/{cluster}/consumer/{group}/lag`.
 * Throws {@link ShapeFault}, naming the field, where the answer breaks the contract or speaks of another group.
 *
 * `maxlag` is not read: Burrow picks it at random among equals.
 */
export function decodeGroupLag(answer: JsonObject, cluster: string, group: string): GroupLag {
  const status = objectOf(answer['status'], 'status');
  const answeredCluster = stringOf(status['cluster'], 'status.cluster');
  // Burrow lower-cases the names of clusters in some of its modules and not in others.
  if (answeredCluster !== cluster && answeredCluster.toLowerCase() !== cluster.toLowerCase()) {
    throw new ShapeFault('status.cluster', 'the cluster that was asked for');
  }
  if (stringOf(status['group'], 'status.group') !== group) {
    throw new ShapeFault('status.group', 'the group that was asked for');
  }
  const tally: IntegerTally = { unsafeIntegers: 0 };
  const totalLagRecords = naturalOrNull(status['totallag'], 'status.totallag', tally);
  const list = partitionListOf(status['partitions'], 'status.partitions');
  const partitions = decodePartitions(list, tally);
  return {
    status: statusNumber(stringOf(status['status'], 'status.status')),
    totalLagRecords,
    partitions,
    stoppedPartitions: countStatus(partitions, STATUS_NUMBER.STOP),
    stalledPartitions: countStatus(partitions, STATUS_NUMBER.STALL),
    unsafeIntegers: tally.unsafeIntegers,
  };
}

/** Burrow's number for a status word, or `null` for a word that it does not have. */
export function statusNumber(word: string): number | null {
  return Object.hasOwn(STATUS_NUMBER, word) ? STATUS_NUMBER[word as keyof typeof STATUS_NUMBER] : null;
}

function countStatus(partitions: readonly PartitionLag[], status: number): number {
  let count = 0;
  for (const partition of partitions) if (partition.status === status) count++;
  return count;
}

function decodePartitions(list: readonly unknown[], tally: IntegerTally): readonly PartitionLag[] {
  const partitions: PartitionLag[] = [];
  try {
    for (const item of list) partitions.push(decodePartition(item, tally));
  } catch (error) {
    if (!(error instanceof ShapeFault)) throw error;
    throw new ShapeFault(`status.partitions[${partitions.length}]${error.field}`, error.rule);
  }
  return partitions;
}

/**
 * Runs for every partition of every poll, so it makes one object, always of the same shape, and nothing else.
 * Fields of a fault begin with a dot; the caller puts the index before it.
 */
function decodePartition(item: unknown, tally: IntegerTally): PartitionLag {
  const raw = objectOf(item, '');
  const partition = raw['partition'];
  if (
    typeof partition !== 'number' ||
    !Number.isInteger(partition) ||
    partition < 0 ||
    partition > LARGEST_INT32
  ) {
    throw new ShapeFault('.partition', 'a partition id');
  }

  let startOffset: number | null = null;
  let startTimestampMs: number | null = null;
  let startLagRecords: number | null = null;
  if (raw['start'] !== null) {
    const start = objectOf(raw['start'], '.start');
    const lag = start['lag'];
    startOffset = naturalOrNull(start['offset'], '.start.offset', tally);
    startTimestampMs = naturalOrNull(start['timestamp'], '.start.timestamp', tally);
    if (lag !== null && lag !== undefined) startLagRecords = naturalOrNull(lag, '.start.lag', tally);
  }

  let endOffset: number | null = null;
  let endTimestampMs: number | null = null;
  let endLagRecords: number | null = null;
  let currentLagRecords = naturalOrNull(raw['current_lag'], '.current_lag', tally);
  if (raw['end'] === null) {
    currentLagRecords = null; // no commit is stored: Burrow's 0 means that it does not know
  } else {
    const end = objectOf(raw['end'], '.end');
    const offset = end['offset'];
    const lag = end['lag'];
    endOffset = naturalOrNull(offset, '.end.offset', tally);
    endTimestampMs = naturalOrNull(end['timestamp'], '.end.timestamp', tally);
    if (lag !== null && lag !== undefined) endLagRecords = naturalOrNull(lag, '.end.lag', tally);
    // An offset below 0 is unknown, and so is every lag that Burrow counted from it.
    if (typeof offset === 'number' && offset < 0) currentLagRecords = null;
  }

  return {
    topic: nameOf(raw['topic'], '.topic'),
    partition,
    owner: ownerOf(stringOrBlank(raw['owner'], '.owner')),
    clientId: ownerOf(stringOrBlank(raw['client_id'], '.client_id')),
    status: statusOf(raw['status']),
    startOffset,
    startTimestampMs,
    startLagRecords,
    endOffset,
    endTimestampMs,
    endLagRecords,
    currentLagRecords,
  };
}

/** No answer is refused for it: nothing is made of a status but counts. */
function statusOf(word: unknown): number | null {
  return typeof word === 'string' ? statusNumber(word) : null;
}

/** Only white space is as good as nothing. */
function ownerOf(text: string): string {
  if (text.trim() === '') return '';
  return text.length > LONGEST_OWNER ? text.slice(0, LONGEST_OWNER) : text;
}
