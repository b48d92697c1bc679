import type { StateCounts } from './state-counts.ts';
import type { TwinTable } from './twin-table.ts';

// The numbers that a table of the twin machine has for its events and actions: their places in TWIN_EVENTS
// and TWIN_ACTIONS.
const CHANGED = 0;
const UNCHANGED = 1;
const ZERO = 2;
const LAST_ZERO = 3;
const GONE = 4;
const RESUMED = 6;
const DOUBTED = 7;
const NOTE_FIRST_ZERO = 4;

/** What {@link Twins.feed} and {@link Twins.gone} ask to be written, as bits. */
export const ZERO_START = 1;
export const VALUE = 2;
export const ZERO_END = 8;
/** Beside `VALUE`: it opens a span, and the zero-end before it is the zero-start, too. */
export const REOPENS = 16;

// Where the facts of a series stand, behind its state and its last value.
const BYTES = 2;
const ZEROES = 1;
const NUMBERS = 3;
const FIRST_ZERO_SECONDS = 1;
const LAST_RECORD_SECONDS = 2;

/** How values become events of the twin machine. */
export interface TwinRules {
  /** The twin machine, compiled. */
  readonly table: TwinTable;
  /**
   * `nonZero`: the span lasts while the value is above `zeroTolerance`.
   * `lifetime`: the span lasts as long as the subject lives, zeroes included.
   */
  readonly span: 'nonZero' | 'lifetime';
  /** How many more zeroes confirm the first one; 0 ends the span at once. 0 to 255. */
  readonly confirmZero: number;
  /** A value up to this counts as 0 for the span. */
  readonly zeroTolerance: number;
}

/**
 * The twin machines of many series, each a few numbers in typed arrays. A series is known by its index.
 * Times are whole epoch seconds; the caller sees to it that samples' times strictly increase.
 */
export class Twins {
  /** Stamp of the zero-start or zero-end that the latest call asked for. */
  zeroStartSeconds = 0;
  zeroEndSeconds = 0;

  readonly #rules: TwinRules;
  /** Of each series its state and the zeroes in a row, side by side: a typed array costs more than a few numbers. */
  #bytes: Uint8Array;
  /** Of each series its last value, when its first zero was, and when its last record. */
  #numbers: Float64Array;

  constructor(rules: TwinRules, capacity: number) {
    this.#rules = rules;
    this.#bytes = new Uint8Array(capacity * BYTES);
    this.#numbers = new Float64Array(capacity * NUMBERS);
  }

  /** Makes room for more series; those that exist keep their index and state. */
  grow(capacity: number): void {
    this.#bytes = copyInto(new Uint8Array(capacity * BYTES), this.#bytes);
    this.#numbers = copyInto(new Float64Array(capacity * NUMBERS), this.#numbers);
  }

  /** Makes a series as good as new. `lastRecordSeconds` is when its name and tags last had a record, 0 if never. */
  reset(index: number, lastRecordSeconds: number): void {
    this.#bytes[index * BYTES] = 0;
    this.#bytes[index * BYTES + ZEROES] = 0;
    this.#numbers[index * NUMBERS + LAST_RECORD_SECONDS] = lastRecordSeconds;
  }

  /**
   * Goes on with a span that a former process left open, in a series as good as new.
   *
   * @param isDoubtful whether its zero-start may not have arrived; it is then sent with the next value
   * @param lastRecordSeconds the latest that it can have had a record
   */
  resume(index: number, isDoubtful: boolean, lastRecordSeconds: number): void {
    this.#bytes[index * BYTES] = this.#rules.table.next[isDoubtful ? DOUBTED : RESUMED] ?? 0;
    this.#bytes[index * BYTES + ZEROES] = 0;
    // Other than any value, so that the next one is sent.
    this.#numbers[index * NUMBERS] = NaN;
    this.#numbers[index * NUMBERS + LAST_RECORD_SECONDS] = lastRecordSeconds;
  }

  lastRecordSeconds(index: number): number {
    return this.#numbers[index * NUMBERS + LAST_RECORD_SECONDS] ?? 0;
  }

  /** Where the machine stands: an index of the table's `states`. */
  state(index: number): number {
    return this.#bytes[index * BYTES] ?? 0;
  }

  /** Adds the states of the first `size` series to `counts`. */
  countStates(size: number, counts: StateCounts): void {
    for (let index = 0; index < size; index++) counts.add(this.state(index), 1);
  }

  /** Whether a span is open or ending, so that a zero-end is still owed. */
  isOpen(index: number): boolean {
    return this.#bytes[index * BYTES] !== 0;
  }

  /** Whether the zero-start of the open span may not have arrived, and will be sent again. */
  isDoubtful(index: number): boolean {
    return this.#rules.table.states[this.#bytes[index * BYTES] ?? 0]?.includes('"doubtful') === true;
  }

  /**
   * One known value of one sample; for an unknown value there is nothing to call.
   *
   * @param nowSeconds the sample's time
   * @param beforeSeconds the time of the sample before, or where it would have been
   * @param alsoChanged whether something that rides with the value has changed
   */
  feed(
    index: number,
    value: number,
    nowSeconds: number,
    beforeSeconds: number,
    alsoChanged: boolean,
  ): number {
    const event = this.#classify(index, value, alsoChanged);
    return this.#step(index, event, nowSeconds, beforeSeconds);
  }

  /** The series is no more. A zero-end is stamped later than the last record, whatever the clock says. */
  gone(index: number, nowSeconds: number): number {
    return this.#step(index, GONE, nowSeconds, 0);
  }

  /**
   * Another process has ended the first `size` series with a zero: they are closed, but for those that have a record
   * which is later.
   */
  endedElsewhere(size: number, timestampSeconds: number): void {
    for (let index = 0; index < size; index++) {
      if (!this.isOpen(index) || this.lastRecordSeconds(index) > timestampSeconds) continue;
      this.reset(index, timestampSeconds);
    }
  }

  #classify(index: number, value: number, alsoChanged: boolean): number {
    const rules = this.#rules;
    if (rules.span === 'nonZero' && value <= rules.zeroTolerance) {
      const zeroes = this.#bytes[index * BYTES + ZEROES] ?? 0;
      if (zeroes >= rules.confirmZero) return LAST_ZERO;
      this.#bytes[index * BYTES + ZEROES] = zeroes + 1;
      return ZERO;
    }
    this.#bytes[index * BYTES + ZEROES] = 0;
    if (this.#numbers[index * NUMBERS] === value && !alsoChanged) return UNCHANGED;
    this.#numbers[index * NUMBERS] = value;
    return CHANGED;
  }

  #step(index: number, event: number, nowSeconds: number, beforeSeconds: number): number {
    const { table } = this.#rules;
    const cell = (this.#bytes[index * BYTES] ?? 0) * table.eventCount + event;
    let actions = table.actions[cell] ?? 0;
    this.#bytes[index * BYTES] = table.next[cell] ?? 0;
    if (actions === 0) return 0;

    if (actions & NOTE_FIRST_ZERO) this.#numbers[index * NUMBERS + FIRST_ZERO_SECONDS] = nowSeconds;
    if (actions & ZERO_START) {
      // An earlier zero-end that is as late as this zero-start serves as both bounds.
      if (beforeSeconds > this.lastRecordSeconds(index)) {
        this.zeroStartSeconds = beforeSeconds;
        this.#numbers[index * NUMBERS + LAST_RECORD_SECONDS] = beforeSeconds;
      } else {
        actions = (actions & ~ZERO_START) | REOPENS;
      }
    }
    if (actions & VALUE) this.#numbers[index * NUMBERS + LAST_RECORD_SECONDS] = nowSeconds;
    if (actions & ZERO_END) {
      const firstZeroSeconds = this.#numbers[index * NUMBERS + FIRST_ZERO_SECONDS] ?? nowSeconds;
      this.zeroEndSeconds = Math.max(firstZeroSeconds, this.lastRecordSeconds(index) + 1);
      this.#numbers[index * NUMBERS + LAST_RECORD_SECONDS] = this.zeroEndSeconds;
    }
    return actions & (ZERO_START | VALUE | ZERO_END | REOPENS);
  }
}

function copyInto<T extends Uint8Array | Float64Array>(target: T, source: T): T {
  target.set(source);
  return target;
}
