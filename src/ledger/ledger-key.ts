import type { SpanOwner } from '../records/span-text.ts';

/** Whose spans an entry tells of. */
export interface EntryOwner extends SpanOwner {
  /** The source tag of their series. */
  readonly source: string;
}

/** What stands under a key of the ledger. */
export type LedgerKey =
  | { readonly holds: 'entry'; readonly owner: EntryOwner }
  /** How far the deliveries of a source have come. */
  | { readonly holds: 'mark'; readonly source: string }
  /** A sign of life of a source. */
  | { readonly holds: 'beat'; readonly source: string }
  /** How the processes of a source number what they write. */
  | { readonly holds: 'writer'; readonly source: string }
  /** That another source ends, or has ended, what this one left open. */
  | { readonly holds: 'ended'; readonly source: string };

const OF_SOURCE = ['mark', 'beat', 'writer', 'ended'] as const;

/** `["rainbow-1","group","prod","workers"]` */
export function writeEntryKey({ source, about, cluster, name }: EntryOwner): string {
  return JSON.stringify([source, about, cluster, name]);
}

/** `["rainbow-1","mark"]` */
export function writeMarkKey(source: string): string {
  return JSON.stringify([source, 'mark']);
}

/** `["rainbow-1","beat"]` */
export function writeBeatKey(source: string): string {
  return JSON.stringify([source, 'beat']);
}

/** `["rainbow-1","writer"]` */
export function writeWriterKey(source: string): string {
  return JSON.stringify([source, 'writer']);
}

/** `["rainbow-1","ended"]` */
export function writeEndedKey(source: string): string {
  return JSON.stringify([source, 'ended']);
}

/** Null where the key is none of ours. */
export function readLedgerKey(key: string): LedgerKey | null {
  const parsed = parse(key);
  if (!Array.isArray(parsed)) return null;
  const [source, about, cluster, name] = parsed as unknown[];
  if (typeof source !== 'string') return null;
  if (parsed.length === 2) {
    const holds = OF_SOURCE.find((each) => each === about);
    return holds === undefined ? null : { holds, source };
  }
  if (parsed.length !== 4 || typeof cluster !== 'string' || typeof name !== 'string') return null;
  if (about !== 'group' && about !== 'topic' && about !== 'traffic') return null;
  return { holds: 'entry', owner: { source, about, cluster, name } };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
