import type { SampleRecords } from '../../src/records/record.ts';
import type { GroupSample, TopicSample } from '../../src/series/sample.ts';
import type { GroupSummary, SeriesBook } from '../../src/series/series-book.ts';

/** One call on a series: the sample it took, or its end. */
export type SeriesCall =
  | { readonly key: string; readonly call: 'take'; readonly sample: GroupSample | TopicSample }
  | { readonly key: string; readonly call: 'gone'; readonly nowMs: number }
  | { readonly key: string; readonly call: 'release' };

/** What every sample amounts to. */
export const SUMMARY: GroupSummary = {
  maxLagRecords: 9,
  maxLagSeconds: 4,
  blankOwners: 2,
  consumedPerSecond: 60,
  producedPerSecond: 90,
};

/** A book that writes down what it is given. A sample yields records; an end does when a sample came before it. */
export function createRecordedSeries(): SeriesBook & {
  readonly calls: SeriesCall[];
  /** A total up to this counts as 0, records. */
  toleranceRecords: number;
  /** Samples change nothing. */
  takesNothing: boolean;
} {
  const calls: SeriesCall[] = [];

  function seriesOf(cluster: string, key: string) {
    let open = false;
    return {
      totalLagRecords: ({ totalLagRecords }: GroupSample) =>
        totalLagRecords !== null && totalLagRecords <= book.toleranceRecords ? 0 : totalLagRecords,
      summarise: () => (book.takesNothing ? null : SUMMARY),
      take(sample: GroupSample | TopicSample) {
        open = true;
        calls.push({ key, call: 'take', sample });
        return recordsOf(cluster, key, sample.takenAtMs);
      },
      gone(nowMs: number) {
        calls.push({ key, call: 'gone', nowMs });
        const had = open;
        open = false;
        return had ? recordsOf(cluster, key, nowMs) : null;
      },
      release: () => void calls.push({ key, call: 'release' }),
    };
  }

  const book: ReturnType<typeof createRecordedSeries> = {
    calls,
    toleranceRecords: 0,
    takesNothing: false,
    resume: () => undefined,
    endedElsewhere: () => undefined,
    group: (cluster, group) => seriesOf(cluster, `${cluster}/${group}`),
    topic: (cluster, topic) => seriesOf(cluster, `${cluster}/topic/${topic}`),
  };
  return book;
}

function recordsOf(cluster: string, key: string, takenAtMs: number): SampleRecords {
  return { key, cluster, takenAtMs, records: [] };
}
