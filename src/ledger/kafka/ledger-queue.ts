import { abortable } from '../../platform/abortable.ts';
import type { Scheduler } from '../../platform/clock.ts';

/** Values that are written together. */
interface Round {
  readonly entries: Map<string, string | null>;
  readonly written: Promise<void>;
  readonly resolve: () => void;
}

/** What waits to be written to a ledger, the newest value of each key, and those who wait for that. */
export interface LedgerQueue {
  /**
   * Resolves when these values or newer ones are safe, or when they cannot be written for now; then they are written later.
   * Rejects when the signal aborts.
   */
  write(entries: ReadonlyMap<string, string | null>, signal: AbortSignal): Promise<void>;
  /** Lets go of those who wait, and of those who come until something has been written. */
  goOnWithout(): void;
  /** Whether values wait that nobody waits for. */
  isLeftBehind(): boolean;
  /** What is written from now on is waited for again, unless something waits already. */
  catchUp(): void;
  /** Whether something is being written, or would be. */
  isBusy(): boolean;
  /** Resolves when nothing waits any more. */
  emptied(): Promise<void>;
}

export function createLedgerQueue(
  deps: {
    readonly scheduler: Scheduler;
    /** Resolves when they have arrived, however long that takes; rejects when nothing will be written any more. */
    readonly append: (entries: ReadonlyMap<string, string | null>) => Promise<void>;
    /** Called when someone has waited for `patienceMs`; those who wait have been let go. */
    readonly onPatienceOver: () => void;
  },
  options: { readonly patienceMs: number },
): LedgerQueue {
  let waiting = createRound();
  let pumping: Promise<void> | null = null;
  let isLeftBehind = false;
  /** Of those who wait. */
  const releases = new Set<() => void>();

  /** Writes what waits until nothing does. */
  async function pump(): Promise<void> {
    try {
      while (waiting.entries.size > 0) {
        const round = waiting;
        waiting = createRound();
        await deps.append(round.entries);
        round.resolve();
        isLeftBehind = false;
      }
    } finally {
      // At once: what is given in the next moment needs a pump of its own.
      pumping = null;
    }
  }

  function goOnWithout(): void {
    isLeftBehind = true;
    for (const release of [...releases]) release();
  }

  return {
    async write(entries, signal) {
      if (entries.size === 0) return;
      const { written, entries: all } = waiting;
      for (const [key, value] of entries) all.set(key, value);
      pumping ??= pump().catch(() => undefined);
      if (isLeftBehind) return;
      let release = (): void => undefined;
      const released = new Promise<void>((resolve) => (release = resolve));
      releases.add(release);
      const cancel = deps.scheduler.after(options.patienceMs, () => {
        goOnWithout();
        deps.onPatienceOver();
      });
      try {
        await abortable(Promise.race([written, released]), signal);
      } finally {
        cancel();
        releases.delete(release);
      }
    },
    goOnWithout,
    isLeftBehind: () => isLeftBehind,
    catchUp() {
      isLeftBehind = isLeftBehind && pumping !== null;
    },
    isBusy: () => pumping !== null,
    emptied: () => pumping ?? Promise.resolve(),
  };
}

function createRound(): Round {
  let resolve = (): void => undefined;
  const written = new Promise<void>((settle) => (resolve = settle));
  return { entries: new Map(), written, resolve };
}
