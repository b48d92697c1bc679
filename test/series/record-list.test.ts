import { describe, expect, test } from 'vitest';
import type { Subject } from '../../src/records/record.ts';
import { RecordLists, type RecordList } from '../../src/series/record-list.ts';
import { Twins, VALUE, ZERO_END, ZERO_START } from '../../src/series/twins.ts';

const twins = new Twins({ span: 'nonZero', confirmZero: 0, zeroTolerance: 0 }, 1);
const subject: Subject = { kind: 'group', cluster: 'c', group: 'g' };

function sampleOf(list: RecordList, values: readonly number[], asked = VALUE) {
  for (const value of values) list.add(asked, twins, subject, 'totalLag', value, 1_700_000_000);
  return list.toSample({ key: 'c/g', cluster: 'c', about: 'group', listOpen: () => undefined }, 0);
}

describe('given lists of records that are used again', () => {
  test('when a sample was released, then the next one has its own records, be they fewer or more', () => {
    const lists = new RecordLists();
    for (const values of [[1, 2, 3], [4], [5, 6, 7, 8], [9, 10]]) {
      const sample = sampleOf(lists.take(), values);
      expect(sample?.records.map(({ value }) => value)).toEqual(values);
      sample?.release?.();
    }
  });

  test('when a sample was not released, then the next one leaves it alone', () => {
    const lists = new RecordLists();
    const first = sampleOf(lists.take(), [1, 2]);
    const second = sampleOf(lists.take(), [3]);
    expect(first?.records.map(({ value }) => value)).toEqual([1, 2]);
    expect(second?.records.map(({ value }) => value)).toEqual([3]);
  });

  test('when a sample opened and closed spans, then it keeps them whatever comes after', () => {
    const lists = new RecordLists();
    const first = sampleOf(lists.take(), [1], ZERO_START | VALUE | ZERO_END);
    first?.release?.();
    const second = sampleOf(lists.take(), [2]);
    expect(first?.spans).toMatchObject({ opened: [{ subject }], closed: [{ subject }] });
    expect(second?.spans).toBeUndefined();
  });

  test('when nothing was added, then there is no sample, and the list serves the next one', () => {
    const lists = new RecordLists();
    const list = lists.take();
    expect(sampleOf(list, [])).toBeNull();
    expect(lists.take()).toBe(list);
  });
});
