import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  shortBytes,
  shortDrain,
  shortDuration,
  shortNumber,
  wholeNumber,
} from '../../src/top/shown-numbers.ts';

describe('given a number for a column of six', () => {
  test.each([
    [null, '-'],
    [0, '0'],
    [0.04, '0'],
    [9.5, '9.5'],
    [950.4, '950'],
    [9999, '9999'],
    [10_000, '10.0k'],
    [12_345, '12.3k'],
    [999_949, '1.00M'],
    [3_456_789, '3.46M'],
    [Number.MAX_SAFE_INTEGER, '9.01P'],
  ])('when it is %s, then it is shown as %s', (value, shown) => {
    expect(shortNumber(value)).toBe(shown);
  });

  test('when it is any number or duration, then it fits', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(shortNumber(value).length).toBeLessThanOrEqual(6);
        expect(shortDuration(value).length).toBeLessThanOrEqual(6);
      }),
    );
  });

  test.each([
    [null, '-'],
    [0, '0s'],
    [6.14, '6.1s'],
    [9.96, '10s'],
    [59.7, '1m00s'],
    [133, '2m13s'],
    [11_040, '3h04m'],
    [187_200, '2d04h'],
    [8_640_000, '100d'],
    [3e9, '95y'],
  ])('when %s seconds are shown, then as %s', (seconds, shown) => {
    expect(shortDuration(seconds)).toBe(shown);
  });

  test('when a drain time is no number, then it is a word', () => {
    expect([shortDrain('never'), shortDrain(null), shortDrain(4)]).toEqual(['never', '-', '4s']);
  });

  test('when it is shown in full, then its thousands are separated', () => {
    expect([wholeNumber(9), wholeNumber(1234), wholeNumber(1_234_567)]).toEqual(['9', '1,234', '1,234,567']);
    expect([shortBytes(0), shortBytes(1536), shortBytes(200 * 1024 ** 2)]).toEqual([
      '0 B',
      '1.5 KiB',
      '200 MiB',
    ]);
  });
});
