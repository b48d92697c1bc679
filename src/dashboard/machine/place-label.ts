/** A text on an arrow. */
export interface Label extends Rectangle {
  readonly lines: readonly string[];
}

/** A rectangle, placed by its middle. */
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The height of a line of a label. */
export const LINE_PIXELS = 14;
/** The width of an average capital letter at 11 pixels. */
const LETTER_PIXELS = 7;
/** The most letters in a line. */
const LETTERS = 22;
/** Where on an arrow its label may be, the best place first. */
const PARTS: readonly number[] = [0.5, 0.44, 0.56, 0.38, 0.62, 0.3, 0.7, 0.24, 0.76];

/**
 * Places the label of an arrow where it covers least.
 *
 * @param at the point of the arrow after a part of its length, 0 to 1
 */
export function placeLabel(
  words: readonly string[],
  at: (part: number) => { readonly x: number; readonly y: number },
  taken: readonly Rectangle[],
): Label {
  const lines = fillLines(words);
  const size = {
    width: Math.max(...lines.map(({ length }) => length)) * LETTER_PIXELS + 2 * LETTER_PIXELS,
    height: (lines.length + 0.6) * LINE_PIXELS,
  };
  let best: Rectangle = { ...at(0.5), ...size };
  let least = Infinity;
  for (const part of PARTS) {
    const place: Rectangle = { ...at(part), ...size };
    const covered = taken.reduce((sum, other) => sum + overlap(place, other), 0);
    if (covered >= least) continue;
    best = place;
    least = covered;
  }
  return { ...best, lines };
}

function fillLines(words: readonly string[]): string[] {
  const lines: string[] = [];
  // An event that is too long with its guard has two lines.
  for (const word of words.flatMap((each) => (each.length > LETTERS ? each.split(/ (?=\[)/) : [each]))) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length + 2 <= LETTERS)
      lines[lines.length - 1] = `${last}, ${word}`;
    else lines.push(word);
  }
  return lines;
}

function overlap(a: Rectangle, b: Rectangle): number {
  const width =
    Math.min(a.x + a.width / 2, b.x + b.width / 2) - Math.max(a.x - a.width / 2, b.x - b.width / 2);
  const height =
    Math.min(a.y + a.height / 2, b.y + b.height / 2) - Math.max(a.y - a.height / 2, b.y - b.height / 2);
  return width > 0 && height > 0 ? width * height : 0;
}
