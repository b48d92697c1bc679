import { retryDelayMs } from '../platform/retry.ts';
import { countRecords, type EncodedSample } from '../records/encoded-sample.ts';
import type { StoreFaultKind } from '../store/store.ts';
import { createBacklog, sampleCostBytes, type Backlog, type DroppedSample } from './backlog.ts';
import {
  add,
  describeChunk,
  encodeChunk,
  NOTHING,
  subtract,
  type Chunk,
  type Contents,
  type Meta,
  type Sizes,
  type SpanState,
} from './disk-format.ts';
import {
  chunkBytes,
  emptyStore,
  fitsMemory,
  hasUnread,
  modeOf,
  NEVER_FULL,
  nextStep,
  refill,
  type DiskChunk,
  type DiskLimits,
  type DiskMode,
  type DiskState,
  type Done,
  type Source,
  type Step,
  type StepOf,
} from './disk-machine.ts';
import type { Waiting } from './zero-bounds.ts';

export interface DiskOutboxDeps {
  /** Whether the destination has taken nothing for so long that what waits should be safe from a crash. */
  readonly isStuck: () => boolean;
  /** Called when a sample has come or gone. */
  readonly onChanged: () => void;
  /** Called when there is something to take where there was nothing. */
  readonly onReady: () => void;
  /** Samples for which there is no room. */
  readonly onDropped: (dropped: readonly DroppedSample[]) => void;
  /** Samples on disk that cannot be read any more. */
  readonly onLost: (lost: Sizes) => void;
}

/**
 * A backlog with a disk behind its memory. It does no I/O itself: it knows what is where, says what to do next, and is
 * told what has come of it. Samples leave in the order in which they came. While nothing can be written it is a
 * backlog in memory, with the same bounds: polling never waits for a disk.
 */
export interface DiskOutbox extends Backlog {
  mode(): DiskMode;
  nextStep(nowMs: number, isSaving: boolean): Step;
  done(done: Done, nowMs: number): void;
  failed(step: Step, kind: StoreFaultKind, nowMs: number): void;
  /** What is on disk, whether it is in memory, too, or not. */
  diskBytes(): number;
  /** Samples that wait and would not survive the end of this process. */
  unsafeSamples(): number;
  /** The newest state of each key's spans among the samples that were on disk when it was opened. */
  spansAtOpening(): ReadonlyMap<string, SpanState>;
}

const DAMAGE_MEMORY_MS = 10 * 60_000;
const reopening = { initialMs: 1000, maxMs: 30_000 };

export function createDiskOutbox(deps: DiskOutboxDeps, limits: DiskLimits): DiskOutbox {
  /** Which chunk, on disk or on its way there, holds a copy of a sample in memory. */
  const copies = new Map<EncodedSample, DiskChunk>();
  /** Stands for the chunk of samples that will not be on disk. */
  const never: DiskChunk = { ...NOTHING, serial: 0, oldestOfferedMs: 0, waiting: 0 };
  /** Next to be taken: what came while there was room, and what was read back. */
  const memory = createBacklog(
    {
      get memoryBytes() {
        // With a disk, what does not fit does not come here.
        return state.isWritable ? Infinity : limits.memoryBytes;
      },
    },
    moveCopy,
  );
  const spill = createBacklog({
    get memoryBytes() {
      return Math.max(0, limits.memoryBytes - memory.depth().bytes);
    },
  });
  const state: DiskState = {
    store: 'closed',
    isWritable: false,
    retryAtMs: -Infinity,
    damages: 0,
    roomCheckedAtMs: -Infinity,
    failedReads: 0,
    readAgainAtMs: -Infinity,
    readBudget: { bytes: 0, atMs: null },
    wroteAtMs: -Infinity,
    ...emptyStore(),
    nextSerial: 1,
    memory,
    spill,
    uncopied: () => memory.depth().samples - copies.size,
    limits,
  };
  /** Null before the first opening. */
  let meta: Meta | null = null;
  let lastIndex = 0;
  let atOpening: ReadonlyMap<string, SpanState> = new Map();
  let failures = 0;
  let damagedAtMs = -Infinity;

  function forgetCopy(sample: EncodedSample): void {
    const chunk = copies.get(sample);
    if (chunk === undefined) return;
    copies.delete(sample);
    chunk.waiting -= 1;
  }

  /** What is left of a sample is on disk with it, and must not be written behind what came later. */
  function moveCopy(sample: EncodedSample, left: EncodedSample | null): void {
    const chunk = copies.get(sample);
    forgetCopy(sample);
    if (chunk !== undefined && left !== null) addCopy(left, chunk);
  }

  function addCopy(sample: EncodedSample, chunk: DiskChunk): void {
    copies.set(sample, chunk);
    chunk.waiting += 1;
  }

  function* entries(): Generator<Waiting> {
    yield* memory.entries();
    yield* spill.entries();
  }

  function setPlace(sample: EncodedSample): void {
    if (meta === null) return;
    lastIndex += 1;
    sample.place = { store: meta.id, life: meta.lives, index: lastIndex };
  }

  function goesToDisk(sample: EncodedSample): boolean {
    switch (modeOf(state)) {
      case 'memory':
        return deps.isStuck() || !fitsMemory(state, sampleCostBytes(sample));
      case 'broken':
        return hasUnread(state) || spill.depth().samples > 0;
      case 'spilling':
      case 'draining':
        return true;
    }
  }

  function toMemory(waiting: readonly Waiting[]): void {
    const dropped = waiting.flatMap(({ sample, offeredMs }) => memory.add(sample, offeredMs));
    if (dropped.length > 0) deps.onDropped(dropped);
    if (waiting.length > 0) deps.onReady();
  }

  function addChunk(chunk: DiskChunk, isUnread: boolean): void {
    state.chunks.push(chunk);
    state.stored = add(state.stored, chunk);
    state.largestBytes = Math.max(state.largestBytes, state.stored.bytes);
    if (isUnread) state.unread = add(state.unread, chunk);
    else state.loaded += 1;
  }

  /** Puts another chunk, or none, in the place of so many unread ones. */
  function replaceUnread(from: number, many: number, left: Chunk | null): void {
    const come = left === null ? [] : [{ ...left, waiting: 0 }];
    const gone = state.chunks.splice(state.loaded + from, many, ...come);
    const change = (all: Sizes): Sizes => subtract(add(all, left ?? NOTHING), gone);
    state.stored = change(state.stored);
    state.unread = change(state.unread);
  }

  function addUnfolded({ bytes }: Chunk): void {
    state.reduced += 1;
    state.unfolded = { chunks: state.unfolded.chunks + 1, bytes: state.unfolded.bytes + bytes };
  }

  function endFolding(): void {
    state.folded = null;
    state.unfolded = { chunks: 0, bytes: 0 };
  }

  /** It is another store than before: nothing that was written is in it. */
  function begin(contents: Contents): void {
    if (meta === null) atOpening = new Map(contents.spans);
    ({ meta } = contents);
    lastIndex = 0;
    copies.clear();
    never.waiting = 0;
    Object.assign(state, emptyStore(), { nextSerial: meta.nextSerial, damages: 0, failedReads: 0 });
    for (const { boundsOnly, ...chunk } of contents.chunks) {
      // A chunk that was reduced behind a whole one counts as whole.
      if (boundsOnly && state.reduced === state.chunks.length) addUnfolded(chunk);
      addChunk({ ...chunk, waiting: 0 }, true);
    }
    // What is on disk already comes after what is in memory now, whose places would say otherwise.
    if (state.unread.samples === 0) for (const { sample } of entries()) setPlace(sample);
  }

  function gather(from: Source): void {
    const waiting = from === 'memory' ? nextUncopied() : nextOfSpill();
    for (const { sample } of waiting) if (sample.place === undefined) setPlace(sample);
    const content = encodeChunk(waiting);
    const chunk = { ...describeChunk(state.nextSerial, waiting, content), waiting: 0 };
    state.gathered = { from, waiting, content, chunk };
    if (from === 'memory') for (const { sample } of waiting) addCopy(sample, chunk);
  }

  function nextUncopied(): readonly Waiting[] {
    const waiting: Waiting[] = [];
    let bytes = 0;
    for (const { sample, offeredMs } of memory.entries()) {
      if (copies.has(sample)) continue;
      if (bytes >= chunkBytes(limits, 'memory')) break;
      waiting.push({ sample, offeredMs });
      bytes += sample.bytes.length;
    }
    return waiting;
  }

  function nextOfSpill(): readonly Waiting[] {
    if (spill.inFlight().length === 0) spill.take(chunkBytes(limits, 'spill'));
    const batch = new Set(spill.inFlight());
    return [...spill.entries()].filter(({ sample }) => batch.has(sample));
  }

  function ungather(): void {
    const { gathered } = state;
    state.gathered = null;
    if (gathered?.from !== 'memory') return;
    for (const [sample, chunk] of copies) if (chunk === gathered.chunk) copies.delete(sample);
  }

  function written({ gathered: { from, chunk, waiting } }: StepOf<'write'>, nowMs: number): void {
    addChunk(chunk, from === 'spill');
    if (from === 'spill') {
      spill.settle(waiting.map(({ sample }) => sample));
      // What did not fit is older than this, and must not be written after it.
      if (state.uncopied() > 0)
        for (const { sample } of memory.entries()) if (!copies.has(sample)) addCopy(sample, never);
    }
    state.gathered = null;
    state.nextSerial = chunk.serial + 1;
    state.wroteAtMs = nowMs;
    state.fullAtBytes = NEVER_FULL;
  }

  function takenBack(): void {
    spill.take(Number.MAX_SAFE_INTEGER);
    const waiting = [...spill.entries()];
    spill.settle(waiting.map(({ sample }) => sample));
    state.fullAtBytes = NEVER_FULL;
    toMemory(waiting);
  }

  function readBack({ read }: Extract<Done, { readonly do: 'read' }>, nowMs: number): void {
    const chunk = state.chunks.at(state.loaded);
    if (chunk === undefined) return;
    state.loaded += 1;
    state.reduced = Math.max(0, state.reduced - 1);
    state.unread = subtract(state.unread, [chunk]);
    state.failedReads = 0;
    state.readAgainAtMs = -Infinity;
    if (read === null) {
      deps.onLost(chunk);
      return;
    }
    const { bytes, atMs } = refill(state.readBudget, limits.bytesPerSecond, nowMs);
    state.readBudget = { bytes: bytes - chunk.bytes, atMs };
    for (const { sample } of read) addCopy(sample, chunk);
    toMemory(read);
  }

  function shrunk({ how, chunks, left, read, lost }: Extract<Done, { readonly do: 'shrink' }>): void {
    const at = how === 'reduce' ? state.reduced : how === 'fold' ? (state.folded ?? 0) : 0;
    replaceUnread(at, chunks.length, left);
    if (how === 'fold') {
      state.reduced -= chunks.length - 1;
      state.folded = at + 1;
      if (state.folded === state.reduced) endFolding();
    } else if (left !== null) addUnfolded(left);
    else state.reduced -= 1;
    if (lost.samples > 0) deps.onLost(lost);
    if (how === 'fold') return;
    const drops = read.map(({ sample }) => ({
      sample,
      records: sample.recordCount - (how === 'drop' ? 0 : countRecords(sample, sample.bounds)),
      isRest: how === 'drop',
    }));
    deps.onDropped(drops.filter(({ records }) => records > 0));
  }

  function removed(chunks: readonly Chunk[]): void {
    chunks.forEach(() => state.chunks.shift());
    state.loaded -= chunks.length;
    state.stored = subtract(state.stored, chunks);
  }

  function done(step: Done, nowMs: number): void {
    switch (step.do) {
      case 'open':
        state.store = 'open';
        if (step.lost.samples > 0) deps.onLost(step.lost);
        if (step.contents !== null) begin(step.contents);
        return;
      case 'checkRoom':
        state.roomCheckedAtMs = nowMs;
        return;
      case 'prove':
        state.isWritable = true;
        failures = 0;
        return;
      case 'gather':
        gather(step.from);
        return;
      case 'write':
        written(step, nowMs);
        return;
      case 'postpone':
        if (state.gathered === null) return;
        state.fullAtBytes = { ...state.fullAtBytes, [state.gathered.from]: state.stored.bytes };
        ungather();
        return;
      case 'shrink':
        shrunk(step);
        return;
      case 'takeBack':
        takenBack();
        return;
      case 'read':
        readBack(step, nowMs);
        return;
      case 'remove':
        removed(step.chunks);
        return;
      case 'compact':
        state.largestBytes = 0;
        return;
      case 'rest':
    }
  }

  function failed(step: Step, kind: StoreFaultKind, nowMs: number): void {
    if (step.do === 'open') state.store = 'closed';
    else if (step.do !== 'checkRoom' && state.store === 'open') state.store = 'doubtful';
    if (kind === 'corrupt' && step.do !== 'open') {
      state.damages = nowMs - damagedAtMs < DAMAGE_MEMORY_MS ? state.damages + 1 : 1;
      damagedAtMs = nowMs;
    }
    if (step.do === 'read') {
      state.failedReads += 1;
      state.readAgainAtMs = nowMs + retryDelayMs(state.failedReads, reopening, 0);
    }
    ungather();
    if (step.do === 'shrink' && step.how === 'fold') endFolding();
    // Chunks may be read back before it goes on, which would count as folded: it begins again.
    else state.folded = null;
    failures += 1;
    state.isWritable = false;
    state.retryAtMs = nowMs + retryDelayMs(failures, reopening, 0);
    state.roomCheckedAtMs = -Infinity;
  }

  return {
    mode: () => modeOf(state),
    nextStep: (nowMs, isSaving) => nextStep(state, { nowMs, isSaving, isStuck: deps.isStuck() }),
    done,
    failed,
    diskBytes: () => state.stored.bytes,
    unsafeSamples: () =>
      spill.depth().samples + state.uncopied() + never.waiting + (state.gathered?.chunk.waiting ?? 0),
    spansAtOpening: () => atOpening,

    add(sample, offeredMs) {
      state.readBudget.bytes += sample.bytes.length;
      setPlace(sample);
      const drops = (goesToDisk(sample) ? spill : memory).add(sample, offeredMs);
      deps.onChanged();
      return drops;
    },
    take: (batchBytes) => memory.take(batchBytes),
    settle(samples) {
      const settled = memory.settle(samples);
      settled.forEach(forgetCopy);
      // What has left may have been what was too large.
      state.fullAtBytes = NEVER_FULL;
      deps.onChanged();
      return settled;
    },
    inFlight: () => memory.inFlight(),
    entries,
    waitingBytes: () => memory.waitingBytes(),
    depth() {
      const [first, last] = [memory.depth(), spill.depth()];
      return {
        samples: first.samples + state.unread.samples + last.samples,
        records: first.records + state.unread.records + last.records,
        bytes: first.bytes + last.bytes,
      };
    },
    oldestOfferedMs() {
      const unread = state.chunks.at(state.loaded)?.oldestOfferedMs;
      return memory.oldestOfferedMs() ?? unread ?? spill.oldestOfferedMs();
    },
  };
}
