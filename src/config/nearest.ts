/**
 * The candidate that a person most likely meant by `word`, or null when none is close: at most a third of the
 * letters differ (two letters where the word is short). Upper and lower case count as equal.
 */
export function nearest(word: string, candidates: Iterable<string>): string | null {
  // A word that is longer than every key is no typing error, and comparing it would only take time.
  if (word.length > 100) return null;
  const bound = Math.max(2, Math.floor(word.length / 3));
  let best: string | null = null;
  let bestDistance = bound + 1;
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance && distance < candidate.length) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Insertions, deletions and substitutions that turn one word into the other (Levenshtein). */
function editDistance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const substitution = (previous[column - 1] ?? 0) + (from[row - 1] === to[column - 1] ? 0 : 1);
      current.push(Math.min(substitution, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[to.length] ?? 0;
}
