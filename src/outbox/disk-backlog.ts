import type { Logger } from 'pino';
import type { Clock, Scheduler } from '../platform/clock.ts';
import type { EncodedSample } from '../records/encoded-sample.ts';
import { StoreFault, type OpenStore } from '../store/store.ts';
import { createAllowance } from './allowance.ts';
import { createBacklog, sampleCostBytes, type Backlog, type Depth, type DroppedSample } from './backlog.ts';
import { createDiskCopies } from './disk-copies.ts';
import type { OutboxCondition } from './drop-episode.ts';
import { createGate } from './gate.ts';
import { createGuardedSpool } from './guarded-spool.ts';
import { encodeChunk, type Waiting } from './sample-chunk.ts';
import type { SpanState } from './spool-entries.ts';
import type { LostChunk } from './spool-contents.ts';

export interface DiskBacklogDeps {
  readonly openStore: OpenStore;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly log: Logger;
  /** Whether the destination has taken nothing for so long that what waits should be put in safety. */
  readonly isStuck: () => boolean;
  /** Called when there is something to take where there was nothing. */
  readonly onReady: () => void;
  /** What had to go for want of room. */
  readonly onDropped: (dropped: readonly DroppedSample[]) => void;
  /** Samples on disk that cannot be read any more. */
  readonly onLost: (lost: LostChunk) => void;
}

export interface DiskBacklogOptions {
  readonly memoryBytes: number;
  /** Folder of the store. */
  readonly path: string;
  /** Bound on what lies on disk, before the store's compression. */
  readonly maxBytes: number;
  /** How fast it is read back, beside what comes in meanwhile. */
  readonly bytesPerSecond: number;
}

/** A backlog with a disk behind its memory. */
export interface DiskBacklog extends Backlog {
  /** Opens the store; rejects only where another process has it. What else is wrong shows in `condition`. */
  open(): Promise<void>;
  /** Puts everything that waits in memory on disk, as far as it can be. */
  persist(): Promise<void>;
  /** The same, and closes the store. */
  close(): Promise<void>;
  condition(): OutboxCondition;
  /** What lies on disk, whether it is in memory, too, or not. */
  diskBytes(): number;
  /** Samples that wait and would not survive the end of this process. */
  unsafeSamples(): number;
  /** The newest state of each key's spans among the samples that were on disk when it was opened. */
  spansAtOpening(): ReadonlyMap<string, SpanState>;
}

const MAX_CHUNK_BYTES = 256 * 1024;
/** What waits in memory is put on disk in larger pieces: all of it is looked through for each. */
const MAX_HEAD_CHUNK_BYTES = 2 * 1024 * 1024;
/** So many chunks fit into memory and onto the disk at least. */
const CHUNKS_IN_MEMORY = 8;
const HEAD_SHARE = 0.75;
/** So long a chunk is gathered while samples trickle in. */
const GATHER_MS = 50;
/** How much is read back ahead of the destination. */
const READ_AHEAD_BYTES = 2 * 1024 * 1024;
/** How often is looked whether the destination is stuck, or whether more may be read back. */
const LOOK_MS = 50;

/**
 * Memory first; what comes while that is full, or while the destination is stuck, goes to disk, and so does all that
 * comes after it until the disk is empty again. Samples leave in the order in which they came.
 *
 * While the destination is stuck, what waits in memory is put on disk as well, so that a crash costs next to nothing.
 * While the disk has a fault, memory is all there is, with the rule of {@link createBacklog}: polling never waits.
 */
export function createDiskBacklog(deps: DiskBacklogDeps, options: DiskBacklogOptions): DiskBacklog {
  const { clock, scheduler } = deps;
  const { memoryBytes, path } = options;
  /** Next to be taken: what came while there was room, and what was read back. */
  const head = createBacklog({
    get memoryBytes() {
      // With a disk, what does not fit does not come here.
      return spool.isWritable() ? Infinity : memoryBytes;
    },
  });
  /** On its way to disk. */
  const tail = createBacklog({
    get memoryBytes() {
      return Math.max(0, memoryBytes - head.depth().bytes);
    },
  });
  /** The rest is for what is on its way to disk. */
  const headBytes = memoryBytes * HEAD_SHARE;
  const share = Math.min(memoryBytes, options.maxBytes) / CHUNKS_IN_MEMORY;
  const chunkBytes = Math.min(MAX_CHUNK_BYTES, share);
  const headChunkBytes = Math.min(MAX_HEAD_CHUNK_BYTES, share);
  const copies = createDiskCopies();
  const allowance = createAllowance(options.bytesPerSecond);
  const spool = createGuardedSpool(
    {
      ...deps,
      onBegun() {
        copies.clear();
        // What lies there already comes after what is in memory now, whose places would say otherwise.
        if (spool.unread().samples > 0) return;
        for (const { sample } of entries()) number(sample);
      },
    },
    { path },
  );
  const gate = createGate(scheduler);
  let wroteAtMs = 0;
  let atOpening: ReadonlyMap<string, SpanState> = new Map();
  let closing = false;
  let closed: Promise<void> | null = null;
  let poked = false;
  let working: Promise<void> = Promise.resolve();
  let turn: Promise<void> = Promise.resolve();

  function* entries(): Generator<Waiting> {
    yield* head.entries();
    yield* tail.entries();
  }

  function number(sample: EncodedSample): void {
    const place = spool.nextPlace();
    if (place !== undefined) sample.place = place;
  }

  function poke(): void {
    poked = true;
    gate.open();
  }

  function isStraight(sample: EncodedSample): boolean {
    if (spool.unread().samples > 0 || tail.depth().samples > 0) return false;
    if (!spool.isWritable()) return true;
    return !deps.isStuck() && head.depth().bytes + sampleCostBytes(sample) <= headBytes;
  }

  /** One after the other: the store takes one call at a time. */
  function inTurn(work: () => Promise<void>): Promise<void> {
    turn = turn.then(work).catch((error: unknown) => breakDown(error));
    return turn;
  }

  function breakDown(error: unknown): void {
    spool.failed(error);
    // With nothing older on disk, memory takes over.
    if (spool.unread().samples === 0) releaseTail();
  }

  function releaseTail(): void {
    tail.take(Number.MAX_SAFE_INTEGER);
    const waiting = [...tail.entries()];
    tail.settle(waiting.map(({ sample }) => sample));
    for (const { sample, offeredMs } of waiting) toHead(sample, offeredMs);
    if (waiting.length > 0) deps.onReady();
  }

  function toHead(sample: EncodedSample, offeredMs: number): void {
    const dropped = head.add(sample, offeredMs);
    copies.settle(dropped.map((drop) => drop.sample));
    if (dropped.length > 0) deps.onDropped(dropped);
  }

  /** False where there is no room and none can be made: all that lies there is in memory, too, on its way out. */
  async function append(waiting: readonly Waiting[], isLoaded: boolean): Promise<boolean> {
    const samples = waiting.map(({ sample }) => sample);
    for (const sample of samples) if (sample.place === undefined) number(sample);
    // At once: while the disk is asked for its room, samples may arrive, and their bytes be used again for others.
    const chunk = encodeChunk(waiting);
    const copy = isLoaded ? copies.register(samples) : null;
    try {
      if (!(await makeRoom(chunk.length))) {
        copy?.failed();
        return false;
      }
      await spool.write(async (to) => {
        const serial = await to.append(waiting, chunk);
        if (copy === null) return;
        to.keepLoaded(serial);
        copy.written(serial);
      });
    } catch (error) {
      copy?.failed();
      throw error;
    }
    wroteAtMs = clock.nowMs();
    return true;
  }

  async function makeRoom(bytes: number): Promise<boolean> {
    if (spool.totalBytes() + bytes <= options.maxBytes) return true;
    const { dropped, lost } = await spool.write((to) => to.trim(options.maxBytes - bytes));
    if (dropped.length > 0) deps.onDropped(dropped);
    if (lost.samples > 0) deps.onLost(lost);
    return spool.totalBytes() + bytes <= options.maxBytes;
  }

  /** What is in memory only is older than anything that will be written after it, so it goes first. */
  async function secureHead(): Promise<void> {
    // Then all that is in memory lies on disk already.
    if (spool.unread().samples > 0) return;
    for (let waiting = nextUnsafe(); waiting.length > 0; waiting = nextUnsafe()) {
      if (!(await append(waiting, true))) return;
    }
  }

  function nextUnsafe(): readonly Waiting[] {
    const waiting: Waiting[] = [];
    let bytes = 0;
    for (const { sample, offeredMs } of head.entries()) {
      if (copies.has(sample)) continue;
      if (bytes >= headChunkBytes) break;
      waiting.push({ sample, offeredMs });
      bytes += sample.bytes.length;
    }
    return waiting;
  }

  async function writeTail(all: boolean): Promise<void> {
    for (;;) {
      const isFull = tail.waitingBytes() >= chunkBytes;
      const mayGather = !all && !isFull && clock.nowMs() - wroteAtMs < GATHER_MS;
      if (tail.inFlight().length === 0 && (tail.depth().samples === 0 || mayGather)) return;
      if (tail.inFlight().length === 0) tail.take(chunkBytes);
      const batch = new Set(tail.inFlight());
      const waiting = [...tail.entries()].filter(({ sample }) => batch.has(sample));
      if (!(await append(waiting, false))) return;
      tail.settle([...batch]);
    }
  }

  async function readBack(): Promise<void> {
    while (spool.unread().samples > 0 && !closing) {
      const { samples, bytes } = head.depth();
      if (head.waitingBytes() >= READ_AHEAD_BYTES) return;
      if (samples > 0 && bytes + 2 * spool.nextBytes() > headBytes) return;
      if (!allowance.isOpen(clock.nowMs())) return;
      const chunk = await spool.read();
      if (chunk === null) return;
      if ('lost' in chunk) {
        copies.register([]).written(chunk.serial);
        continue;
      }
      allowance.spend(chunk.bytes);
      copies.register(chunk.waiting.map(({ sample }) => sample)).written(chunk.serial);
      for (const { sample, offeredMs } of chunk.waiting) toHead(sample, offeredMs);
      deps.onReady();
    }
  }

  async function step(all: boolean): Promise<void> {
    if (await spool.mend()) {
      if (all || deps.isStuck() || tail.depth().samples > 0) await secureHead();
      await writeTail(all);
    }
    // Reading and removing go on where they can.
    await spool.remove(copies.takeSettled());
    await readBack();
  }

  function idleMs(): number | undefined {
    const isWaiting = head.depth().samples + tail.depth().samples + spool.unread().samples > 0;
    return isWaiting || !spool.isWritable() ? LOOK_MS : undefined;
  }

  async function run(): Promise<void> {
    while (!closing) {
      if (!poked) await gate.wait(idleMs());
      poked = false;
      await inTurn(() => step(false));
    }
  }

  async function windUp(): Promise<void> {
    closing = true;
    gate.open();
    await working;
    await inTurn(() => step(true));
    await spool.close();
  }

  return {
    async open() {
      try {
        await spool.open();
      } catch (error) {
        if (error instanceof StoreFault && error.kind === 'locked') throw error;
        breakDown(error);
      }
      atOpening = new Map(spool.spans());
      working = run();
    },
    persist: () => inTurn(() => step(true)),
    close() {
      closed ??= windUp();
      return closed;
    },
    add(sample, nowMs) {
      allowance.earn(sample.bytes.length);
      number(sample);
      const isTail = !isStraight(sample);
      const dropped = isTail ? tail.add(sample, nowMs) : head.add(sample, nowMs);
      if (!isTail) copies.settle(dropped.map((drop) => drop.sample));
      poke();
      return dropped;
    },
    take: (batchBytes) => head.take(batchBytes),
    settle(samples) {
      const forgotten = head.settle(samples);
      copies.settle(forgotten);
      poke();
      return forgotten;
    },
    inFlight: () => head.inFlight(),
    entries,
    waitingBytes: () => head.waitingBytes(),
    depth(): Depth {
      const [first, last, between] = [head.depth(), tail.depth(), spool.unread()];
      return {
        samples: first.samples + between.samples + last.samples,
        records: first.records + between.records + last.records,
        bytes: first.bytes + last.bytes,
        boundsOnlyBytes: first.boundsOnlyBytes + last.boundsOnlyBytes,
      };
    },
    oldestOfferedMs: () => head.oldestOfferedMs() ?? spool.oldestUnreadMs() ?? tail.oldestOfferedMs(),
    condition: () => spool.condition(),
    diskBytes: () => spool.totalBytes(),
    unsafeSamples() {
      let unsafe = tail.depth().samples;
      for (const { sample } of head.entries()) if (!copies.has(sample)) unsafe += 1;
      return unsafe;
    },
    spansAtOpening: () => atOpening,
  };
}
