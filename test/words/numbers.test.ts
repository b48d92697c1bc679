import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  compactNumber,
  formatBytes,
  formatCount,
  formatMaybe,
  formatNumber,
  formatTick,
  wholeNumber,
} from '../../src/words/numbers.ts';

/** Narrow spaces as plain ones, to be read here. */
const plain = (text: string): string => text.replaceAll('\u202f', ' ');
const anyNumber = fc.double({ min: 0, noNaN: true, noDefaultInfinity: true });

describe('given figures to show', () => {
  test.each([
    [0, '0'],
    [0.000_04, '<0.001'],
    [0.0334, '0.033'],
    [6.14, '6.1'],
    [9.97, '10'],
    [999, '999'],
    [1234, '1,234'],
    [12_345_678.9, '12,345,679'],
    [2 ** 53, '9 P'],
  ])('when %d is a count or a rate, then it reads %s', (value, words) => {
    expect(plain(formatNumber(value))).toBe(words);
  });

  test('when one is unknown, then it is not shown as 0', () => {
    expect([formatMaybe(null), formatMaybe(0)]).toEqual(['?', '0']);
    expect([compactNumber(null), compactNumber(0)]).toEqual(['?', '0']);
  });

  test('when every digit counts, then all are there', () => {
    expect([9, 1234, 9_007_199_254_740_991].map(wholeNumber)).toEqual([
      '9',
      '1,234',
      '9,007,199,254,740,991',
    ]);
  });

  test.each([
    [0, '0'],
    [0.5, '0.5'],
    [1500, '1.5 k'],
    [12_345, '12 k'],
    [3_400_000, '3.4 M'],
  ])('when %d stands at an axis, then it reads %s', (value, words) => {
    expect(plain(formatTick(value))).toBe(words);
  });

  test.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1331, '1.3 KiB'],
    [64 * 1024 ** 2, '64 MiB'],
  ])('when there are %d bytes, then it reads %s', (bytes, words) => {
    expect(plain(formatBytes(bytes))).toBe(words);
    expect(formatBytes(bytes, ' ')).toBe(words);
  });

  test('when there is one of a thing, then the noun is singular', () => {
    expect([0, 1, 1200].map((count) => formatCount(count, 'sample'))).toEqual([
      '0 samples',
      '1 sample',
      '1,200 samples',
    ]);
  });

  test.each([
    [0.001_23, '0.0012'],
    [9.5, '9.5'],
    [950.4, '950'],
    [9999, '9,999'],
    [10_000, '10.0k'],
    [12_345, '12.3k'],
    [999_949, '1.00M'],
    [3_456_789, '3.46M'],
    [Number.MAX_SAFE_INTEGER, '9.01P'],
  ])('when %d is in a column of six characters, then it reads %s', (value, words) => {
    expect(compactNumber(value)).toBe(words);
  });

  test('when it is any number, then it fits into its column', () => {
    fc.assert(
      fc.property(anyNumber, (value) => {
        expect(compactNumber(value).length).toBeLessThanOrEqual(6);
      }),
    );
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e18, noNaN: true }), (value) => {
        expect(formatNumber(value).length).toBeLessThanOrEqual(11);
        expect(formatTick(value).length).toBeLessThanOrEqual(6);
      }),
    );
  });
});
