import type { EncodedSample } from '../../src/records/encoded-sample.ts';

/** A sample with these lines (without their `\n`); those that begin with `0` are its zero bounds. */
export function sampleOf(key: string, lines: readonly string[], takenAtMs = 0): EncodedSample {
  const unitEnds = new Uint32Array(lines.length);
  let end = 0;
  for (const [index, line] of lines.entries()) {
    end += Buffer.byteLength(line) + 1;
    unitEnds[index] = end;
  }
  return {
    key,
    cluster: key.split('/')[0] ?? '',
    takenAtMs,
    bytes: Buffer.from(lines.map((line) => `${line}\n`).join('')),
    unitEnds,
    recordCount: lines.length,
    bounds: lines.flatMap((line, index) => (line.startsWith('0') ? [index] : [])),
  };
}

/** The lines of a sample, cut at its line ends and without their `\n`. */
export function linesOf(sample: EncodedSample): string[] {
  let start = 0;
  return Array.from(sample.unitEnds, (end) => {
    const line = sample.bytes.subarray(start, end - 1).toString();
    start = end;
    return line;
  });
}
