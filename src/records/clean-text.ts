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
