import type { PartitionLag } from '../answers.ts';

/** A longer page is left to the garbage collector: groups so large are few. */
const MOST_KEPT_PARTITIONS = 10_000;
const MOST_KEPT_PAGES = 64;

/** A partition's reading whose memory is used again. Its numbers lie in an array of plain ones, NaN for null. */
export class ReusedPartition implements PartitionLag {
  topic = '';
  partition = 0;
  owner = '';
  clientId = '';
  status: number | null = null;
  readonly #values = new Float64Array(7).fill(NaN);

  get startOffset(): number | null {
    return orNull(this.#values[0]);
  }
  get startTimestampMs(): number | null {
    return orNull(this.#values[1]);
  }
  get startLagRecords(): number | null {
    return orNull(this.#values[2]);
  }
  get endOffset(): number | null {
    return orNull(this.#values[3]);
  }
  get endTimestampMs(): number | null {
    return orNull(this.#values[4]);
  }
  get endLagRecords(): number | null {
    return orNull(this.#values[5]);
  }
  get currentLagRecords(): number | null {
    return orNull(this.#values[6]);
  }

  /** @param commit offset, timestamp in milliseconds and lag in records; any of them NaN for null */
  setStart(commit: Float64Array): void {
    this.#setCommit(0, commit);
  }

  setEnd(commit: Float64Array): void {
    this.#setCommit(3, commit);
  }

  setCurrentLag(lagRecords: number): void {
    this.#values[6] = lagRecords;
  }

  #setCommit(at: number, commit: Float64Array): void {
    const values = this.#values;
    values[at] = commit[0] ?? NaN;
    values[at + 1] = commit[1] ?? NaN;
    values[at + 2] = commit[2] ?? NaN;
  }
}

function orNull(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : value;
}

/** The partitions of one answer. */
export class LagPage {
  readonly #partitions: ReusedPartition[] = [];
  readonly #list: ReusedPartition[] = [];
  readonly #spare: LagPage[];
  #isOut = false;

  constructor(spare: LagPage[]) {
    this.#spare = spare;
  }

  take(): this {
    this.#isOut = true;
    return this;
  }

  /** Indexes are asked for in their order. What it holds is of an answer before. */
  at(index: number): ReusedPartition {
    return (this.#partitions[index] ??= new ReusedPartition());
  }

  /** The first `count` partitions, as a list that is good until `release`. */
  first(count: number): readonly PartitionLag[] {
    const list = this.#list;
    if (list.length > count) list.length = count;
    for (let index = list.length; index < count; index++) list.push(this.at(index));
    return list;
  }

  /** Gives the memory to the next answer. Idempotent; may be passed on without its object. */
  readonly release = (): void => {
    if (!this.#isOut) return;
    this.#isOut = false;
    if (this.#partitions.length > MOST_KEPT_PARTITIONS || this.#spare.length >= MOST_KEPT_PAGES) return;
    this.#spare.push(this);
  };
}

/**
 * Partitions' readings that are used again. A million new objects at every round would keep the garbage collector
 * busier than all the rest: those of one answer wait for each other, and so they outlive its quick first look.
 */
export class LagPages {
  /** For what nobody asks for. */
  readonly nowhere = new ReusedPartition();
  readonly #spare: LagPage[] = [];

  take(): LagPage {
    return (this.#spare.pop() ?? new LagPage(this.#spare)).take();
  }
}
