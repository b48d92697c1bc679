import { randomUUID } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { EncodedSample, SamplePlace, SpanChange } from '../records/encoded-sample.ts';
import type { Change, Store } from '../store/store.ts';
import type { Waiting } from './zero-bounds.ts';

/*
 * What the outbox keeps in its store:
 *
 *   chunk/<serial>  samples, one after the other
 *   facts/<serial>  what is known of that chunk without reading it
 *   spans/<key>     the newest state of the key's spans, and in which chunk
 *   meta            the name of the store, how many processes have used it, the next serial number
 *   NOTE            beside the entries: how many samples there are, so that a loss shows
 */

/** How much something holds. */
export interface Sizes {
  readonly samples: number;
  readonly records: number;
  /** On disk, before the store's compression; 0 where that is not known. */
  readonly bytes: number;
}

export const NOTHING: Sizes = { samples: 0, records: 0, bytes: 0 };

export function add(all: Sizes, part: Sizes): Sizes {
  return {
    samples: all.samples + part.samples,
    records: all.records + part.records,
    bytes: all.bytes + part.bytes,
  };
}

export function subtract(all: Sizes, parts: readonly Sizes[]): Sizes {
  let { samples, records, bytes } = all;
  for (const part of parts) {
    samples -= part.samples;
    records -= part.records;
    bytes -= part.bytes;
  }
  return { samples, records, bytes };
}

/** What is known of one chunk without reading it. */
export interface Chunk extends Sizes {
  readonly serial: number;
  /** It replaces all chunks from this serial number on; absent: it is one chunk. */
  readonly from?: number;
  readonly oldestOfferedMs: number;
}

/** A chunk, and whether only the zero bounds of its samples are left. */
export type StoredChunk = Chunk & { readonly boundsOnly: boolean };

/** Which spans of a key are open after a sample, and where that sample stands. */
export interface SpanState extends Pick<SpanChange, 'open' | 'doubted' | 'as'> {
  readonly place: SamplePlace;
}

/** Names the store, counts who has used it, and remembers where its serial numbers go on when it is empty. */
export interface Meta {
  readonly id: string;
  readonly lives: number;
  readonly nextSerial: number;
}

const FACTS = 'facts/';
const SPANS = 'spans/';
const META = 'meta';

/** Digits enough for a chunk a millisecond over some thousand years, so that keys sort as numbers do. */
function digits(serial: number): string {
  return String(serial).padStart(14, '0');
}

export function chunkKey(serial: number): string {
  return `chunk/${digits(serial)}`;
}

export function putMeta(meta: Meta): Change {
  return { key: META, value: toValue(meta) };
}

export function putChunk(chunk: StoredChunk, content: Buffer): readonly Change[] {
  return [
    { key: chunkKey(chunk.serial), value: content },
    { key: FACTS + digits(chunk.serial), value: toValue(chunk) },
  ];
}

export function removeChunk(serial: number): readonly Change[] {
  return [
    { key: chunkKey(serial), value: null },
    { key: FACTS + digits(serial), value: null },
  ];
}

/** @param serial of the chunk with the sample */
export function putSpans(key: string, serial: number, state: SpanState): Change {
  return { key: SPANS + key, value: toValue({ serial, ...state }) };
}

export function removeSpans(key: string): Change {
  return { key: SPANS + key, value: null };
}

export function encodeNote({ samples, records }: Sizes): Buffer {
  return Buffer.from(JSON.stringify({ samples, records }));
}

/** The note's own checksum has been verified. */
export function decodeNote(note: Buffer | null): Sizes | null {
  return note === null ? null : { ...NOTHING, ...(JSON.parse(note.toString()) as Partial<Sizes>) };
}

const SUM_BYTES = 4;
const BRACE = 0x7b;

/** The store does not verify what it reads, so each value begins with its own checksum. */
function toValue(content: object): Buffer {
  const text = JSON.stringify(content);
  const value = Buffer.alloc(SUM_BYTES + Buffer.byteLength(text));
  value.write(text, SUM_BYTES);
  value.writeUInt32LE(crc32(value.subarray(SUM_BYTES)), 0);
  return value;
}

/** Null where it is not what was written. Values of early versions have no checksum. */
function fromValue(value: Buffer): unknown {
  const isSound = value.length >= SUM_BYTES && value.readUInt32LE(0) === crc32(value.subarray(SUM_BYTES));
  if (!isSound && value[0] !== BRACE) return null;
  try {
    return JSON.parse(value.toString('utf8', isSound ? SUM_BYTES : 0)) as unknown;
  } catch {
    return null;
  }
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

const LENGTH_BYTES = 4;
const NEWLINE = 0x0a;

/** Several samples as one value: a checksum, then for each sample its head as JSON and its bytes. */
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
  const content = Buffer.concat(pieces);
  content.writeUInt32LE(crc32(content.subarray(SUM_BYTES)), 0);
  return content;
}

/** The samples of a chunk; null where its checksum says that it is not what was written. */
export function decodeChunk(content: Buffer): readonly Waiting[] | null {
  if (content.length < SUM_BYTES) return null;
  if (content.readUInt32LE(0) !== crc32(content.subarray(SUM_BYTES))) return null;
  const samples: Waiting[] = [];
  for (let offset = SUM_BYTES; offset < content.length;) {
    const headStart = offset + 2 * LENGTH_BYTES;
    const bytesStart = headStart + content.readUInt32LE(offset);
    const end = bytesStart + content.readUInt32LE(offset + LENGTH_BYTES);
    // The checksum proves that this is what encodeChunk wrote.
    const head = JSON.parse(content.toString('utf8', headStart, bytesStart)) as Head;
    const [key, cluster, takenAtMs, offeredMs, bounds, spans, place, units] = head;
    const bytes = content.subarray(bytesStart, end);
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

/** @param otherwiseMs what an empty chunk says of its oldest sample */
export function describeChunk(
  serial: number,
  waiting: readonly Waiting[],
  content: Buffer,
  otherwiseMs = 0,
): Chunk {
  return {
    serial,
    samples: waiting.length,
    records: waiting.reduce((sum, { sample }) => sum + sample.recordCount, 0),
    bytes: content.length,
    oldestOfferedMs: waiting[0]?.offeredMs ?? otherwiseMs,
  };
}

/** What a store says of itself, without its chunks being read. */
export interface Contents {
  readonly meta: Meta;
  /** In order. */
  readonly chunks: readonly StoredChunk[];
  /** The newest state of each key's spans. */
  readonly spans: ReadonlyMap<string, SpanState>;
  /** Of the chunk with the sample that this state is of. */
  readonly spansSerial: Map<string, number>;
  /** What belongs to nothing any more. */
  readonly toTidyUp: readonly Change[];
  readonly stored: Sizes;
  /** What was there when the store was used last, and is not there any more. */
  readonly lost: Sizes;
  /** Chunks that are missing although those around them are there, or whose facts are damaged. */
  readonly missingChunks: number;
}

/** So many chunks in a row are removed that have no facts any more. */
const MOST_ORPHANS = 10_000;

/** `meta` is as the process that reads it has to write it. */
export async function readContents(store: Store): Promise<Contents> {
  const noted = decodeNote(await store.readNote());
  const metaValue = await store.get(META);
  const meta = (metaValue === undefined ? null : (fromValue(metaValue) as Meta | null)) ?? newMeta();
  const chunks: StoredChunk[] = [];
  const toTidyUp: Change[] = [];
  let missingChunks = 0;
  let stored = NOTHING;
  for await (const [, value] of store.entries(FACTS)) {
    const chunk = fromValue(value) as StoredChunk | null;
    if (chunk === null) continue;
    const from = chunk.from ?? chunk.serial;
    const gap = from - (chunks.at(-1)?.serial ?? from - 1) - 1;
    missingChunks += gap;
    for (let at = 1; at <= Math.min(gap, MOST_ORPHANS); at += 1) toTidyUp.push(...removeChunk(from - at));
    stored = add(stored, chunk);
    chunks.push(chunk);
  }
  const [oldest, newest] = [chunks[0], chunks.at(-1)];
  if (newest !== undefined) missingChunks += Math.max(0, meta.nextSerial - newest.serial - 1);
  const spans = new Map<string, SpanState>();
  const spansSerial = new Map<string, number>();
  for await (const [entry, value] of store.entries(SPANS)) {
    const key = entry.slice(SPANS.length);
    const found = fromValue(value) as (SpanState & { readonly serial: number }) | null;
    if (found === null || oldest === undefined || found.serial < (oldest.from ?? oldest.serial)) {
      toTidyUp.push(removeSpans(key));
      continue;
    }
    const { serial, ...state } = found;
    spans.set(key, state);
    spansSerial.set(key, serial);
  }
  const lost = {
    samples: Math.max(0, (noted?.samples ?? 0) - stored.samples),
    records: Math.max(0, (noted?.records ?? 0) - stored.records),
    bytes: 0,
  };
  return {
    meta: {
      id: meta.id,
      lives: meta.lives + 1,
      nextSerial: Math.max((newest?.serial ?? 0) + 1, meta.nextSerial),
    },
    chunks,
    spans,
    spansSerial,
    toTidyUp,
    stored,
    lost,
    // Dropped chunks leave gaps, too. Only where there is no note do gaps prove a loss.
    missingChunks: noted !== null && lost.samples === 0 ? 0 : missingChunks,
  };
}

function newMeta(): Meta {
  return { id: randomUUID(), lives: 0, nextSerial: 1 };
}
