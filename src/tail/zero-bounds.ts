import { isMetric, rowOf, type Metric } from '../records/metrics.ts';
import type { TailRecord } from './tail-record.ts';

/** What a 0 is to its series; `bound`: it begins or ends it, and what would tell was not read. */
export type ZeroBound = 'begin' | 'end' | 'bound';

/** Tells zeroes at the ends of series from zeroes in between. It follows the series that it is shown. */
export interface ZeroBounds {
  /**
   * What each of these records is, null for a value. They are to be all that was read at once: what a 0 begins comes right
   * after it.
   */
  mark(records: readonly TailRecord[]): readonly (ZeroBound | null)[];
}

interface Series {
  isOpen: boolean;
  /** Its latest bound. */
  bound: ZeroBound | null;
  boundSeconds: number;
}

/** So many series are remembered. Past them the oldest is forgotten, and its next 0 may be either bound. */
const MOST_SERIES = 100_000;

/** Those of a group that live as long as it does, and may be 0 in between. The status is not: no sample has 0. */
const LIFETIME = /^(totalLag|maxLag\w+)$/;

/** See {@link ZeroBounds}. */
export function createZeroBounds(): ZeroBounds {
  const seen = new Map<string, Series>();

  function seriesOf(key: string): Series | undefined {
    return seen.get(key);
  }

  function remember(key: string, series: Series): void {
    seen.set(key, series);
    if (seen.size <= MOST_SERIES) return;
    for (const oldest of seen.keys()) {
      seen.delete(oldest);
      break;
    }
  }

  /** Of a record of a series that is 0 at its ends alone. */
  function follow(record: TailRecord, key: string, nextValue: number | undefined): ZeroBound | null {
    const series = seriesOf(key);
    if (record.value !== 0) {
      if (series === undefined) remember(key, { isOpen: true, bound: null, boundSeconds: 0 });
      else series.isOpen = true;
      return null;
    }
    const isBegin = series === undefined ? nextValue !== undefined && nextValue !== 0 : !series.isOpen;
    const bound = isBegin ? 'begin' : series === undefined ? 'bound' : 'end';
    const next = { isOpen: false, bound, boundSeconds: record.timestampSeconds } as const;
    if (series === undefined) remember(key, next);
    else Object.assign(series, next);
    return bound;
  }

  /** Of a 0 of any other series: that of the series which begins and ends with it, where that has one at this moment. */
  function boundBeside(record: TailRecord, leader: string): ZeroBound | null {
    const series = record.value === 0 ? seriesOf(leader) : undefined;
    return series?.boundSeconds === record.timestampSeconds ? series.bound : null;
  }

  return {
    mark(records) {
      const keys = records.map(seriesKeyOf);
      const nextValues = followingValues(records, keys);
      // First those that tell for themselves: others look at them, and may stand before them.
      const marks = records.map((record, index) => {
        const { key = '', leader } = keys[index] ?? {};
        return leader === null ? follow(record, key, nextValues[index]) : null;
      });
      return records.map((record, index) => {
        const leader = keys[index]?.leader ?? null;
        return leader === null ? (marks[index] ?? null) : boundBeside(record, leader);
      });
    },
  };
}

interface SeriesKey {
  readonly key: string;
  /** The series that this one begins and ends with, where its own zeroes may be values; null: they are no values. */
  readonly leader: string | null;
}

function seriesKeyOf(record: TailRecord): SeriesKey {
  const { metric, cluster, group, topic, partition, source, tags } = record;
  const key = JSON.stringify([cluster, group, topic, partition, source, ...tags, metric]);
  const known = isMetric(metric) ? metric : null;
  const ridesOn = known === null ? undefined : rowOf(known).ridesOn;
  if (ridesOn !== undefined && !LIFETIME.test(ridesOn)) {
    return { key, leader: JSON.stringify([cluster, group, topic, partition, source, ...tags, ridesOn]) };
  }
  if (!LIFETIME.test(metric)) return { key, leader: null };
  const ofGroup = [...tags].filter(([name]) => !OF_MAX_LAG.has(name));
  const status: Metric = 'status';
  return { key, leader: JSON.stringify([cluster, group, null, null, source, ...ofGroup, status]) };
}

/** Tags that tell which partition of the group has the most lag. */
const OF_MAX_LAG: ReadonlySet<string> = new Set(['topic', 'owner', 'client_id']);

/** The next value of each record's series among the records. */
function followingValues(records: readonly TailRecord[], keys: readonly SeriesKey[]): (number | undefined)[] {
  const next = new Map<string, number>();
  const values: (number | undefined)[] = [];
  for (let index = records.length - 1; index >= 0; index -= 1) {
    const { key = '' } = keys[index] ?? {};
    values[index] = next.get(key);
    next.set(key, records[index]?.value ?? 0);
  }
  return values;
}
