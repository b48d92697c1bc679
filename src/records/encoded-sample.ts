import type { Slab } from './slab-pool.ts';

/** One sample's records in a wire format: what the outbox keeps and a sink delivers, whole. */
export interface EncodedSample {
  /** Message key; samples with one key must reach the reader in order. */
  readonly key: string;
  readonly cluster: string;
  /** When the sample was taken, milliseconds since the epoch. */
  readonly takenAtMs: number;
  /** All lines, each ended by `\n`. Not to be looked at after the sample was given to `SampleEncoder.recycle`. */
  readonly bytes: Buffer;
  /** For each record, in order, the offset in `bytes` just past its `\n`. Its length is the record count. */
  readonly lineEnds: Uint32Array;
  /** Indexes into `lineEnds` of the zero bounds, ascending. They outlive the sample when the outbox is full. */
  readonly bounds: readonly number[];
  /** Present where the sample opened or closed a span. */
  readonly spans?: SpanChange;
  /** Set by an outbox that has a disk, so that a crash cannot make the sample arrive twice unnoticed. */
  place?: SamplePlace;
  /** What `bytes` was cut from; the encoder's own business. Undefined once it has been recycled. */
  slab?: Slab | undefined;
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
