import type { EncodedSample } from '../../records/encoded-sample.ts';
import type { DeliveryReport } from '../sink.ts';
import { ProducedMessage } from '../../kafka/messages/produced-message.ts';

/** Messages that go to one partition in one record batch. Its composition never changes. */
export interface PartitionBatch {
  readonly partition: number;
  /** Each has a line, or several of one sample, without the last `\n`. */
  readonly messages: readonly ProducedMessage[];
  /** How many lines the first message has. */
  readonly linesInFirst: number;
}

export interface PartitionBatchesOptions {
  /** Of a message key. */
  readonly partitionOf: (key: string) => number;
  readonly linesPerMessage: number;
  /** Limits of one batch; a single message may be larger. */
  readonly limits: BatchLimits;
}

/** Shared by all deliveries of a sink, so that what one learned about the broker's limit serves the next. */
export interface BatchLimits {
  /** Estimated bytes before compression; halved where the broker finds that too large, then growing again. */
  bytes: number;
  readonly maxBytes: number;
  readonly maxMessages: number;
}

/**
 * The limits to begin with: below the brokers' default of 1 MiB even if nothing can be compressed, and no more messages
 * than can be encoded while the event loop waits, some 2 ms.
 */
export function createBatchLimits(): BatchLimits {
  return { bytes: 900_000, maxBytes: 900_000, maxMessages: 4000 };
}

/** How far a sample has come. */
export interface Progress {
  readonly sample: EncodedSample;
  /** Lines before this one have arrived or were refused. */
  line: number;
  /** Why something of it was refused; null: nothing was. */
  refusedFor: string | null;
}

/** A sample that was refused, wholly or in part. */
export interface RefusedSample {
  readonly sample: EncodedSample;
  readonly reason: string;
}

/** What a settled batch completed. */
export interface Completed {
  readonly arrived: readonly EncodedSample[];
  readonly refused: readonly RefusedSample[];
}

/** Tells of what a settled batch completed. */
export function reportCompleted(
  { arrived, refused }: Completed,
  report: Pick<DeliveryReport, 'acknowledged' | 'refused'>,
): void {
  if (arrived.length > 0) report.acknowledged(arrived);
  for (const { sample, reason } of refused) report.refused([sample], reason);
}

/** The samples of one delivery on their way, cut into batches, in order within each partition. */
export interface PartitionBatches {
  done(): boolean;
  /** One batch for each partition that has something left; the same object again until it is settled. */
  current(): readonly PartitionBatch[];
  arrived(batch: PartitionBatch): Completed;
  /** The sample that the first of its messages belongs to. */
  firstSample(batch: PartitionBatch): EncodedSample;
  /**
   * The broker found the batch too large and has written none of it. Makes the next one smaller; a line that was
   * alone in it is passed over, and its sample will be among the refused.
   */
  tooLarge(batch: PartitionBatch, reason: string): Completed;
  /**
   * The broker will take no batch with some sample that is in this one, and has written none of it. Searches for that
   * sample by halves; one that was alone is passed over, with all that is left of it, and is among the refused.
   */
  refused(batch: PartitionBatch, reason: string): Completed;
  /**
   * Puts the sample at the head of the batch, and the others with its key, behind those with other keys. False where
   * there are none, or where so many were put off in a row that it is time to wait.
   */
  putOff(batch: PartitionBatch): boolean;
  /** What is not complete yet, in no particular order between keys; to be cut anew. */
  remaining(): Progress[];
}

/** Larger than any line of names that people give, smaller than any limit that one sets on purpose. */
const ordinaryBytes = 10_000;

/** Whether the batch is a single line of ordinary length: a topic that refuses that for its size takes next to nothing. */
export function isOrdinary({ messages: [first, second], linesInFirst }: PartitionBatch): boolean {
  return (
    first !== undefined && second === undefined && first.valueLength <= ordinaryBytes && linesInFirst === 1
  );
}

interface Lane {
  readonly partition: number;
  readonly queue: Progress[];
  /** First entry of the queue that is not complete. */
  head: number;
  batch: PartitionBatch | null;
  /** Where the batch ends: entry of the queue, and line in it. */
  endEntry: number;
  endLine: number;
  linesPerMessage: number;
  maxMessages: number;
  /** Of the samples at the head of the queue so many hold one, at least, that will be refused; 0: nothing is known. */
  suspects: number;
  /** After a refusal few samples go together, then more with each batch that arrives: bad ones come in rows. */
  maxSamples: number;
  /** In a row. */
  putOffs: number;
}

/** So many samples are tried one after the other where a topic seems to take nothing. */
const MOST_PUT_OFFS = 16;

/** From so many samples a batch on the rows of refused ones are over. */
const UNBOUNDED_FROM_SAMPLES = 1024;

/** Attributes, lengths, offsets and timestamp of a record, rounded up. */
const messageOverheadBytes = 32;

export function createPartitionBatches(
  remaining: readonly Progress[],
  options: PartitionBatchesOptions,
): PartitionBatches {
  const { limits } = options;
  const lanes = new Map<number, Lane>();
  for (const progress of remaining) {
    const partition = options.partitionOf(progress.sample.key);
    let lane = lanes.get(partition);
    if (lane === undefined) {
      const place = { head: 0, batch: null, endEntry: 0, endLine: 0 };
      lane = {
        partition,
        queue: [],
        ...place,
        ...freshLimits(),
        suspects: 0,
        maxSamples: Infinity,
        putOffs: 0,
      };
      lanes.set(partition, lane);
    }
    lane.queue.push(progress);
  }

  function freshLimits() {
    return { linesPerMessage: options.linesPerMessage, maxMessages: limits.maxMessages };
  }

  function compose(lane: Lane): PartitionBatch {
    const messages: ProducedMessage[] = [];
    let linesInFirst = 0;
    let bytes = 0;
    lane.endEntry = lane.head;
    const endSample = lane.head + samplesAllowed(lane);
    for (let entry = lane.queue[lane.head]; entry !== undefined; entry = lane.queue[lane.endEntry]) {
      if (lane.endEntry >= endSample) break;
      const { sample } = entry;
      const { unitEnds } = sample;
      const key = Buffer.from(sample.key);
      const timestamp = String(sample.takenAtMs);
      let line = entry.line;
      while (line < unitEnds.length) {
        const next = Math.min(line + lane.linesPerMessage, unitEnds.length);
        const start = line === 0 ? 0 : (unitEnds[line - 1] ?? 0);
        const end = (unitEnds[next - 1] ?? start + 1) - 1;
        bytes += end - start + key.length + messageOverheadBytes;
        if (messages.length > 0 && (bytes > limits.bytes || messages.length >= lane.maxMessages)) {
          lane.endLine = line;
          return { partition: lane.partition, messages, linesInFirst };
        }
        if (messages.length === 0) linesInFirst = next - line;
        messages.push(new ProducedMessage(key, timestamp, sample.bytes, start, end));
        line = next;
      }
      lane.endEntry += 1;
      lane.endLine = lane.queue[lane.endEntry]?.line ?? 0;
    }
    return { partition: lane.partition, messages, linesInFirst };
  }

  function laneOf(batch: PartitionBatch): Lane {
    const lane = lanes.get(batch.partition);
    if (lane?.batch !== batch) throw new Error('the batch is settled already');
    return lane;
  }

  /** The broker's limit may have been raised: a little with each full batch that it takes. */
  function grow(): void {
    limits.bytes = Math.min(limits.maxBytes, Math.ceil((limits.bytes * 17) / 16));
  }

  /** Moves the lane's beginning to the end of its batch. */
  function settle(lane: Lane): Completed {
    const complete = lane.queue.slice(lane.head, lane.endEntry);
    lane.suspects = Math.max(0, lane.suspects - complete.length);
    lane.head = lane.endEntry;
    const current = lane.queue[lane.head];
    if (current !== undefined) current.line = lane.endLine;
    Object.assign(lane, { batch: null, ...freshLimits() });
    if (lane.head === lane.queue.length) lanes.delete(lane.partition);
    else if (limits.bytes < limits.maxBytes) grow();
    return completedOf(complete);
  }

  return {
    done: () => lanes.size === 0,
    current: () => Array.from(lanes.values(), (lane) => (lane.batch ??= compose(lane))),
    arrived(batch) {
      const lane = laneOf(batch);
      lane.putOffs = 0;
      lane.maxSamples = lane.maxSamples >= UNBOUNDED_FROM_SAMPLES ? Infinity : lane.maxSamples * 2;
      return settle(lane);
    },
    firstSample(batch) {
      const { queue, head } = laneOf(batch);
      const first = queue[head];
      if (first === undefined) throw new Error('a batch has one sample at least');
      return first.sample;
    },
    tooLarge(batch, reason) {
      const lane = laneOf(batch);
      const { messages, linesInFirst } = batch;
      if (messages.length > 1) {
        limits.bytes = Math.ceil(bytesOf(messages) / 2);
        lane.maxMessages = Math.floor(messages.length / 2);
      } else if (linesInFirst > 1) {
        lane.linesPerMessage = Math.floor(linesInFirst / 2);
      } else {
        const current = lane.queue[lane.head];
        if (current !== undefined) current.refusedFor = reason;
        return settle(lane);
      }
      lane.batch = null;
      return NOTHING;
    },
    refused(batch, reason) {
      const lane = laneOf(batch);
      // One whose first lines went with another batch may stand behind this one.
      const hasPart = lane.endLine > (lane.queue[lane.endEntry]?.line ?? 0);
      const samples = lane.endEntry - lane.head + (hasPart ? 1 : 0);
      if (samples > 1) {
        lane.suspects = samples;
        lane.batch = null;
        return NOTHING;
      }
      const current = lane.queue[lane.head];
      if (current !== undefined) current.refusedFor = reason;
      Object.assign(lane, { endEntry: lane.head + 1, maxSamples: 1, suspects: 0 });
      lane.endLine = lane.queue[lane.endEntry]?.line ?? 0;
      return settle(lane);
    },
    putOff(batch) {
      const lane = laneOf(batch);
      const left = lane.queue.splice(lane.head);
      const key = left[0]?.sample.key;
      const others = left.filter(({ sample }) => sample.key !== key);
      lane.queue.push(...others, ...left.filter(({ sample }) => sample.key === key));
      lane.batch = null;
      lane.suspects = 0;
      lane.putOffs = others.length === 0 ? 0 : (lane.putOffs + 1) % MOST_PUT_OFFS;
      return lane.putOffs > 0;
    },
    remaining: () => Array.from(lanes.values(), (lane) => lane.queue.slice(lane.head)).flat(),
  };
}

/** How many samples the next batch may hold. */
function samplesAllowed({ suspects, maxSamples }: Lane): number {
  return suspects === 0 ? maxSamples : Math.min(maxSamples, Math.max(1, suspects >> 1));
}

const NOTHING: Completed = { arrived: [], refused: [] };

function completedOf(complete: readonly Progress[]): Completed {
  const arrived: EncodedSample[] = [];
  const refused: RefusedSample[] = [];
  for (const { sample, refusedFor } of complete) {
    if (refusedFor === null) arrived.push(sample);
    else refused.push({ sample, reason: refusedFor });
  }
  return { arrived, refused };
}

function bytesOf(messages: readonly ProducedMessage[]): number {
  return messages.reduce(
    (sum, { key, valueLength }) => sum + key.length + valueLength + messageOverheadBytes,
    0,
  );
}
