import { describe, expect, test } from 'vitest';
import { hasArrived, lastPlaceOf, readMark, writeMark } from '../../src/ledger/delivery-mark.ts';
import { sampleOf } from '../outbox/sample-of.ts';

const last = { store: 'disk', life: 3, index: 5 };
const mark = readMark(writeMark({ place: last }));

describe('given how far deliveries have come', () => {
  test('when it is written, then it is read back', () => {
    const transaction = { process: 'p', batch: 7 };
    expect(readMark(writeMark({ place: last, transaction }))).toEqual({ v: 1, place: last, transaction });
  });

  test.each([undefined, '', '{', 'null', '1', '{"v":2}', '{}'])(
    'when it is %j, then it says nothing',
    (value) => {
      expect(readMark(value)).toBeNull();
    },
  );

  test.each([
    [{ ...last }, true],
    [{ ...last, index: 4 }, true],
    [{ ...last, index: 6 }, false],
    [{ ...last, life: 2, index: 9 }, true],
    [{ ...last, life: 4, index: 1 }, false],
    [{ ...last, store: 'another' }, false],
    [undefined, false],
  ])('when a sample stands at %j, then that it has arrived is %s', (place, arrived) => {
    expect(hasArrived(place, mark)).toBe(arrived);
  });

  test('when nothing is known of it, then nothing has arrived', () => {
    expect(hasArrived(last, null)).toBe(false);
    expect(hasArrived(last, readMark(writeMark({})))).toBe(false);
  });

  test('when samples have arrived, then the last of them that has a place tells how far', () => {
    const plain = sampleOf('c/g', ['a 1']);
    const first = { ...plain, place: { ...last, index: 1 } };
    expect(lastPlaceOf([first, { ...plain, place: last }, plain])).toEqual(last);
    expect(lastPlaceOf([plain])).toBeUndefined();
    expect(lastPlaceOf([])).toBeUndefined();
  });
});
