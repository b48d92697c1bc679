import { describe, expect, test } from 'vitest';
import type { Record } from '../../src/records/record.ts';
import { createSeriesBook } from '../../src/series/create-series-book.ts';
import { DEPS, OPTIONS, reading, sample, START_MS } from './history.ts';

function given() {
  const rewinds: number[] = [];
  const book = createSeriesBook({ ...DEPS, countRewind: (_, times) => rewinds.push(times) }, OPTIONS);
  const topic = book.topic('prod', 'orders');
  const records: Record[] = [];
  return {
    book,
    rewinds,
    at: (second: number, ...offsets: (number | null)[]) =>
      records.push(...(topic.take({ takenAtMs: START_MS + second * 1000, offsets })?.records ?? [])),
    gone: (second: number) => records.push(...(topic.gone(START_MS + second * 1000)?.records ?? [])),
    sent: (metric: string, partition = 0) =>
      records
        .filter((r) => r.metric === metric && r.subject.partition === partition)
        .map((r) => `${r.timestampSeconds - START_MS / 1000} ${r.value} ${r.kind}`),
  };
}

describe('given a topic', () => {
  test('when it is produced to, then its offset and its rate are sent, each from 0 to 0', () => {
    const { at, gone, sent } = given();
    at(0, 100);
    at(20, 110);
    at(50, 110);
    at(80, 110);
    gone(100);
    expect(sent('offset')).toEqual([
      '-30 0 start',
      '0 100 value',
      '20 110 value',
      '80 110 value',
      '100 0 end',
    ]);
    expect(sent('offsetRate')).toEqual(['0 0 start', '20 30 value', '50 0 end']);
  });

  test('when a partition is unknown, then it is left out and its rate spans the gap', () => {
    const { at, sent } = given();
    at(0, 100, 7);
    at(30, null, 7);
    at(60, 160, 7);
    expect(sent('offsetRate')).toEqual(['30 0 start', '60 60 value']);
    expect(sent('offset', 1)).toEqual(['-30 0 start', '0 7 value', '60 7 value']);
  });

  test('when it is re-created, then no rate is negative and its partitions that are no more end', () => {
    const { at, sent, rewinds } = given();
    at(0, 1000, 1000);
    at(30, 5);
    at(60, 35);
    expect(sent('offsetRate')).toEqual(['30 0 start', '60 60 value']);
    expect(sent('offset', 1)).toEqual(['-30 0 start', '0 1000 value', '30 0 end']);
    expect(rewinds).toEqual([1]);
  });

  test("when a group lags on it, then lag in seconds comes from the topic's own history", () => {
    const { book, at } = given();
    at(0, 0);
    at(30, 300);
    const lagging = reading({ endOffset: 150, currentLagRecords: 150, endTimestampMs: null });
    const taken = sample(START_MS + 30_000, [lagging]);
    const sent = book.group('prod', 'workers').take(taken)?.records;
    expect(sent?.find((r) => r.metric === 'lagSeconds' && r.kind === 'value')?.value).toBe(15);
    expect(book.group('prod', 'workers').summarise(taken)).toEqual({
      maxLagRecords: 150,
      maxLagSeconds: 15,
      blankOwners: 0,
      consumedPerSecond: null,
      producedPerSecond: null,
    });
  });

  test('when it was gone and comes back, then ages are not measured on its former log', () => {
    const { book, at, gone } = given();
    at(0, 0);
    at(30, 300);
    gone(60);
    at(120, 310);
    const unknown = { startTimestampMs: null, endTimestampMs: null };
    const lagging = reading({ ...unknown, endOffset: 150, currentLagRecords: 160 });
    const sent = book.group('prod', 'workers').take(sample(START_MS + 120_000, [lagging]))?.records;
    expect(sent?.filter((r) => r.metric === 'lagSeconds').map((r) => r.kind)).toEqual(['start']);
  });

  test('when a topic of the same name lives in another cluster, then its history is not taken', () => {
    const { book, at } = given();
    at(0, 0);
    at(30, 300);
    const unknown = { startTimestampMs: null, endTimestampMs: null };
    const lagging = reading({ ...unknown, endOffset: 150, currentLagRecords: 150 });
    const sent = book.group('test', 'workers').take(sample(START_MS + 30_000, [lagging]))?.records;
    expect(sent?.filter((r) => r.metric === 'lagSeconds').map((r) => r.kind)).toEqual(['start']);
  });
});
