import { crc32 } from 'node:zlib';
import type { SamplePlace, SpanChange } from '../records/encoded-sample.ts';
import type { Change } from '../store/store.ts';

/** What is known of one chunk without reading it. */
export interface ChunkFacts {
  readonly serial: number;
  /** It stands for all chunks from this serial number on; absent: for itself. */
  readonly from?: number;
  /** How many samples and records. */
  readonly samples: number;
  readonly records: number;
  /** Of the encoded chunk. */
  readonly bytes: number;
  readonly oldestOfferedMs: number;
}

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

/** What the keys of a spool's store begin with. */
export const FACTS = 'facts/';
export const SPANS = 'spans/';
export const META = 'meta';

/** Digits enough for a chunk a millisecond over some thousand years, so that keys sort as numbers do. */
function digits(serial: number): string {
  return String(serial).padStart(14, '0');
}

export function chunkKey(serial: number): string {
  return `chunk/${digits(serial)}`;
}

export function putMeta(meta: Meta): Change {
  return { key: META, value: toBuffer(meta) };
}

/** @param boundsOnly whether only zero bounds are left of its samples */
export function putChunk(facts: ChunkFacts, boundsOnly: boolean, chunk: Buffer): readonly Change[] {
  return [
    { key: chunkKey(facts.serial), value: chunk },
    { key: FACTS + digits(facts.serial), value: toBuffer({ ...facts, boundsOnly }) },
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
  return { key: SPANS + key, value: toBuffer({ serial, ...state }) };
}

export function removeSpans(key: string): Change {
  return { key: SPANS + key, value: null };
}

/** How much is on disk, delivered samples that are not removed yet included; see `Store.writeNote`. */
export interface SpoolNote {
  readonly samples: number;
  readonly records: number;
}

export function toNote(note: SpoolNote): Buffer {
  return Buffer.from(JSON.stringify(note));
}

/** The note's own checksum has been verified. */
export function parseNote(note: Buffer | null): SpoolNote | null {
  return note === null ? null : (JSON.parse(note.toString()) as SpoolNote);
}

const SUM_BYTES = 4;
const BRACE = 0x7b;

/** The store verifies no sums over what it reads, so each value has its own in front. */
function toBuffer(value: object): Buffer {
  const text = JSON.stringify(value);
  const buffer = Buffer.alloc(SUM_BYTES + Buffer.byteLength(text));
  buffer.write(text, SUM_BYTES);
  buffer.writeUInt32LE(crc32(buffer.subarray(SUM_BYTES)), 0);
  return buffer;
}

/** Null where it is not what was written. Without a sum it is of an earlier version. */
function parse(value: Buffer): unknown {
  const isSound = value.length >= SUM_BYTES && value.readUInt32LE(0) === crc32(value.subarray(SUM_BYTES));
  if (!isSound && value[0] !== BRACE) return null;
  try {
    return JSON.parse(value.toString('utf8', isSound ? SUM_BYTES : 0)) as unknown;
  } catch {
    return null;
  }
}

export function parseMeta(value: Buffer | undefined): Meta | null {
  return value === undefined ? null : (parse(value) as Meta | null);
}

export function parseFacts(value: Buffer): (ChunkFacts & { readonly boundsOnly: boolean }) | null {
  return parse(value) as (ChunkFacts & { readonly boundsOnly: boolean }) | null;
}

export function parseSpans(value: Buffer): (SpanState & { readonly serial: number }) | null {
  return parse(value) as (SpanState & { readonly serial: number }) | null;
}
