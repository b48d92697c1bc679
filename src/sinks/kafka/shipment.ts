import type { EncodedSample } from '../../records/encoded-sample.ts';
import { ProducedMessage } from './produced-message.ts';

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
  refused: boolean;
}

/** What a settled parcel completed. */
export interface Completed {
  readonly arrived: readonly EncodedSample[];
  readonly refused: readonly EncodedSample[];
}

/** The samples of one delivery on their way, cut into parcels, in order within each partition. */
export interface Shipment {
  done(): boolean;
  /** One parcel for each partition that has something left; the same object again until it is settled. */
  parcels(): readonly Parcel[];
  arrived(parcel: Parcel): Completed;
  /**
   * The broker found the parcel too large and has written none of it. Makes the next one smaller; a line that was
   * alone in it is passed over, and its sample will be among the refused.
   */
  tooLarge(parcel: Parcel): Completed;
  /** What is not complete yet, in no particular order between keys; for a new shipment. */
  remaining(): Progress[];
}

/** Larger than any line of names that people give, smaller than any limit that one sets on purpose. */
const ordinaryBytes = 10_000;

/**
 * Whether the parcel is a single line of ordinary length: refusing that, a topic takes next to nothing, and the line is
 * to be sent again until its limit has been raised. A longer one is passed over, lest it hold up everything else.
 */
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
}

/** Attributes, lengths, offsets and timestamp of a record, rounded up. */
const messageOverheadBytes = 32;

export function createShipment(remaining: readonly Progress[], options: ShipmentOptions): Shipment {
  const { limits } = options;
  const lanes = new Map<number, Lane>();
  for (const progress of remaining) {
    const partition = options.partitionOf(progress.sample.key);
    let lane = lanes.get(partition);
    if (lane === undefined) {
      lane = { partition, queue: [], head: 0, parcel: null, endEntry: 0, endLine: 0, ...freshLimits() };
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
    for (let entry = lane.queue[lane.head]; entry !== undefined; entry = lane.queue[lane.endEntry]) {
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
    lane.head = lane.endEntry;
    const current = lane.queue[lane.head];
    if (current !== undefined) current.line = lane.endLine;
    Object.assign(lane, { parcel: null, ...freshLimits() });
    if (lane.head === lane.queue.length) lanes.delete(lane.partition);
    else if (limits.parcelBytes < limits.mostParcelBytes) grow();
    return {
      arrived: complete.filter(({ refused }) => !refused).map(({ sample }) => sample),
      refused: complete.filter(({ refused }) => refused).map(({ sample }) => sample),
    };
  }

  return {
    done: () => lanes.size === 0,
    parcels: () => Array.from(lanes.values(), (lane) => (lane.parcel ??= compose(lane))),
    arrived: (parcel) => settle(laneOf(parcel)),
    tooLarge(parcel) {
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
        if (current !== undefined) current.refused = true;
        return settle(lane);
      }
      lane.parcel = null;
      return { arrived: [], refused: [] };
    },
    remaining: () => Array.from(lanes.values(), (lane) => lane.queue.slice(lane.head)).flat(),
  };
}

function parcelBytes(messages: readonly ProducedMessage[]): number {
  return messages.reduce(
    (sum, { key, valueLength }) => sum + key.length + valueLength + messageOverheadBytes,
    0,
  );
}
