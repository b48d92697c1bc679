const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const DOT = 0x2e;
const MINUS = 0x2d;
const PLUS = 0x2b;
const ZERO = 0x30;
const NINE = 0x39;
const UPPER_E = 0x45;
const LOWER_E = 0x65;
const FIRST_PRINTABLE = 0x20;
const FIRST_NON_ASCII = 0x80;

/** A number with more digits may not be a safe integer. */
const SAFE_DIGITS = 15;

/** How many strings are remembered; a power of two. Topics, owners and client ids recur in every answer. */
const REMEMBERED_STRINGS = 8192;

/** A longer string is left to the general decoder, so that what is remembered is bounded. */
const LONGEST_STRING = 512;

/** Fields whose strings recur from one object of a list to the next. */
const RECURRING_FIELDS = 3;

/** Answers are counted to here, and then anew. */
const LAST_ANSWER = 0x7fff_ffff;

const NOTHING = Buffer.alloc(0);

/** The bytes are not in the one form that is expected. */
export class OtherForm extends Error {}

/**
 * A text to be expected, in steps of eight bytes taken as a double: for printable ASCII two doubles are equal just
 * when their bytes are, since none of them is a zero or no number. The last step overlaps the one before.
 */
export interface Literal {
  readonly bytes: Buffer;
  readonly steps: Float64Array;
}

/** @param text printable ASCII */
export function literal(text: string): Literal {
  const bytes = Buffer.from(text, 'latin1');
  const count = bytes.length < 8 ? 0 : Math.ceil(bytes.length / 8);
  const steps = Float64Array.from({ length: count }, (_, step) =>
    bytes.readDoubleLE(Math.min(step * 8, bytes.length - 8)),
  );
  return { bytes, steps };
}

/**
 * Walks over the bytes of one answer after another. Everything that is not as expected throws {@link OtherForm}; so
 * does whatever would lie beyond the end.
 */
export class AnswerBytes {
  #bytes: Buffer = NOTHING;
  #view: DataView = new DataView(new ArrayBuffer(0));
  #at = 0;
  #answers = 0;

  readonly #strings: string[] = new Array<string>(REMEMBERED_STRINGS).fill('');
  /** In which answer, and where in it, a remembered string was met last. */
  readonly #metIn = new Int32Array(REMEMBERED_STRINGS);
  readonly #metAt = new Int32Array(REMEMBERED_STRINGS);

  // What each recurring field had last, in which answer and where.
  readonly #recurring: string[] = new Array<string>(RECURRING_FIELDS).fill('');
  readonly #recurringIn = new Int32Array(RECURRING_FIELDS);
  readonly #recurringAt = new Int32Array(RECURRING_FIELDS);

  begin(answer: Buffer): void {
    this.#bytes = answer;
    this.#view = new DataView(answer.buffer, answer.byteOffset, answer.byteLength);
    this.#at = 0;
    if (this.#answers === LAST_ANSWER) {
      this.#answers = 0;
      this.#metIn.fill(0);
      this.#recurringIn.fill(0);
    }
    this.#answers++;
  }

  /** Keeps nothing of the answer. */
  end(): void {
    this.#bytes = NOTHING;
  }

  /** The byte that comes next; -1 at the end. */
  next(): number {
    return this.#bytes[this.#at] ?? -1;
  }

  peek(distance: number): number {
    return this.#bytes[this.#at + distance] ?? -1;
  }

  skip(count: number): void {
    this.#at += count;
  }

  expect(wanted: Literal): void {
    if (!this.skipIf(wanted)) throw new OtherForm();
  }

  /** Whether the literal comes next; it is then skipped. */
  skipIf({ bytes: wanted, steps }: Literal): boolean {
    const at = this.#at;
    const length = wanted.length;
    if (at + length > this.#bytes.length) return false;
    if (steps.length === 0) {
      for (let index = 0; index < length; index++)
        if (this.#bytes[at + index] !== wanted[index]) return false;
    } else {
      const last = steps.length - 1;
      for (let step = 0; step < last; step++) {
        if (this.#view.getFloat64(at + 8 * step, true) !== steps[step]) return false;
      }
      if (this.#view.getFloat64(at + length - 8, true) !== steps[last]) return false;
    }
    this.#at = at + length;
    return true;
  }

  expectEnd(): void {
    if (this.#at !== this.#bytes.length) throw new OtherForm();
  }

  /**
   * As `string`, for a field that has mostly the same string as in the object before.
   *
   * @param field 0 to 2
   */
  recurringString(field: number): string {
    const at = this.#at;
    if (this.#recurringIn[field] === this.#answers) {
      const before = this.#recurring[field] ?? '';
      const end = at + before.length;
      if (this.#bytes[end] === QUOTE && this.#areEqual(this.#recurringAt[field] ?? 0, at, before.length)) {
        this.#at = end;
        return before;
      }
    }
    const text = this.string();
    this.#recurring[field] = text;
    this.#recurringIn[field] = this.#answers;
    this.#recurringAt[field] = at;
    return text;
  }

  /** A plain string up to its closing quote, which is left for the literal that follows. */
  string(): string {
    const start = this.#at;
    const hash = this.#toStringEnd();
    const length = this.#at - start;
    if (length > LONGEST_STRING) throw new OtherForm();
    const place = (hash ^ (hash >>> 15)) & (REMEMBERED_STRINGS - 1);
    const remembered = this.#strings[place] ?? '';
    if (remembered.length === length && this.#isRemembered(place, remembered, start)) return remembered;
    const text = this.#bytes.toString('latin1', start, start + length);
    this.#strings[place] = text;
    this.#met(place, start);
    return text;
  }

  /** A plain string that nobody needs. */
  skipString(): void {
    this.#toStringEnd();
  }

  /**
   * A whole number of 0 or more, as JSON has it: no leading zeroes, no sign, no fraction, no exponent. It is put into
   * an array, since a large number that a function returns is an object to the engine, four of them a partition.
   */
  naturalInto(target: Float64Array, index: number): void {
    const bytes = this.#bytes;
    const start = this.#at;
    const lastFour = bytes.length - 4;
    let at = start;
    let value = 0;
    // Four digits at a time: each byte less the code of 0, then pairs, then both pairs together.
    while (at <= lastFour) {
      const four = this.#view.getUint32(at, true) ^ 0x30303030;
      if (((four | (four + 0x06060606)) & 0xf0f0f0f0) !== 0) break;
      const pairs = Math.imul(four, 10) + (four >>> 8);
      value = value * 10_000 + (pairs & 0xff) * 100 + ((pairs >>> 16) & 0xff);
      at += 4;
    }
    let byte = bytes[at] ?? 0;
    while (byte >= ZERO && byte <= NINE) {
      value = value * 10 + (byte - ZERO);
      byte = bytes[++at] ?? 0;
    }
    const digits = at - start;
    if (digits === 0 || digits > SAFE_DIGITS || (digits > 1 && bytes[start] === ZERO)) throw new OtherForm();
    if (byte === DOT || byte === LOWER_E || byte === UPPER_E) throw new OtherForm();
    this.#at = at;
    target[index] = value;
  }

  /** A number of any form, whose value nobody needs. What follows it is checked by the caller. */
  skipNumber(): void {
    const bytes = this.#bytes;
    const start = this.#at;
    let at = start;
    for (let byte = bytes[at] ?? 0; isOfNumber(byte); byte = bytes[++at] ?? 0);
    // Burrow writes a share of 0 to 1; one digit is by far the most frequent and needs no closer look.
    const first = bytes[start] ?? 0;
    const isPlain = at - start === 1 && first >= ZERO && first <= NINE;
    if (!isPlain && !isJsonNumber(bytes, start, at)) throw new OtherForm();
    this.#at = at;
  }

  /** Goes to the closing quote; returns a hash of what lies before it. */
  #toStringEnd(): number {
    const bytes = this.#bytes;
    const lastFour = bytes.length - 4;
    let at = this.#at;
    let hash = 0;
    // Four bytes at a time, as long as each is printable ASCII and neither a quote nor a backslash.
    while (at <= lastFour) {
      const four = this.#view.getUint32(at, true);
      const quotes = four ^ 0x22222222;
      const backslashes = four ^ 0x5c5c5c5c;
      const odd = four | (four - 0x20202020) | (quotes - 0x01010101) | (backslashes - 0x01010101);
      if ((odd & 0x80808080) !== 0) break;
      hash = Math.imul(hash ^ four, 0x9e3779b1);
      hash ^= hash >>> 13;
      at += 4;
    }
    let byte = bytes[at] ?? 0;
    while (byte !== QUOTE) {
      if (byte < FIRST_PRINTABLE || byte >= FIRST_NON_ASCII || byte === BACKSLASH) throw new OtherForm();
      hash = Math.imul(hash ^ byte, 0x9e3779b1);
      byte = bytes[++at] ?? 0;
    }
    this.#at = at;
    return hash;
  }

  /** Whether the bytes from `start` are this string: by what this answer had before, or letter by letter. */
  #isRemembered(place: number, text: string, start: number): boolean {
    if (this.#metIn[place] === this.#answers) {
      return this.#areEqual(this.#metAt[place] ?? 0, start, text.length);
    }
    const bytes = this.#bytes;
    for (let index = 0; index < text.length; index++) {
      if (bytes[start + index] !== text.charCodeAt(index)) return false;
    }
    this.#met(place, start);
    return true;
  }

  #met(place: number, at: number): void {
    this.#metIn[place] = this.#answers;
    this.#metAt[place] = at;
  }

  /** Whether two stretches are the same. The first one must be printable ASCII; see {@link Literal}. */
  #areEqual(first: number, second: number, length: number): boolean {
    const view = this.#view;
    const bytes = this.#bytes;
    let index = 0;
    for (; index + 8 <= length; index += 8) {
      if (view.getFloat64(first + index, true) !== view.getFloat64(second + index, true)) return false;
    }
    for (; index < length; index++) if (bytes[first + index] !== bytes[second + index]) return false;
    return true;
  }
}

function isOfNumber(byte: number): boolean {
  return (
    (byte >= ZERO && byte <= NINE) ||
    byte === DOT ||
    byte === MINUS ||
    byte === PLUS ||
    byte === LOWER_E ||
    byte === UPPER_E
  );
}

function isJsonNumber(bytes: Uint8Array, start: number, end: number): boolean {
  const text = String.fromCharCode(...bytes.subarray(start, Math.min(end, start + 40)));
  return end - start < 40 && /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?$/u.test(text);
}
