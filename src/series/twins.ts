import { enlarge, numbersOf } from './numbers.ts';
import type { TwinRules } from './twin-machine.ts';
import { TWIN_CASES, twinTable, type TwinTable } from './twin-table.ts';

// What can happen to a series: places in TWIN_CASES.
const ZERO = 0;
const LAST_ZERO = 1;
const OTHER_VALUE = 2;
const SAME = 1;
const HAS_ZERO_START = 2;
const GONE = 6;
const RECOVERED = 7;
const DOUBTED = 8;
const ENDED_ELSEWHERE = 9;

// What is to be done: bits by the places in TWIN_ACTIONS.
/** What {@link Twins.feed} and {@link Twins.gone} tell the caller to write. */
export const ZERO_START = 1;
/** Beside `VALUE`: it opens a span, and the zero-end before it is the zero-start, too. */
export const REOPENS = 2;
const NOTE_FIRST_ZERO = 4;
const COUNT_ZERO = 8;
export const ZERO_END = 16;
const NOTE_END_ELSEWHERE = 32;
const NOTE_RECOVERED = 64;
export const VALUE = 128;

// Where the facts of a series stand, behind its last value (NaN where there is none).
const NUMBERS = 4;
const FIRST_ZERO_SECONDS = 1;
const LAST_RECORD_SECONDS = 2;
/** Its state in the lowest byte, its zeroes in a row in the next one. */
const STATE = 3;
const BYTE = 0xff;
const ONE_ZERO = 0x100;

/** How many twin machines stand in each state; index = number of the state in the table. */
export class StateCounts {
  readonly states = twinTable().states;
  readonly counts = new Array<number>(this.states.length).fill(0);

  add(state: number, times: number): void {
    this.counts[state] = (this.counts[state] ?? 0) + times;
  }
}

/**
 * The twin machines of many series: the engine that does what `twinMachine` declares. Each is a few numbers in an
 * array, and is known by its index. Times are whole epoch seconds; samples' times must strictly increase.
 */
export class Twins {
  /** Stamps of the zero-start and the zero-end of the latest call that said so. */
  zeroStartSeconds = 0;
  zeroEndSeconds = 0;

  readonly #table: TwinTable = twinTable();
  readonly #confirmZero: number;
  /** A value up to this counts as 0. */
  readonly #zeroUpTo: number;
  #numbers = numbersOf(0);

  constructor({ span, confirmZero, zeroTolerance }: TwinRules, capacity: number) {
    this.#confirmZero = confirmZero;
    this.#zeroUpTo = span === 'nonZero' ? zeroTolerance : -Infinity;
    this.grow(capacity);
  }

  /** Makes room for more series; those that exist keep their index and state. */
  grow(capacity: number): void {
    const size = this.#numbers.length / NUMBERS;
    this.#numbers = enlarge(this.#numbers, capacity * NUMBERS);
    for (let index = size; index < capacity; index++) this.reset(index, 0);
  }

  /** Begins a series anew. `lastRecordSeconds` is when its name and tags last had a record, 0 if never. */
  reset(index: number, lastRecordSeconds: number): void {
    this.#numbers[index * NUMBERS] = NaN;
    this.#numbers[index * NUMBERS + LAST_RECORD_SECONDS] = lastRecordSeconds;
    this.#numbers[index * NUMBERS + STATE] = 0;
  }

  /**
   * Goes on with a span that a former process left open.
   *
   * @param isDoubtful whether its zero-start may not have arrived; it is then sent with the next value
   * @param lastRecordSeconds the latest that it can have had a record
   */
  resume(index: number, isDoubtful: boolean, lastRecordSeconds: number): void {
    this.reset(index, 0);
    this.#step(index, isDoubtful ? DOUBTED : RECOVERED, NaN, lastRecordSeconds, 0);
  }

  lastRecordSeconds(index: number): number {
    return this.#numbers[index * NUMBERS + LAST_RECORD_SECONDS] ?? 0;
  }

  /** Where the machine stands: an index of the table's `states`. */
  state(index: number): number {
    return (this.#numbers[index * NUMBERS + STATE] ?? 0) & BYTE;
  }

  /** Adds the states of all series to `counts`; there are `live` of them, and unused places stand where they began. */
  countStates(live: number, counts: StateCounts): void {
    const capacity = this.#numbers.length / NUMBERS;
    for (let index = 0; index < capacity; index++) counts.add(this.state(index), 1);
    counts.add(0, live - capacity);
  }

  /** Whether a span is open or ending, so that a zero-end is still owed. */
  isOpen(index: number): boolean {
    return this.state(index) !== 0;
  }

  /** Whether the zero-start of the open span may not have arrived, and will be sent again. */
  isDoubtful(index: number): boolean {
    return this.#table.states[this.state(index)]?.includes('"doubtful') === true;
  }

  /**
   * One known value of one sample. Not to be called for an unknown one.
   *
   * @param nowSeconds the sample's time
   * @param beforeSeconds the time of the sample before, or where it would have been
   * @param alsoChanged whether something else in its records has changed
   * @returns what is to be written, as bits
   */
  feed(
    index: number,
    value: number,
    nowSeconds: number,
    beforeSeconds: number,
    alsoChanged: boolean,
  ): number {
    let what: number;
    if (value <= this.#zeroUpTo) {
      const zeroes = (this.#numbers[index * NUMBERS + STATE] ?? 0) >> 8;
      what = zeroes >= this.#confirmZero ? LAST_ZERO : ZERO;
    } else {
      what = OTHER_VALUE;
      if (value === this.#numbers[index * NUMBERS] && !alsoChanged) what += SAME;
      if (beforeSeconds <= this.lastRecordSeconds(index)) what += HAS_ZERO_START;
    }
    return this.#step(index, what, value, nowSeconds, beforeSeconds);
  }

  /** The series does not exist any more. A zero-end is stamped later than the last record, whatever the clock says. */
  gone(index: number, nowSeconds: number): number {
    return this.#step(index, GONE, NaN, nowSeconds, 0);
  }

  /** Another process has ended all series with a zero; those that have a later record go on. */
  endedElsewhere(timestampSeconds: number): void {
    for (let index = 0; index * NUMBERS < this.#numbers.length; index++) {
      if (this.lastRecordSeconds(index) > timestampSeconds) continue;
      this.#step(index, ENDED_ELSEWHERE, NaN, timestampSeconds, 0);
    }
  }

  #step(index: number, what: number, value: number, nowSeconds: number, beforeSeconds: number): number {
    const at = index * NUMBERS;
    const stateAndZeroes = this.#numbers[at + STATE] ?? 0;
    const cell = (stateAndZeroes & BYTE) * TWIN_CASES.length + what;
    const actions = this.#table.actions[cell] ?? 0;
    const next = this.#table.next[cell] ?? 0;
    let zeroes = stateAndZeroes & ~BYTE;
    if (actions & NOTE_FIRST_ZERO) zeroes = ONE_ZERO;
    if (actions & COUNT_ZERO) zeroes += ONE_ZERO;
    if (actions & VALUE) zeroes = 0;
    this.#numbers[at + STATE] = zeroes | next;
    if (actions === 0) return 0;

    if (actions & ZERO_START) this.zeroStartSeconds = beforeSeconds;
    if (actions & NOTE_FIRST_ZERO) {
      this.#numbers[at] = NaN;
      this.#numbers[at + FIRST_ZERO_SECONDS] = nowSeconds;
    }
    if (actions & ZERO_END) {
      this.zeroEndSeconds = Math.max(
        this.#numbers[at + FIRST_ZERO_SECONDS] ?? nowSeconds,
        this.lastRecordSeconds(index) + 1,
      );
      this.#numbers[at + LAST_RECORD_SECONDS] = this.zeroEndSeconds;
    }
    if (actions & NOTE_END_ELSEWHERE) this.#numbers[at] = NaN;
    if (actions & (NOTE_END_ELSEWHERE | NOTE_RECOVERED)) this.#numbers[at + LAST_RECORD_SECONDS] = nowSeconds;
    if (actions & VALUE) {
      this.#numbers[at] = value;
      this.#numbers[at + LAST_RECORD_SECONDS] = nowSeconds;
    }
    return actions & (ZERO_START | REOPENS | VALUE | ZERO_END);
  }
}
