/** What records of one group told of one moment; NaN: none told it. */
export interface RecordedTotals {
  readonly atMs: number;
  readonly totalLagRecords: number;
  /** Burrow's number. 0 is a zero bound: Burrow gives it to no group that it has. */
  readonly status: number;
}

/** What a sample said. NaN: unknown. */
export interface RecalledSample {
  readonly atMs: number;
  readonly totalLagRecords: number;
  /** Burrow's number, 1..6. */
  readonly status: number;
}

/** A point of the total lag as it was emitted. */
export interface RecalledPoint {
  readonly atMs: number;
  readonly value: number;
  readonly kind: 'start' | 'value' | 'end';
}

/** What is known of a group before the start, oldest first. */
export interface RecalledGroup {
  readonly samples: readonly RecalledSample[];
  readonly points: readonly RecalledPoint[];
}

/**
 * The samples behind records, and the points among them. A value that has not changed is not sent at once but with the next
 * sample: where it is missing once, it was as the one before; where it is missing twice, it was not known.
 *
 * @param totals oldest first, one for each moment
 * @param intervalMs between two samples
 */
export function toRecalledGroup(totals: readonly RecordedTotals[], intervalMs: number): RecalledGroup {
  const samples: RecalledSample[] = [];
  const points: RecalledPoint[] = [];
  let before: RecordedTotals | null = null;
  for (const told of totals) {
    const { atMs, totalLagRecords, status } = told;
    const isBound = status === 0 && !(totalLagRecords > 0);
    if (!Number.isNaN(totalLagRecords)) {
      points.push({
        atMs,
        value: totalLagRecords,
        kind: !isBound ? 'value' : before === null ? 'start' : 'end',
      });
    }
    if (isBound) {
      before = null;
      continue;
    }
    const sample: RecalledSample = {
      atMs,
      totalLagRecords: known(totalLagRecords, before?.totalLagRecords),
      status: known(toStatus(status), toStatus(before?.status)),
    };
    const last = samples.at(-1);
    if (before !== null && last !== undefined && isHeldBetween(before.atMs, atMs, intervalMs)) {
      samples.push({ ...last, atMs: (before.atMs + atMs) / 2 });
    }
    samples.push(sample);
    before = told;
  }
  return { samples, points };
}

/** 0 beside a lag is nothing that Burrow says. */
function toStatus(status = NaN): number {
  return status > 0 ? status : NaN;
}

function known(value: number, before = NaN): number {
  return Number.isNaN(value) ? before : value;
}

/** Whether two samples are so far apart that there was one between them of which nothing was sent. */
function isHeldBetween(fromMs: number, toMs: number, intervalMs: number): boolean {
  return toMs - fromMs > 1.5 * intervalMs && toMs - fromMs < 2.5 * intervalMs;
}
