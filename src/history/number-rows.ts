const ROWS_PER_CHUNK = 256;

/**
 * Rows of numbers of one width, in a few large typed arrays: ten thousand small ones would cost as much again. A row
 * that is released is used again; memory follows the highest number of rows that there ever was.
 */
export class NumberRows {
  readonly #width: number;
  readonly #chunks: Float64Array[] = [];
  readonly #free: number[] = [];
  #size = 0;

  constructor(width: number) {
    this.#width = width;
  }

  /** Bytes that are taken, used or not. */
  get bytes(): number {
    return this.#chunks.length * ROWS_PER_CHUNK * this.#width * Float64Array.BYTES_PER_ELEMENT;
  }

  /** A row full of NaN. */
  claim(): number {
    const row = this.#free.pop() ?? this.#size++;
    if (row >= this.#chunks.length * ROWS_PER_CHUNK) {
      this.#chunks.push(new Float64Array(ROWS_PER_CHUNK * this.#width));
    }
    this.numbers(row).fill(NaN);
    return row;
  }

  release(row: number): void {
    this.#free.push(row);
  }

  /** The numbers of a row, to be read and written until it is released. */
  numbers(row: number): Float64Array {
    const chunk = this.#chunks[Math.floor(row / ROWS_PER_CHUNK)];
    if (chunk === undefined) throw new RangeError(`there is no row ${row}`);
    const start = (row % ROWS_PER_CHUNK) * this.#width;
    return chunk.subarray(start, start + this.#width);
  }
}
