import { enlarge, numbersOf } from './numbers.ts';

/** What {@link OffsetRates.move} says of an offset that went backwards (topic re-created, consumer rewound): no rate. */
export const REWOUND = -1;

// Where the facts of a partition stand, behind its offset.
const NUMBERS = 3;
const TAKEN_AT_MS = 1;
const PER_MINUTE = 2;

/** The latest offset of each of many partitions, for rates over the true time between two samples. */
export class OffsetRates {
  /** Of each partition its offset, when that was, and its rate, NaN where the newest movement was none. */
  #numbers: number[];

  constructor(capacity: number) {
    this.#numbers = numbersOf(capacity * NUMBERS);
    for (let index = 0; index < capacity; index++) this.reset(index);
  }

  grow(capacity: number): void {
    const size = this.#numbers.length / NUMBERS;
    this.#numbers = enlarge(this.#numbers, capacity * NUMBERS);
    for (let index = size; index < capacity; index++) this.reset(index);
  }

  /** Forgets a partition, so that its next offset is a first one. */
  reset(index: number): void {
    this.#numbers[index * NUMBERS + TAKEN_AT_MS] = 0;
  }

  /** The newest offset of a partition; null where none is known since the last reset. */
  newest(index: number): number | null {
    return this.#numbers[index * NUMBERS + TAKEN_AT_MS] === 0
      ? null
      : (this.#numbers[index * NUMBERS] ?? null);
  }

  /** The newest rate of a partition, records per second; null where its newest movement was none. */
  perSecond(index: number): number | null {
    const perMinute = this.#numbers[index * NUMBERS + PER_MINUTE] ?? NaN;
    return this.#numbers[index * NUMBERS + TAKEN_AT_MS] === 0 ? null : toPerSecond(perMinute);
  }

  /**
   * Notes the offset of a sample. Times must increase.
   *
   * @returns how it moved since the one before: records per minute, 0 or more, to three decimals; {@link REWOUND}; or
   *   NaN where there is none before. A number, since it is asked for every partition of every poll.
   */
  move(index: number, offset: number, takenAtMs: number): number {
    const beforeOffset = this.#numbers[index * NUMBERS] ?? 0;
    const beforeMs = this.#numbers[index * NUMBERS + TAKEN_AT_MS] ?? 0;
    this.#numbers[index * NUMBERS] = offset;
    this.#numbers[index * NUMBERS + TAKEN_AT_MS] = takenAtMs;
    this.#numbers[index * NUMBERS + PER_MINUTE] = NaN;
    if (beforeMs === 0) return NaN;
    if (offset < beforeOffset) return REWOUND;
    const perMinute = toThreeDecimals(((offset - beforeOffset) / (takenAtMs - beforeMs)) * 60_000);
    this.#numbers[index * NUMBERS + PER_MINUTE] = perMinute;
    return perMinute;
  }
}

/** A rate for people, to six decimals; null where it is NaN or unknown. Records of the topic have rates per minute. */
export function toPerSecond(perMinute: number | null): number | null {
  if (perMinute === null || Number.isNaN(perMinute)) return null;
  return Math.round((perMinute / 60) * 1e6) / 1e6;
}

function toThreeDecimals(value: number): number {
  return Math.round(value * 1000) / 1000;
}
