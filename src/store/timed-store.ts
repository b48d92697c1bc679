import type { Scheduler } from '../platform/clock.ts';
import { withDeadline } from '../platform/abortable.ts';
import { StoreFault, type OpenStore, type Store } from './store.ts';

/** A disk that gives no answer within this time hangs: an NFS server that has gone, a volume that was cut off. */
const DEADLINE_MS = 30_000;

/**
 * Makes each call of a store fail that the disk does not answer in time. Its user must not hand it buffers that
 * change afterwards: a write that failed so may still happen.
 */
export function withDeadlines(open: OpenStore, scheduler: Scheduler): OpenStore {
  return async (path) => {
    const late = (): StoreFault =>
      new StoreFault(
        'hung',
        `${path}: the disk has not answered for ${DEADLINE_MS / 1000} s: look after it, or choose another path`,
      );
    const timely = <T>(work: Promise<T>): Promise<T> =>
      withDeadline(work, { scheduler, deadlineMs: DEADLINE_MS }, late);
    let isLate = false;
    const opening = open(path);
    opening.then((store) => (isLate ? store.close() : undefined)).catch(() => undefined);
    const store = await timely(opening).catch((error: unknown) => {
      // One that opens after all must not keep its lock from the next attempt.
      isLate = true;
      throw error;
    });
    return wrap(store, timely);
  };
}

function wrap(store: Store, timely: <T>(work: Promise<T>) => Promise<T>): Store {
  return {
    write: (changes, options) => timely(store.write(changes, options)),
    get: (key) => timely(store.get(key)),
    async *entries(prefix) {
      const iterator = store.entries(prefix)[Symbol.asyncIterator]();
      try {
        for (;;) {
          const next = await timely(iterator.next());
          if (next.done === true) return;
          yield next.value;
        }
      } finally {
        iterator.return?.().catch(() => undefined);
      }
    },
    compact: () => timely(store.compact()),
    freeBytes: () => timely(store.freeBytes()),
    readNote: () => timely(store.readNote()),
    writeNote: (note, options) => timely(store.writeNote(note, options)),
    close: () => timely(store.close()).catch(() => undefined),
  };
}
