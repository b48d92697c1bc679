import type { Change, OpenStore, Store } from '../../src/store/store.ts';
import { StoreFault, type StoreFaultKind } from '../../src/store/store.ts';

/** A disk that can be cut off at any write, and the stores on it. */
export interface MemoryDisk {
  readonly open: OpenStore;
  /** What is on the disk now. */
  readonly entries: Map<string, Buffer>;
  /** Beside the entries. */
  note: Buffer | null;
  /** While set, nothing is ever answered. */
  hangs: boolean;
  /** What is under these keys cannot be read, for this reason. */
  readonly unreadable: Map<string, StoreFaultKind>;
  /** Called before room is told. */
  beforeRoom: () => Promise<void>;
  /** While set, opening and writing fail so; reading goes on. */
  fault: StoreFaultKind | null;
  /** While set, so much room is left. */
  freeBytes: number;
  writes: number;
  compactions: number;
  /** The process that has opened stores dies: none of them does anything any more, not even answer. */
  crash(): void;
}

export function createMemoryDisk(): MemoryDisk {
  const disk: MemoryDisk = {
    open: () => {
      refuse();
      return Promise.resolve(createStore());
    },
    entries: new Map(),
    note: null,
    hangs: false,
    unreadable: new Map(),
    beforeRoom: () => Promise.resolve(),
    fault: null,
    freeBytes: 1e12,
    writes: 0,
    compactions: 0,
    crash: () => void (life += 1),
  };
  let life = 0;

  function refuse(): void {
    if (disk.fault !== null) throw new StoreFault(disk.fault, `/spool: ${disk.fault}`);
  }

  function createStore(): Store {
    let broken = false;
    let closed = false;
    const bornIn = life;
    const alive = (): Promise<void> =>
      life === bornIn && !disk.hangs ? Promise.resolve() : new Promise(() => undefined);
    return {
      async write(changes: readonly Change[]) {
        await Promise.resolve();
        await alive();
        disk.writes += 1;
        broken ||= disk.fault !== null;
        if (broken) throw new StoreFault(disk.fault ?? 'failed', `/spool: ${disk.fault ?? 'broken'}`);
        for (const { key, value } of changes) {
          if (value === null) disk.entries.delete(key);
          else disk.entries.set(key, Buffer.from(value));
        }
      },
      async get(key) {
        await alive();
        const kind = closed ? 'failed' : disk.unreadable.get(key);
        if (kind !== undefined) throw new StoreFault(kind, `/spool: ${kind}`);
        return disk.entries.get(key);
      },
      async *entries(prefix) {
        await alive();
        for (const [key, value] of [...disk.entries].sort(([a], [b]) => (a < b ? -1 : 1))) {
          if (key.startsWith(prefix)) yield [key, value] as const;
        }
      },
      compact: () => {
        disk.compactions += 1;
        return Promise.resolve();
      },
      async freeBytes() {
        await alive();
        await disk.beforeRoom();
        return disk.freeBytes;
      },
      readNote: () => Promise.resolve(disk.note),
      async writeNote(note) {
        await alive();
        disk.note = Buffer.from(note);
      },
      async close() {
        closed = true;
        await alive();
      },
    };
  }
  return disk;
}
