import { createHash } from 'node:crypto';
import { seriesOfZero } from '../records/series-of-line.ts';
import { keepUnits } from './keep-bounds.ts';
import type { Waiting } from './sample-chunk.ts';

/**
 * Folds the zero bounds of samples that have nothing else left, and between which nothing of their series waits: of
 * each series the first and the last stay. What lay between were spans without a value, and to a reader that is one 0
 * after the other.
 *
 * - If the series is open before these, the first is its end; if it is closed, the first begins a span of no values.
 * - If the series is open after these, the last is its start, and where there is one only, it is end and start in one,
 *   as with the twin machine itself.
 *
 * So each span of which values are left begins and ends with 0, and times still increase.
 *
 * @param waiting in order
 */
export function foldBounds(waiting: readonly Waiting[]): readonly Waiting[] {
  /** Of each series, where its last bound stands: sample and unit. */
  const lastOf = new Map<string, readonly [sample: number, unit: number]>();
  const isFirst = waiting.map(({ sample: { unitEnds } }) => new Uint8Array(unitEnds.length));
  eachUnit(waiting, (series, at, unit) => {
    const firsts = isFirst[at];
    if (firsts !== undefined && (series === null || !lastOf.has(series))) firsts[unit] = 1;
    if (series !== null) lastOf.set(series, [at, unit]);
  });
  for (const [at, unit] of lastOf.values()) {
    const stays = isFirst[at];
    if (stays !== undefined) stays[unit] = 1;
  }
  return waiting.flatMap(({ sample, offeredMs }, at) => {
    const kept = [...(isFirst[at] ?? [])].flatMap((stays, unit) => (stays === 1 ? [unit] : []));
    if (kept.length === sample.unitEnds.length) return [{ sample, offeredMs }];
    const left = keepUnits(sample, kept);
    return left === null ? [] : [{ sample: left, offeredMs }];
  });
}

function eachUnit(
  waiting: readonly Waiting[],
  visit: (series: string | null, at: number, unit: number) => void,
): void {
  for (const [at, { sample }] of waiting.entries()) {
    let start = 0;
    for (const [unit, end] of sample.unitEnds.entries()) {
      const series = seriesOfZero(sample.bytes.toString('utf8', start, end));
      // The text itself would take more room than all the units.
      visit(series === null ? null : createHash('md5').update(series).digest('base64'), at, unit);
      start = end;
    }
  }
}
