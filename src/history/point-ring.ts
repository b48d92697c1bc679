/** What a point is: the zero bounds of a span, or what a sample said. */
export type PointKind = 'start' | 'value' | 'end';

/** One point of a series as it was emitted. */
export interface Point {
  readonly atMs: number;
  readonly value: number;
  readonly kind: PointKind;
}

/** Points that are kept: an hour of one every 30 s, and some. */
export const MOST_POINTS = 128;

const KINDS: readonly PointKind[] = ['start', 'value', 'end'];

/** The newest {@link MOST_POINTS} points of one series: 17 bytes each. */
export class PointRing {
  readonly #timesMs = new Float64Array(MOST_POINTS);
  readonly #values = new Float64Array(MOST_POINTS);
  readonly #kinds = new Uint8Array(MOST_POINTS);
  #count = 0;

  add({ atMs, value, kind }: Point): void {
    const place = this.#count % MOST_POINTS;
    this.#timesMs[place] = atMs;
    this.#values[place] = value;
    this.#kinds[place] = KINDS.indexOf(kind);
    this.#count += 1;
  }

  /** Puts older points before those that are here, as far as there is room. @param earlier oldest first */
  prepend(earlier: readonly Point[]): void {
    const all = [...earlier, ...this.points()].slice(-MOST_POINTS);
    this.#count = 0;
    for (const point of all) this.add(point);
  }

  /** Oldest first. */
  points(): Point[] {
    const points: Point[] = [];
    for (let index = Math.max(0, this.#count - MOST_POINTS); index < this.#count; index++) {
      const place = index % MOST_POINTS;
      points.push({
        atMs: this.#timesMs[place] ?? 0,
        value: this.#values[place] ?? 0,
        kind: KINDS[this.#kinds[place] ?? 1] ?? 'value',
      });
    }
    return points;
  }
}
