import type { ProducedMessage } from './produced-message.ts';

/** What a record batch says beside its records. */
export interface RecordBatchHeader {
  /** Kafka's number of the compression; 0: none. */
  readonly compression: number;
  readonly isTransactional: boolean;
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly firstSequence: number;
}

/** CRC-32C. */
export type Crc = (bytes: Buffer) => number;

export interface RecordBatchDeps {
  readonly crc32C: Crc;
  /** Compresses all records of a batch; null where they are not compressed. The bytes are good until it resolves. */
  readonly compress: ((records: Buffer) => Promise<Buffer>) | null;
}

/** Offsets in a batch of format 2, https://kafka.apache.org/documentation/#recordbatch. */
const LENGTH_AT = 8;
const MAGIC_AT = 16;
const CRC_AT = 17;
const ATTRIBUTES_AT = 21;
const LAST_OFFSET_DELTA_AT = 23;
const FIRST_TIMESTAMP_AT = 27;
const MAX_TIMESTAMP_AT = 35;
const PRODUCER_ID_AT = 43;
const PRODUCER_EPOCH_AT = 51;
const FIRST_SEQUENCE_AT = 53;
const COUNT_AT = 57;
const HEADER_BYTES = 61;
const MAGIC = 2;
const TRANSACTIONAL = 0x10;
/** At most, of a record beside its key and its value: five varints of 32 bits, one of 64, and two zero bytes. */
const RECORD_OVERHEAD_BYTES = 5 * 5 + 10 + 2;
/** A larger buffer is not kept: memory is not to stay at its highest. */
const MOST_KEPT_BYTES = 4 * 1024 * 1024;
const MOST_KEPT_BUFFERS = 4;

/** A new buffer for each batch would make the engine collect the whole heap again and again. */
const spare: Buffer[] = [];

/**
 * Messages as one record batch, bytes as a produce request has them (without their length). All records are written
 * one after the other into a single buffer that is used again.
 *
 * @param messages one or more
 */
export async function encodeRecordBatch(
  messages: readonly ProducedMessage[],
  header: RecordBatchHeader,
  { crc32C, compress }: RecordBatchDeps,
): Promise<Buffer> {
  const [firstMs, maxMs] = timeSpanOf(messages);
  const room = takeSpare(mostBytesOf(messages));
  try {
    const records = room.subarray(0, writeRecords(room, messages, firstMs));
    const body = compress === null ? records : await compress(records);
    const batch = Buffer.allocUnsafe(HEADER_BYTES + body.length);
    batch.fill(0, 0, HEADER_BYTES);
    batch.writeInt32BE(batch.length - LENGTH_AT - 4, LENGTH_AT);
    batch[MAGIC_AT] = MAGIC;
    batch.writeInt16BE(header.compression | (header.isTransactional ? TRANSACTIONAL : 0), ATTRIBUTES_AT);
    batch.writeInt32BE(messages.length - 1, LAST_OFFSET_DELTA_AT);
    batch.writeBigInt64BE(BigInt(firstMs), FIRST_TIMESTAMP_AT);
    batch.writeBigInt64BE(BigInt(maxMs), MAX_TIMESTAMP_AT);
    batch.writeBigInt64BE(header.producerId, PRODUCER_ID_AT);
    batch.writeInt16BE(header.producerEpoch, PRODUCER_EPOCH_AT);
    batch.writeInt32BE(header.firstSequence, FIRST_SEQUENCE_AT);
    batch.writeInt32BE(messages.length, COUNT_AT);
    batch.set(body, HEADER_BYTES);
    batch.writeUInt32BE(crc32C(batch.subarray(ATTRIBUTES_AT)), CRC_AT);
    return batch;
  } finally {
    if (room.length <= MOST_KEPT_BYTES && spare.length < MOST_KEPT_BUFFERS) spare.push(room);
  }
}

function takeSpare(bytes: number): Buffer {
  const found = spare.pop();
  return found !== undefined && found.length >= bytes ? found : Buffer.allocUnsafeSlow(bytes);
}

function mostBytesOf(messages: readonly ProducedMessage[]): number {
  let bytes = 0;
  for (const { key, valueLength } of messages) bytes += key.length + valueLength + RECORD_OVERHEAD_BYTES;
  return bytes;
}

/** The earliest and the latest time, milliseconds since the epoch. */
function timeSpanOf(messages: readonly ProducedMessage[]): readonly [number, number] {
  let firstMs = Infinity;
  let maxMs = -Infinity;
  let before = '';
  for (const { timestamp } of messages) {
    // Neighbours are of one sample.
    if (timestamp === before) continue;
    before = timestamp;
    firstMs = Math.min(firstMs, Number(timestamp));
    maxMs = Math.max(maxMs, Number(timestamp));
  }
  return [firstMs, maxMs];
}

/** Returns the offset after the last one. */
function writeRecords(buffer: Buffer, messages: readonly ProducedMessage[], firstMs: number): number {
  let at = 0;
  let before = '';
  let deltaMs = 0;
  let deltaBytes = 0;
  let offsetDelta = 0;
  for (const { key, bytes, start, end, timestamp } of messages) {
    if (timestamp !== before) {
      before = timestamp;
      deltaMs = Number(timestamp) - firstMs;
      deltaBytes = sizeOf(deltaMs);
    }
    // Attributes, and that there are no headers, are a zero byte each.
    const bodyBytes =
      2 + deltaBytes + sizeOf(offsetDelta) + sizeOfBytes(key, key.length) + sizeOfBytes(bytes, end - start);
    at = write(buffer, at, bodyBytes);
    buffer[at++] = 0;
    at = write(buffer, at, deltaMs);
    at = write(buffer, at, offsetDelta);
    at = writeBytes(buffer, at, key, 0, key.length);
    at = writeBytes(buffer, at, bytes, start, end);
    buffer[at++] = 0;
    offsetDelta += 1;
  }
  return at;
}

/** Null has the length -1, which is one byte. */
function sizeOfBytes(bytes: Buffer | null, length: number): number {
  return bytes === null ? 1 : sizeOf(length) + length;
}

/** Twice this fits into 31 bits. */
const LARGEST_SMALL = 0x3fff_ffff;

/** Bytes of a number of 0 or more as Kafka's varint: zigzag, which doubles it, then seven bits a byte. */
function sizeOf(number: number): number {
  let size = 1;
  let rest = number;
  for (; rest > LARGEST_SMALL; rest = Math.floor(rest / 0x80)) size += 1;
  for (let small = rest >>> 6; small !== 0; small >>>= 7) size += 1;
  return size;
}

/** Returns the offset after it. */
function write(buffer: Buffer, at: number, number: number): number {
  let rest = number * 2;
  for (; rest > 0x7fff_ffff; rest = Math.floor(rest / 0x80)) buffer[at++] = (rest % 0x80) | 0x80;
  while (rest > 0x7f) {
    buffer[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  buffer[at++] = rest;
  return at;
}

function writeBytes(buffer: Buffer, at: number, bytes: Buffer | null, start: number, end: number): number {
  if (bytes === null) {
    buffer[at] = 1;
    return at + 1;
  }
  const to = write(buffer, at, end - start);
  return to + bytes.copy(buffer, to, start, end);
}
