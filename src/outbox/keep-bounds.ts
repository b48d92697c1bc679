import { countRecords, type EncodedSample } from '../records/encoded-sample.ts';

/**
 * What is left of a sample that must be dropped: its zero bounds, in their order, under the same key.
 * Null when it has none. The units are copied, so that nothing keeps the dropped sample's memory alive.
 */
export function keepBounds(sample: EncodedSample): EncodedSample | null {
  return keepUnits(sample, sample.bounds);
}

/** The same with these of its units, which must hold zero bounds, in their order. */
export function keepUnits(sample: EncodedSample, units: readonly number[]): EncodedSample | null {
  const { unitEnds, unitRecords } = sample;
  if (units.length === 0) return null;
  const pieces: Buffer[] = [];
  const keptEnds = new Uint32Array(units.length);
  let keptBytes = 0;
  for (const [place, unit] of units.entries()) {
    const start = unit === 0 ? 0 : (unitEnds[unit - 1] ?? 0);
    const piece = sample.bytes.subarray(start, unitEnds[unit]);
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
    unitEnds: keptEnds,
    recordCount: countRecords(sample, units),
    ...(unitRecords !== undefined && {
      unitRecords: Uint32Array.from(units, (unit) => unitRecords[unit] ?? 0),
    }),
    bounds: units.map((_, place) => place),
    ...(sample.spans !== undefined && { spans: sample.spans }),
    ...(sample.place !== undefined && { place: sample.place }),
  };
}
