import { advance, HISTORY_STEPS, placeOf, valuesUpTo } from './step-ring.ts';

/** One partition's lag at a moment; null: unknown. */
export interface PartitionLag {
  readonly topic: string;
  readonly partition: number;
  readonly lagRecords: number | null;
}

/**
 * The lag of each partition of one group at each of the last steps, to seven digits: 240 bytes a partition, and its
 * name. Takes at most as many partitions as it is told; one that has vanished keeps its row.
 */
export class HeatMap {
  readonly #rows = new Map<string, number>();
  #cells: Float32Array;
  #newestStep = NaN;

  constructor() {
    this.#cells = new Float32Array(0);
  }

  get partitions(): number {
    return this.#rows.size;
  }

  get newestStep(): number {
    return this.#newestStep;
  }

  /** Notes a step. @param mostNew partitions that are not known yet and may be taken */
  note(step: number, lags: Iterable<PartitionLag>, mostNew: number): void {
    this.#advance(step);
    const most = this.#rows.size + mostNew;
    for (const { topic, partition, lagRecords } of lags) {
      const key = keyOf(topic, partition);
      let row = this.#rows.get(key);
      if (row === undefined) {
        if (this.#rows.size >= most) continue;
        row = this.#rows.size;
        this.#rows.set(key, row);
        this.#makeRoom();
      }
      this.#cells[row * HISTORY_STEPS + placeOf(step)] = lagRecords ?? NaN;
    }
  }

  /** One partition's lag at each step up to `lastStep`, oldest first, NaN where unknown; null where none is kept. */
  valuesOf(topic: string, partition: number, lastStep: number): Float64Array | null {
    const row = this.#rows.get(keyOf(topic, partition));
    if (row === undefined) return null;
    return valuesUpTo(this.#ring(row), this.#newestStep, lastStep, new Float64Array(HISTORY_STEPS));
  }

  #advance(step: number): void {
    let newest = step;
    for (let row = 0; row < this.#rows.size; row++) {
      newest = advance(this.#ring(row), this.#newestStep, step);
    }
    this.#newestStep = newest;
  }

  #ring(row: number): Float32Array {
    return this.#cells.subarray(row * HISTORY_STEPS, (row + 1) * HISTORY_STEPS);
  }

  #makeRoom(): void {
    const needed = this.#rows.size * HISTORY_STEPS;
    if (needed <= this.#cells.length) return;
    const cells = new Float32Array(Math.max(needed, this.#cells.length * 1.5)).fill(NaN);
    cells.set(this.#cells);
    this.#cells = cells;
  }
}

function keyOf(topic: string, partition: number): string {
  return `${partition}:${topic}`;
}
