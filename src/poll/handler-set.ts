import type { Handler } from './handler.ts';

/** Handlers started or stopped between two pauses: some milliseconds of work. */
const CHUNK = 50;

/** Lets other work run; rejects when everything is being stopped. */
export type Pause = (signal: AbortSignal) => Promise<void>;

/** Names whose handlers were started and stopped. */
export interface HandlerChanges {
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

export const NO_CHANGES: HandlerChanges = { added: [], removed: [] };

/** The live handlers of one kind in one cluster, by name. */
export interface HandlerSet {
  /**
   * Ends the series of those that are gone and stops their handlers, and starts a handler for every name that has none.
   * Works in chunks, so that ten thousand names never hold up the event loop for long.
   */
  match(names: readonly string[], gone: readonly string[], signal: AbortSignal): Promise<HandlerChanges>;
  get(name: string): Handler | undefined;
  all(): IterableIterator<Handler>;
  readonly byName: ReadonlyMap<string, Handler>;
  readonly size: number;
}

export function createHandlerSet(deps: { create(name: string): Handler; readonly pause: Pause }): HandlerSet {
  const handlers = new Map<string, Handler>();

  return {
    async match(names, gone, signal) {
      const removed = gone.filter((name) => handlers.has(name));
      const leaving = new Set(removed);
      const added = [...new Set(names)].filter((name) => !handlers.has(name) && !leaving.has(name));
      await inChunks(removed, deps.pause, signal, (name) => {
        handlers.get(name)?.stop('GONE');
        handlers.delete(name);
      });
      await inChunks(added, deps.pause, signal, (name) => {
        const handler = deps.create(name);
        handlers.set(name, handler);
        handler.start(added.length);
      });
      return { added, removed };
    },
    get: (name) => handlers.get(name),
    all: () => handlers.values(),
    byName: handlers,
    get size() {
      return handlers.size;
    },
  };
}

/** Does something for each item, pausing after every fifty. Rejects between two chunks when the signal aborts. */
export async function inChunks<T>(
  items: readonly T[],
  pause: Pause,
  signal: AbortSignal,
  run: (item: T) => void,
): Promise<void> {
  for (let from = 0; from < items.length; from += CHUNK) {
    if (from > 0) await pause(signal);
    signal.throwIfAborted();
    for (const item of items.slice(from, from + CHUNK)) run(item);
  }
}
