const ZERO = 0x30;

/** Writes a number of exactly `width` digits into the place that ends before `end`. Throws for any other number. */
export function writeNumber(bytes: Buffer, end: number, width: number, value: number): void {
  const start = writePadded(bytes, end, width, value);
  if (bytes[start] === ZERO) throw new RangeError(`${value} has not ${width} digits`);
}

/** The same with zeroes in front, for a number that is part of a name. Returns where the place starts. */
export function writePadded(bytes: Buffer, end: number, width: number, value: number): number {
  let rest = value;
  const start = end - width;
  for (let at = end - 1; at >= start; at -= 1) {
    const tenth = Math.floor(rest / 10);
    bytes[at] = ZERO + (rest - tenth * 10);
    rest = tenth;
  }
  if (rest > 0) throw new RangeError(`${value} is wider than ${width} digits`);
  return start;
}
