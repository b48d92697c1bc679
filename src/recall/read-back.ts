import type { ClusterReader, PartitionMessage } from '../kafka/cluster-reader.ts';
import { abortable } from '../platform/abortable.ts';
import { sleep, type Scheduler } from '../platform/clock.ts';

export interface ReadBackDeps {
  readonly scheduler: Scheduler;
  /** A clock that never goes back, milliseconds. */
  readonly monotonicMs: () => number;
  /** Takes messages of one partition, in order. */
  readonly take: (messages: readonly PartitionMessage[]) => void;
  /** A batch is passed over: decompressed it would be too large. */
  readonly passedOver: () => void;
  /** Why no more is to be read; null: go on. Asked before each fetch. */
  readonly boundOf: () => string | null;
}

export interface ReadBackOptions {
  /** Reading begins here and goes back, ms since the epoch. */
  readonly nowMs: number;
  /** Length of a step, ms. */
  readonly stepMs: number;
  /** Steps to read back. */
  readonly steps: number;
}

/** Reads all partitions of a topic back to a moment in the past. */
export interface ReadBack {
  /** Steps of which all has been read. */
  readonly stepsRead: number;
  /**
   * Goes on where it was. Resolves to the bound that was reached, null where all is read. Rejects with what went wrong;
   * what was taken of the stretch that it was in is then taken again by the next call.
   */
  read(reader: ClusterReader, signal: AbortSignal): Promise<string | null>;
}

/** What is asked for at once. A broker answers with a whole batch at least, which the sink makes no larger than 900 kB. */
const FETCH_BYTES = 64 * 1024;
/** A broker answers with one batch, however large. */
const ONE_BATCH = 1;
/** No stretch has more steps than this: one that is not read to its end is lost. */
const MOST_STEPS_AT_ONCE = 4;

/**
 * See {@link ReadBack}. It reads stretch by stretch, each forwards and the newest first, so that a bound leaves out what
 * is oldest. After each answer it rests for as long as that took: others have half of the processor at least.
 */
export function createReadBack(deps: ReadBackDeps, { nowMs, stepMs, steps }: ReadBackOptions): ReadBack {
  const { scheduler, monotonicMs, take, passedOver, boundOf } = deps;
  /** By partition, where what has been read begins; null: nothing has been read. */
  let ends: Map<number, bigint> | null = null;
  let stepsRead = 0;

  async function readStretch(
    reader: ClusterReader,
    { partition, from, end }: { readonly partition: number; readonly from: bigint; readonly end: bigint },
    signal: AbortSignal,
  ): Promise<string | null> {
    let next = from;
    let maxBytes = FETCH_BYTES;
    let stride = 1n;
    while (next < end) {
      const bound = boundOf();
      if (bound !== null) return bound;
      const askedMs = monotonicMs();
      const first = next;
      try {
        const fetched = await abortable(reader.fetch(partition, first, maxBytes), signal);
        if (fetched !== undefined) {
          take(
            fetched.messages.filter(({ offset, isControlRecord }) => {
              const at = BigInt(offset);
              return !isControlRecord && at >= first && at < end;
            }),
          );
          const last = BigInt(fetched.messages.at(-1)?.offset ?? -1);
          // Of a batch nothing may be left, or nothing that was asked for.
          next = last < first ? first + 1n : last + 1n;
          stride = 1n;
        }
      } catch (error) {
        if (!isTooLarge(error)) throw error;
        if (maxBytes > ONE_BATCH) {
          // Of several batches: from here on one by one.
          maxBytes = ONE_BATCH;
        } else {
          // Where its last message is, is not known: a broker answers with the whole of it for each of its offsets.
          if (stride === 1n) passedOver();
          next += stride;
          stride *= 2n;
        }
      }
      await sleep(scheduler, Math.max(1, monotonicMs() - askedMs), signal);
    }
    return null;
  }

  return {
    get stepsRead() {
      return stepsRead;
    },
    async read(reader, signal) {
      await abortable(reader.connect(), signal);
      const partitions = reader.partitions();
      ends ??= new Map(await abortable(reader.offsetsAt('end', partitions), signal));
      while (stepsRead < steps) {
        const stretch = Math.min(MOST_STEPS_AT_ONCE, Math.max(1, stepsRead), steps - stepsRead);
        const fromMs = nowMs - (stepsRead + stretch) * stepMs;
        const begins = await abortable(reader.offsetsAt(fromMs, partitions), signal);
        for (const [partition, end] of ends) {
          const bound = await readStretch(
            reader,
            { partition, from: begins.get(partition) ?? end, end },
            signal,
          );
          if (bound !== null) return bound;
        }
        for (const [partition, begin] of begins) {
          if (begin < (ends.get(partition) ?? 0n)) ends.set(partition, begin);
        }
        stepsRead += stretch;
      }
      return null;
    },
  };
}

function isTooLarge(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
}
