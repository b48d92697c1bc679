import { describe, expect, test } from 'vitest';
import {
  formatAge,
  formatDrain,
  formatMaybeSeconds,
  formatSeconds,
  formatSpan,
} from '../../src/dashboard/words/durations.ts';
import {
  formatBytes,
  formatCount,
  formatMaybe,
  formatNumber,
  formatShort,
} from '../../src/dashboard/words/numbers.ts';
import { isAltered, showName } from '../../src/dashboard/words/shown-name.ts';

/** Thin spaces as plain ones, to be read here. */
const plain = (text: string): string => text.replaceAll('\u202f', ' ');

describe('given figures to show', () => {
  test.each([
    [0, '0'],
    [0.04, '0'],
    [6.14, '6.1'],
    [999, '999'],
    [1234, '1 234'],
    [12_345_678.9, '12 345 679'],
    [2 ** 53, '9 P'],
  ])('when %d is a count or a rate, then it reads %s', (value, words) => {
    expect(plain(formatNumber(value))).toBe(words);
  });

  test('when one is unknown, then it is not shown as 0', () => {
    expect([formatMaybe(null), formatMaybe(0)]).toEqual(['–', '0']);
    expect([formatMaybeSeconds(null), plain(formatMaybeSeconds(0))]).toEqual(['–', '0 s']);
  });

  test.each([
    [0, '0'],
    [0.5, '0.5'],
    [1500, '1.5 k'],
    [12_345, '12 k'],
    [3_400_000, '3.4 M'],
  ])('when %d stands at an axis, then it reads %s', (value, words) => {
    expect(plain(formatShort(value))).toBe(words);
  });

  test.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1331, '1.3 KiB'],
    [64 * 1024 ** 2, '64 MiB'],
  ])('when there are %d bytes, then it reads %s', (bytes, words) => {
    expect(plain(formatBytes(bytes))).toBe(words);
  });

  test('when there is one of a thing, then the noun is singular', () => {
    expect([0, 1, 2].map((count) => formatCount(count, 'sample'))).toEqual([
      '0 samples',
      '1 sample',
      '2 samples',
    ]);
  });

  test.each([
    [0.01, '0 s'],
    [6.12, '6.1 s'],
    [59.6, '1 min'],
    [133, '2 min 13 s'],
    [7320, '2 h 2 min'],
    [273_600, '3 d 4 h'],
  ])('when something takes %d s, then it reads %s', (seconds, words) => {
    expect(plain(formatSeconds(seconds))).toBe(words);
  });

  test('when a lag does not shrink, then it has no drain time', () => {
    expect([formatDrain('never'), formatDrain(null), plain(formatDrain(82))]).toEqual([
      'not draining',
      '–',
      '1 min 22 s',
    ]);
  });

  test('when a moment is past, or ahead by a clock that differs, then its age is in one unit', () => {
    const ages = [-5000, 0, 900, 59_000, 200_000, 8_000_000].map((agoMs) =>
      plain(formatAge(10_000_000 - agoMs, 10_000_000)),
    );
    expect(ages).toEqual(['now', 'now', '1 s ago', '59 s ago', '3 min ago', '2 h ago']);
  });

  test('when a history is an hour long, then it is the last hour; in a demo it says how long it is', () => {
    expect([formatSpan(3_600_000), plain(formatSpan(360_000))]).toEqual(['last hour', 'last 6 min']);
  });
});

describe('given names that others chose', () => {
  test('when one is plain, then it is shown as it is', () => {
    expect(showName('orders-größe-日本-👍')).toBe('orders-größe-日本-👍');
    expect(isAltered('orders')).toBe(false);
  });

  test.each([
    ['a\u0000b\nc', 'a⟨0000⟩b⟨000A⟩c'],
    ['\u202eevil\u2069', '⟨202E⟩evil⟨2069⟩'],
    ['zero\u200bwidth\ufeff', 'zero⟨200B⟩width⟨FEFF⟩'],
    ['half \ud83d', 'half ⟨D83D⟩'],
  ])('when %j holds what cannot be seen, then it is spelled out', (name, shown) => {
    expect(showName(name)).toBe(shown);
    expect(isAltered(name)).toBe(true);
  });

  test('when one is ten thousand characters long, then its middle is left out', () => {
    const shown = showName(`begin${'x'.repeat(10_000)}end`, 40);
    expect(shown).toHaveLength(41);
    expect(shown).toMatch(/^begin.*…x+end$/);
  });
});
