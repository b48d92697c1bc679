import { randomUUID } from 'node:crypto';
import type { Change, Store } from '../store/store.ts';
import { StoreFault } from '../store/store.ts';
import type { SamplePlace } from '../records/encoded-sample.ts';
import { keepBounds } from './keep-bounds.ts';
import { createQueue } from './queue.ts';
import { decodeChunk, encodeChunk, type Waiting } from './sample-chunk.ts';
import {
  chunkKey,
  FACTS,
  META,
  parseFacts,
  parseMeta,
  parseSpans,
  putChunk,
  putMeta,
  putSpans,
  removeChunk,
  removeSpans,
  SPANS,
  type ChunkFacts,
  type SpanState,
} from './spool-entries.ts';

/** Samples that are lost because their chunk cannot be read. */
export interface LostChunk {
  readonly samples: number;
  readonly records: number;
}

/** A chunk read back, or one that cannot be. */
export type ReadChunk =
  | { readonly serial: number; readonly waiting: readonly Waiting[]; readonly bytes: number }
  | { readonly serial: number; readonly lost: LostChunk };

/** What was found in a store when it was opened. */
export interface Found {
  readonly samples: number;
  readonly records: number;
  /** Chunks that are missing although those around them are there. */
  readonly missingChunks: number;
}

/** How much lies on disk and has not been read back. */
export interface SpoolDepth {
  readonly samples: number;
  readonly records: number;
  readonly bytes: number;
}

/**
 * Samples on disk, first in, first out, in chunks with rising serial numbers. A chunk stays until it is removed, so
 * that what was read back and not delivered is there again after a crash. One call at a time.
 */
export interface Spool {
  /** The place of the next sample; each call gives a later one, later than that of any sample of a former process. */
  nextPlace(): SamplePlace;
  /** Appends a chunk and resolves, with its serial number, when the disk has it. */
  append(samples: readonly Waiting[]): Promise<number>;
  /** Takes note that the samples of the newest chunk are in memory, too: it is not to be read back. */
  keepLoaded(serial: number): void;
  /** Size of the chunk that `read` would give; 0 when there is none. */
  nextBytes(): number;
  /** The oldest chunk that was not read yet; null when there is none. */
  read(): Promise<ReadChunk | null>;
  /** Forgets chunks whose samples have arrived or were given up. */
  remove(serials: readonly number[]): Promise<void>;
  /**
   * Drops all but the zero bounds of the oldest whole samples that were not read yet, until no more than so many
   * bytes are left or there is none. Returns the samples as they were, and what could not even be read.
   */
  trim(maxBytes: number): Promise<{ readonly dropped: readonly Waiting[]; readonly lost: LostChunk }>;
  /** Goes on with the same store opened anew. */
  reopened(store: Store): void;
  /** Bytes of all chunks, read or not, before the store's own compression. */
  totalBytes(): number;
  unread(): SpoolDepth;
  oldestUnreadMs(): number | null;
  /** The newest state of each key's spans among the samples on disk. */
  spans(): ReadonlyMap<string, SpanState>;
}

/** Reads what a store holds and goes on from there. */
export async function openSpool(opened: Store): Promise<{ readonly spool: Spool; readonly found: Found }> {
  let store = opened;
  /** Not read yet: those of which only zero bounds are left, then the whole ones. */
  const reduced = createQueue<ChunkFacts>();
  const whole = createQueue<ChunkFacts>();
  /** Read and not removed. */
  const loaded = new Map<number, ChunkFacts>();
  const spans = new Map<string, SpanState>();
  const spansSerial = new Map<string, number>();
  let samples = 0;
  let records = 0;
  let unreadBytes = 0;
  let totalBytes = 0;
  let nextSerial = 1;

  function count(facts: ChunkFacts, sign: 1 | -1): void {
    samples += sign * facts.samples;
    records += sign * facts.records;
    unreadBytes += sign * facts.bytes;
  }

  function enqueue(queue: typeof whole, facts: ChunkFacts): void {
    queue.push(facts);
    count(facts, 1);
    totalBytes += facts.bytes;
  }

  const meta = parseMeta(await store.get(META)) ?? { id: randomUUID(), lives: 0, nextSerial: 1 };
  const life = meta.lives + 1;
  let lastIndex = 0;
  const putLife = (serialToCome: number): Change =>
    putMeta({ id: meta.id, lives: life, nextSerial: serialToCome });
  let missingChunks = 0;
  let before: number | null = null;
  for await (const [, value] of store.entries(FACTS)) {
    const { boundsOnly, ...facts } = parseFacts(value);
    if (before !== null) missingChunks += facts.serial - before - 1;
    before = facts.serial;
    nextSerial = facts.serial + 1;
    // What was only bounds comes before what is whole; a chunk that was reduced later keeps its place.
    enqueue(boundsOnly && whole.length === 0 ? reduced : whole, facts);
  }
  if (before !== null) missingChunks += Math.max(0, meta.nextSerial - before - 1);
  nextSerial = Math.max(nextSerial, meta.nextSerial);
  const oldest = (reduced.peek() ?? whole.peek())?.serial ?? Infinity;
  const changes: Change[] = [putLife(nextSerial)];
  for await (const [key, value] of store.entries(SPANS)) {
    const { serial, ...state } = parseSpans(value);
    if (serial < oldest) {
      changes.push(removeSpans(key.slice(SPANS.length)));
      continue;
    }
    spans.set(key.slice(SPANS.length), state);
    spansSerial.set(key.slice(SPANS.length), serial);
  }
  await store.write(changes, { durable: true });
  const found: Found = { samples, records, missingChunks };

  function describe(
    serial: number,
    waiting: readonly Waiting[],
    chunk: Buffer,
    otherwiseMs: number,
  ): ChunkFacts {
    return {
      serial,
      samples: waiting.length,
      records: waiting.reduce((sum, { sample }) => sum + sample.lineEnds.length, 0),
      bytes: chunk.length,
      oldestOfferedMs: waiting[0]?.offeredMs ?? otherwiseMs,
    };
  }

  /** Null where the chunk is damaged or missing. */
  async function fetch(serial: number): Promise<readonly Waiting[] | null> {
    try {
      const chunk = await store.get(chunkKey(serial));
      return chunk === undefined ? null : decodeChunk(chunk);
    } catch (error) {
      if (error instanceof StoreFault && error.kind === 'corrupt') return null;
      throw error;
    }
  }

  function nextPlace(): SamplePlace {
    lastIndex += 1;
    return { store: meta.id, life, index: lastIndex };
  }

  const spool: Spool = {
    nextPlace,

    async append(waiting) {
      const serial = nextSerial;
      const newest = new Map<string, SpanState>();
      for (const { sample } of waiting) {
        const place = (sample.place ??= nextPlace());
        if (sample.spans === undefined) continue;
        const { key, open, doubted } = sample.spans;
        newest.set(key, { open, doubted, place });
      }
      const chunk = encodeChunk(waiting);
      const facts = describe(serial, waiting, chunk, 0);
      const changes = [...putChunk(facts, false, chunk), putLife(serial + 1)];
      for (const [key, state] of newest) changes.push(putSpans(key, serial, state));
      await store.write(changes, { durable: true });
      nextSerial = serial + 1;
      for (const [key, state] of newest) {
        spans.set(key, state);
        spansSerial.set(key, serial);
      }
      enqueue(whole, facts);
      return serial;
    },

    keepLoaded(serial) {
      if (reduced.length + whole.length !== 1) throw new Error('older chunks have not been read yet');
      const facts = (reduced.peek() === undefined ? whole : reduced).shift();
      if (facts?.serial !== serial) throw new Error('it is not the newest chunk');
      count(facts, -1);
      loaded.set(serial, facts);
    },

    nextBytes: () => (reduced.peek() ?? whole.peek())?.bytes ?? 0,

    async read() {
      const queue = reduced.peek() === undefined ? whole : reduced;
      const facts = queue.peek();
      if (facts === undefined) return null;
      const { serial, bytes } = facts;
      const waiting = await fetch(serial);
      queue.shift();
      count(facts, -1);
      loaded.set(serial, facts);
      if (waiting !== null) return { serial, waiting, bytes };
      return { serial, lost: { samples: facts.samples, records: facts.records } };
    },

    async remove(serials) {
      const changes = serials.flatMap(removeChunk);
      const gone = new Set(serials);
      const overSpans = [...spansSerial].filter(([, serial]) => gone.has(serial)).map(([key]) => key);
      changes.push(...overSpans.map(removeSpans));
      await store.write(changes, { durable: false });
      for (const key of overSpans) {
        spans.delete(key);
        spansSerial.delete(key);
      }
      for (const serial of serials) {
        totalBytes -= loaded.get(serial)?.bytes ?? 0;
        loaded.delete(serial);
      }
    },

    async trim(maxBytes) {
      const dropped: Waiting[] = [];
      const lost = { samples: 0, records: 0 };
      while (totalBytes > maxBytes) {
        const facts = whole.peek();
        if (facts === undefined) break;
        const { serial } = facts;
        const waiting = await fetch(serial);
        const kept = (waiting ?? []).flatMap(({ sample, ...facts }) => {
          const bounds = keepBounds(sample);
          return bounds === null ? [] : [{ ...facts, sample: bounds }];
        });
        const chunk = encodeChunk(kept);
        const left = describe(serial, kept, chunk, facts.oldestOfferedMs);
        // An empty chunk stays, so that a gap in the serial numbers always means a loss.
        await store.write(putChunk(left, true, chunk), { durable: false });
        whole.shift();
        count(facts, -1);
        totalBytes -= facts.bytes;
        enqueue(reduced, left);
        if (waiting !== null) dropped.push(...waiting);
        else {
          lost.samples += facts.samples;
          lost.records += facts.records;
        }
      }
      return { dropped, lost };
    },

    reopened(anew) {
      store = anew;
    },

    totalBytes: () => totalBytes,
    unread: () => ({ samples, records, bytes: unreadBytes }),
    oldestUnreadMs: () => (reduced.peek() ?? whole.peek())?.oldestOfferedMs ?? null,
    spans: () => spans,
  };
  return { spool, found };
}
