import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Record } from '../../src/records/record.ts';
import type { GroupSample } from '../../src/series/sample.ts';
import type { SeriesOptions } from '../../src/series/series-options.ts';
import { bySeries, history, OPTIONS, replay } from './history.ts';

const LIFETIME = new Set([
  'totalLag',
  'status',
  'maxLagPartitionID',
  'maxLagCurrentLag',
  'maxLagStartOffset',
  'maxLagEndOffset',
]);

const options: fc.Arbitrary<SeriesOptions> = fc.record({
  intervalMs: fc.constant(30_000),
  confirmZero: fc.constantFrom(0, 1, 1, 2),
  zeroTolerance: fc.constantFrom(0, 0, 5),
  seriesTags: fc.record({ owner: fc.boolean(), clientId: fc.boolean() }),
  maxLagTag: fc.constantFrom('topic', 'owner'),
  sharesHosts: fc.boolean(),
});

/** The sum of a sample, where each lag up to the tolerance counts as 0; where it is not known, what Burrow says. */
function totalOf({ partitions, totalLagRecords }: GroupSample, { zeroTolerance }: SeriesOptions) {
  const count = (lag: number): number => (lag > zeroTolerance ? lag : 0);
  const lags = partitions.flatMap(({ currentLagRecords }) => currentLagRecords ?? []);
  const isKnown = partitions.every((each) => each.currentLagRecords !== null || each.endOffset === null);
  if (lags.length === 0 || !isKnown) return count(totalLagRecords ?? NaN);
  return lags.map(count).reduce((sum, lag) => sum + lag, 0);
}

/** The same of one topic; null where the sample does not name it, or one of its lags is not known. */
function topicLagOf(
  { partitions }: GroupSample,
  topic: string | undefined,
  { zeroTolerance }: SeriesOptions,
): number | null {
  const own = partitions.filter((each) => each.topic === topic);
  const isKnown = own.every((each) => each.currentLagRecords !== null || each.endOffset === null);
  if (own.length === 0 || !isKnown) return null;
  const counted = own.map(({ currentLagRecords }) => currentLagRecords ?? 0);
  return counted.filter((lag) => lag > zeroTolerance).reduce((sum, lag) => sum + lag, 0);
}

function holds(check: (records: readonly Record[], options: SeriesOptions) => void): void {
  fc.assert(
    fc.property(history, options, (steps, chosen) => {
      for (const records of bySeries(replay(steps, chosen).records).values()) check(records, chosen);
    }),
    { numRuns: 400 },
  );
}

describe('given any history of a group, ended by a stop', () => {
  test('when a reader looks at a series, then its spans begin and end with 0 and none is open', () => {
    holds((records) => {
      let isOpen = false;
      let hasZeroBefore = false;
      for (const { kind, value } of records) {
        if (kind === 'start') {
          expect(isOpen).toBe(false);
          expect(value).toBe(0);
          isOpen = true;
        } else if (kind === 'end') {
          expect(isOpen).toBe(true);
          expect(value).toBe(0);
          isOpen = false;
          hasZeroBefore = true;
        } else if (!isOpen) {
          // The zero-end before serves as this span's start, too.
          expect(hasZeroBefore).toBe(true);
          isOpen = true;
        }
      }
      expect(records[0]?.kind).toBe('start');
      expect(isOpen).toBe(false);
    });
  });

  test('when a zero-end serves as a start, then no sample lies between it and the value', () => {
    fc.assert(
      fc.property(history, options, (steps, chosen) => {
        const { records, samples } = replay(steps, chosen);
        const seconds = samples.map(({ takenAtMs }) => Math.floor(takenAtMs / 1000));
        for (const series of bySeries(records).values()) {
          for (const [index, record] of series.entries()) {
            const before = series[index - 1];
            if (record.kind !== 'value' || before?.kind !== 'end') continue;
            const between = seconds.filter(
              (second) => second > before.timestampSeconds && second < record.timestampSeconds,
            );
            expect(between.length).toBe(0);
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  test('when a reader looks at a series, then its timestamps strictly increase', () => {
    holds((records) => {
      for (const [index, record] of records.entries()) {
        expect(Number.isInteger(record.timestampSeconds)).toBe(true);
        if (index > 0) {
          expect(record.timestampSeconds).toBeGreaterThan(records[index - 1]!.timestampSeconds);
        }
      }
    });
  });

  test('when a value is 0, then it is a bound or the series lives as long as its group', () => {
    holds((records) => {
      for (const { kind, metric, value } of records) {
        expect(Number.isFinite(value)).toBe(true);
        if (kind !== 'value') expect(value).toBe(0);
        else if (['Lag', 'topicLag', 'hosts'].includes(metric)) expect(value).toBeGreaterThan(0);
      }
    });
  });

  test('when a lag is sent, then a sample said so at that time', () => {
    fc.assert(
      fc.property(history, options, (steps, chosen) => {
        const { records, samples } = replay(steps, chosen);
        for (const { kind, metric, subject, value, timestampSeconds } of records) {
          if (kind !== 'value') continue;
          const behind = samples.filter((taken) => Math.floor(taken.takenAtMs / 1000) === timestampSeconds);
          expect(behind.length).toBeGreaterThan(0);
          if (metric === 'totalLag') {
            expect(behind.map((taken) => totalOf(taken, chosen))).toContain(value);
          }
          if (metric === 'topicLag') {
            expect(behind.map((taken) => topicLagOf(taken, subject.topic, chosen))).toContain(value);
          }
          if (metric === 'Lag') {
            const lags = behind.flatMap(({ partitions }) =>
              partitions.filter((p) => p.topic === subject.topic && p.partition === subject.partition),
            );
            expect(lags.map(({ currentLagRecords }) => currentLagRecords)).toContain(value);
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  test('when a span is open and samples arrive, then of two samples that count one is sent', () => {
    fc.assert(
      fc.property(history, options, (steps, chosen) => {
        // Without owners as tags, and with every sample a second apart, a partition is one series.
        const plain = { ...chosen, seriesTags: { owner: false, clientId: false } };
        const { records, samples } = replay(steps, plain);
        for (const series of bySeries(records).values()) {
          const { subject, metric } = series[0]!;
          if (metric !== 'Lag' && metric !== 'topicLag') continue;
          const lagIn = (taken: GroupSample): number | null =>
            metric === 'topicLag'
              ? topicLagOf(taken, subject.topic, plain)
              : (taken.partitions.find((p) => p.topic === subject.topic && p.partition === subject.partition)
                  ?.currentLagRecords ?? null);
          for (const [index, record] of series.entries()) {
            const after = series[index + 1];
            if (after === undefined || record.kind === 'end') continue;
            let counting = 0;
            let latest = 0;
            for (const taken of samples) {
              const second = Math.floor(taken.takenAtMs / 1000);
              if (second === latest) continue;
              latest = second;
              if (second <= record.timestampSeconds || second >= after.timestampSeconds) continue;
              const lag = lagIn(taken);
              if (lag !== null && lag > (metric === 'Lag' ? plain.zeroTolerance : 0)) counting++;
            }
            expect(counting).toBeLessThanOrEqual(1);
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  test('when the same samples are replayed, then the same records come out', () => {
    fc.assert(
      fc.property(history, options, (steps, chosen) => {
        const emitted = () =>
          replay(steps, chosen).emitted.map(({ records, spans }) => ({ records, spans: spans?.open() }));
        expect(emitted()).toEqual(emitted());
      }),
      { numRuns: 100 },
    );
  });

  test('when records of one partition go out, then lag and offsets keep company', () => {
    holds((records) => {
      const { metric } = records[0]!;
      if (metric === 'hosts' || metric === 'topicLag' || LIFETIME.has(metric)) return;
      expect(['Lag', 'startOffset', 'endOffset', 'lagSeconds']).toContain(metric);
    });
    fc.assert(
      fc.property(history, (steps) => {
        const { records } = replay(steps, OPTIONS);
        const at = (metric: string): string[] =>
          records
            .filter((record) => record.metric === metric)
            .map(
              (r) =>
                `${r.subject.topic ?? ''}/${String(r.subject.partition)} ${r.kind} ${r.timestampSeconds}`,
            );
        expect(at('startOffset')).toEqual(at('Lag'));
        expect(at('endOffset')).toEqual(at('Lag'));
      }),
      { numRuns: 100 },
    );
  });
});
