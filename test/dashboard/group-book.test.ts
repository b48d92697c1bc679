import { describe, expect, test } from 'vitest';
import { createGroupBook, type GroupBook } from '../../src/dashboard/live/group-book.ts';
import { countClusters, countStatuses } from '../../src/dashboard/live/group-counts.ts';
import { holdGroups, orderGroups, type GroupFilter } from '../../src/dashboard/live/group-order.ts';
import type { GroupListRow, GroupRow } from '../../src/http/api/contract/groups.ts';

const STEP_MS = 60_000;
const NOW_MS = 100 * STEP_MS;
const ALL: GroupFilter = { cluster: '', statuses: [], search: '', sort: 'worst', isDescending: true };

function rowOf(group: string, change: { readonly [place: number]: unknown } = {}): GroupRow {
  const row: unknown[] = ['main', group, 'OK', 0, 0, 0, true, 10, 10, 3, NOW_MS, NOW_MS - STEP_MS, true];
  for (const [place, value] of Object.entries(change)) row[Number(place)] = value;
  return row as unknown as GroupRow;
}

function bookOf(...rows: readonly GroupRow[]): GroupBook {
  const book = createGroupBook();
  book.load(
    rows.map((row): GroupListRow => [...row, 0, '']),
    NOW_MS,
    STEP_MS,
  );
  return book;
}

function names(book: GroupBook, filter: Partial<GroupFilter> = {}): readonly (string | undefined)[] {
  return [...orderGroups(book, { ...ALL, ...filter })].map((slot) => book.row(slot)?.[1]);
}

describe('given groups in a book', () => {
  const book = bookOf(
    rowOf('b-healthy'),
    rowOf('a-healthy'),
    rowOf('warned', { 2: 'WARN', 3: 5, 4: 2, 5: 60 }),
    rowOf('late', { 2: 'ERR', 3: 10, 4: 900, 5: null, 6: false }),
    rowOf('later', { 0: 'other', 2: 'ERR', 3: 1, 4: 901, 5: null, 6: null }),
    rowOf('unknown', { 2: 'NOTFOUND', 3: null, 4: null, 5: null, 6: null }),
  );

  test('when the worst come first, then by status, time lag and lag, and equal groups by name', () => {
    expect(names(book)).toEqual(['later', 'late', 'warned', 'unknown', 'a-healthy', 'b-healthy']);
  });

  test.each([
    [true, ['late', 'warned', 'later', 'a-healthy', 'b-healthy', 'unknown']],
    [false, ['a-healthy', 'b-healthy', 'later', 'warned', 'late', 'unknown']],
  ])(
    'when they are sorted by lag, descending %s, then unknown values come last',
    (isDescending, expected) => {
      expect(names(book, { sort: 'totalLagRecords', isDescending })).toEqual(expected);
    },
  );

  test('when they are sorted by drain time, then not draining is the longest', () => {
    expect(names(book, { sort: 'drainSeconds', isDescending: true }).slice(0, 2)).toEqual(['late', 'warned']);
  });

  test('when they are filtered, then by cluster, status and a part of the name in upper or lower case', () => {
    expect(names(book, { cluster: 'other' })).toEqual(['later']);
    expect(names(book, { statuses: ['WARN', 'NOTFOUND'] })).toEqual(['warned', 'unknown']);
    expect(names(book, { search: ' LATE' })).toEqual(['later', 'late']);
    expect(names(book, { search: 'OTHER' })).toEqual(['later']);
  });

  test('when statuses are counted, then among the groups that match the rest of the filter', () => {
    expect([...countStatuses(book, { ...ALL, cluster: 'main', statuses: ['OK'] })].sort()).toEqual([
      ['ERR', 1],
      ['NOTFOUND', 1],
      ['OK', 2],
      ['WARN', 1],
    ]);
  });
});

describe('given a book that is kept up to date', () => {
  test('when groups come and go, then it holds the present ones, and their slots are used again', () => {
    const book = bookOf(rowOf('a'), rowOf('b'));
    book.apply({
      nowMs: NOW_MS,
      rows: [rowOf('c'), rowOf('d')],
      gone: [
        ['main', 'a'],
        ['main', 'never-there'],
      ],
    });
    expect(names(book, { sort: 'group', isDescending: false })).toEqual(['b', 'c', 'd']);
    expect(book.size()).toBe(3);
    expect(book.slotOf('main', 'a')).toBeUndefined();
  });

  test('when a row is older than the one in the book, then it is ignored', () => {
    const book = bookOf(rowOf('a', { 3: 7 }));
    book.apply({ nowMs: NOW_MS, rows: [rowOf('a', { 3: 3, 10: NOW_MS - 1 })], gone: [] });
    expect(book.row(book.slotOf('main', 'a')!)?.[3]).toBe(7);
  });

  test('when it has to grow, then no group loses its figures', () => {
    const book = bookOf();
    const rows = Array.from({ length: 500 }, (_, index) => rowOf(`g${index}`, { 3: index }));
    for (const row of rows) book.apply({ nowMs: NOW_MS, rows: [row], gone: [] });
    for (const row of rows) {
      const slot = book.slotOf('main', row[1])!;
      expect(book.numbers('totalLagRecords')[slot]).toBe(row[3]);
      expect(book.spark(slot, NOW_MS).at(-1)).toBe(row[3]);
    }
  });
});

describe('given an order that is held', () => {
  const shown = [rowOf('a', { 3: 30 }), rowOf('gone', { 3: 20 }), rowOf('b', { 3: 10 })];

  test('when figures change and groups come and go, then those that stay keep their places, and new ones are last', () => {
    const book = bookOf(...shown);
    book.apply({
      nowMs: NOW_MS,
      // The first new group takes the slot of the one that is gone.
      rows: [rowOf('new', { 3: 1 }), rowOf('newer', { 3: 99 }), rowOf('b', { 3: 40 })],
      gone: [['main', 'gone']],
    });
    const filter: GroupFilter = { ...ALL, sort: 'totalLagRecords' };
    const held = [...holdGroups(book, filter, shown)].map((slot) => book.row(slot)?.[1]);
    expect(held).toEqual(['a', 'b', 'newer', 'new']);
    expect(names(book, filter)).toEqual(['newer', 'b', 'a', 'new']);
  });

  test('when a group no longer matches the filter, then it is not shown', () => {
    const book = bookOf(rowOf('a', { 2: 'ERR' }), rowOf('b'));
    const filter: GroupFilter = { ...ALL, statuses: ['ERR'] };
    expect([...holdGroups(book, filter, shown)].map((slot) => book.row(slot)?.[1])).toEqual(['a']);
  });
});

describe('given groups of several clusters', () => {
  test('when they are counted, then each cluster has its own figures', () => {
    const book = bookOf(
      rowOf('a', { 3: 5 }),
      rowOf('b', { 2: 'ERR', 3: 7 }),
      rowOf('c', { 3: null }),
      rowOf('d', { 0: 'other' }),
    );
    const { main, other } = Object.fromEntries(countClusters(book));
    expect(main).toMatchObject({ knownGroups: 2, unknownGroups: 1, laggingGroups: 2, lagRecords: 12 });
    expect([...(main?.statuses ?? [])]).toEqual([
      ['OK', 2],
      ['ERR', 1],
    ]);
    expect(other).toMatchObject({ knownGroups: 1, unknownGroups: 0, laggingGroups: 0, lagRecords: 0 });
  });
});

describe('given a spark', () => {
  function sparkOf(spark: string, maxRecords: number): GroupBook {
    const book = createGroupBook();
    book.load([[...rowOf('a'), maxRecords, spark]], NOW_MS, STEP_MS);
    return book;
  }

  test('when it is blank, then there was no lag in the hour; when it is short, then the group is young', () => {
    expect([...sparkOf('', 0).spark(0, NOW_MS)].every(Number.isNaN)).toBe(true);
    expect([...sparkOf('A'.repeat(60), 0).spark(0, NOW_MS)]).toEqual(Array.from({ length: 60 }, () => 0));
    const young = sparkOf('A./', 630).spark(0, NOW_MS);
    expect([...young.slice(-4)]).toEqual([NaN, 0, NaN, 630]);
  });

  test('when samples come, then the newest of a step counts, and older steps move on', () => {
    const book = sparkOf('A/', 63);
    book.apply({ nowMs: NOW_MS, rows: [rowOf('a', { 3: 5, 10: NOW_MS + 1000 })], gone: [] });
    book.apply({ nowMs: NOW_MS, rows: [rowOf('a', { 3: 6, 10: NOW_MS + 2000 })], gone: [] });
    book.apply({ nowMs: NOW_MS, rows: [rowOf('a', { 3: 9, 10: NOW_MS + 2 * STEP_MS })], gone: [] });
    expect([...book.spark(0, NOW_MS + 2 * STEP_MS).slice(-4)]).toEqual([0, 6, NaN, 9]);
  });

  test('when the clock of the reader was hours ahead for a while, then the spark is as before', () => {
    const book = sparkOf('A/', 63);
    book.spark(0, NOW_MS + 100 * STEP_MS);
    book.apply({ nowMs: NOW_MS, rows: [rowOf('a', { 3: 5, 10: NOW_MS + STEP_MS })], gone: [] });
    expect([...book.spark(0, NOW_MS + STEP_MS).slice(-3)]).toEqual([0, 63, 5]);
  });

  test('when no sample comes for an hour, then the spark is empty', () => {
    const book = sparkOf('A/', 63);
    expect([...book.spark(0, NOW_MS + 61 * STEP_MS)].every(Number.isNaN)).toBe(true);
  });
});
