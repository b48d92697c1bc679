import { crc32 } from 'node:zlib';
import type { EncodedSample, SamplePlace, SpanChange } from '../records/encoded-sample.ts';

/** A sample that waits, and since when, milliseconds since the epoch. */
export interface Waiting {
  readonly sample: EncodedSample;
  readonly offeredMs: number;
}

/** All of a sample but its bytes. Earlier versions wrote no `units`: each of their units is one line and one record. */
type Head = readonly [
  key: string,
  cluster: string,
  takenAtMs: number,
  offeredMs: number,
  bounds: readonly number[],
  spans: SpanChange | null,
  place: SamplePlace | null,
  units?: UnitSizes,
];

/** Of each unit: its bytes, and its records where not all have one. */
type UnitSizes = readonly [bytes: readonly number[], records: readonly number[] | null];

const SUM_BYTES = 4;
const LENGTH_BYTES = 4;
const NEWLINE = 0x0a;

/** Several samples as one value of a store: a checksum, then for each sample its head as JSON and its bytes. */
export function encodeChunk(samples: readonly Waiting[]): Buffer {
  const pieces: Buffer[] = [Buffer.alloc(SUM_BYTES)];
  for (const { sample, offeredMs } of samples) {
    const { key, cluster, takenAtMs, bounds, spans = null, place = null } = sample;
    const head: Head = [key, cluster, takenAtMs, offeredMs, bounds, spans, place, unitSizes(sample)];
    const headBytes = Buffer.from(JSON.stringify(head));
    const lengths = Buffer.alloc(2 * LENGTH_BYTES);
    lengths.writeUInt32LE(headBytes.length, 0);
    lengths.writeUInt32LE(sample.bytes.length, LENGTH_BYTES);
    pieces.push(lengths, headBytes, sample.bytes);
  }
  const chunk = Buffer.concat(pieces);
  chunk.writeUInt32LE(crc32(chunk.subarray(SUM_BYTES)), 0);
  return chunk;
}

/** The samples of a chunk; null where its checksum says that it is not what was written. */
export function decodeChunk(chunk: Buffer): readonly Waiting[] | null {
  if (chunk.length < SUM_BYTES || chunk.readUInt32LE(0) !== crc32(chunk.subarray(SUM_BYTES))) return null;
  const samples: Waiting[] = [];
  for (let offset = SUM_BYTES; offset < chunk.length;) {
    const headStart = offset + 2 * LENGTH_BYTES;
    const bytesStart = headStart + chunk.readUInt32LE(offset);
    const end = bytesStart + chunk.readUInt32LE(offset + LENGTH_BYTES);
    // The checksum vouches that this is what encodeChunk wrote.
    const head = JSON.parse(chunk.toString('utf8', headStart, bytesStart)) as Head;
    const [key, cluster, takenAtMs, offeredMs, bounds, spans, place, units] = head;
    const bytes = chunk.subarray(bytesStart, end);
    samples.push({
      sample: {
        key,
        cluster,
        takenAtMs,
        bytes,
        ...readUnits(units, bytes),
        bounds,
        ...(spans !== null && { spans }),
        ...(place !== null && { place }),
      },
      offeredMs,
    });
    offset = end;
  }
  return samples;
}

function unitSizes({ unitEnds, unitRecords }: EncodedSample): UnitSizes {
  const bytes = Array.from(unitEnds, (end, unit) => end - (unitEnds[unit - 1] ?? 0));
  return [bytes, unitRecords === undefined ? null : [...unitRecords]];
}

type Units = Pick<EncodedSample, 'unitEnds' | 'recordCount' | 'unitRecords'>;

function readUnits(sizes: UnitSizes | undefined, bytes: Buffer): Units {
  if (sizes === undefined) {
    const unitEnds = findLineEnds(bytes);
    return { unitEnds, recordCount: unitEnds.length };
  }
  const [unitBytes, records] = sizes;
  let end = 0;
  const unitEnds = Uint32Array.from(unitBytes, (length) => (end += length));
  if (records === null) return { unitEnds, recordCount: unitEnds.length };
  const recordCount = records.reduce((sum, count) => sum + count, 0);
  return { unitEnds, recordCount, unitRecords: Uint32Array.from(records) };
}

function findLineEnds(bytes: Buffer): Uint32Array {
  const ends: number[] = [];
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) ends.push(at + 1);
  return Uint32Array.from(ends);
}
