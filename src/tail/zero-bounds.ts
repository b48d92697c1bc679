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
  /** Of its latest value. */
  valueSeconds: number;
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

  function remember(key: string, series: Series): void {
    seen.set(key, series);
    if (seen.size <= MOST_SERIES) return;
    for (const oldest of seen.keys()) {
      seen.delete(oldest);
      break;
    }
  }

  function noteValue(key: string, seconds: number): void {
    const series = seen.get(key);
    if (series === undefined) {
      remember(key, { isOpen: true, valueSeconds: seconds, bound: null, boundSeconds: NaN });
    } else Object.assign(series, { isOpen: true, valueSeconds: seconds });
  }

  /** Of a 0 of a series that is 0 at its ends alone. */
  function boundOf(seconds: number, key: string, nextValue: number | undefined): ZeroBound {
    const series = seen.get(key);
    if (series === undefined) {
      const bound = nextValue !== undefined && nextValue !== 0 ? 'begin' : 'bound';
      remember(key, { isOpen: false, valueSeconds: NaN, bound, boundSeconds: seconds });
      return bound;
    }
    // What another series of the group has shown to be open may show its begin only now: that has an earlier time.
    const bound = series.isOpen && !(seconds < series.valueSeconds) ? 'end' : 'begin';
    Object.assign(series, { isOpen: false, bound, boundSeconds: seconds });
    return bound;
  }

  return {
    mark(records) {
      const keys = records.map(seriesKeyOf);
      const nextValues = followingValues(records, keys);
      /** Those of these records, by series and time; others look at them, and may stand before them. */
      const here = new Map<string, ZeroBound>();
      const own = records.map((record, index) => {
        const { key = '', leader = null } = keys[index] ?? {};
        const { value, timestampSeconds } = record;
        if (value !== 0) {
          if (leader === null || !seen.has(leader)) noteValue(leader ?? key, timestampSeconds);
          return null;
        }
        if (leader !== null) return null;
        const bound = boundOf(timestampSeconds, key, nextValues[index]);
        here.set(`${key} ${timestampSeconds}`, bound);
        return bound;
      });

      /** Of a 0 of any other series: that of the series which begins and ends with it, where that has one at this moment. */
      function boundBeside({ value, timestampSeconds }: TailRecord, leader: string): ZeroBound | null {
        if (value !== 0) return null;
        const earlier = seen.get(leader);
        const isThen = earlier?.boundSeconds === timestampSeconds;
        return here.get(`${leader} ${timestampSeconds}`) ?? (isThen ? earlier.bound : null);
      }

      return records.map((record, index) => {
        const leader = keys[index]?.leader ?? null;
        return leader === null ? (own[index] ?? null) : boundBeside(record, leader);
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
