import { compareTwins } from './compare-twins.ts';
import { createHistory, type TwinHistory } from './twin-histories.ts';

/**
 * Tries the histories of these numbers.
 *
 * @returns null where the engine and the machine say the same of all, else a text with a short history that shows the first difference
 */
export function findDifference(from: number, to: number): string | null {
  for (let number = from; number < to; number++) {
    const history = createHistory(number);
    if (compareTwins(history) === null) continue;
    const shortest = shorten(history);
    return JSON.stringify({ number, history: shortest, difference: compareTwins(shortest) }, null, 2);
  }
  return null;
}

/** Leaves out steps while the difference stays. */
function shorten(history: TwinHistory): TwinHistory {
  for (let index = history.steps.length - 1; index >= 0; index--) {
    const shorter = { ...history, steps: history.steps.toSpliced(index, 1) };
    if (compareTwins(shorter) !== null) return shorten(shorter);
  }
  return history;
}
