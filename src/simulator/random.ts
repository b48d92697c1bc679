/** Gives numbers in [0, 1). */
export type Random = () => number;

/** Mixes 32 bits so that each input bit reaches each output bit (the finaliser of MurmurHash3). */
function mix(bits: number): number {
  let mixed = bits;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** A number in [0, 1) that depends on nothing but the seed and the words. */
export function share(seed: number, ...words: readonly (string | number)[]): number {
  let hash = mix(seed | 0);
  for (const word of words) {
    const text = String(word);
    for (let index = 0; index < text.length; index += 1)
      hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
    hash = mix(hash ^ text.length);
  }
  return mix(hash) / 2 ** 32;
}

/** A repeatable sequence: the n-th call with one seed gives always the same number. */
export function seededRandom(seed: number): Random {
  let calls = 0;
  return () => {
    calls = (calls + 1) | 0;
    return mix(mix(seed | 0) + Math.imul(calls, 0x9e3779b9)) / 2 ** 32;
  };
}

/** A copy in random order. */
export function shuffled<T>(items: Iterable<T>, random: Random): T[] {
  return Array.from(items, (item) => ({ item, rank: random() }))
    .sort((one, other) => one.rank - other.rank)
    .map(({ item }) => item);
}
