/** What {@link OffsetRates.move} says of an offset that went backwards (topic re-created, consumer rewound): no rate. */
export const REWOUND = -1;

/** The latest offset of each of many partitions, for rates over the true time between two samples. */
export class OffsetRates {
  #offset: Float64Array;
  #takenAtMs: Float64Array;
  /** NaN where the newest movement was no rate. */
  #perMinute: Float64Array;

  constructor(capacity: number) {
    this.#offset = new Float64Array(capacity);
    this.#takenAtMs = new Float64Array(capacity);
    this.#perMinute = new Float64Array(capacity);
  }

  grow(capacity: number): void {
    const offset = new Float64Array(capacity);
    const takenAtMs = new Float64Array(capacity);
    offset.set(this.#offset);
    takenAtMs.set(this.#takenAtMs);
    const perMinute = new Float64Array(capacity);
    perMinute.set(this.#perMinute);
    this.#offset = offset;
    this.#takenAtMs = takenAtMs;
    this.#perMinute = perMinute;
  }

  /** Forgets a partition, so that its next offset is a first one. */
  reset(index: number): void {
    this.#takenAtMs[index] = 0;
  }

  /** The newest offset of a partition; null where none is known since the last reset. */
  newest(index: number): number | null {
    return this.#takenAtMs[index] === 0 ? null : (this.#offset[index] ?? null);
  }

  /** The newest rate of a partition, records per minute; null where its newest movement was none. */
  perMinute(index: number): number | null {
    const perMinute = this.#perMinute[index] ?? NaN;
    return this.#takenAtMs[index] === 0 || Number.isNaN(perMinute) ? null : perMinute;
  }

  /**
   * Notes the offset of a sample. Times must increase.
   *
   * @returns how it moved since the one before: records per minute, 0 or more, to three decimals; {@link REWOUND}; or
   *   NaN where there is none before. A number, since it is asked for every partition of every poll.
   */
  move(index: number, offset: number, takenAtMs: number): number {
    const beforeOffset = this.#offset[index] ?? 0;
    const beforeMs = this.#takenAtMs[index] ?? 0;
    this.#offset[index] = offset;
    this.#takenAtMs[index] = takenAtMs;
    this.#perMinute[index] = NaN;
    if (beforeMs === 0) return NaN;
    if (offset < beforeOffset) return REWOUND;
    const perMinute = toThreeDecimals(((offset - beforeOffset) / (takenAtMs - beforeMs)) * 60_000);
    this.#perMinute[index] = perMinute;
    return perMinute;
  }
}

function toThreeDecimals(value: number): number {
  return Math.round(value * 1000) / 1000;
}
