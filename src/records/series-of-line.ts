/** In the formats of this package, all that stands before the timestamp of a line whose value is 0. */
const ZERO_AT_A_TIME = / 0 (?=\d)|"value":0,"timestamp":(?=\d)/;

/**
 * What is the same in all zero bounds of one series: the line without its timestamp. Null for a line that is no zero,
 * or of a format that is not known here.
 */
export function seriesOfZero(line: string): string | null {
  const found = ZERO_AT_A_TIME.exec(line);
  if (found === null) return null;
  const start = found.index + found[0].length;
  let end = start;
  while (end < line.length && isDigit(line.charCodeAt(end))) end += 1;
  return line.slice(0, start) + line.slice(end);
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}
