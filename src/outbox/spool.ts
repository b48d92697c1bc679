import type { Change, Store } from '../store/store.ts';
import { StoreFault } from '../store/store.ts';
import { countRecords, type SamplePlace } from '../records/encoded-sample.ts';
import { sampleOverheadBytes, type DroppedSample } from './backlog.ts';
import { foldBounds } from './fold-bounds.ts';
import { keepBounds } from './keep-bounds.ts';
import { createQueue } from './queue.ts';
import { decodeChunk, encodeChunk, type Waiting } from './sample-chunk.ts';
import { readContents, type Found, type LostChunk } from './spool-contents.ts';
import {
  chunkKey,
  putChunk,
  putMeta,
  putSpans,
  removeChunk,
  removeSpans,
  toNote,
  type ChunkFacts,
  type SpanState,
} from './spool-entries.ts';

/** A chunk read back, or one that cannot be. */
export type ReadChunk =
  | { readonly serial: number; readonly waiting: readonly Waiting[]; readonly bytes: number }
  | { readonly serial: number; readonly lost: LostChunk };

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
  /**
   * Appends a chunk and resolves, with its serial number, when the disk has it.
   *
   * @param chunk the samples as `encodeChunk` makes them; without it they are encoded before this returns, so that
   *   their bytes may be used again meanwhile
   */
  append(samples: readonly Waiting[], chunk?: Buffer): Promise<number>;
  /** Takes note that the samples of the newest chunk are in memory, too: it is not to be read back. */
  keepLoaded(serial: number): void;
  /** Room in memory for what `read` would give; 0 when there is nothing. */
  nextBytes(): number;
  /**
   * The oldest chunk that was not read yet; null when there is none. One that cannot be read however often it is tried
   * is lost in the end.
   */
  read(): Promise<ReadChunk | null>;
  /** Forgets chunks whose samples have arrived or were given up. */
  remove(serials: readonly number[]): Promise<void>;
  /**
   * Makes room until no more than so many bytes are left, of what was not read yet: drops all but the zero bounds of
   * the oldest whole samples, then folds those, then drops the oldest of them. Returns what went, and what could not
   * even be read.
   */
  trim(maxBytes: number): Promise<{ readonly dropped: readonly DroppedSample[]; readonly lost: LostChunk }>;
  /** Writes something that changes nothing: rejects where nothing can be written. */
  prove(): Promise<void>;
  /** Goes on with the same store opened anew. */
  reopened(store: Store): void;
  /** Bytes of all chunks, read or not, before the store's own compression. */
  totalBytes(): number;
  unread(): SpoolDepth;
  oldestUnreadMs(): number | null;
  /** The newest state of each key's spans among the samples on disk. */
  spans(): ReadonlyMap<string, SpanState>;
}

/** The store is opened anew between two of them, after a while that grows to half a minute. */
const MOST_FAILED_READS = 8;

/** Bounds are folded when this part of the room has come since the last time, so many bytes at once. */
const FOLD_SHARE = 16;
const FOLD_BYTES = 256 * 1024;
/** Chunks that next to nothing is left of are folded, too, when so many have come since the last time. */
const FOLD_CHUNKS = 1024;

/** Reads what a store holds and goes on from there. */
export async function openSpool(opened: Store): Promise<{ readonly spool: Spool; readonly found: Found }> {
  let store = opened;
  /** Not read yet: those of which only zero bounds are left, then the whole ones. */
  let reduced = createQueue<ChunkFacts>();
  const whole = createQueue<ChunkFacts>();
  /** Read and not removed. */
  const loaded = new Map<number, ChunkFacts>();
  let samples = 0;
  let records = 0;
  let unreadBytes = 0;
  let totalBytes = 0;
  /** Of all chunks, read or not. */
  let stored: LostChunk = { samples: 0, records: 0 };

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

  /** What is on disk after these have gone, or come. */
  function storedWith(facts: LostChunk, sign: 1 | -1): LostChunk {
    return {
      samples: stored.samples + sign * facts.samples,
      records: stored.records + sign * facts.records,
    };
  }

  /**
   * The note must never tell of more than there is, lest something seems lost: it is written before samples go, and
   * after they have come.
   */
  async function note(now: LostChunk): Promise<void> {
    stored = now;
    await store.writeNote(toNote(now), { durable: false });
    isNoteSafe = false;
  }

  /** What was removed must not come back into the note by a power cut. */
  async function secureNote(): Promise<void> {
    if (isNoteSafe) return;
    await store.writeNote(toNote(stored), { durable: true });
    isNoteSafe = true;
  }

  let isNoteSafe = false;
  /** What has been reduced since it was folded last. */
  let unfoldedBytes = 0;
  let unfoldedChunks = 0;
  /** In a row, of the chunk that is next. */
  let failedReads = 0;
  const contents = await readContents(store);
  const { spans, spansSerial, meta } = contents;
  const life = meta.lives + 1;
  let lastIndex = 0;
  let nextSerial = contents.nextSerial;
  const putLife = (serialToCome: number): Change =>
    putMeta({ id: meta.id, lives: life, nextSerial: serialToCome });
  for (const { boundsOnly, ...facts } of contents.chunks) {
    // What was only bounds comes before what is whole; a chunk that was reduced later keeps its place.
    const isReduced = boundsOnly && whole.length === 0;
    enqueue(isReduced ? reduced : whole, facts);
    if (!isReduced) continue;
    unfoldedBytes += facts.bytes;
    unfoldedChunks += 1;
  }
  await store.write([putLife(nextSerial), ...contents.toTidyUp], { durable: true });
  const found = contents.found({ samples, records });
  await note({ samples, records });

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

  /** Drops all but the zero bounds of the oldest whole chunk. */
  async function reduce(dropped: DroppedSample[], lose: (facts: ChunkFacts) => void): Promise<void> {
    const facts = whole.peek();
    if (facts === undefined) return;
    const { serial } = facts;
    const waiting = await fetch(serial);
    const kept = (waiting ?? []).flatMap(({ sample, offeredMs }) => {
      const bounds = keepBounds(sample);
      return bounds === null ? [] : [{ offeredMs, sample: bounds }];
    });
    const chunk = encodeChunk(kept);
    const left = { ...facts, ...describe(serial, kept, chunk, facts.oldestOfferedMs) };
    await note(without(storedWith(left, 1), facts));
    // An empty chunk stays, so that a gap in the serial numbers always means a loss.
    await store.write(putChunk(left, true, chunk), { durable: false });
    whole.shift();
    count(facts, -1);
    totalBytes -= facts.bytes;
    enqueue(reduced, left);
    unfoldedBytes += left.bytes;
    unfoldedChunks += 1;
    if (waiting === null) lose(facts);
    for (const { sample } of waiting ?? []) {
      const records = sample.recordCount - countRecords(sample, sample.bounds);
      if (records > 0) dropped.push({ sample, records, isRest: false });
    }
  }

  /** Folds the reduced chunks, so many at a time as may be held in memory, into fewer. */
  async function fold(lose: (facts: ChunkFacts) => void): Promise<void> {
    const chunks = [...reduced];
    reduced = createQueue();
    try {
      while (chunks.length > 0) {
        const some: ChunkFacts[] = [];
        let bytes = 0;
        for (let next = chunks[0]; next !== undefined && bytes < FOLD_BYTES; next = chunks[0]) {
          bytes += next.bytes;
          some.push(next);
          chunks.shift();
        }
        try {
          reduced.push(await merge(some, lose));
        } catch (error) {
          chunks.unshift(...some);
          throw error;
        }
      }
    } finally {
      for (const left of chunks) reduced.push(left);
      unfoldedBytes = 0;
      unfoldedChunks = 0;
    }
  }

  async function merge(
    chunks: readonly ChunkFacts[],
    lose: (facts: ChunkFacts) => void,
  ): Promise<ChunkFacts> {
    const [first, last] = [chunks[0], chunks.at(-1)];
    if (first === undefined || last === undefined) throw new Error('nothing to merge');
    const waiting: Waiting[] = [];
    const unread: ChunkFacts[] = [];
    for (const facts of chunks) {
      const read = await fetch(facts.serial);
      if (read === null) unread.push(facts);
      else waiting.push(...read);
    }
    const kept = foldBounds(waiting);
    const chunk = encodeChunk(kept);
    const merged: ChunkFacts = {
      ...describe(last.serial, kept, chunk, last.oldestOfferedMs),
      from: first.from ?? first.serial,
    };
    const changes = chunks.filter((facts) => facts !== last).flatMap(({ serial }) => removeChunk(serial));
    const serials = new Set(chunks.map(({ serial }) => serial));
    for (const [key, serial] of spansSerial) {
      const state = spans.get(key);
      if (!serials.has(serial) || state === undefined) continue;
      changes.push(putSpans(key, last.serial, state));
      spansSerial.set(key, last.serial);
    }
    const left = chunks.reduce((sum: LostChunk, facts) => without(sum, facts), storedWith(merged, 1));
    await note(left);
    await store.write([...changes, ...putChunk(merged, true, chunk)], { durable: false });
    for (const facts of chunks) {
      count(facts, -1);
      totalBytes -= facts.bytes;
    }
    count(merged, 1);
    totalBytes += merged.bytes;
    unread.forEach(lose);
    return merged;
  }

  /** Drops the oldest chunk of which only zero bounds are left. */
  async function dropReduced(dropped: DroppedSample[], lose: (facts: ChunkFacts) => void): Promise<void> {
    const facts = reduced.peek();
    if (facts === undefined) return;
    const waiting = await fetch(facts.serial);
    await note(without(stored, facts));
    await store.write(removeChunk(facts.serial), { durable: false });
    reduced.shift();
    count(facts, -1);
    totalBytes -= facts.bytes;
    if (waiting === null) lose(facts);
    for (const { sample } of waiting ?? []) {
      dropped.push({ sample, records: sample.recordCount, isRest: true });
    }
  }

  const spool: Spool = {
    nextPlace,

    async append(waiting, encoded) {
      const serial = nextSerial;
      const newest = new Map<string, SpanState>();
      for (const { sample } of waiting) {
        const place = (sample.place ??= nextPlace());
        if (sample.spans === undefined) continue;
        const { key, open, doubted, as } = sample.spans;
        newest.set(key, { open, doubted, place, ...(as !== undefined && { as }) });
      }
      const chunk = encoded ?? encodeChunk(waiting);
      const facts = describe(serial, waiting, chunk, 0);
      const changes = [...putChunk(facts, false, chunk), putLife(serial + 1)];
      for (const [key, state] of newest) changes.push(putSpans(key, serial, state));
      await secureNote();
      await store.write(changes, { durable: true });
      nextSerial = serial + 1;
      for (const [key, state] of newest) {
        spans.set(key, state);
        spansSerial.set(key, serial);
      }
      enqueue(whole, facts);
      await note(storedWith(facts, 1)).catch(() => undefined);
      return serial;
    },

    keepLoaded(serial) {
      if (reduced.length + whole.length !== 1) throw new Error('older chunks have not been read yet');
      const facts = (reduced.peek() === undefined ? whole : reduced).shift();
      if (facts?.serial !== serial) throw new Error('it is not the newest chunk');
      count(facts, -1);
      loaded.set(serial, facts);
    },

    nextBytes() {
      const facts = reduced.peek() ?? whole.peek();
      return facts === undefined ? 0 : facts.bytes + facts.samples * sampleOverheadBytes;
    },

    async read() {
      const queue = reduced.peek() === undefined ? whole : reduced;
      const facts = queue.peek();
      if (facts === undefined) return null;
      const { serial, bytes } = facts;
      let waiting: readonly Waiting[] | null;
      try {
        waiting = await fetch(serial);
        failedReads = 0;
      } catch (error) {
        failedReads += 1;
        if (failedReads < MOST_FAILED_READS) throw error;
        // A bad spot on the disk must not keep all that lies behind it.
        failedReads = 0;
        waiting = null;
      }
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
      let left = stored;
      for (const serial of serials) left = without(left, loaded.get(serial));
      await note(left);
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
      const dropped: DroppedSample[] = [];
      const lost = { samples: 0, records: 0 };
      const lose = (facts: ChunkFacts): void => {
        lost.samples += facts.samples;
        lost.records += facts.records;
      };
      if (unfoldedChunks >= FOLD_CHUNKS) await fold(lose);
      while (totalBytes > maxBytes) {
        if (whole.peek() === undefined) {
          if (reduced.peek() === undefined) break;
          if (unfoldedBytes > maxBytes / FOLD_SHARE) await fold(lose);
          else await dropReduced(dropped, lose);
          continue;
        }
        await reduce(dropped, lose);
      }
      return { dropped, lost };
    },

    prove: () => store.write([putLife(nextSerial)], { durable: true }),

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

function without(all: LostChunk, part: LostChunk | undefined): LostChunk {
  return {
    samples: Math.max(0, all.samples - (part?.samples ?? 0)),
    records: Math.max(0, all.records - (part?.records ?? 0)),
  };
}

function describe(
  serial: number,
  waiting: readonly Waiting[],
  chunk: Buffer,
  otherwiseMs: number,
): ChunkFacts {
  return {
    serial,
    samples: waiting.length,
    records: waiting.reduce((sum, { sample }) => sum + sample.recordCount, 0),
    bytes: chunk.length,
    oldestOfferedMs: waiting[0]?.offeredMs ?? otherwiseMs,
  };
}
