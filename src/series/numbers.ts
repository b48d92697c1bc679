/**
 * Room for so many numbers, all NaN. A plain array of doubles takes eight bytes for each and 48 for itself; a typed array
 * takes 250 for itself, which is more than most groups have to remember.
 */
export function numbersOf(length: number): number[] {
  return new Array<number>(length).fill(NaN);
}

/** A larger copy; what is new is NaN. */
export function enlarge(numbers: readonly number[], length: number): number[] {
  const enlarged = numbersOf(length);
  for (let index = 0; index < numbers.length; index++) enlarged[index] = numbers[index] ?? NaN;
  return enlarged;
}
