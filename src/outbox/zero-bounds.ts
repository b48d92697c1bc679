import { createHash } from 'node:crypto';
import { countRecords, type EncodedSample } from '../records/encoded-sample.ts';
import { seriesOfZeroes } from '../records/formats/formats.ts';

/** A sample that waits, and since when, milliseconds since the epoch. */
export interface Waiting {
  readonly sample: EncodedSample;
  readonly offeredMs: number;
}

/**
 * What is left of a sample that must be dropped: its zero bounds, in their order, under the same key.
 * Null when it has none. The units are copied, so that nothing keeps the dropped sample's memory alive.
 */
export function keepBounds(sample: EncodedSample): EncodedSample | null {
  return keepUnits(sample, sample.bounds);
}

/** The same with these of its units, which must hold zero bounds, in their order. */
function keepUnits(sample: EncodedSample, units: readonly number[]): EncodedSample | null {
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

/**
 * Folds the zero bounds of samples that were reduced to them: of the zeroes of a series with no value between them the
 * first and the last stay. What lay between were spans without a value, and to a reader that is one 0 after the other.
 *
 * - If the series is open before these, the first is its end; if it is closed, the first begins a span of no values.
 * - If the series is open after these, the last is its start, and where there is one only, it is end and start in one,
 *   as with the twin machine itself.
 *
 * A unit that holds a value stays, and with it the nearest zeroes of its key on both sides. So each span of which values
 * are left begins and ends with its own 0, and times still increase.
 *
 * @param waiting in order
 */
export function foldBounds(waiting: readonly Waiting[]): readonly Waiting[] {
  return foldEach(waiting).filter((left) => left !== null);
}

/** The same: what is left of each of them, or null for nothing. */
export function foldEach(waiting: readonly Waiting[]): readonly (Waiting | null)[] {
  const staying = waiting.map(({ sample: { unitEnds } }) => new Uint8Array(unitEnds.length));
  const stay = (at: number, unit: number): void => void staying[at]?.fill(1, unit, unit + 1);
  /** By key: of each series its last zero since the last value of the key, sample and unit. */
  const lastZeroes = new Map<string, Map<string, readonly [at: number, unit: number]>>();
  eachUnit(waiting, (series, at, unit) => {
    const key = waiting[at]?.sample.key ?? '';
    const ofKey = lastZeroes.get(key);
    if (series === null || ofKey?.has(series) !== true) stay(at, unit);
    if (series === null) {
      for (const last of ofKey?.values() ?? []) stay(...last);
      lastZeroes.delete(key);
    } else if (ofKey === undefined) lastZeroes.set(key, new Map([[series, [at, unit]]]));
    else ofKey.set(series, [at, unit]);
  });
  for (const ofKey of lastZeroes.values()) for (const last of ofKey.values()) stay(...last);
  return waiting.map(({ sample, offeredMs }, at) => {
    const kept = [...(staying[at] ?? [])].flatMap((stays, unit) => (stays === 1 ? [unit] : []));
    if (kept.length === sample.unitEnds.length) return { sample, offeredMs };
    const left = keepUnits(sample, kept);
    return left === null ? null : { sample: left, offeredMs };
  });
}

function eachUnit(
  waiting: readonly Waiting[],
  visit: (series: string | null, at: number, unit: number) => void,
): void {
  for (const [at, { sample }] of waiting.entries()) {
    let start = 0;
    for (const [unit, end] of sample.unitEnds.entries()) {
      const series = seriesOfZeroes(sample.bytes.toString('utf8', start, end));
      // The text itself would take more room than all the units.
      visit(series === null ? null : createHash('md5').update(series).digest('base64'), at, unit);
      start = end;
    }
  }
}
