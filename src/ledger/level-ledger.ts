import type { Logger } from 'pino';
import { abortable, settledOrLate } from '../platform/abortable.ts';
import type { Clock, Scheduler } from '../platform/clock.ts';
import { createConditionTracker } from '../platform/condition-tracker.ts';
import type { Part } from '../platform/part.ts';
import { createStoreOpener } from '../store/store-opener.ts';
import { StoreFault, type OpenStore, type Store } from '../store/store.ts';
import { withDeadlines } from '../store/timed-store.ts';
import type { Ledger, LedgerContents } from './ledger.ts';

const ENTRY = 'entry/';
/** Tells a store that was used from a new one, also when no span is open. */
const USED = { key: 'used', value: Buffer.from('1') };

/** The shortest time between two attempts to open a store that could not be written. */
const REOPEN_MS = 5000;
/** How long the disk may take after the deadline of a stop. */
const DISK_GRACE_MS = 2000;

/** A ledger in a store on the local disk, for sinks that have none of their own. */
export function createLevelLedger(
  deps: {
    readonly openStore: OpenStore;
    readonly clock: Clock;
    readonly scheduler: Scheduler;
    readonly log: Logger;
  },
  options: { readonly path: string },
): Ledger & Part {
  const { clock, scheduler, log } = deps;
  const { path } = options;
  const opener = createStoreOpener(withDeadlines(deps.openStore, scheduler), path);
  const missed = new Map<string, string | null>();
  let store: Store | null = null;
  /** Of a store that has failed; it keeps its lock until then. */
  let closing: Promise<void> = Promise.resolve();
  let triedAtMs = -Infinity;
  const condition = createConditionTracker(deps, 'ledger of open spans');

  function fail(error: unknown): void {
    triedAtMs = clock.nowMs();
    const message = error instanceof StoreFault ? error.message : `${path}: it cannot be used`;
    condition.faulty(
      `the ledger cannot be written, so after a crash open series would lack their closing 0: ${message}`,
      error instanceof StoreFault ? error.kind : 'failed',
    );
  }

  async function open(): Promise<Store> {
    await closing;
    const opened = await opener.open(clock.nowMs());
    if (opened.setAsideAs !== null) {
      log.error(
        { path, movedTo: opened.setAsideAs },
        'The ledger was damaged: spans that a former process left open stay open',
      );
    }
    store = opened.store;
    return store;
  }

  /** Whether it failed less than {@link REOPEN_MS} ago. Each call of a disk that hangs would hold up records for its deadline. */
  function hasJustFailed(): boolean {
    return condition.current().state === 'faulty' && clock.nowMs() - triedAtMs < REOPEN_MS;
  }

  async function read(): Promise<LedgerContents> {
    const entries = new Map<string, string>();
    if (hasJustFailed()) return { entries, isNew: false };
    try {
      const from = store ?? (await open());
      for await (const [key, value] of from.entries(ENTRY)) {
        entries.set(key.slice(ENTRY.length), value.toString());
      }
      return { entries, isNew: (await from.get(USED.key)) === undefined };
    } catch (error) {
      fail(error);
      return { entries, isNew: false };
    }
  }

  async function writeMissed(): Promise<void> {
    try {
      const to = store ?? (await open());
      const changes = [...missed].map(([key, value]) => ({
        key: ENTRY + key,
        value: value === null ? null : Buffer.from(value),
      }));
      await to.write([...changes, USED], { durable: true });
      missed.clear();
      condition.ok();
    } catch (error) {
      if (store !== null) closing = store.close();
      store = null;
      fail(error);
    }
  }

  async function writeAndClose(): Promise<void> {
    if (missed.size > 0) await writeMissed();
    await store?.close();
    store = null;
  }

  return {
    name: 'ledger',
    isShared: false,
    async start(signal) {
      try {
        await abortable(open(), signal);
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof StoreFault && error.kind === 'locked') throw error;
        fail(error);
      }
    },
    stop: (signal) => settledOrLate(writeAndClose(), signal, { scheduler, graceMs: DISK_GRACE_MS }),
    read: (signal) => abortable(read(), signal),
    readKeys: (signal) => abortable(read(), signal),
    async write(entries) {
      for (const [key, value] of entries) missed.set(key, value);
      if (!hasJustFailed()) await writeMissed();
    },
    // It belongs to one process, which nobody asks whether it lives.
    beat: () => Promise.resolve({ isContested: false }),
    condition: () => condition.current(),
  };
}
