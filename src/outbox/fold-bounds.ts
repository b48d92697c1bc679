import { createHash } from 'node:crypto';
import { seriesOfZero } from '../records/series-of-line.ts';
import { keepLines } from './keep-bounds.ts';
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
  /** Of each series, where its last bound stands: sample and line. */
  const lastOf = new Map<string, readonly [sample: number, line: number]>();
  const isFirst = waiting.map(({ sample: { lineEnds } }) => new Uint8Array(lineEnds.length));
  eachLine(waiting, (series, at, line) => {
    const firsts = isFirst[at];
    if (firsts !== undefined && (series === null || !lastOf.has(series))) firsts[line] = 1;
    if (series !== null) lastOf.set(series, [at, line]);
  });
  for (const [at, line] of lastOf.values()) {
    const stays = isFirst[at];
    if (stays !== undefined) stays[line] = 1;
  }
  return waiting.flatMap(({ sample, offeredMs }, at) => {
    const kept = [...(isFirst[at] ?? [])].flatMap((stays, line) => (stays === 1 ? [line] : []));
    if (kept.length === sample.lineEnds.length) return [{ sample, offeredMs }];
    const left = keepLines(sample, kept);
    return left === null ? [] : [{ sample: left, offeredMs }];
  });
}

function eachLine(
  waiting: readonly Waiting[],
  visit: (series: string | null, at: number, line: number) => void,
): void {
  for (const [at, { sample }] of waiting.entries()) {
    let start = 0;
    for (const [line, end] of sample.lineEnds.entries()) {
      const series = seriesOfZero(sample.bytes.toString('utf8', start, end));
      // The text itself would take more room than all the lines.
      visit(series === null ? null : createHash('md5').update(series).digest('base64'), at, line);
      start = end;
    }
  }
}
