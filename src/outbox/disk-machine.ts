import { sampleOverheadBytes, type Backlog } from './backlog.ts';
import { NOTHING, subtract, type Chunk, type Contents, type Sizes } from './disk-format.ts';
import { createQueue, type Queue } from './queue.ts';
import type { Waiting } from './zero-bounds.ts';

/*
 * The outbox on disk is a machine: what has happened is its state, and `nextStep` says what to do next. It does nothing
 * itself: `disk-runner.ts` does the steps, and `disk-outbox.ts` writes into the state what has come of them.
 */

/**
 * `memory` → `spilling` → `draining` → `memory`, and from each of them to `broken` and back.
 *
 * | mode       | what waits                                                            | a new sample goes                 |
 * | ---------- | --------------------------------------------------------------------- | --------------------------------- |
 * | `memory`   | is in memory, and may have a copy on disk                             | to memory, or to disk where there is no room or the destination takes nothing |
 * | `spilling` | is in memory, the newest of it on its way to disk                     | to disk                           |
 * | `draining` | is in part on disk only, which must be read back before what is newer | to disk                           |
 * | `broken`   | whatever it was: the store is not open yet, or has a fault            | to memory, or behind what is on disk |
 */
export type DiskMode = 'memory' | 'spilling' | 'draining' | 'broken';

/** Where samples come from that go to disk: `spill` is on its way there, `memory` stays in memory, too. */
export type Source = 'memory' | 'spill';

/** One thing to do. `untouched` is what is on disk beside the chunks of the step. */
export type Step =
  /** Open the store, after closing it. A damaged one is moved aside, and `unread` is lost with it. */
  | { readonly do: 'open'; readonly moveAside: boolean; readonly unread: Sizes }
  /** See whether the disk has room for the store to work. */
  | { readonly do: 'checkRoom' }
  /** Write something that changes nothing, as a proof that the store works. */
  | { readonly do: 'prove'; readonly nextSerial: number }
  /** Choose the samples of the next chunk, and encode them. */
  | { readonly do: 'gather'; readonly from: Source }
  /** Write these samples. */
  | { readonly do: 'write'; readonly gathered: Gathered; readonly untouched: Sizes }
  /** The disk has no room for these samples, and none can be made: they stay where they are. */
  | { readonly do: 'postpone' }
  /**
   * Write less in the place of unread chunks. `reduce`: only the zero bounds of one. `fold`: of several with nothing
   * but bounds, the first and the last bound of each series. `drop`: nothing.
   */
  | {
      readonly do: 'shrink';
      readonly how: 'reduce' | 'fold' | 'drop';
      readonly chunks: readonly Chunk[];
      readonly untouched: Sizes;
    }
  /** Put into memory what is on its way to disk. */
  | { readonly do: 'takeBack' }
  /** Read a chunk. Where the last attempt fails, its samples are lost. */
  | { readonly do: 'read'; readonly chunk: Chunk; readonly isLastAttempt: boolean }
  /** Remove chunks whose samples have been delivered. */
  | { readonly do: 'remove'; readonly chunks: readonly Chunk[]; readonly untouched: Sizes }
  /** Give back the room of what was removed. */
  | { readonly do: 'compact' }
  /** Wait until something happens, or so much time has passed. */
  | { readonly do: 'rest'; readonly atMostMs: number | undefined };

export type StepOf<Do extends Step['do']> = Extract<Step, { readonly do: Do }>;

/** A step that is done, and what has come of it. */
export type Done =
  | Exclude<Step, StepOf<'open' | 'shrink' | 'read'>>
  /** Without contents it is the store that was open before. */
  | (StepOf<'open'> & { readonly contents: Contents | null; readonly lost: Sizes })
  /** `lost` could not be read. */
  | (StepOf<'shrink'> & {
      readonly left: Chunk | null;
      readonly read: readonly Waiting[];
      readonly lost: Sizes;
    })
  | (StepOf<'read'> & { readonly read: readonly Waiting[] | null });

/** Samples that will be a chunk, encoded: their own bytes may be used again before they are written. */
export interface Gathered {
  readonly waiting: readonly Waiting[];
  readonly content: Buffer;
  readonly chunk: DiskChunk;
  readonly from: Source;
}

/** A chunk on disk, or on its way there. */
export interface DiskChunk extends Chunk {
  /** Of its samples that are in memory, too: how many have neither been delivered nor dropped. */
  waiting: number;
}

export interface DiskState {
  /** `doubtful`: something has failed. It may be read, but must be opened anew before it takes changes. */
  store: 'closed' | 'doubtful' | 'open';
  /** False from a fault until the store has proved that it works. */
  isWritable: boolean;
  retryAtMs: number;
  /** How often a store that opens has said that it is damaged. */
  damages: number;
  roomCheckedAtMs: number;
  /** In a row, of the oldest unread chunk. */
  failedReads: number;
  readAgainAtMs: number;
  /** Changed in place: each sample adds to it. */
  readBudget: ReadBudget;
  gathered: Gathered | null;
  wroteAtMs: number;
  /** There was no room for what comes from there while so much was on disk, or more. */
  fullAtBytes: Readonly<Record<Source, number>>;
  nextSerial: number;
  /**
   * In the order of delivery: those whose samples are in memory, too, then the unread ones: first those of which only
   * zero bounds are left, then the whole ones.
   */
  chunks: Queue<DiskChunk>;
  /** How many of them are in memory, too. */
  loaded: number;
  /** How many of the unread ones have nothing but zero bounds. */
  reduced: number;
  /** All of them. */
  stored: Sizes;
  unread: Sizes;
  /** What has been reduced since the bounds were folded last. */
  unfolded: { readonly chunks: number; readonly bytes: number };
  /** How many of the reduced ones have been folded; null: it is not under way. */
  folded: number | null;
  /** The most since the store was compacted. */
  largestBytes: number;
  /** Waits to be delivered. */
  readonly memory: Pick<Backlog, 'depth' | 'waitingBytes'>;
  /** Is on its way to disk. */
  readonly spill: Pick<Backlog, 'depth' | 'waitingBytes' | 'inFlight'>;
  /** How many samples in memory have no copy on disk. */
  readonly uncopied: () => number;
  readonly limits: DiskLimits;
}

export const NEVER_FULL = { memory: Infinity, spill: Infinity };

/** What is known of a store with nothing in it. */
export function emptyStore() {
  return {
    gathered: null,
    fullAtBytes: NEVER_FULL,
    chunks: createQueue<DiskChunk>(),
    loaded: 0,
    reduced: 0,
    stored: NOTHING,
    unread: NOTHING,
    unfolded: { chunks: 0, bytes: 0 },
    folded: null,
    largestBytes: 0,
  };
}

export interface DiskLimits {
  /** Bound on what is in memory, by `sampleCostBytes`. */
  readonly memoryBytes: number;
  /** Bound on what is on disk, before the store's compression. */
  readonly maxBytes: number;
  /** How fast it is read back, beside what comes in meanwhile. */
  readonly bytesPerSecond: number;
}

export interface Now {
  /** By a clock that never goes back. */
  readonly nowMs: number;
  /** The destination has taken nothing for so long that what waits should be safe from a crash. */
  readonly isStuck: boolean;
  /** All that is in memory must go to disk now, and nothing is read. */
  readonly isSaving: boolean;
}

/** How much is read back ahead of the destination. */
const READ_AHEAD_BYTES = 2 * 1024 * 1024;
/** A chunk that cannot be read is tried for about a minute and a half. */
const MOST_READS = 8;
/** How long a chunk is gathered while few samples come in. */
const GATHER_MS = 50;
const ROOM_CHECK_MS = 1000;
const DAMAGES_TO_MOVE_ASIDE = 3;
/** Bounds are folded when this part of the room has been reduced since the last time, so many bytes at once. */
const FOLD_SHARE = 16;
const FOLD_BYTES = 256 * 1024;
/** Chunks with next to nothing in them are folded, too, when there are so many. */
const FOLD_CHUNKS = 1024;
/** An empty store that once held so much gives its room back. */
const COMPACT_FROM_BYTES = 8 * 1024 * 1024;
/** How often the machine looks whether the destination is stuck, or whether more may be read. */
const LOOK_MS = 50;

type View = Readonly<DiskState>;
type Rule = (state: View, now: Now) => Step | null;

/** What is done in each mode: the first of these that applies. */
const RULES: Readonly<Record<DiskMode, readonly Rule[]>> = {
  memory: [writeGathered, copyMemory, removeDelivered, giveRoomBack],
  spilling: [writeGathered, copyMemory, gatherSpill, takeBack, removeDelivered],
  draining: [writeGathered, gatherSpill, removeDelivered, readOldest],
  broken: [openAgain, takeBack, removeDelivered, readOldest],
};

export function modeOf(state: View): DiskMode {
  if (!state.isWritable) return 'broken';
  if (hasUnread(state)) return 'draining';
  return state.spill.depth().samples > 0 ? 'spilling' : 'memory';
}

export function hasUnread({ chunks, loaded }: View): boolean {
  return chunks.length > loaded;
}

/** How large a chunk may be, but for its last sample: several fit into memory and onto the disk. */
export function chunkBytes({ memoryBytes, maxBytes }: DiskLimits, from: Source): number {
  // To copy what is in memory, all of it is looked through for each chunk: so these are larger.
  const most = from === 'memory' ? 2 * 1024 * 1024 : 256 * 1024;
  return Math.min(most, memoryBytes / 8, maxBytes / 8);
}

/** The rest of the memory is for what is on its way to disk. */
const MEMORY_SHARE = 0.75;

/** Whether there is room in memory for more to be delivered. */
export function fitsMemory({ memory, limits }: View, costBytes: number): boolean {
  return memory.depth().bytes + costBytes <= limits.memoryBytes * MEMORY_SHARE;
}

/** The next thing to do. Nothing is changed here, and with the same state and time the answer is the same. */
export function nextStep(state: View, now: Now): Step {
  for (const rule of RULES[modeOf(state)]) {
    const step = rule(state, now);
    if (step !== null) return step;
  }
  const waits = state.memory.depth().samples + state.spill.depth().samples > 0 || hasUnread(state);
  return { do: 'rest', atMostMs: waits || !state.isWritable ? LOOK_MS : undefined };
}

function openAgain(state: View, now: Now): Step | null {
  const { store, damages, unread, nextSerial } = state;
  if (now.nowMs < state.retryAtMs) return null;
  if (store !== 'open') return { do: 'open', moveAside: damages >= DAMAGES_TO_MOVE_ASIDE, unread };
  return checkRoom(state, now) ?? { do: 'prove', nextSerial };
}

function checkRoom({ roomCheckedAtMs }: View, { nowMs }: Now): Step | null {
  return nowMs - roomCheckedAtMs >= ROOM_CHECK_MS ? { do: 'checkRoom' } : null;
}

function writeGathered(state: View, now: Now): Step | null {
  const { gathered, stored, limits } = state;
  if (gathered === null) return null;
  const room = limits.maxBytes - gathered.content.length;
  // Nothing is dropped for what can never fit.
  if (room < 0) return { do: 'postpone' };
  const unchecked = checkRoom(state, now);
  if (unchecked !== null) return unchecked;
  if (stored.bytes <= room && state.folded === null) return { do: 'write', gathered, untouched: stored };
  return makeRoom(state, room) ?? { do: 'postpone' };
}

/** Of what is unread: zero bounds outlive values, and the first and last of a series outlive those between them. */
function makeRoom(state: View, room: number): Step | null {
  const { chunks, loaded, reduced, unfolded, folded } = state;
  if (folded !== null || (reduced > 0 && unfolded.chunks >= FOLD_CHUNKS)) return fold(state);
  const whole = chunks.at(loaded + reduced);
  if (whole !== undefined) return shrink(state, 'reduce', [whole]);
  const oldest = chunks.at(loaded);
  if (oldest === undefined) return null;
  return unfolded.bytes > room / FOLD_SHARE ? fold(state) : shrink(state, 'drop', [oldest]);
}

/** So many at a time as may be held in memory. */
function fold(state: View): Step {
  const { chunks, loaded, reduced, folded } = state;
  const some: Chunk[] = [];
  let bytes = 0;
  for (let at = folded ?? 0; at < reduced && bytes < FOLD_BYTES; at += 1) {
    const chunk = chunks.at(loaded + at);
    if (chunk === undefined) break;
    bytes += chunk.bytes;
    some.push(chunk);
  }
  return shrink(state, 'fold', some);
}

function shrink({ stored }: View, how: 'reduce' | 'fold' | 'drop', chunks: readonly Chunk[]): Step {
  return { do: 'shrink', how, chunks, untouched: subtract(stored, chunks) };
}

/** What is in memory only is older than anything that will be written after it, so it goes first. */
function copyMemory(state: View, { isStuck, isSaving }: Now): Step | null {
  const isDue = isSaving || isStuck || state.spill.depth().samples > 0;
  return isDue && state.uncopied() > 0 && mayFit(state, 'memory') ? { do: 'gather', from: 'memory' } : null;
}

function gatherSpill(state: View, { nowMs, isSaving }: Now): Step | null {
  const { spill, limits, wroteAtMs } = state;
  if (spill.depth().samples === 0 || !mayFit(state, 'spill')) return null;
  const isDue =
    isSaving ||
    spill.inFlight().length > 0 ||
    spill.waitingBytes() >= chunkBytes(limits, 'spill') ||
    nowMs - wroteAtMs >= GATHER_MS;
  return isDue ? { do: 'gather', from: 'spill' } : null;
}

/** Whether there was room the last time, or there is more since. */
function mayFit({ stored, fullAtBytes }: View, from: Source): boolean {
  return stored.bytes < fullAtBytes[from];
}

/** What nothing older on disk keeps waiting, and what can never be written. */
function takeBack(state: View): Step | null {
  if (state.spill.depth().samples === 0 || hasUnread(state)) return null;
  const isHopeless = !mayFit(state, 'spill') && state.memory.depth().samples === 0;
  return !state.isWritable || isHopeless ? { do: 'takeBack' } : null;
}

function removeDelivered({ store, chunks, loaded, stored }: View): Step | null {
  if (store !== 'open') return null;
  const delivered: Chunk[] = [];
  for (const chunk of chunks) {
    if (delivered.length === loaded || chunk.waiting > 0) break;
    delivered.push(chunk);
  }
  if (delivered.length === 0) return null;
  return { do: 'remove', chunks: delivered, untouched: subtract(stored, delivered) };
}

function giveRoomBack({ store, stored, largestBytes }: View): Step | null {
  const isWorthIt = store === 'open' && stored.bytes === 0 && largestBytes >= COMPACT_FROM_BYTES;
  return isWorthIt ? { do: 'compact' } : null;
}

function readOldest(state: View, { nowMs, isSaving }: Now): Step | null {
  const { chunks, loaded, memory, spill, limits, failedReads } = state;
  const chunk = chunks.at(loaded);
  if (chunk === undefined || isSaving) return null;
  if (state.store === 'closed' || nowMs < state.readAgainAtMs) return null;
  if (memory.waitingBytes() >= READ_AHEAD_BYTES) return null;
  const { samples, bytes } = memory.depth();
  const costBytes = chunk.bytes + chunk.samples * sampleOverheadBytes;
  const hasRoom =
    fitsMemory(state, 2 * costBytes) && bytes + spill.depth().bytes + costBytes <= limits.memoryBytes;
  if (samples > 0 && !hasRoom) return null;
  if (refill(state.readBudget, limits.bytesPerSecond, nowMs).bytes <= 0) return null;
  return { do: 'read', chunk, isLastAttempt: failedReads + 1 >= MOST_READS };
}

/** How much may be read back: a steady rate, and as much again as comes in. It may be overdrawn by one chunk. */
export interface ReadBudget {
  bytes: number;
  readonly atMs: number | null;
}

/** What is not used within a second is gone, so that no burst follows a pause. */
export function refill({ bytes, atMs }: ReadBudget, bytesPerSecond: number, nowMs: number): ReadBudget {
  const elapsedMs = atMs === null ? 1000 : Math.max(0, nowMs - atMs);
  return { bytes: Math.min(bytesPerSecond, bytes + (bytesPerSecond * elapsedMs) / 1000), atMs: nowMs };
}
