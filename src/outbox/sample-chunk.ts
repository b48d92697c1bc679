import { crc32 } from 'node:zlib';
import type { EncodedSample, SamplePlace, SpanChange } from '../records/encoded-sample.ts';

/** A sample that waits, and since when, milliseconds since the epoch. */
export interface Waiting {
  readonly sample: EncodedSample;
  readonly offeredMs: number;
}

/** What cannot be read off a sample's lines. */
type Head = readonly [
  key: string,
  cluster: string,
  takenAtMs: number,
  offeredMs: number,
  bounds: readonly number[],
  spans: SpanChange | null,
  place: SamplePlace | null,
];

const SUM_BYTES = 4;
const LENGTH_BYTES = 4;
const NEWLINE = 0x0a;

/** Several samples as one value of a store: a checksum, then for each sample its head as JSON and its lines. */
export function encodeChunk(samples: readonly Waiting[]): Buffer {
  const pieces: Buffer[] = [Buffer.alloc(SUM_BYTES)];
  for (const { sample, offeredMs } of samples) {
    const { key, cluster, takenAtMs, bounds, spans = null, place = null } = sample;
    const head: Head = [key, cluster, takenAtMs, offeredMs, bounds, spans, place];
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
    const linesStart = headStart + chunk.readUInt32LE(offset);
    const end = linesStart + chunk.readUInt32LE(offset + LENGTH_BYTES);
    // The checksum vouches that this is what encodeChunk wrote.
    const head = JSON.parse(chunk.toString('utf8', headStart, linesStart)) as Head;
    const [key, cluster, takenAtMs, offeredMs, bounds, spans, place] = head;
    const bytes = chunk.subarray(linesStart, end);
    samples.push({
      sample: {
        key,
        cluster,
        takenAtMs,
        bytes,
        lineEnds: findLineEnds(bytes),
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

/** A record is one line, so the newlines tell where each ends. */
function findLineEnds(bytes: Buffer): Uint32Array {
  const ends: number[] = [];
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) ends.push(at + 1);
  return Uint32Array.from(ends);
}
