import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foldBounds, keepBounds } from '../../src/outbox/zero-bounds.ts';
import type { EncodedSample } from '../../src/records/encoded-sample.ts';
import { FORMAT_NAMES, readUnit } from '../../src/records/formats/formats.ts';
import { createEncoder } from '../../src/records/sample-encoder.ts';
import { history, OPTIONS, replay } from '../series/history.ts';
import { linesOf } from './sample-of.ts';

interface Point {
  readonly value: number;
  readonly at: number;
}

/** The points of each series that is 0 at its bounds and nowhere else. */
function pointsOf(samples: readonly EncodedSample[]): ReadonlyMap<string, readonly Point[]> {
  const all = new Map<string, Point[]>();
  for (const { name, tags, value, timestampSeconds } of samples.flatMap(linesOf).flatMap(readUnit)) {
    if (!/\.Lag$|\.hosts\./.test(name)) continue;
    const series = JSON.stringify([name, ...tags]);
    all.set(series, [...(all.get(series) ?? []), { value, at: timestampSeconds }]);
  }
  return all;
}

/** Where the nearest zeroes before and after a point are. */
function boundsAround(points: readonly Point[], { at }: Point): readonly (number | undefined)[] {
  return [
    points.findLast((each) => each.value === 0 && each.at < at)?.at,
    points.find((each) => each.value === 0 && each.at > at)?.at,
  ];
}

describe('given the samples of any history of a group, some of which have to be dropped', () => {
  test.each(FORMAT_NAMES)(
    'when their bounds are kept and folded in the format %s, then every value that is left has its own zeroes',
    (format) => {
      const encoder = createEncoder({ prefix: 'burrow', naming: 'rainbow', tags: {}, source: 's', format });
      fc.assert(
        fc.property(
          history,
          fc.nat(40),
          fc.nat(40),
          fc.constantFrom(0, 1),
          (steps, one, other, confirmZero) => {
            const samples = replay(steps, { ...OPTIONS, confirmZero }).emitted.map((each) =>
              encoder.encode(each),
            );
            const [from, to] = [Math.min(one, other), Math.max(one, other)];
            const reduced = samples.slice(from, to).flatMap((each) => keepBounds(each) ?? []);
            const folded = foldBounds(reduced.map((each) => ({ sample: each, offeredMs: 0 })));
            const left = [
              ...samples.slice(0, from),
              ...folded.map((each) => each.sample),
              ...samples.slice(to),
            ];
            const offered = pointsOf(samples);
            for (const [series, points] of pointsOf(left)) {
              for (const [index, point] of points.entries()) {
                expect(point.at).toBeGreaterThan(points[index - 1]?.at ?? 0);
                if (point.value !== 0)
                  expect(boundsAround(points, point)).toEqual(boundsAround(offered.get(series) ?? [], point));
              }
            }
          },
        ),
        { numRuns: 300 },
      );
    },
  );
});
