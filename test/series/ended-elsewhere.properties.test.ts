import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createEncoder } from '../../src/records/sample-encoder.ts';
import type { OpenSpan, SampleRecords } from '../../src/records/record.ts';
import { createSeriesBook } from '../../src/series/create-series-book.ts';
import { faultsOf, toSeries } from '../integration/support/series.ts';
import { readWavefrontLine } from '../integration/support/wavefront-reader.ts';
import { linesOf } from '../outbox/sample-of.ts';
import { DEPS, history, OPTIONS, reading, sample, START_MS } from './history.ts';

/** The process stood still for so long, and in the middle of that another one has ended its series. */
const STOOD_STILL_MS = 120_000;

function createLife(options: Partial<typeof OPTIONS> = {}) {
  const encoder = createEncoder({
    prefix: 'burrow',
    naming: 'rainbow',
    tags: {},
    source: 's',
    format: 'wavefront',
  });
  const book = createSeriesBook(DEPS, { ...OPTIONS, ...options });
  const lines: string[] = [];
  let open: readonly OpenSpan[] = [];
  return {
    book,
    lines,
    open: () => open,
    send(records: SampleRecords | null) {
      if (records === null) return;
      lines.push(...linesOf(encoder.encode(records)));
      if (records.spans !== undefined) open = records.spans.open();
    },
    /** What another process says of these spans. */
    end(spans: readonly OpenSpan[], timestampSeconds: number) {
      const records = spans.map(
        ({ subject, metric }) => ({ subject, metric, kind: 'end', value: 0, timestampSeconds }) as const,
      );
      lines.push(...linesOf(encoder.encode({ key: '', cluster: 'prod', takenAtMs: 0, records })));
    },
  };
}

describe('given series that another process ends while this one stands still', () => {
  test('when it goes on, at any place of any history, then every series begins and ends with 0, in time', () => {
    fc.assert(
      fc.property(history, fc.nat(40), fc.boolean(), (steps, stopAt, sharesHosts) => {
        const life = createLife({ sharesHosts });
        let nowMs = START_MS;
        for (const [index, step] of steps.entries()) {
          if (index === stopAt) {
            const atSeconds = Math.floor(nowMs / 1000) + 60;
            life.end(life.open(), atSeconds);
            nowMs += STOOD_STILL_MS;
            life.book.endedElsewhere(atSeconds, () => false);
          }
          nowMs += step.afterMs;
          const group = life.book.group('prod', 'workers');
          if (step.kind === 'gone') life.send(group.gone(nowMs));
          if (step.kind === 'sample') life.send(group.take(sample(nowMs, step.partitions)));
        }
        life.send(life.book.group('prod', 'workers').gone(nowMs + 2000));
        const faults = toSeries(life.lines.map((line) => readWavefrontLine(line))).flatMap((each) =>
          faultsOf(each, false),
        );
        expect(faults).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });

  test('when the zero of the other one is later than the end here, then a new span begins after it', () => {
    const book = createSeriesBook(DEPS, OPTIONS);
    const lagging = [reading({ currentLagRecords: 5 })];
    book.group('prod', 'workers').take(sample(START_MS, lagging));
    const endedSeconds = START_MS / 1000 + 35;
    book.endedElsewhere(endedSeconds, () => false);
    book.group('prod', 'workers').gone(START_MS + 30_000);
    const next = book.group('prod', 'workers').take(sample(START_MS + 60_000, lagging));
    const stamps = next?.records.map(({ timestampSeconds }) => timestampSeconds) ?? [];
    expect(Math.min(...stamps)).toBe(endedSeconds + 1);
  });

  test('when what is open was left alone, then it goes on, and the next sample tells of it', () => {
    const life = createLife();
    const group = life.book.group('prod', 'workers');
    const lagging = [reading({ currentLagRecords: 5 })];
    life.send(group.take(sample(START_MS, lagging)));
    const records = group.take(sample(START_MS + 30_000, [reading({ currentLagRecords: 6 })]));
    expect(records?.spans).toBeUndefined();
    life.book.endedElsewhere(START_MS / 1000 + 60, (...about) => about.join() === 'group,prod,workers');
    const next = group.take(sample(START_MS + 150_000, lagging));
    expect(next?.records.filter(({ kind }) => kind !== 'value')).toEqual([]);
    expect(next?.spans?.opened).toEqual([]);
    expect(next?.spans?.open().map(({ metric }) => metric)).toContain('Lag');
    expect(group.take(sample(START_MS + 180_000, lagging))?.spans).toBeUndefined();
  });

  test('when the next sample has nothing to send, then the one after it tells what is open', () => {
    const book = createSeriesBook(DEPS, OPTIONS);
    const group = book.group('prod', 'workers');
    const take = (seconds: number) =>
      group.take(sample(START_MS + seconds * 1000, [reading({ currentLagRecords: 5 })]));
    take(0);
    book.endedElsewhere(START_MS / 1000, () => true);
    expect(take(30)).toBeNull();
    expect(
      take(60)
        ?.spans?.open()
        .map(({ metric }) => metric),
    ).toContain('Lag');
  });

  test('when it is not known yet what others have ended, then samples are left out', () => {
    let isPaused = true;
    const book = createSeriesBook({ ...DEPS, isPaused: () => isPaused }, OPTIONS);
    const group = book.group('prod', 'workers');
    expect(group.take(sample(START_MS, [reading({ currentLagRecords: 5 })]))).toBeNull();
    isPaused = false;
    expect(group.take(sample(START_MS + 30_000, [reading({ currentLagRecords: 5 })]))).not.toBeNull();
  });
});
