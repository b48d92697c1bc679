import { SPARK_GAP, SPARK_LEVELS } from '../http/api/contract/groups.ts';

const STEPS = 60;

/**
 * A spark of the API as one line, the newest step at its right end. A column that stands for several steps shows the
 * highest of them; one without any sample is blank.
 *
 * @param signs ascending: the first for 0, the others share what is above it
 * @param width columns, at most 60 are used
 */
export function sparkText(spark: string, width: number, signs: string): string {
  return drawLevels(readLevels(spark), SPARK_LEVELS.length - 1, width, signs);
}

/**
 * The same of lags by step, oldest first; null is a step without one.
 *
 * @param most the lag that has the highest sign, so that several lines can be compared
 */
export function heatText(
  lags: readonly (number | null)[],
  most: number,
  width: number,
  signs: string,
): string {
  const levels = [...Array<null>(Math.max(0, STEPS - lags.length)).fill(null), ...lags];
  return drawLevels(levels, most, width, signs);
}

function readLevels(spark: string): (number | null)[] {
  const levels = Array.from(spark, (sign) => (sign === SPARK_GAP ? null : SPARK_LEVELS.indexOf(sign)));
  return [...Array<null>(Math.max(0, STEPS - levels.length)).fill(null), ...levels];
}

function drawLevels(levels: readonly (number | null)[], most: number, width: number, signs: string): string {
  const columns = Math.max(0, Math.min(STEPS, width));
  let text = '';
  for (let column = 0; column < columns; column++) {
    const from = Math.floor((column * levels.length) / columns);
    const to = Math.floor(((column + 1) * levels.length) / columns);
    const known = levels.slice(from, to).filter((level) => level !== null);
    text += known.length === 0 ? ' ' : signOf(Math.max(...known), most, signs);
  }
  return text;
}

function signOf(level: number, most: number, signs: string): string {
  if (level <= 0) return signs.charAt(0);
  return signs.charAt(
    Math.min(signs.length - 1, Math.max(1, Math.ceil((level / most) * (signs.length - 1)))),
  );
}
