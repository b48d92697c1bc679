import { ProducedMessage } from '../../kafka/messages/produced-message.ts';
import type { EncodedSample } from '../../records/encoded-sample.ts';

/** Messages that go to one partition in one record batch. Its composition never changes. */
export interface PartitionBatch {
  readonly partition: number;
  /** Each has a line, or several of one sample, without the last `\n`. */
  readonly messages: readonly ProducedMessage[];
  /** How many lines the first message has. */
  readonly linesInFirst: number;
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

export interface PartitionQueueOptions {
  readonly linesPerMessage: number;
  /** Limits of one batch; a single message may be larger. */
  readonly limits: BatchLimits;
}

/** The samples of one delivery that go to one partition, cut into batches, in order. */
export interface PartitionQueue {
  add(progress: Progress): void;
  /** Whether every sample has arrived or was refused. */
  isDone(): boolean;
  /** The batch to send; the same object until one of the methods below settles it. */
  batch(): PartitionBatch;
  /** The sample that the first message of the batch belongs to. */
  firstSample(): EncodedSample;
  /** The brokers have written the batch. */
  arrived(): Completed;
  /**
   * The brokers find the batch too large, and have written none of it. Makes the next one smaller. A line that was alone
   * in it is passed over, and its sample will be among the refused.
   */
  tooLarge(reason: string): Completed;
  /**
   * The brokers will take no batch with some sample that is in this one, and have written none of it. Searches for that
   * sample by halves. One that was alone is passed over, with all that is left of it, and is among the refused.
   */
  refused(reason: string): Completed;
  /**
   * Moves the sample at the head of the batch, and the others with its key, behind those with other keys. False where
   * there are none, or where so many were moved in a row that it is time to wait.
   */
  postpone(): boolean;
  /** What is not complete yet, to be queued anew. */
  remaining(): Progress[];
}

/** How many samples are tried one after the other where a topic seems to take nothing. */
const MOST_POSTPONED = 16;
/** After a refusal, the samples of a batch are bounded until this many have arrived in one. */
const UNBOUNDED_FROM_SAMPLES = 1024;
/** Attributes, lengths, offsets and timestamp of a record, rounded up. */
const MESSAGE_OVERHEAD_BYTES = 32;

const NOTHING: Completed = { arrived: [], refused: [] };

/** See {@link PartitionQueue}. */
export function createPartitionQueue(partition: number, options: PartitionQueueOptions): PartitionQueue {
  const { limits } = options;
  const queue: Progress[] = [];
  /** The first entry of the queue that is not complete. */
  let head = 0;
  let current: PartitionBatch | null = null;
  /** Where the batch ends: entry of the queue, and line in it. */
  let endEntry = 0;
  let endLine = 0;
  let { linesPerMessage } = options;
  let { maxMessages } = limits;
  /** At least one of this many samples at the head of the queue will be refused; 0: nothing is known. */
  let suspects = 0;
  /** After a refusal few samples go together, then more with each batch that arrives: bad ones come in rows. */
  let maxSamples = Infinity;
  /** In a row. */
  let postponed = 0;

  function compose(): PartitionBatch {
    const messages: ProducedMessage[] = [];
    let linesInFirst = 0;
    let bytes = 0;
    endEntry = head;
    const allowed = suspects === 0 ? maxSamples : Math.min(maxSamples, Math.max(1, suspects >> 1));
    for (let entry = queue[head]; entry !== undefined; entry = queue[endEntry]) {
      if (endEntry >= head + allowed) break;
      const { sample } = entry;
      const { unitEnds } = sample;
      const key = Buffer.from(sample.key);
      const timestamp = String(sample.takenAtMs);
      let line = entry.line;
      while (line < unitEnds.length) {
        const next = Math.min(line + linesPerMessage, unitEnds.length);
        const start = line === 0 ? 0 : (unitEnds[line - 1] ?? 0);
        const end = (unitEnds[next - 1] ?? start + 1) - 1;
        bytes += end - start + key.length + MESSAGE_OVERHEAD_BYTES;
        if (messages.length > 0 && (bytes > limits.bytes || messages.length >= maxMessages)) {
          endLine = line;
          return { partition, messages, linesInFirst };
        }
        if (messages.length === 0) linesInFirst = next - line;
        messages.push(new ProducedMessage(key, timestamp, sample.bytes, start, end));
        line = next;
      }
      endEntry += 1;
      endLine = queue[endEntry]?.line ?? 0;
    }
    return { partition, messages, linesInFirst };
  }

  function batch(): PartitionBatch {
    return (current ??= compose());
  }

  /** Moves the beginning of the queue to the end of the batch. */
  function settle(): Completed {
    const complete = queue.slice(head, endEntry);
    suspects = Math.max(0, suspects - complete.length);
    head = endEntry;
    const next = queue[head];
    if (next !== undefined) next.line = endLine;
    current = null;
    ({ linesPerMessage } = options);
    ({ maxMessages } = limits);
    // The broker's limit may have been raised: a little with each batch that it takes.
    if (head < queue.length) limits.bytes = Math.min(limits.maxBytes, Math.ceil((limits.bytes * 17) / 16));
    return completedOf(complete);
  }

  function refuseFirst(reason: string): void {
    const first = queue[head];
    if (first !== undefined) first.refusedFor = reason;
  }

  return {
    add: (progress) => void queue.push(progress),
    isDone: () => head === queue.length,
    batch,
    firstSample() {
      const first = queue[head];
      if (first === undefined) throw new Error('every sample is complete');
      return first.sample;
    },
    arrived() {
      postponed = 0;
      maxSamples = maxSamples >= UNBOUNDED_FROM_SAMPLES ? Infinity : maxSamples * 2;
      return settle();
    },
    tooLarge(reason) {
      const { messages, linesInFirst } = batch();
      if (messages.length > 1) {
        limits.bytes = Math.ceil(bytesOf(messages) / 2);
        maxMessages = Math.floor(messages.length / 2);
      } else if (linesInFirst > 1) {
        linesPerMessage = Math.floor(linesInFirst / 2);
      } else {
        refuseFirst(reason);
        return settle();
      }
      current = null;
      return NOTHING;
    },
    refused(reason) {
      // One whose first lines went with another batch may stand behind this one.
      const hasPart = endLine > (queue[endEntry]?.line ?? 0);
      const samples = endEntry - head + (hasPart ? 1 : 0);
      if (samples > 1) {
        suspects = samples;
        current = null;
        return NOTHING;
      }
      refuseFirst(reason);
      maxSamples = 1;
      suspects = 0;
      endEntry = head + 1;
      endLine = queue[endEntry]?.line ?? 0;
      return settle();
    },
    postpone() {
      const left = queue.splice(head);
      const key = left[0]?.sample.key;
      const others = left.filter(({ sample }) => sample.key !== key);
      queue.push(...others, ...left.filter(({ sample }) => sample.key === key));
      current = null;
      suspects = 0;
      postponed = others.length === 0 ? 0 : (postponed + 1) % MOST_POSTPONED;
      return postponed > 0;
    },
    remaining: () => queue.slice(head),
  };
}

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
    (sum, { key, valueLength }) => sum + key.length + valueLength + MESSAGE_OVERHEAD_BYTES,
    0,
  );
}
