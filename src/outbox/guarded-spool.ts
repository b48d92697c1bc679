import type { Logger } from 'pino';
import type { Clock, Scheduler } from '../platform/clock.ts';
import { retryDelayMs } from '../platform/retry.ts';
import type { SamplePlace } from '../records/encoded-sample.ts';
import { createStoreOpener, type OpenedStore } from '../store/store-opener.ts';
import { StoreFault, type OpenStore, type Store } from '../store/store.ts';
import { withDeadlines } from '../store/timed-store.ts';
import { createDiskState } from './disk-state.ts';
import type { OutboxCondition } from './drop-episode.ts';
import type { LostChunk } from './spool-contents.ts';
import { openSpool, type ReadChunk, type Spool, type SpoolDepth } from './spool.ts';
import { parseNote, type SpanState } from './spool-entries.ts';

/** A spool on a disk that may be full, fail and come back. Everything it rejects with is for `failed`. */
export interface GuardedSpool {
  /** Opens the store; tells what it held. */
  open(): Promise<void>;
  /** False from a fault until the disk has been seen to work again. */
  isWritable(): boolean;
  /** After a fault: tries whether the disk works again, once it is time to. Whether it does. */
  mend(): Promise<boolean>;
  /** Takes note of what something here was rejected with. */
  failed(error: unknown): void;
  write<T>(work: (spool: Spool) => Promise<T>): Promise<T>;
  /** Null while there is nothing to read; what cannot be read is told. */
  read(): Promise<ReadChunk | null>;
  /** Forgets chunks; those that cannot be removed now are removed later. */
  remove(serials: readonly number[]): Promise<void>;
  /** Undefined while there is no store. */
  nextPlace(): SamplePlace | undefined;
  nextBytes(): number;
  unread(): SpoolDepth;
  oldestUnreadMs(): number | null;
  totalBytes(): number;
  spans(): ReadonlyMap<string, SpanState>;
  condition(): OutboxCondition;
  close(): Promise<void>;
}

export interface GuardedSpoolDeps {
  readonly openStore: OpenStore;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly log: Logger;
  /** Samples on disk that cannot be read any more. */
  readonly onLost: (lost: LostChunk) => void;
  /** It is another spool than before: nothing that was appended lies in it. */
  readonly onBegun: () => void;
}

/** Left free on the disk: the store needs room to tidy up, and breaks where it has none. */
const RESERVE_BYTES = 24 * 1024 * 1024;
const FREE_CHECK_MS = 1000;
const reopening = { initialMs: 1000, maxMs: 30_000 };
/** An empty store that once held so much gives its room back. */
const COMPACT_FROM_BYTES = 8 * 1024 * 1024;
const DAMAGES_TO_SET_ASIDE = 3;
const DAMAGE_MEMORY_MS = 10 * 60_000;
const NOTHING: SpoolDepth = { samples: 0, records: 0, bytes: 0 };

export function createGuardedSpool(deps: GuardedSpoolDeps, options: { readonly path: string }): GuardedSpool {
  const { clock, log } = deps;
  const { path } = options;
  const state = createDiskState({ clock, log }, { path });
  const opener = createStoreOpener(withDeadlines(deps.openStore, deps.scheduler), path);
  let store: Store | null = null;
  let spool: Spool | null = null;
  /** A store that could not be written must not be used on. */
  let mustReopen = false;
  /** What says so, and comes again though the store was opened anew, as when it cannot tidy up. */
  let damages = 0;
  let damagedAtMs = -Infinity;
  let failures = 0;
  let retryAtMs = 0;
  let readFailures = 0;
  let readAgainAtMs = -Infinity;
  let checkedFreeAtMs = 0;
  let largestBytes = 0;
  let toRemove: readonly number[] = [];

  const totalBytes = (): number => spool?.totalBytes() ?? 0;

  async function openAnew(): Promise<void> {
    // Until all of it is done; what has failed half-way is no store to go on with.
    mustReopen = true;
    await closeStore();
    if (damages >= DAMAGES_TO_SET_ASIDE) {
      await goOnWith(await opener.setAside(clock.nowMs()));
    } else {
      try {
        await goOnWith(await opener.open(clock.nowMs()));
      } catch (error) {
        // It opens, but what is in it cannot be made out.
        if (store === null || !isDamage(error)) throw error;
        await closeStore();
        await goOnWith(await opener.setAside(clock.nowMs()));
      }
    }
    mustReopen = false;
  }

  async function closeStore(): Promise<void> {
    await store?.close();
    store = null;
  }

  async function goOnWith(opened: OpenedStore): Promise<void> {
    store = opened.store;
    if (opened.setAsideAs !== null) {
      const lost = spool?.unread() ?? parseNote(opened.noteAside);
      state.setAside(opened.setAsideAs, lost);
      if (lost !== null && lost.samples > 0) deps.onLost({ samples: lost.samples, records: lost.records });
      spool = null;
      toRemove = [];
      damages = 0;
    }
    if (spool !== null) {
      spool.reopened(store);
      return;
    }
    const { spool: fresh, found } = await openSpool(store);
    spool = fresh;
    state.found(found);
    if (found.lost.samples > 0) deps.onLost(found.lost);
    deps.onBegun();
  }

  async function checkRoom(opened: Store): Promise<void> {
    const nowMs = clock.nowMs();
    if (nowMs - checkedFreeAtMs < FREE_CHECK_MS && state.isWritable()) return;
    if ((await opened.freeBytes()) < RESERVE_BYTES) {
      throw new StoreFault('full', `${path}: the disk is full: free some space`);
    }
    checkedFreeAtMs = nowMs;
  }

  async function orReopen<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      mustReopen = true;
      if (isDamage(error)) {
        damages = clock.nowMs() - damagedAtMs < DAMAGE_MEMORY_MS ? damages + 1 : 1;
        damagedAtMs = clock.nowMs();
      }
      throw error;
    }
  }

  async function write<T>(work: (to: Spool) => Promise<T>): Promise<T> {
    if (store === null || spool === null) throw new StoreFault('failed', `${path}: it is not open`);
    await checkRoom(store);
    const done = await orReopen(work(spool));
    largestBytes = Math.max(largestBytes, totalBytes());
    return done;
  }

  return {
    async open() {
      await openAnew();
      largestBytes = totalBytes();
      await write((to) => to.prove());
    },
    isWritable: () => state.isWritable(),
    async mend() {
      if (state.isWritable()) return true;
      if (clock.nowMs() < retryAtMs) return false;
      if (mustReopen || store === null) await openAnew();
      // Else it would be told that it works again before each write that fails.
      await write((to) => to.prove());
      failures = 0;
      state.well();
      return true;
    },
    failed(error) {
      failures += 1;
      retryAtMs = clock.nowMs() + retryDelayMs(failures, reopening, 0);
      state.faulty(
        error instanceof StoreFault ? error : new StoreFault('failed', `${path}: it cannot be used`, error),
      );
    },
    write,
    async read() {
      if (clock.nowMs() < readAgainAtMs) return null;
      let chunk: ReadChunk | null;
      try {
        // A store that has hung or lost a file shows by opening it anew what it is good for.
        chunk = (await orReopen(Promise.resolve(spool?.read() ?? null))) ?? null;
        readFailures = 0;
      } catch (error) {
        readFailures += 1;
        readAgainAtMs = clock.nowMs() + retryDelayMs(readFailures, reopening, 0);
        throw error;
      }
      if (chunk !== null && 'lost' in chunk) {
        state.unreadable(chunk.lost);
        deps.onLost(chunk.lost);
      }
      return chunk;
    },
    async remove(serials) {
      toRemove = [...toRemove, ...serials];
      if (toRemove.length === 0 || mustReopen || spool === null) return;
      // Not by way of `write`: removing needs next to no room, and makes some.
      await orReopen(spool.remove(toRemove));
      toRemove = [];
      if (totalBytes() > 0 || largestBytes < COMPACT_FROM_BYTES) return;
      largestBytes = 0;
      await store?.compact();
    },
    nextPlace: () => spool?.nextPlace(),
    nextBytes: () => spool?.nextBytes() ?? 0,
    unread: () => spool?.unread() ?? NOTHING,
    oldestUnreadMs: () => spool?.oldestUnreadMs() ?? null,
    totalBytes,
    spans: () => spool?.spans() ?? new Map<string, SpanState>(),
    condition: () => state.condition(),
    async close() {
      await store?.close();
    },
  };
}

function isDamage(error: unknown): boolean {
  return error instanceof StoreFault && error.kind === 'corrupt';
}
