import { SPARK_GAP, SPARK_LEVELS } from './contract/groups.ts';

const HIGHEST = SPARK_LEVELS.length - 1;
const LEVELS = Buffer.from(SPARK_LEVELS, 'latin1');
const GAP = SPARK_GAP.charCodeAt(0);

/**
 * An hour of lag as text, see `groupListRow`. What is above 0 is drawn above 0, however small.
 *
 * @param steps lag at each step, oldest first; NaN without a sample
 */
export function sparkOf(steps: Float64Array): { readonly maxRecords: number; readonly text: string } {
  let maxRecords = 0;
  let first = -1;
  for (let index = 0; index < steps.length; index++) {
    const records = steps[index] ?? NaN;
    if (Number.isNaN(records)) continue;
    if (first < 0) first = index;
    if (records > maxRecords) maxRecords = records;
  }
  if (maxRecords === 0) return { maxRecords, text: '' };
  const letters = Buffer.allocUnsafe(steps.length - first);
  for (let index = first; index < steps.length; index++) {
    const records = steps[index] ?? NaN;
    letters[index - first] = Number.isNaN(records) ? GAP : letterOf(records, maxRecords);
  }
  return { maxRecords, text: letters.toString('latin1') };
}

function letterOf(records: number, maxRecords: number): number {
  const level = records > 0 ? Math.max(1, Math.round((records / maxRecords) * HIGHEST)) : 0;
  return LEVELS[level] ?? GAP;
}
