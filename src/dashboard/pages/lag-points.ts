import type { LagPoint } from '../../http/api/contract/group.ts';

/** A line with its gaps, and the zero bounds on it. */
export interface LagLine {
  readonly timesMs: readonly number[];
  /** null: a gap. */
  readonly values: readonly (number | null)[];
  readonly bounds: readonly {
    readonly atMs: number;
    readonly value: number;
    readonly kind: 'start' | 'end';
  }[];
}

/**
 * The line through the points of a total lag. It has a gap between a span's end and the next begin, and where steps
 * are missing: nothing is known there.
 *
 * @param exactFromMs points before it are one a step; null: all are
 * @param gapMs two of those points that are further apart have nothing between them
 */
export function lagLine(points: readonly LagPoint[], exactFromMs: number | null, gapMs: number): LagLine {
  const timesMs: number[] = [];
  const values: (number | null)[] = [];
  const bounds: LagLine['bounds'][number][] = [];
  const add = (atMs: number, value: number | null): void => {
    timesMs.push(atMs);
    values.push(value);
  };
  let lastMs = Infinity;
  for (const [atMs, value, kind] of points) {
    const isOneOfAStep = exactFromMs === null || lastMs < exactFromMs;
    if (isOneOfAStep && atMs - lastMs > gapMs) add(lastMs + 1, null);
    add(atMs, value);
    lastMs = atMs;
    if (kind === 'value') continue;
    bounds.push({ atMs, value, kind });
    if (kind === 'end') add(atMs + 1, null);
  }
  return { timesMs, values, bounds };
}
