import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createEncoder } from '../../src/records/sample-encoder.ts';
import type { SampleRecords } from '../../src/records/record.ts';
import { createSeriesBook } from '../../src/series/create-series-book.ts';
import { PartitionSlots } from '../../src/series/partition-slots.ts';
import { RecordLists } from '../../src/series/record-list.ts';
import { SeriesTags } from '../../src/series/series-tags.ts';
import { DEPS, OPTIONS, reading, START_MS } from './history.ts';

const MAX_PARTITION = 2 ** 31 - 1;
const POLL_MS = 30_000;

function createBook() {
  return createSeriesBook(DEPS, {
    intervalMs: POLL_MS,
    confirmZero: 1,
    zeroTolerance: 0,
    seriesTags: { owner: true, clientId: true },
    maxLagTag: 'topic',
    sharesHosts: false,
  });
}

const encoder = createEncoder({
  prefix: 'burrow',
  naming: 'rainbow',
  format: 'wavefront',
  source: 'host-1',
  tags: {},
});

/** Value and timestamp of each line, as strictly as the narrowest reader would read them. */
function numbersIn(sample: SampleRecords | null): [string, string][] {
  if (sample === null) return [];
  const lines = encoder.encode(sample).bytes.toString().trimEnd().split('\n');
  return lines.map((line) => {
    const match = /^\S+ (\d+(?:\.\d+)?) (\d{1,12}) source=/.exec(line);
    if (match === null) throw new Error(`no plain numbers in: ${line}`);
    return [match[1]!, match[2]!];
  });
}

describe('given partition ids from all over the range', () => {
  const tags = new SeriesTags({ ...DEPS, options: OPTIONS, lists: new RecordLists() }, 'prod', 'billing');

  test('when they are the largest there are, then no room is made for those between', () => {
    const slots = new PartitionSlots(tags);
    const before = process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
    for (let index = 0; index < 1000; index++) {
      expect(slots.claim('orders', MAX_PARTITION - index * 1_000_000, '', '')).toBe(index);
    }
    const after = process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
    expect(after - before).toBeLessThan(50_000_000);
    expect(slots.find('orders', MAX_PARTITION)).toBe(0);
    expect(slots.find('orders', MAX_PARTITION - 1)).toBe(-1);
    slots.release(0);
    expect(slots.find('orders', MAX_PARTITION)).toBe(-1);
    expect(slots.claim('orders', 0, '', '')).toBe(0);
  });

  test('when 100,000 lie as far apart as an array would just bear, then memory follows their number', () => {
    const slots = new PartitionSlots(tags);
    const before = process.memoryUsage().heapUsed;
    for (let index = 0; index < 100_000; index++) slots.claim('orders', index * 1000, '', '');
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(200_000_000);
    expect(slots.find('orders', 99_999_000)).toBe(99_999);
  });

  test('when a group consumes them, then each has its own series', () => {
    const group = createBook().group('prod', 'billing');
    const partitions = [0, 1023, 1_000_000, MAX_PARTITION].map((partition) =>
      reading({ partition, currentLagRecords: 5 }),
    );
    const sample = group.take({ takenAtMs: START_MS, status: 1, totalLagRecords: 20, partitions });
    const seen = sample?.records.flatMap(({ metric, kind, subject }) =>
      metric === 'Lag' && kind === 'value' ? [subject.partition] : [],
    );
    expect(seen).toEqual([0, 1023, 1_000_000, MAX_PARTITION]);
  });
});

describe('given any numbers that Burrow may send', () => {
  const natural = fc.oneof(
    fc.maxSafeNat(),
    fc.nat(10),
    fc.constantFrom(0, 1, Number.MAX_SAFE_INTEGER, Date.UTC(9999, 11, 31), START_MS),
  );
  const orUnknown = fc.option(natural);
  const partitions = fc.uniqueArray(
    fc.record({
      partition: fc.oneof(fc.nat(3), fc.constant(MAX_PARTITION)),
      startOffset: orUnknown,
      startTimestampMs: orUnknown,
      startLagRecords: orUnknown,
      endOffset: orUnknown,
      endTimestampMs: orUnknown,
      endLagRecords: orUnknown,
      currentLagRecords: orUnknown,
    }),
    { selector: ({ partition }) => partition, maxLength: 4 },
  );
  const polls = fc.array(
    fc.record({ partitions, totalLagRecords: orUnknown, offsets: fc.array(orUnknown, { maxLength: 4 }) }),
    { maxLength: 8 },
  );

  test('when they become series, then every line has plain numbers, and times of ours', () => {
    fc.assert(
      fc.property(polls, (history) => {
        const book = createBook();
        const group = book.group('prod', 'billing');
        const topic = book.topic('prod', 'orders');
        history.forEach((poll, index) => {
          const takenAtMs = START_MS + index * POLL_MS;
          const taken = [
            topic.take({ takenAtMs, offsets: poll.offsets }),
            group.take({
              takenAtMs,
              status: 1,
              totalLagRecords: poll.totalLagRecords,
              partitions: poll.partitions.map((facts) => reading(facts)),
            }),
          ];
          for (const [value, seconds] of taken.flatMap(numbersIn)) {
            expect(Number(value)).toBeLessThan(1e21);
            // A zero-end may be stamped with a first zero of long ago, where it was unknown since.
            expect(Number(seconds)).toBeGreaterThanOrEqual((START_MS - POLL_MS) / 1000);
            expect(Number(seconds)).toBeLessThanOrEqual(takenAtMs / 1000 + 1);
          }
        });
        const endMs = START_MS + history.length * POLL_MS;
        for (const [value] of [group.gone(endMs), topic.gone(endMs)].flatMap(numbersIn))
          expect(value).toBe('0');
      }),
      { numRuns: 500 },
    );
  });
});

describe('given as many partitions as an answer may have', () => {
  test('when a group of 200,000 lags and goes, then each of its spans begins and ends', () => {
    const group = createBook().group('prod', 'billing');
    const partitions = Array.from({ length: 200_000 }, (_, partition) =>
      reading({ partition, currentLagRecords: 7 }),
    );
    const totalLagRecords = 1_400_000;
    const first = group.take({ takenAtMs: START_MS, status: 1, totalLagRecords, partitions });
    const last = group.gone(START_MS + POLL_MS);
    const count = (sample: SampleRecords | null, kind: string): number =>
      sample?.records.filter((record) => record.metric === 'Lag' && record.kind === kind).length ?? 0;
    expect([count(first, 'start'), count(first, 'value'), count(last, 'end')]).toEqual([
      200_000, 200_000, 200_000,
    ]);
  });
});
