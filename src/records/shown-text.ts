import { createHash } from 'node:crypto';
import { cleanNamePart, cleanText } from './clean-text.ts';

/**
 * Wavefront's decoder refuses a line with a tag whose key and value together have 255 characters or more.
 * Source: com.wavefront.data.Validation, WF-411; characters are UTF-16 units. Telegraf's parser knows no bound.
 */
const MOST_TAG_CHARACTERS = 254;

/**
 * As long as a topic may be. With three such parts, a prefix and a metric a name stays below the 1,024 characters
 * from which on Wavefront's decoder refuses it (WF-408).
 */
const LONGEST_NAME_PART = 249;

/** 64 bits of SHA-256: nobody makes up two texts with the same one in passing. */
const HASH_DIGITS = 16;

/** What a record shows of a text in the tag of that key; '' where it cannot show it at all and leaves the tag out. */
export type ShowTag = (key: string, text: string) => string;

/** A text as JSON shows it. */
export const jsonTag: ShowTag = (_key, text) => cleanText(text);

/**
 * A text as Wavefront's format shows it, such that its readers read it back as it stands here. A backslash as the last
 * character would escape the closing quote and becomes `_`; a blank value, which costs the line, is no value; one that
 * is too long ends in a hash of the whole, so that two long names stay two.
 */
export const wavefrontTag: ShowTag = (key, text) => {
  const clean = shorten(cleanText(text), mostCharacters(key), text);
  if (clean.trim() === '') return '';
  return clean.endsWith('\\') ? `${clean.slice(0, -1)}_` : clean;
};

/** A part of a name in Wavefront's format. */
export function wavefrontNamePart(part: string): string {
  return shorten(cleanNamePart(part), LONGEST_NAME_PART, part);
}

/** Whether a text has too many characters for the tag of that key in Wavefront's format. */
export function isTooLongForTag(key: string, text: string): boolean {
  return text.length > mostCharacters(key);
}

function mostCharacters(key: string): number {
  return MOST_TAG_CHARACTERS - key.length;
}

function shorten(clean: string, most: number, whole: string): string {
  if (clean.length <= most) return clean;
  const hash = createHash('sha256').update(whole).digest('hex').slice(0, HASH_DIGITS);
  let end = Math.max(0, most - HASH_DIGITS - 1);
  const isHighSurrogate = (clean.charCodeAt(end - 1) & 0xfc00) === 0xd800;
  if (isHighSurrogate) end--;
  return `${clean.slice(0, end)}-${hash}`;
}
