import { rename } from 'node:fs/promises';
import { readStoreNote } from './store-note.ts';
import { StoreFault, type OpenStore, type Store } from './store.ts';

/** A store, and where a damaged one that stood in its place was moved to. */
export interface OpenedStore {
  readonly store: Store;
  /** Null where there was none. */
  readonly setAsideAs: string | null;
  /** The note of the damaged one, see `Store.readNote`; null where there was none. */
  readonly noteAside: Buffer | null;
}

/**
 * Opens a store. A damaged one is moved aside, under a name that says so, and a new one is begun in its place; nothing
 * of it is deleted. Rejects with a {@link StoreFault} in every other case.
 */
export async function openOrSetAside(open: OpenStore, path: string, nowMs: number): Promise<OpenedStore> {
  try {
    return { store: await open(path), setAsideAs: null, noteAside: null };
  } catch (error) {
    if (!(error instanceof StoreFault) || error.kind !== 'corrupt') throw error;
  }
  return setAside(open, path, nowMs);
}

/** The same for one that has turned out to be damaged after it was opened; it must be closed. */
export async function setAside(open: OpenStore, path: string, nowMs: number): Promise<OpenedStore> {
  const noteAside = await readStoreNote(path);
  const aside = `${path}.corrupt-${new Date(nowMs).toISOString().replaceAll(':', '-')}`;
  try {
    await rename(path, aside);
  } catch (error) {
    throw new StoreFault('failed', `${path}: it is damaged and cannot be moved aside: remove it`, error);
  }
  return { store: await open(path), setAsideAs: aside, noteAside };
}
