import { STEP_BYTES } from './text-pages.ts';

const ZERO = 0x30;
const DOT = 0x2e;
/** Integers below this have at most eight digits. */
const LOWER_HALF = 100_000_000;
const LARGEST_INT32 = 0x7fff_ffff;
/** Up to here a number of tenths is exact enough that its text has no more than one decimal. */
const MOST_TENTHS = 1e15;

/** A larger buffer is not kept for the next sample. */
const MOST_KEPT_BYTES = 4 * 1024 * 1024;

const NOTHING = Buffer.alloc(0);

/**
 * Puts units together as bytes: in the room that it is given, and where that is too small in a buffer of its own, which
 * is used again.
 */
export class ByteWriter {
  #bytes: Buffer = NOTHING;
  #view = viewOf(NOTHING);
  #start = 0;
  #at = 0;
  #own: Buffer = NOTHING;

  /** How many bytes were written since `begin`. */
  get length(): number {
    return this.#at - this.#start;
  }

  /** Whether the room that was given was too small, so that the bytes are to be had from `copyTo` only. */
  get isElsewhere(): boolean {
    return this.#bytes === this.#own;
  }

  /** @param room written to from `used` on, up to seven bytes beyond the last unit included */
  begin({
    buffer,
    view,
    used,
  }: {
    readonly buffer: Buffer;
    readonly view: DataView;
    readonly used: number;
  }): void {
    if (this.#own.length > MOST_KEPT_BYTES) this.#own = NOTHING;
    this.#bytes = buffer;
    this.#view = view;
    this.#start = used;
    this.#at = used;
  }

  /** Sees to it that so many bytes more can be written. */
  reserve(byteLength: number): void {
    if (this.#at + byteLength + STEP_BYTES > this.#bytes.length)
      this.#move(this.length + byteLength + STEP_BYTES);
  }

  /**
   * Writes bytes of a page of texts, eight at a time as a double, the last step over its end. Doubles would be altered
   * only if they were no numbers, which needs bytes that no UTF-8 has.
   */
  text(page: DataView, from: number, to: number): void {
    const view = this.#view;
    let at = this.#at;
    for (let source = from; source < to; source += STEP_BYTES, at += STEP_BYTES) {
      view.setFloat64(at, page.getFloat64(source, true), true);
    }
    this.#at += to - from;
  }

  byte(value: number): void {
    this.#bytes[this.#at++] = value;
  }

  /** Writes a whole number of 64 bits; the nearest one where the value is none. */
  integer(value: number): void {
    if (Number.isSafeInteger(value)) this.number(value);
    else this.#at += this.#bytes.write(nearestInteger(value), this.#at, 'latin1');
  }

  /** Writes what `String(value)` is. */
  number(value: number): void {
    if (value >= 0 && value <= Number.MAX_SAFE_INTEGER) {
      const whole = Math.floor(value);
      if (whole === value) {
        this.#natural(value);
        return;
      }
      const tenths = Math.round(value * 10);
      if (tenths / 10 === value && tenths < MOST_TENTHS) {
        this.#natural(whole);
        this.#bytes[this.#at++] = DOT;
        this.#bytes[this.#at++] = ZERO + (tenths - whole * 10);
        return;
      }
    }
    this.#at += this.#bytes.write(String(value), this.#at, 'latin1');
  }

  /** Copies everything that was written since `begin`. */
  copyTo(target: Buffer, start: number): void {
    this.#bytes.copy(target, start, this.#start, this.#at);
  }

  #natural(value: number): void {
    if (value <= LARGEST_INT32) {
      let digits = 1;
      for (let power = 10; value >= power; power *= 10) digits++;
      this.#digits(value, digits);
      return;
    }
    const upper = Math.floor(value / LOWER_HALF);
    this.#natural(upper);
    this.#digits(value - upper * LOWER_HALF, 8);
  }

  /** The last digits of a number of 31 bits, with leading zeroes. */
  #digits(value: number, count: number): void {
    const bytes = this.#bytes;
    let rest = value | 0;
    for (let at = this.#at + count - 1; at >= this.#at; at--) {
      const next = (rest / 10) | 0;
      bytes[at] = ZERO + rest - next * 10;
      rest = next;
    }
    this.#at += count;
  }

  /** On to a buffer of its own with room for so many bytes and more. */
  #move(byteLength: number): void {
    const written = this.#bytes.subarray(this.#start, this.#at);
    if (this.#own.length < byteLength) this.#own = Buffer.allocUnsafeSlow(2 * byteLength);
    this.#own.set(written);
    this.#bytes = this.#own;
    this.#view = viewOf(this.#own);
    this.#start = 0;
    this.#at = written.length;
  }
}

function nearestInteger(value: number): string {
  const limit = 2 ** 63;
  if (value >= limit) return String(2n ** 63n - 1n);
  return String(BigInt(Math.max(-limit, Math.round(value))));
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
