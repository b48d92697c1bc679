import { createHash } from 'node:crypto';

/**
 * What no line can carry or no eye can trust: control characters (newline among them), line and paragraph
 * separators, the marks that turn the direction of text around, and lone surrogates, which are no text at all.
 */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/** Replaces each unprintable character by `_`; everything else stays true. */
export function cleanText(text: string): string {
  return text.replace(UNPRINTABLE, '_');
}

const NOT_IN_A_NAME = /[^-_.a-zA-Z0-9]/gu;

/** Replaces each character that a metric name may not have by `_`. */
export function cleanNamePart(part: string): string {
  return part.replace(NOT_IN_A_NAME, '_');
}

/** 64 bits of SHA-256: nobody makes up two texts with the same one in passing. */
const HASH_DIGITS = 16;

/**
 * A text of no more than `most` characters. One that is too long ends in a hash of the whole, so that two stay two.
 *
 * @param clean what is to be shown of `whole`
 */
export function shorten(clean: string, most: number, whole: string): string {
  if (clean.length <= most) return clean;
  const hash = createHash('sha256').update(whole).digest('hex').slice(0, HASH_DIGITS);
  let end = Math.max(0, most - HASH_DIGITS - 1);
  const isHighSurrogate = (clean.charCodeAt(end - 1) & 0xfc00) === 0xd800;
  if (isHighSurrogate) end--;
  return `${clean.slice(0, end)}-${hash}`;
}
