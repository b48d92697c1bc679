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
  | { readonly holds: 'beat'; readonly source: string };

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

/** Null where the key is none of ours. */
export function readLedgerKey(key: string): LedgerKey | null {
  const parsed = parse(key);
  if (!Array.isArray(parsed)) return null;
  const [source, about, cluster, name] = parsed as unknown[];
  if (typeof source !== 'string') return null;
  if (parsed.length === 2) return about === 'mark' || about === 'beat' ? { holds: about, source } : null;
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
