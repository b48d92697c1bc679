import { eastAsianWidth } from 'get-east-asian-width';

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });
/** What controls a terminal, turns the direction of text, is invisible, or is not assigned. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Cn}\p{Zl}\p{Zp}]/gu;
/** More marks on one letter than any writing needs: they would reach into the rows above and below. */
const TOO_MANY_MARKS = /(\p{M}{3})\p{M}+/gu;
const NOT_ASCII = /[^\x20-\x7e]/gu;
const PLAIN = /^[\x20-\x7e]*$/;
/** No terminal is wider; what lies in the middle of a longer name is never seen. */
const MOST_CHARACTERS = 1000;

/** A name that is safe for a terminal: what would control it or is not visible becomes `_`; without `isUnicode`, all but ASCII. */
export function showText(text: string, isUnicode: boolean): string {
  const ends =
    text.length > 2 * MOST_CHARACTERS ? text.slice(0, MOST_CHARACTERS) + text.slice(-MOST_CHARACTERS) : text;
  const seen = ends.replace(UNSEEN, '_').replace(TOO_MANY_MARKS, '$1');
  return isUnicode ? seen : seen.normalize('NFC').replace(NOT_ASCII, '_');
}

/** A number or a duration of src/words as terminals show it: without narrow spaces, which some draw as nothing. */
export function plainText(text: string, isUnicode: boolean): string {
  const spaced = text.replaceAll('\u202f', ' ');
  return isUnicode ? spaced : spaced.replaceAll('≥', '>=');
}

/** Cut into lines at its spaces; the last one is clipped where `most` lines do not hold it. */
export function wrapText(text: string, width: number, most: number, ellipsis: string): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line === '' || widthOf(longer) <= width || lines.length === most - 1) line = longer;
    else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line].map((each) => clipText(each, width, ellipsis));
}

/** Whether every terminal agrees on how wide it is. */
export function isPlain(text: string): boolean {
  return PLAIN.test(text);
}

/** Columns that a terminal takes for a text of `showText`. Terminals differ about some emoji; this is the most. */
export function widthOf(text: string): number {
  if (isPlain(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemes.segment(text)) width += widthOfGrapheme(segment);
  return width;
}

/**
 * Exactly this wide: padded, or with the middle left out, since names differ at both ends.
 *
 * @param text of `showText`
 * @param ellipsis one column wide
 */
export function fitText(text: string, width: number, ellipsis: string): string {
  if (isPlain(text)) {
    if (text.length <= width) return text.padEnd(width);
    const end = Math.floor((width - 1) / 2);
    return width < 1
      ? ''
      : `${text.slice(0, width - 1 - end)}${ellipsis}${end === 0 ? '' : text.slice(-end)}`;
  }
  const segments = [...graphemes.segment(text)].map(({ segment }) => segment);
  const whole = widthOf(text);
  if (whole <= width) return text + ' '.repeat(width - whole);
  if (width < 1) return '';
  const end = take(segments.toReversed(), Math.floor((width - 1) / 2));
  const begin = take(segments, width - 1 - Math.floor((width - 1) / 2));
  const gap = ' '.repeat(width - 1 - begin.width - end.width);
  return `${begin.taken.join('')}${ellipsis}${end.taken.toReversed().join('')}${gap}`;
}

/** Cut at its end where it is too long. */
export function clipText(text: string, width: number, ellipsis: string): string {
  if (widthOf(text) <= width) return text;
  const segments = Array.from(graphemes.segment(text), ({ segment }) => segment);
  return take(segments, width - 1).taken.join('') + ellipsis;
}

function take(segments: readonly string[], room: number): { taken: string[]; width: number } {
  const taken: string[] = [];
  let width = 0;
  for (const segment of segments) {
    const next = width + widthOfGrapheme(segment);
    if (next > room) break;
    width = next;
    taken.push(segment);
  }
  return { taken, width };
}

function widthOfGrapheme(segment: string): number {
  if (/^\p{M}/u.test(segment)) return 0;
  if (/^\p{Emoji_Presentation}|\ufe0f/u.test(segment)) return 2;
  return eastAsianWidth(segment.codePointAt(0) ?? 0);
}
