import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { OpenSpan, Record, SampleRecords, Span } from '../../src/records/record.ts';
import { createSeriesBook } from '../../src/series/create-series-book.ts';
import type { SeriesOptions } from '../../src/series/series-options.ts';
import type { GroupSample } from '../../src/series/sample.ts';
import {
  bySeries,
  DEPS,
  history,
  OPTIONS,
  reading,
  sample,
  seriesId,
  START_MS,
  type Step,
} from './history.ts';

const START = START_MS / 1000;

function newBook(options: Partial<SeriesOptions> = {}) {
  return createSeriesBook(DEPS, { ...OPTIONS, ...options });
}

/** What is open after some records by their own account: a value opens what a zero-start does not. */
function openAfter(records: readonly Record[], before: ReadonlySet<string>): Set<string> {
  const open = new Set(before);
  for (const record of records) {
    if (record.kind === 'end') open.delete(seriesId(record));
    else open.add(seriesId(record));
  }
  return open;
}

/** A copy as it comes out of a ledger: nothing is shared with the series that it was made of. */
function asRecovered(spans: readonly Span[], isDoubtful = false): OpenSpan[] {
  const subjects = new Map(spans.map(({ subject }) => [subject, { ...subject, text: null }]));
  return spans.map(({ subject, metric }) => ({ subject: subjects.get(subject)!, metric, isDoubtful }));
}

describe('given any history of a group', () => {
  test('when a sample changes which spans are open, then it names all that are, and what it changed', () => {
    fc.assert(
      fc.property(history, fc.constantFrom(0, 1), fc.boolean(), (steps, confirmZero, sharesHosts) => {
        const book = newBook({ confirmZero, sharesHosts });
        let open = new Set<string>();
        let nowMs = START_MS;
        for (const step of steps) {
          nowMs += step.afterMs;
          const records = take(book, step, nowMs);
          if (records === null) continue;
          const before = open;
          open = openAfter(records.records, before);
          const changed = [...open].some((id) => !before.has(id)) || [...before].some((id) => !open.has(id));
          if (records.spans === undefined) {
            expect(changed).toBe(false);
            continue;
          }
          // A rider whose value is unknown is open, too, though it has no record yet.
          const told = records.spans.open().map(seriesId);
          for (const id of open) expect(told).toContain(id);
          const opened = new Set(records.spans.opened.map(seriesId));
          const closed = new Set(records.spans.closed.map(seriesId));
          for (const id of open) if (!before.has(id)) expect(opened).toContain(id);
          for (const id of before) if (!open.has(id)) expect(closed).toContain(id);
          open = new Set(told);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('when the process is replaced at any moment, then every series still begins and ends with 0', () => {
    fc.assert(
      fc.property(
        history,
        fc.nat(40),
        fc.boolean(),
        fc.boolean(),
        (steps, place, isDoubtful, sharesHosts) => {
          const records: Record[] = [];
          let open: readonly Span[] = [];
          let book = newBook({ sharesHosts });
          let nowMs = START_MS;
          const emit = (emitted: SampleRecords | null): void => {
            if (emitted === null) return;
            records.push(...emitted.records);
            if (emitted.spans !== undefined) open = emitted.spans.open();
          };
          for (const [index, step] of steps.entries()) {
            nowMs += step.afterMs;
            if (index === place) {
              book = newBook({ sharesHosts });
              book.resume(asRecovered(open, isDoubtful), Math.floor(nowMs / 1000) + 1);
            }
            emit(take(book, step, nowMs));
          }
          emit(book.group('prod', 'workers').gone(nowMs));
          for (const series of bySeries(records).values()) {
            let isOpen = false;
            let repeated = 0;
            for (const { kind } of series) {
              if (kind === 'start' && isOpen) repeated += 1;
              if (kind === 'end') expect(isOpen).toBe(true);
              isOpen = kind !== 'end';
            }
            expect(series[0]?.kind).toBe('start');
            expect(isOpen).toBe(false);
            // With doubt a zero-start may come twice.
            expect(repeated).toBeLessThanOrEqual(isDoubtful ? 1 : 0);
            for (const [index, { timestampSeconds }] of series.entries()) {
              if (index > 0) expect(timestampSeconds).toBeGreaterThan(series[index - 1]!.timestampSeconds);
            }
          }
        },
      ),
      { numRuns: 400 },
    );
  });
});

function take(book: ReturnType<typeof newBook>, step: Step, nowMs: number): SampleRecords | null {
  if (step.kind === 'failed') return null;
  if (step.kind === 'gone') return book.group('prod', 'workers').gone(nowMs);
  return book.group('prod', 'workers').take(sample(nowMs, step.partitions));
}

describe('given a partition whose span a former process left open', () => {
  const lagging = (lagRecords: number, owner = '/10.0.0.1') =>
    reading({ currentLagRecords: lagRecords, owner });

  function resumed(isDoubtful: boolean) {
    const before = newBook();
    const left = before.group('prod', 'workers').take(sample(START_MS, [lagging(5)]));
    const book = newBook();
    book.resume(asRecovered(left!.spans!.open(), isDoubtful), START + 31);
    const group = book.group('prod', 'workers');
    return (atMs: number, partitions: GroupSample['partitions']) =>
      (group.take(sample(START_MS + atMs, partitions))?.records ?? [])
        .filter(({ metric }) => metric === 'Lag')
        .map(({ kind, value, timestampSeconds, subject }) => [
          kind,
          value,
          timestampSeconds - START,
          subject.owner,
        ]);
  }

  test('when it still lags, then its value is sent without a second zero-start', () => {
    expect(resumed(false)(60_000, [lagging(7)])).toEqual([['value', 7, 60, '/10.0.0.1']]);
  });

  test('when its zero-start may not have arrived, then it is sent again, later than anything before', () => {
    expect(resumed(true)(60_000, [lagging(7)])).toEqual([
      ['start', 0, 32, '/10.0.0.1'],
      ['value', 7, 60, '/10.0.0.1'],
    ]);
  });

  test.each([false, true])('when its lag is gone, then it ends as any other (doubtful: %s)', (doubtful) => {
    const at = resumed(doubtful);
    expect(at(60_000, [lagging(0)])).toEqual([]);
    expect(at(90_000, [lagging(0)])).toEqual([['end', 0, 60, '/10.0.0.1']]);
  });

  test('when another owner has it, then the old series ends and the new one begins', () => {
    expect(resumed(false)(60_000, [lagging(7, '/10.0.0.2')])).toEqual([
      ['end', 0, 60, '/10.0.0.1'],
      ['start', 0, 32, '/10.0.0.2'],
      ['value', 7, 60, '/10.0.0.2'],
    ]);
  });

  test('when the first sample does not name it, then it ends', () => {
    const other = reading({ partition: 1, currentLagRecords: 0 });
    expect(resumed(false)(60_000, [other])).toEqual([['end', 0, 60, '/10.0.0.1']]);
  });

  test('when a sample is no later than the former process may have sent, then it is left out', () => {
    const at = resumed(false);
    expect(at(32_000, [lagging(7)])).toEqual([]);
    expect(at(33_000, [lagging(7)])).toEqual([['value', 7, 33, '/10.0.0.1']]);
  });
});
