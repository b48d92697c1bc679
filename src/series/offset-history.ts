const MAX_POINTS = 12;

/**
 * The log-end offsets of one topic over time, for telling how old a committed offset is.
 *
 * It holds a dozen points, dense for the last few minutes and ever sparser before: when a point is added to a
 * full history, the one goes whose gap is the smallest for its age. So a lag of 2 minutes is measured on points
 * 30 s apart, and one of a day on points hours apart, at a fixed cost of 96 bytes a partition.
 */
export class OffsetHistory {
  readonly #timesMs: number[] = [];
  /** One row a point; index = partition; NaN where unknown. */
  readonly #rows: Float64Array[] = [];

  /** Adds a point. Times must increase. */
  add(takenAtMs: number, offsets: readonly (number | null)[]): void {
    if (this.#rows.length === MAX_POINTS) this.#thin(takenAtMs);
    const row = new Float64Array(offsets.length);
    for (let partition = 0; partition < offsets.length; partition++)
      row[partition] = offsets[partition] ?? NaN;
    this.#timesMs.push(takenAtMs);
    this.#rows.push(row);
  }

  clear(): void {
    this.#timesMs.length = 0;
    this.#rows.length = 0;
  }

  /**
   * Calls `visit` with each known point of one partition, its time in milliseconds and its offset, the newest first,
   * until it returns false.
   */
  visitNewestFirst(partition: number, visit: (timeMs: number, offset: number) => boolean): void {
    for (let point = this.#rows.length - 1; point >= 0; point--) {
      const offset = this.#rows[point]?.[partition];
      if (offset === undefined || Number.isNaN(offset)) continue;
      if (!visit(this.#timesMs[point] ?? 0, offset)) return;
    }
  }

  #thin(nowMs: number): void {
    const times = this.#timesMs;
    let victim = 1;
    let smallest = Infinity;
    for (let point = 1; point < times.length - 1; point++) {
      const gapMs = (times[point + 1] ?? 0) - (times[point - 1] ?? 0);
      const gapForAge = gapMs / (nowMs - (times[point] ?? 0));
      if (gapForAge < smallest) {
        smallest = gapForAge;
        victim = point;
      }
    }
    times.splice(victim, 1);
    this.#rows.splice(victim, 1);
  }
}

/** Where the histories of all topics are found. */
export interface OffsetHistories {
  /** Undefined where the topic is not polled. */
  historyOf(cluster: string, topic: string): OffsetHistory | undefined;
}
