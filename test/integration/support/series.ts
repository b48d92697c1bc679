import type { ReadRecord } from './wavefront-reader.ts';

/** All records of one series, in the order in which the topic has them. What makes a series is name and tags. */
export interface ReadSeries {
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly points: readonly Point[];
}

export interface Point {
  readonly value: number;
  /** Epoch seconds. */
  readonly timestamp: number;
}

/** Sorts records into their series, as the database of a reader does. */
export function toSeries(records: readonly ReadRecord[]): readonly ReadSeries[] {
  const byIdentity = new Map<string, { name: string; tags: ReadRecord['tags']; points: Point[] }>();
  for (const { name, tags, source, value, timestamp } of records) {
    const identity = JSON.stringify([name, source, Object.entries(tags).sort()]);
    const series = byIdentity.get(identity) ?? { name, tags, points: [] };
    series.points.push({ value, timestamp });
    byIdentity.set(identity, series);
  }
  return [...byIdentity.values()];
}

/** The one series of that name; fails where there is none or, with other tags, a second one. */
export function onlySeries(all: readonly ReadSeries[], name: string): ReadSeries {
  const found = all.filter((series) => series.name === name);
  const [first] = found;
  if (first === undefined || found.length > 1) throw new Error(`${found.length} series named ${name}`);
  return first;
}

/** Whether the newest record leaves the series open, that is: without its zero-end. */
export function isOpen({ points }: ReadSeries): boolean {
  return points.at(-1)?.value !== 0;
}

/** Series that are 0 at their bounds and nowhere else. The rest may be 0 in mid-life, or live with their group. */
const STRICT = /\.Lag$|\.hosts\.|\.offsetRate\.|\.offset$/;

/**
 * What is wrong with a series by the rules that hold for every reader: the first record and the last are 0, time
 * strictly increases, and for strict series a 0 is only ever an end, a start, or one that serves as both.
 *
 * @param mayBeOpen true while the sidecar still runs
 */
export function faultsOf(series: ReadSeries, mayBeOpen: boolean): readonly string[] {
  const { points } = series;
  const what = `${series.name} ${JSON.stringify(series.tags)}: ${points.map(show).join(' ')}`;
  const faults: string[] = [];
  if (points[0]?.value !== 0) faults.push(`begins without a 0: ${what}`);
  if (!mayBeOpen && isOpen(series)) faults.push(`ends without a 0: ${what}`);
  if (points.some(({ timestamp }, index) => timestamp <= (points[index - 1]?.timestamp ?? 0))) {
    faults.push(`time does not increase: ${what}`);
  }
  if (points.some(({ value }) => value < 0)) faults.push(`is negative: ${what}`);
  if (STRICT.test(series.name)) {
    const shape = points.map(({ value }) => (value === 0 ? '0' : 'v')).join('');
    if (!/^(?:0v+)(?:00?v+)*0?$/.test(shape)) faults.push(`has zeroes that bound nothing: ${what}`);
  }
  return faults;
}

function show({ value, timestamp }: Point): string {
  return `${value}@${timestamp}`;
}

/**
 * What a rate per minute comes to in the long run. Each rate is that of the time since the sample before; where a rate
 * stayed the same it was not sent again, and went on until one interval before the next. Counted from the first record,
 * a zero-start, stamped with the sample before.
 */
export function totalOfRates({ points }: ReadSeries, intervalSeconds: number): number {
  return points.reduce((sum, { value, timestamp }, index) => {
    const before = points[index - 1] ?? { value: 0, timestamp };
    const since = timestamp - before.timestamp;
    // Stamps are whole seconds, so that one more is no interval left out.
    const unchanged = since > intervalSeconds + 1 ? since - intervalSeconds : 0;
    return sum + (before.value * unchanged + value * (since - unchanged)) / 60;
  }, 0);
}
