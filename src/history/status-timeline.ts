/** Burrow's number of a status, 0 to 6; null: it gave a word that is not known here. */
export type StatusNumber = number | null;

/** From a moment on a group had a status; `unobserved`: from then on nobody looked. */
export interface StatusPoint {
  readonly atMs: number;
  readonly status: StatusNumber | 'unobserved';
}

/** One status gave way to another, as two successive good samples told. */
export interface StatusChange {
  readonly from: StatusNumber;
  readonly to: StatusNumber;
  readonly atMs: number;
  /** How long it had been `from`, milliseconds. */
  readonly lastedMs: number;
  /** false: it had been so for longer, but how long is not known. */
  readonly isLastedExact: boolean;
}

/** Points that are kept of one group at most; of more the oldest are forgotten. */
export const MOST_STATUS_POINTS = 60;

/**
 * Since when a group has its status, and which ones it had before. Until the status changes for the first time this is
 * next to no memory, whatever the number of samples.
 */
export class StatusTimeline {
  /** When the status began; where that is not exact, the earliest moment at which it is known to have been so. */
  sinceMs: number;
  /** Whether another status is known to have come just before. */
  isExact = false;
  status: StatusNumber;
  /** What came before the status, oldest first; null: nothing is known. */
  #before: StatusPoint[] | null = null;

  /** The first sample. */
  constructor(status: StatusNumber, atMs: number) {
    this.status = status;
    this.sinceMs = atMs;
  }

  /**
   * Another sample. Times must not decrease.
   *
   * @param keepMs for how long a status is remembered after its end
   * @param unobservedFromMs the sample before it, where that is so long ago that the status may have changed and changed
   *   back: then it is not known when the status began
   * @returns the change, where it is one
   */
  observe(
    status: StatusNumber,
    atMs: number,
    keepMs: number,
    unobservedFromMs: number | null = null,
  ): StatusChange | null {
    if (status === this.status && unobservedFromMs === null) return null;
    const { status: from, sinceMs, isExact } = this;
    this.#before = [
      ...recent(this.#before ?? [], atMs - keepMs, sinceMs),
      { atMs: sinceMs, status: from },
      ...(unobservedFromMs === null ? [] : [{ atMs: unobservedFromMs, status: 'unobserved' as const }]),
    ].slice(1 - MOST_STATUS_POINTS);
    this.status = status;
    this.sinceMs = atMs;
    this.isExact = unobservedFromMs === null;
    if (status === from) return null;
    const lastedMs = (unobservedFromMs ?? atMs) - sinceMs;
    return { from, to: status, atMs, lastedMs, isLastedExact: isExact && this.isExact };
  }

  /**
   * Puts what is known from elsewhere before what was observed.
   *
   * @param earlier oldest first; what is not before the first sample is left out. Where nobody looked between its end and
   *   the first sample, it ends with an `unobserved`
   * @returns the change that the only status that was observed turns out to be
   */
  recall(earlier: readonly StatusPoint[]): StatusChange | null {
    const observed = [...(this.#before ?? []), { atMs: this.sinceMs, status: this.status }];
    const firstMs = observed[0]?.atMs ?? this.sinceMs;
    const all: StatusPoint[] = [];
    for (const point of [...earlier.filter(({ atMs }) => atMs < firstMs), ...observed]) {
      if (all.at(-1)?.status !== point.status) all.push(point);
    }
    const current = all.pop();
    if (current === undefined) return null;
    const [beforeThat, before] = [all.at(-2), all.at(-1)];
    this.sinceMs = current.atMs;
    this.isExact = isStatus(before);
    this.#before = all.length === 0 ? null : all.slice(1 - MOST_STATUS_POINTS);
    if (!isStatus(before) || observed.length > 1 || current.atMs < firstMs) return null;
    const lastedMs = firstMs - before.atMs;
    return {
      from: before.status,
      to: this.status,
      atMs: firstMs,
      lastedMs,
      isLastedExact: isStatus(beforeThat),
    };
  }

  /** From the status at `fromMs`, or the first one that is known, to the present one; oldest first. */
  pointsFrom(fromMs: number): StatusPoint[] {
    return [...recent(this.#before ?? [], fromMs, this.sinceMs), { atMs: this.sinceMs, status: this.status }];
  }
}

/**
 * The statuses that samples told, as {@link StatusTimeline.recall} takes them.
 *
 * @param samples oldest first; NaN: the status is not known
 * @param untilMs the first sample after them
 * @param mostGapMs where there was no sample for longer, nobody looked
 */
export function toStatusPoints(
  samples: readonly { readonly atMs: number; readonly status: number }[],
  untilMs: number,
  mostGapMs: number,
): StatusPoint[] {
  const points: StatusPoint[] = [];
  let beforeMs = NaN;
  const passTo = (atMs: number): void => {
    if (atMs - beforeMs > mostGapMs) points.push({ atMs: beforeMs, status: 'unobserved' });
    beforeMs = atMs;
  };
  for (const { atMs, status } of samples) {
    if (Number.isNaN(status) || atMs >= untilMs) continue;
    passTo(atMs);
    if (points.at(-1)?.status !== status) points.push({ atMs, status });
  }
  passTo(untilMs);
  return points;
}

function isStatus(point: StatusPoint | undefined): point is StatusPoint & { readonly status: StatusNumber } {
  return point !== undefined && point.status !== 'unobserved';
}

/** Those whose status had not ended before `fromMs`. @param nextMs when the last of them ended */
function recent(points: readonly StatusPoint[], fromMs: number, nextMs: number): readonly StatusPoint[] {
  const first = points.findIndex((_, index) => (points[index + 1]?.atMs ?? nextMs) > fromMs);
  return first < 0 ? [] : points.slice(first);
}
