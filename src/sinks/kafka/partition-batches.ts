import type { EncodedSample } from '../../records/encoded-sample.ts';
import type { DeliveryReport } from '../sink.ts';
import { ProducedMessage } from '../../kafka/produced-message.ts';

/** Messages that go to one partition in one record batch. Its composition never changes. */
export interface Parcel {
  readonly partition: number;
  /** Each has a line, or several of one sample, without the last `\n`. */
  readonly messages: readonly ProducedMessage[];
}

export interface ShipmentOptions {
  /** Of a message key. */
  readonly partitionOf: (key: string) => number;
  readonly linesPerMessage: number;
  /** Limits of one parcel; a single message may be larger. */
  readonly limits: ParcelLimits;
}

/** Shared by all shipments of a sink, so that what one learned about the broker's limit serves the next. */
export interface ParcelLimits {
  /** Estimated bytes before compression; halved where the broker finds that too large, then growing again. */
  parcelBytes: number;
  readonly mostParcelBytes: number;
  readonly parcelMessages: number;
}

/**
 * The limits to begin with: below the brokers' default of 1 MiB even if nothing can be compressed, and no more messages
 * than can be encoded while the event loop waits, some 2 ms.
 */
export function createParcelLimits(): ParcelLimits {
  return { parcelBytes: 900_000, mostParcelBytes: 900_000, parcelMessages: 4000 };
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

/** What a settled parcel completed. */
export interface Completed {
  readonly arrived: readonly EncodedSample[];
  readonly refused: readonly RefusedSample[];
}

/** Tells of what a settled parcel completed. */
export function reportCompleted(
  { arrived, refused }: Completed,
  report: Pick<DeliveryReport, 'acknowledged' | 'refused'>,
): void {
  if (arrived.length > 0) report.acknowledged(arrived);
  for (const { sample, reason } of refused) report.refused([sample], reason);
}

/** The samples of one delivery on their way, cut into parcels, in order within each partition. */
export interface Shipment {
  done(): boolean;
  /** One parcel for each partition that has something left; the same object again until it is settled. */
  parcels(): readonly Parcel[];
  arrived(parcel: Parcel): Completed;
  /** The sample that the first of its messages belongs to. */
  firstSample(parcel: Parcel): EncodedSample;
  /**
   * The broker found the parcel too large and has written none of it. Makes the next one smaller; a line that was
   * alone in it is passed over, and its sample will be among the refused.
   */
  tooLarge(parcel: Parcel, reason: string): Completed;
  /**
   * The broker will take no parcel with some sample that is in this one, and has written none of it. Searches for that
   * sample by halves; one that was alone is passed over, with all that is left of it, and is among the refused.
   */
  refused(parcel: Parcel, reason: string): Completed;
  /**
   * Puts the sample at the head of the parcel, and the others with its key, behind those with other keys. False where
   * there are none, or where so many were put off in a row that it is time to wait.
   */
  putOff(parcel: Parcel): boolean;
  /** What is not complete yet, in no particular order between keys; for a new shipment. */
  remaining(): Progress[];
}

/** Larger than any line of names that people give, smaller than any limit that one sets on purpose. */
const ordinaryBytes = 10_000;

/** Whether the parcel is a single line of ordinary length: a topic that refuses that for its size takes next to nothing. */
export function isOrdinary({ messages: [first, second] }: Parcel): boolean {
  return (
    first !== undefined &&
    second === undefined &&
    first.valueLength <= ordinaryBytes &&
    !hasSeveralLines(first)
  );
}

function hasSeveralLines({ value }: ProducedMessage): boolean {
  return value?.includes(0x0a) === true;
}

interface Lane {
  readonly partition: number;
  readonly queue: Progress[];
  /** First entry of the queue that is not complete. */
  head: number;
  parcel: Parcel | null;
  /** Where the parcel ends: entry of the queue, and line in it. */
  endEntry: number;
  endLine: number;
  linesPerMessage: number;
  maxMessages: number;
  /** Of the samples at the head of the queue so many hold one, at least, that will be refused; 0: nothing is known. */
  suspects: number;
  /** After a refusal few samples go together, then more with each parcel that arrives: bad ones come in rows. */
  maxSamples: number;
  /** In a row. */
  putOffs: number;
}

/** So many samples are tried one after the other where a topic seems to take nothing. */
const MOST_PUT_OFFS = 16;

/** From so many samples a parcel on the rows of refused ones are over. */
const UNBOUNDED_FROM_SAMPLES = 1024;

/** Attributes, lengths, offsets and timestamp of a record, rounded up. */
const messageOverheadBytes = 32;

export function createShipment(remaining: readonly Progress[], options: ShipmentOptions): Shipment {
  const { limits } = options;
  const lanes = new Map<number, Lane>();
  for (const progress of remaining) {
    const partition = options.partitionOf(progress.sample.key);
    let lane = lanes.get(partition);
    if (lane === undefined) {
      const place = { head: 0, parcel: null, endEntry: 0, endLine: 0 };
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
    return { linesPerMessage: options.linesPerMessage, maxMessages: limits.parcelMessages };
  }

  function compose(lane: Lane): Parcel {
    const messages: ProducedMessage[] = [];
    let bytes = 0;
    lane.endEntry = lane.head;
    const endSample = lane.head + samplesAllowed(lane);
    for (let entry = lane.queue[lane.head]; entry !== undefined; entry = lane.queue[lane.endEntry]) {
      if (lane.endEntry >= endSample) break;
      const { sample } = entry;
      const { lineEnds } = sample;
      const key = Buffer.from(sample.key);
      const timestamp = String(sample.takenAtMs);
      let line = entry.line;
      while (line < lineEnds.length) {
        const next = Math.min(line + lane.linesPerMessage, lineEnds.length);
        const start = line === 0 ? 0 : (lineEnds[line - 1] ?? 0);
        const end = (lineEnds[next - 1] ?? start + 1) - 1;
        bytes += end - start + key.length + messageOverheadBytes;
        if (messages.length > 0 && (bytes > limits.parcelBytes || messages.length >= lane.maxMessages)) {
          lane.endLine = line;
          return { partition: lane.partition, messages };
        }
        messages.push(new ProducedMessage(key, timestamp, sample.bytes, start, end));
        line = next;
      }
      lane.endEntry += 1;
      lane.endLine = lane.queue[lane.endEntry]?.line ?? 0;
    }
    return { partition: lane.partition, messages };
  }

  function laneOf(parcel: Parcel): Lane {
    const lane = lanes.get(parcel.partition);
    if (lane?.parcel !== parcel) throw new Error('the parcel is settled already');
    return lane;
  }

  /** The broker's limit may have been raised: a little with each full parcel that it takes. */
  function grow(): void {
    limits.parcelBytes = Math.min(limits.mostParcelBytes, Math.ceil((limits.parcelBytes * 17) / 16));
  }

  /** Moves the lane's beginning to the end of its parcel. */
  function settle(lane: Lane): Completed {
    const complete = lane.queue.slice(lane.head, lane.endEntry);
    lane.suspects = Math.max(0, lane.suspects - complete.length);
    lane.head = lane.endEntry;
    const current = lane.queue[lane.head];
    if (current !== undefined) current.line = lane.endLine;
    Object.assign(lane, { parcel: null, ...freshLimits() });
    if (lane.head === lane.queue.length) lanes.delete(lane.partition);
    else if (limits.parcelBytes < limits.mostParcelBytes) grow();
    return completedOf(complete);
  }

  return {
    done: () => lanes.size === 0,
    parcels: () => Array.from(lanes.values(), (lane) => (lane.parcel ??= compose(lane))),
    arrived(parcel) {
      const lane = laneOf(parcel);
      lane.putOffs = 0;
      lane.maxSamples = lane.maxSamples >= UNBOUNDED_FROM_SAMPLES ? Infinity : lane.maxSamples * 2;
      return settle(lane);
    },
    firstSample(parcel) {
      const { queue, head } = laneOf(parcel);
      const first = queue[head];
      if (first === undefined) throw new Error('a parcel has one sample at least');
      return first.sample;
    },
    tooLarge(parcel, reason) {
      const lane = laneOf(parcel);
      const { messages } = parcel;
      const single = messages[0] !== undefined && hasSeveralLines(messages[0]) ? lane.linesPerMessage : 1;
      if (messages.length > 1) {
        limits.parcelBytes = Math.ceil(parcelBytes(messages) / 2);
        lane.maxMessages = Math.floor(messages.length / 2);
      } else if (single > 1) {
        lane.linesPerMessage = Math.floor(single / 2);
      } else {
        const current = lane.queue[lane.head];
        if (current !== undefined) current.refusedFor = reason;
        return settle(lane);
      }
      lane.parcel = null;
      return NOTHING;
    },
    refused(parcel, reason) {
      const lane = laneOf(parcel);
      // One whose first lines went with another parcel may stand behind this one.
      const hasPart = lane.endLine > (lane.queue[lane.endEntry]?.line ?? 0);
      const samples = lane.endEntry - lane.head + (hasPart ? 1 : 0);
      if (samples > 1) {
        lane.suspects = samples;
        lane.parcel = null;
        return NOTHING;
      }
      const current = lane.queue[lane.head];
      if (current !== undefined) current.refusedFor = reason;
      Object.assign(lane, { endEntry: lane.head + 1, maxSamples: 1, suspects: 0 });
      lane.endLine = lane.queue[lane.endEntry]?.line ?? 0;
      return settle(lane);
    },
    putOff(parcel) {
      const lane = laneOf(parcel);
      const left = lane.queue.splice(lane.head);
      const key = left[0]?.sample.key;
      const others = left.filter(({ sample }) => sample.key !== key);
      lane.queue.push(...others, ...left.filter(({ sample }) => sample.key === key));
      lane.parcel = null;
      lane.suspects = 0;
      lane.putOffs = others.length === 0 ? 0 : (lane.putOffs + 1) % MOST_PUT_OFFS;
      return lane.putOffs > 0;
    },
    remaining: () => Array.from(lanes.values(), (lane) => lane.queue.slice(lane.head)).flat(),
  };
}

/** How many samples the next parcel may hold. */
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

function parcelBytes(messages: readonly ProducedMessage[]): number {
  return messages.reduce(
    (sum, { key, valueLength }) => sum + key.length + valueLength + messageOverheadBytes,
    0,
  );
}
