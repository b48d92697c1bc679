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

/** Opens the store of one folder. Rejects with a {@link StoreFault}. */
export interface StoreOpener {
  /**
   * A damaged store is moved aside, under a name that says so, and a new one is begun in its place; nothing of it is
   * deleted.
   */
  open(nowMs: number): Promise<OpenedStore>;
  /** The same for one that has turned out to be damaged after it was opened; it must be closed. */
  setAside(nowMs: number): Promise<OpenedStore>;
}

/** @param openStore opens a store, or begins one */
export function createStoreOpener(openStore: OpenStore, path: string): StoreOpener {
  /** Of a damaged one that was moved aside, until a new one was opened and its user was told. */
  let aside: Omit<OpenedStore, 'store'> | null = null;

  async function begin(): Promise<OpenedStore> {
    const opened = { setAsideAs: null, noteAside: null, ...aside, store: await openStore(path) };
    aside = null;
    return opened;
  }

  async function open(nowMs: number): Promise<OpenedStore> {
    try {
      return await begin();
    } catch (error) {
      if (!(error instanceof StoreFault) || error.kind !== 'corrupt') throw error;
    }
    return moveAside(nowMs);
  }

  async function moveAside(nowMs: number): Promise<OpenedStore> {
    const noteAside = await readStoreNote(path);
    const setAsideAs = `${path}.corrupt-${new Date(nowMs).toISOString().replaceAll(':', '-')}`;
    try {
      await rename(path, setAsideAs);
    } catch (error) {
      throw new StoreFault('failed', `${path}: it is damaged and cannot be moved aside: remove it`, error);
    }
    // Of two in a row, the first one held what is lost.
    aside ??= { setAsideAs, noteAside };
    return begin();
  }

  // Where one was moved aside already, what stands there now is a new one.
  return { open, setAside: (nowMs) => (aside === null ? moveAside(nowMs) : open(nowMs)) };
}
