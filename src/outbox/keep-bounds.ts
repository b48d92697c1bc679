import type { EncodedSample } from '../records/encoded-sample.ts';

/**
 * What is left of a sample that must be dropped: its zero bounds, in their order, under the same key.
 * Null when it has none. The lines are copied, so that nothing keeps the dropped sample's memory alive.
 */
export function keepBounds(sample: EncodedSample): EncodedSample | null {
  return keepLines(sample, sample.bounds);
}

/** The same with these of its lines, which must be zero bounds, in their order. */
export function keepLines(sample: EncodedSample, lines: readonly number[]): EncodedSample | null {
  const { lineEnds } = sample;
  if (lines.length === 0) return null;
  const pieces: Buffer[] = [];
  const keptEnds = new Uint32Array(lines.length);
  let keptBytes = 0;
  for (const [place, line] of lines.entries()) {
    const start = line === 0 ? 0 : (lineEnds[line - 1] ?? 0);
    const piece = sample.bytes.subarray(start, lineEnds[line]);
    pieces.push(piece);
    keptBytes += piece.length;
    keptEnds[place] = keptBytes;
  }
  // Not from Buffer's shared pool: these few bytes may wait for long and would hold a pool slab each.
  const bytes = Buffer.allocUnsafeSlow(keptBytes);
  let offset = 0;
  for (const piece of pieces) offset += piece.copy(bytes, offset);
  return {
    key: sample.key,
    cluster: sample.cluster,
    takenAtMs: sample.takenAtMs,
    bytes,
    lineEnds: keptEnds,
    bounds: lines.map((_, place) => place),
    ...(sample.spans !== undefined && { spans: sample.spans }),
    ...(sample.place !== undefined && { place: sample.place }),
  };
}
