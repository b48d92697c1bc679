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

export interface LagLineOptions {
  /** Points before it are one a step; null: all are. */
  readonly exactFromMs: number | null;
  /** Two of those points that are further apart have nothing between them. */
  readonly gapMs: number;
  /** From each of these moments on nobody looked, until the next point. */
  readonly unobservedMs: readonly number[];
}

/**
 * The line through the points of a total lag. It has a gap between a span's end and the next begin, where steps are
 * missing, and where nobody looked: nothing is known there.
 */
export function lagLine(
  points: readonly LagPoint[],
  { exactFromMs, gapMs, unobservedMs }: LagLineOptions,
): LagLine {
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
    const isUnobserved = unobservedMs.some((fromMs) => fromMs >= lastMs && fromMs < atMs);
    if (isUnobserved || (isOneOfAStep && atMs - lastMs > gapMs)) add(lastMs + 1, null);
    add(atMs, value);
    lastMs = atMs;
    if (kind === 'value') continue;
    bounds.push({ atMs, value, kind });
    if (kind === 'end') add(atMs + 1, null);
  }
  return { timesMs, values, bounds };
}
