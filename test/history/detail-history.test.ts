import { describe, expect, test } from 'vitest';
import { createDetailHistory } from '../../src/history/detail-history.ts';
import type { PartitionLag } from '../../src/history/heat-map.ts';

const MINUTE_MS = 60_000;
const START_MS = 28_000_000 * MINUTE_MS;

function given({ groups = 2, partitions = 100 } = {}) {
  const asked: string[] = [];
  let lags: readonly PartitionLag[] = [];
  const history = createDetailHistory(
    {
      lagsOf(_, group) {
        asked.push(group);
        return lags;
      },
    },
    { stepMs: MINUTE_MS, groups, partitions },
  );
  return {
    history,
    asked,
    /** A sample so many minutes after the start, with the lags of topic t's partitions. */
    at: (minute: number, group: string, ...lag: (number | null)[]): void => {
      lags = lag.map((lagRecords, partition) => ({ topic: 't', partition, lagRecords }));
      const total = lag.reduce((sum: number, records) => sum + (records ?? 0), 0);
      history.observe('c', group, total, START_MS + minute * MINUTE_MS);
    },
    heat: (group: string, partition: number, minute: number) => {
      const values = history.find('c', group)?.heat.valuesOf('t', partition, START_MS / MINUTE_MS + minute);
      return values === null || values === undefined ? null : [...values].slice(-3);
    },
    isKept: (group: string) => history.find('c', group) !== null,
    watch: (minute: number, group: string) => history.keep('c', group, START_MS + minute * MINUTE_MS),
  };
}

describe('given groups that lag and groups that do not', () => {
  test('when nobody looks, then only those that lag are kept', () => {
    const { at, isKept, asked } = given();
    at(0, 'calm', 0, 0);
    at(0, 'late', 0, 4);
    expect([isKept('calm'), isKept('late')]).toEqual([false, true]);
    expect(asked).toEqual(['late']);
  });

  test('when someone looks at a calm one, then it is kept from then on', () => {
    const { at, isKept, watch, heat } = given();
    watch(0, 'calm');
    at(0, 'calm', 0, 0);
    expect(isKept('calm')).toBe(true);
    expect(heat('calm', 1, 0)).toEqual([NaN, NaN, 0]);
  });

  test('when it is polled several times a minute, then its partitions are read once', () => {
    const { at, asked, heat } = given();
    for (const minute of [0, 0.5, 1, 1.5]) at(minute, 'late', 1, 100 + minute);
    expect(asked).toEqual(['late', 'late']);
    expect(heat('late', 1, 1)).toEqual([NaN, 100, 101]);
  });

  test('when a lag is unknown, then its heat is and not 0', () => {
    const { at, heat } = given();
    at(0, 'late', 5, null);
    expect(heat('late', 1, 0)).toEqual([NaN, NaN, NaN]);
    expect(heat('late', 2, 0)).toBeNull();
  });
});

describe('given no room for another group', () => {
  test('when one more lags, then those that are there stay', () => {
    const { at, isKept } = given();
    for (const group of ['a', 'b', 'c']) at(0, group, 5);
    expect(['a', 'b', 'c'].map(isKept)).toEqual([true, true, false]);
  });

  test('when the oldest has been calm for an hour, then it makes room', () => {
    const { at, isKept } = given();
    at(0, 'a', 5);
    at(0, 'b', 5);
    at(50, 'b', 5);
    at(59, 'c', 5);
    expect(isKept('c')).toBe(false);
    at(60, 'c', 5);
    expect(['a', 'b', 'c'].map(isKept)).toEqual([false, true, true]);
  });

  test('when someone looks, then the one that was not used for the longest time makes room at once', () => {
    const { at, isKept, watch } = given();
    at(0, 'a', 5);
    at(1, 'b', 5);
    watch(1, 'seen');
    expect(['a', 'b', 'seen'].map(isKept)).toEqual([false, true, true]);
  });
});

describe('given a bound of partitions', () => {
  test('when a group has more, then the first of them are kept and no other group is', () => {
    const { history, at, heat, isKept } = given({ groups: 10, partitions: 3 });
    at(0, 'wide', 1, 2, 3, 4, 5);
    at(0, 'other', 1);
    expect(history.partitions).toBe(3);
    expect(heat('wide', 2, 0)).toEqual([NaN, NaN, 3]);
    expect(heat('wide', 3, 0)).toBeNull();
    expect(isKept('other')).toBe(false);
  });

  test('when the group ends, then there is room again', () => {
    const { history, at, isKept } = given({ groups: 10, partitions: 3 });
    at(0, 'wide', 1, 2, 3);
    history.forget('c', 'wide');
    at(1, 'other', 1);
    expect([history.partitions, isKept('wide'), isKept('other')]).toEqual([1, false, true]);
  });
});

describe('given the points of a group', () => {
  test('when its first lag is emitted before its sample is told, then it is there with its zero-start', () => {
    const { history } = given();
    history.points('c', 'g', [
      { atMs: 1000, value: 0, kind: 'start' },
      { atMs: 2000, value: 9, kind: 'value' },
    ]);
    history.points('c', 'g', [{ atMs: 3000, value: 0, kind: 'end' }]);
    expect(history.find('c', 'g')?.points).toEqual([
      { atMs: 1000, value: 0, kind: 'start' },
      { atMs: 2000, value: 9, kind: 'value' },
      { atMs: 3000, value: 0, kind: 'end' },
    ]);
  });

  test('when there are more than are kept, then the newest stay in order', () => {
    const { history } = given();
    for (let index = 1; index <= 300; index++) {
      history.points('c', 'g', [{ atMs: index * 1000, value: index, kind: 'value' }]);
    }
    const values = history.find('c', 'g')!.points.map(({ value }) => value);
    expect(values).toEqual(Array.from({ length: 128 }, (_, index) => 173 + index));
  });
});

describe('given points from before the start', () => {
  const point = (minute: number, value: number, kind: 'start' | 'value' | 'end' = 'value') => ({
    atMs: START_MS + minute * MINUTE_MS,
    value,
    kind,
  });

  test('when a group lags now, then they come before what it has, and nothing comes twice', () => {
    const { history } = given();
    history.points('c', 'late', [point(0, 0, 'start'), point(1, 5)]);
    history.recall('c', 'late', [point(-2, 0, 'start'), point(-1, 4), point(0, 0, 'end'), point(1, 9)]);
    expect(history.find('c', 'late')?.points).toEqual([
      point(-2, 0, 'start'),
      point(-1, 4),
      point(0, 0, 'start'),
      point(1, 5),
    ]);
  });

  test('when a group lagged then, then it is kept from now on, and one that did not is not', () => {
    const { history, isKept } = given();
    history.recall('c', 'was late', [point(-2, 4), point(-1, 0)]);
    history.recall('c', 'calm', [point(-1, 0)]);
    expect([isKept('was late'), isKept('calm')]).toEqual([true, false]);
  });

  test('when there is no room, then none is kept that lagged then', () => {
    const { history, at, isKept } = given({ groups: 1 });
    at(0, 'late', 4);
    history.recall('c', 'was late', [point(-1, 4)]);
    expect([isKept('late'), isKept('was late')]).toEqual([true, false]);
  });

  test('when there are more than a group may have, then the newest stay', () => {
    const { history, at } = given();
    at(0, 'late', 4);
    history.points('c', 'late', [point(0, 4)]);
    history.recall(
      'c',
      'late',
      Array.from({ length: 500 }, (_, index) => point(index - 500, index)),
    );
    const points = history.find('c', 'late')?.points ?? [];
    expect(points).toHaveLength(128);
    expect([points[0], points.at(-2), points.at(-1)]).toEqual([
      point(-127, 373),
      point(-1, 499),
      point(0, 4),
    ]);
  });
});
