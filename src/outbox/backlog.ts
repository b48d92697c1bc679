import type { EncodedSample } from '../records/encoded-sample.ts';
import { keepBounds } from './keep-bounds.ts';
import { createQueue } from './queue.ts';
import type { Waiting } from './sample-chunk.ts';

/** What a sample occupies beside its bytes: its objects, array headers and queue slot, rounded up. */
export const sampleOverheadBytes = 512;

/** The memory that a waiting sample is charged with: its lines, its line index and {@link sampleOverheadBytes}. */
export function sampleCostBytes(sample: EncodedSample): number {
  return (
    sample.bytes.byteLength + sample.lineEnds.byteLength + sample.bounds.length * 8 + sampleOverheadBytes
  );
}

/** How much waits, samples in flight included. */
export interface Depth {
  readonly samples: number;
  readonly records: number;
  /** By {@link sampleCostBytes}. */
  readonly bytes: number;
  /** Of these bytes, those of samples that were dropped but for their zero bounds. */
  readonly boundsOnlyBytes: number;
}

/** A sample that had to go, and how many of its records went with it (its zero bounds stay). */
export interface DroppedSample {
  readonly sample: EncodedSample;
  readonly records: number;
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

interface Entry extends Waiting {
  readonly costBytes: number;
  readonly boundsOnly: boolean;
}

/**
 * @param options.memoryBytes read at each sample; the bound on the sum of {@link sampleCostBytes}. Two things may exceed it: samples in
 *   flight, which are never dropped, and the zero bounds of dropped samples. The latter are two short lines for each
 *   span of each series that began or ended while nothing could be delivered, plus the overhead of their sample.
 */
export function createBacklog(options: { readonly memoryBytes: number }): Backlog {
  const flying = new Map<EncodedSample, Entry>();
  const reduced = createQueue<Entry>();
  const whole = createQueue<Entry>();
  let records = 0;
  let costBytes = 0;
  let boundsOnlyBytes = 0;
  let waitingBytes = 0;

  function count(entry: Entry, sign: 1 | -1): void {
    records += sign * entry.sample.lineEnds.length;
    costBytes += sign * entry.costBytes;
    if (entry.boundsOnly) boundsOnlyBytes += sign * entry.costBytes;
  }

  function enqueue(queue: typeof whole, sample: EncodedSample, offeredMs: number, boundsOnly: boolean): void {
    const entry = { sample, costBytes: sampleCostBytes(sample), offeredMs, boundsOnly };
    queue.push(entry);
    count(entry, 1);
    waitingBytes += sample.bytes.length;
  }

  function dropOldest(entry: Entry): DroppedSample | null {
    count(entry, -1);
    waitingBytes -= entry.sample.bytes.length;
    const { sample, offeredMs } = entry;
    const kept = sample.bounds.length === sample.lineEnds.length ? sample : keepBounds(sample);
    if (kept !== null) enqueue(reduced, kept, offeredMs, true);
    return kept === sample ? null : { sample, records: sample.lineEnds.length - sample.bounds.length };
  }

  return {
    add(sample, nowMs) {
      enqueue(whole, sample, nowMs, false);
      const dropped: DroppedSample[] = [];
      while (costBytes > options.memoryBytes) {
        const oldest = whole.shift();
        if (oldest === undefined) break;
        const drop = dropOldest(oldest);
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
          flying.set(next.sample, next);
          batch.push(next.sample);
        }
      }
      return batch;
    },
    settle(samples) {
      const forgotten: EncodedSample[] = [];
      for (const sample of samples) {
        const entry = flying.get(sample);
        if (entry === undefined) continue;
        flying.delete(sample);
        count(entry, -1);
        forgotten.push(sample);
      }
      return forgotten;
    },
    inFlight: () => [...flying.keys()],
    *entries() {
      yield* flying.values();
      yield* reduced;
      yield* whole;
    },
    waitingBytes: () => waitingBytes,
    depth: () => ({
      samples: flying.size + reduced.length + whole.length,
      records,
      bytes: costBytes,
      boundsOnlyBytes,
    }),
    oldestOfferedMs() {
      for (const entry of flying.values()) return entry.offeredMs;
      return (reduced.peek() ?? whole.peek())?.offeredMs ?? null;
    },
  };
}
