import { describe, expect, test } from 'vitest';
import { createSeriesBook } from '../../src/series/create-series-book.ts';
import { DEPS, OPTIONS, reading, sample, START_MS } from './history.ts';

function given() {
  const book = createSeriesBook(DEPS, OPTIONS);
  return {
    book,
    take: (group: string, second: number, ...partitions: Parameters<typeof reading>[0][]) =>
      book.group('prod', group).take(sample(START_MS + second * 1000, partitions.map(reading))),
    gone: (group: string, second: number) => book.group('prod', group).gone(START_MS + second * 1000),
    levels: () =>
      [...book.levels()].map(
        ({ cluster, group, topic, partition, lagRecords, committedOffset }) =>
          `${cluster}/${group} ${topic} ${partition}: ${lagRecords} ${committedOffset}`,
      ),
  };
}

describe('given groups with partitions', () => {
  test('when they have had samples, then each partition is at its newest', () => {
    const { take, levels } = given();
    take('one', 0, { partition: 0, currentLagRecords: 5 }, { partition: 1, topic: 'mail' });
    take('other', 3, { partition: 0, currentLagRecords: 9 });
    take('one', 30, { partition: 0, currentLagRecords: 4, endOffset: 210 }, { partition: 1, topic: 'mail' });
    expect(levels()).toEqual([
      'prod/one orders 0: 4 210',
      'prod/one mail 1: 0 200',
      'prod/other orders 0: 9 200',
    ]);
  });

  test('when a figure is not known, then it is null', () => {
    const { take, levels } = given();
    take('one', 0, { endOffset: null, currentLagRecords: null });
    expect(levels()).toEqual(['prod/one orders 0: null null']);
  });

  test('when the newest sample does not name a partition, then it is not there', () => {
    const { take, levels } = given();
    take('one', 0, { partition: 0 }, { partition: 1 });
    take('one', 30, { partition: 1 });
    expect(levels()).toEqual(['prod/one orders 1: 0 200']);
    take('one', 60, { partition: 1 }, { partition: 2 });
    take('one', 90, { partition: 0 }, { partition: 1 }, { partition: 2 });
    expect(levels().sort()).toEqual([
      'prod/one orders 0: 0 200',
      'prod/one orders 1: 0 200',
      'prod/one orders 2: 0 200',
    ]);
  });

  test('when a group is gone, or was never polled, then it has none', () => {
    const { book, take, gone, levels } = given();
    take('one', 0, {});
    gone('one', 30);
    book.group('prod', 'other');
    expect(levels()).toEqual([]);
  });

  test('when a former process left its spans open, then they are no partitions until a sample names them', () => {
    const { book, take, levels } = given();
    const subject = {
      kind: 'partition',
      cluster: 'prod',
      group: 'one',
      topic: 'orders',
      partition: 7,
      text: null,
    } as const;
    book.resume([{ subject, metric: 'Lag', isDoubtful: false }], START_MS / 1000);
    book.group('prod', 'one');
    expect(levels()).toEqual([]);
    take('one', 30, { partition: 0 });
    expect(levels()).toEqual(['prod/one orders 0: 0 200']);
  });

  test('when a former process left the lag of a topic open, then it is unknown, and no 0, until a sample names it', () => {
    const { book, take } = given();
    const subject = {
      kind: 'groupTopic',
      cluster: 'prod',
      group: 'one',
      topic: 'orders',
      text: null,
    } as const;
    book.resume([{ subject, metric: 'topicLag', isDoubtful: false }], START_MS / 1000);
    book.group('prod', 'one');
    expect([...book.topicLevels()]).toEqual([]);
    take('one', 30, { partition: 0, currentLagRecords: 5 });
    expect([...book.topicLevels()]).toEqual([
      { cluster: 'prod', group: 'one', topic: 'orders', lagRecords: 5 },
    ]);
  });

  test('when a sample comes while they are read, then the rest is of that sample', () => {
    const { book, take } = given();
    take('one', 0, { partition: 0 }, { partition: 1, currentLagRecords: 3 }, { partition: 2 });
    const seen: unknown[] = [];
    for (const { partition, lagRecords } of book.levels()) {
      seen.push([partition, lagRecords]);
      if (partition === 0) take('one', 30, { partition: 0 }, { partition: 1, currentLagRecords: 8 });
    }
    expect(seen).toEqual([
      [0, 0],
      [1, 8],
    ]);
  });
});
