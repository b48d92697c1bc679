import type { EncodedSample, SpanChange } from '../records/encoded-sample.ts';
import { createQueue, type Queue } from './queue.ts';
import { foldEach, keepBounds, type Waiting } from './zero-bounds.ts';

/** What a sample occupies beside its bytes: its objects, array headers and queue slot, rounded up. */
export const sampleOverheadBytes = 512;

/**
 * The memory that a waiting sample is charged with: its bytes, where its units end, what it says of its spans and
 * {@link sampleOverheadBytes}.
 */
export function sampleCostBytes(sample: EncodedSample): number {
  const { bytes, unitEnds, unitRecords, bounds, spans } = sample;
  const spanBytes = spans === undefined ? 0 : spanCostBytes(spans);
  const unitBytes = unitEnds.byteLength + (unitRecords?.byteLength ?? 0) + bounds.length * 8;
  return bytes.byteLength + unitBytes + spanBytes + sampleOverheadBytes;
}

/** Texts have a byte a character, or two where they hold other than Latin letters, which is not looked for. */
function spanCostBytes({ key, open, doubted, opened, closed }: SpanChange): number {
  // The identity is the same text for all.
  let characters = key.length;
  for (const text of [open, doubted, opened, closed]) characters += text?.length ?? 0;
  return characters;
}

/** How much waits, samples in flight included. */
export interface Depth {
  readonly samples: number;
  readonly records: number;
  /** By {@link sampleCostBytes}. */
  readonly bytes: number;
}

/** A sample that had to go, and how many of its records went with it. */
export interface DroppedSample {
  readonly sample: EncodedSample;
  readonly records: number;
  /** The rest of a sample of which only zero bounds had been left; else they stay. */
  readonly isRest: boolean;
}

/**
 * The samples that wait, in the order in which they were offered: first those in flight, then those of which
 * only the zero bounds are left, then the whole ones. Drops always take the oldest whole sample, so what remains
 * of it keeps its place in the order by moving from the front of the third part to the end of the second.
 */
export interface Backlog {
  /** Adds a sample (each object once) and drops whole samples while the bound is exceeded. Returns the dropped. */
  add(sample: EncodedSample, nowMs: number): readonly DroppedSample[];
  /** Puts the oldest samples in flight: at least one if any waits, else up to `batchBytes` of lines. */
  take(batchBytes: number): readonly EncodedSample[];
  /**
   * Forgets samples in flight, because they have arrived or never will. Others are ignored; those that were not are
   * returned.
   */
  settle(samples: readonly EncodedSample[]): readonly EncodedSample[];
  /** Samples in flight, in order. */
  inFlight(): readonly EncodedSample[];
  /** All samples, in order, those in flight first. */
  entries(): Iterable<Waiting>;
  /** Lines of samples not in flight, in bytes. */
  waitingBytes(): number;
  depth(): Depth;
  /** When the oldest sample was offered, milliseconds since the epoch; null when none waits. */
  oldestOfferedMs(): number | null;
}

/** Bounds are folded when this part of the memory has come since the last time. */
const FOLD_SHARE = 16;

interface Entry extends Waiting {
  readonly costBytes: number;
}

/**
 * @param options.memoryBytes read at each sample; the bound on the sum of {@link sampleCostBytes}. Whole samples go
 *   first, then bounds are folded ({@link foldEach}), and where even those do not fit, the oldest of them go. Only
 *   samples in flight, which are never dropped, may exceed it where it has been lowered.
 * @param onGone told each sample that was not settled and waits no more, and what is left of it and waits in its place
 */
export function createBacklog(
  options: { readonly memoryBytes: number },
  onGone: (sample: EncodedSample, left: EncodedSample | null) => void = () => undefined,
): Backlog {
  const inFlight = new Map<EncodedSample, Entry>();
  let reduced = createQueue<Entry>();
  const whole = createQueue<Entry>();
  let records = 0;
  let costBytes = 0;
  let waitingBytes = 0;
  /** What has come into the queue `reduced` since it was folded last. */
  let unfoldedBytes = 0;

  function count(entry: Entry, sign: 1 | -1): void {
    records += sign * entry.sample.recordCount;
    costBytes += sign * entry.costBytes;
  }

  function enqueue(queue: Queue<Entry>, sample: EncodedSample, offeredMs: number): void {
    const entry = { sample, costBytes: sampleCostBytes(sample), offeredMs };
    queue.push(entry);
    count(entry, 1);
    if (queue === reduced) unfoldedBytes += entry.costBytes;
    waitingBytes += sample.bytes.length;
  }

  function forget(entry: Entry): void {
    count(entry, -1);
    waitingBytes -= entry.sample.bytes.length;
  }

  function fold(): void {
    const waiting = [...reduced];
    const folded = foldEach(waiting);
    reduced = createQueue();
    for (const [at, entry] of waiting.entries()) {
      forget(entry);
      const left = folded[at]?.sample ?? null;
      if (left !== null) enqueue(reduced, left, entry.offeredMs);
      if (left !== entry.sample) onGone(entry.sample, left);
    }
    unfoldedBytes = 0;
  }

  /** Returns what was dropped. Something may have been made smaller without that. */
  function makeRoom(): DroppedSample | null {
    const oldest = whole.shift();
    if (oldest !== undefined) return reduce(oldest);
    if (unfoldedBytes > options.memoryBytes / FOLD_SHARE) {
      fold();
      return null;
    }
    const rest = reduced.shift();
    if (rest === undefined) return null;
    forget(rest);
    onGone(rest.sample, null);
    return { sample: rest.sample, records: rest.sample.recordCount, isRest: true };
  }

  function reduce(entry: Entry): DroppedSample | null {
    forget(entry);
    const { sample, offeredMs } = entry;
    const kept = sample.bounds.length === sample.unitEnds.length ? sample : keepBounds(sample);
    if (kept !== null) enqueue(reduced, kept, offeredMs);
    if (kept === sample) return null;
    onGone(sample, kept);
    return { sample, records: sample.recordCount - (kept?.recordCount ?? 0), isRest: false };
  }

  return {
    add(sample, nowMs) {
      enqueue(whole, sample, nowMs);
      const dropped: DroppedSample[] = [];
      while (costBytes > options.memoryBytes && reduced.length + whole.length > 0) {
        const drop = makeRoom();
        if (drop !== null) dropped.push(drop);
      }
      return dropped;
    },
    take(batchBytes) {
      const batch: EncodedSample[] = [];
      let bytes = 0;
      for (const queue of [reduced, whole]) {
        for (let next = queue.peek(); next !== undefined; next = queue.peek()) {
          if (batch.length > 0 && bytes + next.sample.bytes.length > batchBytes) return batch;
          queue.shift();
          bytes += next.sample.bytes.length;
          waitingBytes -= next.sample.bytes.length;
          inFlight.set(next.sample, next);
          batch.push(next.sample);
        }
      }
      return batch;
    },
    settle(samples) {
      const forgotten: EncodedSample[] = [];
      for (const sample of samples) {
        const entry = inFlight.get(sample);
        if (entry === undefined) continue;
        inFlight.delete(sample);
        count(entry, -1);
        forgotten.push(sample);
      }
      return forgotten;
    },
    inFlight: () => [...inFlight.keys()],
    *entries() {
      yield* inFlight.values();
      yield* reduced;
      yield* whole;
    },
    waitingBytes: () => waitingBytes,
    depth: () => ({
      samples: inFlight.size + reduced.length + whole.length,
      records,
      bytes: costBytes,
    }),
    oldestOfferedMs() {
      for (const entry of inFlight.values()) return entry.offeredMs;
      return (reduced.peek() ?? whole.peek())?.offeredMs ?? null;
    },
  };
}
