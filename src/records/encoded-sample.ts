import type { Slab } from './slab-pool.ts';

/** One sample's records in a wire format: what the outbox keeps and a sink delivers, whole. */
export interface EncodedSample {
  /** Message key; samples with one key must reach the reader in order. */
  readonly key: string;
  readonly cluster: string;
  /** When the sample was taken, milliseconds since the epoch. */
  readonly takenAtMs: number;
  /** All units, one after the other. Not to be read after the sample was given to `SampleEncoder.recycle`. */
  readonly bytes: Buffer;
  /**
   * For each unit, in order, the offset in `bytes` just past its end. A unit is the least that can be delivered alone;
   * in formats of lines it is a line with its `\n`.
   */
  readonly unitEnds: Uint32Array;
  /** How many records all units hold together. */
  readonly recordCount: number;
  /** How many records each unit holds; absent where each holds one. */
  readonly unitRecords?: Uint32Array;
  /**
   * Indexes into `unitEnds` of the units that hold a zero bound, or a value that begins a span for which the zero-end
   * before is the zero-start, too; ascending. They stay when the rest of the sample is dropped from a full outbox.
   */
  readonly bounds: readonly number[];
  /** Present where the sample opened or closed a span. */
  readonly spans?: SpanChange;
  /** Set by an outbox that has a disk, so that a crash cannot make the sample arrive twice unnoticed. */
  place?: SamplePlace;
  /** What `bytes` was cut from; the encoder's own business. Undefined once it has been recycled. */
  slab?: Slab | undefined;
}

/** How many records these units of a sample hold. */
export function countRecords({ unitRecords }: EncodedSample, units: readonly number[]): number {
  if (unitRecords === undefined) return units.length;
  return units.reduce((sum, unit) => sum + (unitRecords[unit] ?? 0), 0);
}

/** Where a sample stands in the order of delivery, whether it lies on disk already, will, or never does. */
export interface SamplePlace {
  /** Names the store on disk; places of two stores cannot be compared. */
  readonly store: string;
  /** Which of the processes that have used the store has taken the sample. Those of an earlier one are delivered first. */
  readonly life: number;
  /** Among the samples of that process, the lower is delivered first. */
  readonly index: number;
}

/** How a sample changed the open spans of its group, topic or cluster, in the texts of `span-text.ts`. */
export interface SpanChange {
  /** Under which they are remembered. */
  readonly key: string;
  /** All spans that are open after it; null when none is. */
  readonly open: string | null;
  /** Those of them whose zero-start may not have arrived in a former process; null for none. */
  readonly doubted: string | null;
  /** Those that it opened; null for none. */
  readonly opened: string | null;
  /** Those that it closed; null for none. */
  readonly closed: string | null;
  /** What names all of these, as JSON, see the ledger's `Identity`; absent: what the process had at its start. */
  readonly as?: string;
}
