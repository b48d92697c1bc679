const COMMA = 0x2c;
const OPENING_BRACKET = 0x5b;
const OPENING_BRACE = 0x7b;

/** A smaller answer cannot hold enough to hurt. */
const SMALL_BYTES = 1024 * 1024;

/** An answer about 200,000 partitions has 600,000 objects. */
const MAX_OPENINGS = 1_000_000;

/** The same answer has 3,400,000 values. */
const MAX_VALUES = 5_000_000;

/**
 * Whether JSON of so many bytes would become more than any answer of Burrow's does. `JSON.parse` makes up to 30 bytes
 * out of one: 64 MB of `{},{},…` or of `[[[[…` end the whole process, and nothing can be caught. What stands within
 * strings is counted too, which only makes the bound a little lower.
 */
export function hasTooManyParts(answer: Uint8Array): boolean {
  if (answer.length <= SMALL_BYTES) return false;
  let openings = 0;
  let values = 0;
  for (const byte of answer) {
    if (byte === COMMA) values += 1;
    else if (byte === OPENING_BRACE || byte === OPENING_BRACKET) openings += 1;
  }
  return openings > MAX_OPENINGS || values > MAX_VALUES;
}
