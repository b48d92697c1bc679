import { randomUUID } from 'node:crypto';
import type { Change, Store } from '../store/store.ts';
import {
  FACTS,
  META,
  parseFacts,
  parseMeta,
  parseNote,
  parseSpans,
  removeChunk,
  removeSpans,
  SPANS,
  type ChunkFacts,
  type Meta,
  type SpanState,
} from './spool-entries.ts';

/** Samples that are lost because they cannot be read. */
export interface LostChunk {
  readonly samples: number;
  readonly records: number;
}

/** What was found in a store when it was opened. */
export interface Found {
  readonly samples: number;
  readonly records: number;
  /** What was there when it was used last and is not there any more. */
  readonly lost: LostChunk;
  /** Chunks that are missing although those around them are there, or whose description is damaged. */
  readonly missingChunks: number;
}

/** What a spool's store says of itself, without its chunks. */
export interface SpoolContents {
  readonly meta: Meta;
  /** In order. */
  readonly chunks: readonly (ChunkFacts & { readonly boundsOnly: boolean })[];
  /** Past all that were ever used. */
  readonly nextSerial: number;
  /** The newest state of each key's spans, and the chunk with the sample that it is of. */
  readonly spans: Map<string, SpanState>;
  readonly spansSerial: Map<string, number>;
  /** Removes what belongs to nothing any more. */
  readonly toTidyUp: readonly Change[];
  /** @param there how much the chunks hold */
  found(there: LostChunk): Found;
}

/** So many chunks in a row are removed that nothing describes any more. */
const MOST_ORPHANS = 10_000;

export async function readContents(store: Store): Promise<SpoolContents> {
  const noted = parseNote(await store.readNote());
  const meta = parseMeta(await store.get(META)) ?? { id: randomUUID(), lives: 0, nextSerial: 1 };
  const chunks: (ChunkFacts & { readonly boundsOnly: boolean })[] = [];
  const toTidyUp: Change[] = [];
  let missingChunks = 0;
  let before: number | null = null;
  for await (const [, value] of store.entries(FACTS)) {
    const facts = parseFacts(value);
    if (facts === null) continue;
    const from = facts.from ?? facts.serial;
    const gap = before === null ? 0 : from - before - 1;
    missingChunks += gap;
    for (let at = 1; at <= Math.min(gap, MOST_ORPHANS); at += 1) toTidyUp.push(...removeChunk(from - at));
    before = facts.serial;
    chunks.push(facts);
  }
  if (before !== null) missingChunks += Math.max(0, meta.nextSerial - before - 1);
  const oldest = chunks[0]?.serial ?? Infinity;
  const spans = new Map<string, SpanState>();
  const spansSerial = new Map<string, number>();
  for await (const [entry, value] of store.entries(SPANS)) {
    const key = entry.slice(SPANS.length);
    const parsed = parseSpans(value);
    if (parsed === null || parsed.serial < oldest) {
      toTidyUp.push(removeSpans(key));
      continue;
    }
    const { serial, ...state } = parsed;
    spans.set(key, state);
    spansSerial.set(key, serial);
  }
  return {
    meta,
    chunks,
    nextSerial: Math.max((before ?? 0) + 1, meta.nextSerial),
    spans,
    spansSerial,
    toTidyUp,
    found({ samples, records }) {
      const lost = {
        samples: Math.max(0, (noted?.samples ?? 0) - samples),
        records: Math.max(0, (noted?.records ?? 0) - records),
      };
      // What is gone for want of room leaves gaps, too; only without a note it is they that tell of a loss.
      const isWhole = noted !== null && lost.samples === 0;
      return { samples, records, missingChunks: isWhole ? 0 : missingChunks, lost };
    },
  };
}
