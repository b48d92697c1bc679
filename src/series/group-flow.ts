import { enlarge, numbersOf } from './numbers.ts';

/**
 * How fast the partitions of one group are consumed and produced to, in sum, at its newest sample. A partition is
 * known by its slot. It also keeps each partition's newest lag, which the speed of producing follows from.
 */
export class GroupFlow {
  /** Records per minute over all partitions with a rate; null where none has one. */
  consumedPerMinute: number | null = null;
  /** The same of what was produced: what was consumed, and what the lag grew by. */
  producedPerMinute: number | null = null;

  /** NaN where unknown. */
  #lagRecords: number[];
  #takenAtMs = 0;
  #beforeMs = 0;

  constructor(capacity: number) {
    this.#lagRecords = numbersOf(capacity);
  }

  grow(capacity: number): void {
    this.#lagRecords = enlarge(this.#lagRecords, capacity);
  }

  /** A new sample begins. Times must increase. */
  begin(takenAtMs: number): void {
    this.#beforeMs = this.#takenAtMs;
    this.#takenAtMs = takenAtMs;
    this.consumedPerMinute = null;
    this.producedPerMinute = null;
  }

  /**
   * One partition of the sample.
   *
   * @param lagRecords null where unknown
   * @param perMinute how fast it is consumed; anything but a number of 0 or more is no rate
   */
  note(slot: number, lagRecords: number | null, perMinute: number): void {
    const beforeRecords = this.#lagRecords[slot] ?? NaN;
    const nowRecords = lagRecords ?? NaN;
    this.#lagRecords[slot] = nowRecords;
    if (!(perMinute >= 0)) return;
    this.consumedPerMinute = (this.consumedPerMinute ?? 0) + perMinute;
    const grownPerMinute = ((nowRecords - beforeRecords) / (this.#takenAtMs - this.#beforeMs)) * 60_000;
    // The end of a log does not go back. Where it seems to, Burrow saw a commit before it saw the records.
    if (!Number.isNaN(grownPerMinute)) {
      this.producedPerMinute = (this.producedPerMinute ?? 0) + Math.max(0, perMinute + grownPerMinute);
    }
  }

  /** The newest lag of a partition that the newest sample named, records; null where unknown. */
  lagRecords(slot: number): number | null {
    const records = this.#lagRecords[slot] ?? NaN;
    return Number.isNaN(records) ? null : records;
  }
}
