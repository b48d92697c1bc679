import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  compactCoarse,
  compactDrain,
  compactSeconds,
  formatAge,
  formatCoarse,
  formatDrain,
  formatMaybeSeconds,
  formatSeconds,
  formatSince,
  formatSpan,
} from '../../src/words/durations.ts';

/** Narrow spaces as plain ones, to be read here. */
const plain = (text: string): string => text.replaceAll('\u202f', ' ');
const anyDuration = fc.oneof(
  fc.double({ min: 0, max: 200, noNaN: true }),
  fc.double({ min: 0, max: 4e9, noNaN: true }),
);
const NOW = 1_000_000_000_000;

/** How many seconds a text says. */
function read(text: string): number {
  const units: Readonly<Record<string, number>> = {
    ms: 0.001,
    s: 1,
    m: 60,
    min: 60,
    h: 3600,
    d: 86_400,
    y: 31_536_000,
  };
  return [...plain(text).matchAll(/([\d.]+) ?([a-z]+)/g)]
    .map(([, value, unit]) => Number(value) * (units[unit ?? ''] ?? NaN))
    .reduce((sum, part) => sum + part, 0);
}

describe('given durations to show', () => {
  test.each([
    [0, '0 s'],
    [0.000_01, '0 s'],
    [0.012_34, '12.3 ms'],
    [0.5, '500 ms'],
    [0.9996, '1 s'],
    [6.1249, '6.12 s'],
    [42, '42 s'],
    [59.96, '1 min'],
    [60, '1 min'],
    [133, '2 min 13 s'],
    [3599.7, '1 h'],
    [7320, '2 h 2 min'],
    [273_600, '3 d 4 h'],
  ])('when something takes %d s, then it reads %s', (seconds, words) => {
    expect(plain(formatSeconds(seconds))).toBe(words);
  });

  test.each([
    [0, '0s'],
    [6.14, '6.1s'],
    [9.96, '10s'],
    [59.7, '1m00s'],
    [133, '2m13s'],
    [11_040, '3h04m'],
    [187_200, '2d04h'],
    [8_640_000, '100d'],
    [3e9, '95y'],
  ])('when %d s are in a column of six characters, then it reads %s', (seconds, words) => {
    expect(compactSeconds(seconds)).toBe(words);
  });

  test('when one is unknown, then it is not shown as 0', () => {
    expect([formatMaybeSeconds(null), compactSeconds(null)]).toEqual(['?', '?']);
  });

  test('when it is any duration, then 60 s are a minute, a longer one never reads shorter, and it says the duration', () => {
    fc.assert(
      fc.property(anyDuration, anyDuration, (one, other) => {
        for (const format of [formatSeconds, formatCoarse, compactSeconds, compactCoarse]) {
          const [less, more] = [Math.min(one, other), Math.max(one, other)].map((value) => format(value));
          expect(read(less ?? '')).toBeLessThanOrEqual(read(more ?? ''));
          expect(plain(more ?? '')).not.toMatch(/\b(60 ?s|60 ?m(in)?|24 ?h|1000 ?ms)\b/);
        }
        // The smaller of two units is at most a 24th of the larger one; it is cut off, not rounded.
        expect(Math.abs(read(formatSeconds(one)) - one)).toBeLessThanOrEqual(one * 0.042 + 0.000_05);
        expect(formatSeconds(one).length).toBeLessThanOrEqual(12);
      }),
    );
  });

  test('when it is any duration, then it fits into its column', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }), (seconds) => {
        expect(compactSeconds(seconds).length).toBeLessThanOrEqual(6);
        expect(compactCoarse(seconds).length).toBeLessThanOrEqual(4);
      }),
    );
  });

  test('when a lag does not shrink, then it has no drain time', () => {
    const drains = [
      [null, false],
      [null, null],
      [82, true],
      [0, true],
    ] as const;
    expect(drains.map(([seconds, isDraining]) => plain(formatDrain(seconds, isDraining)))).toEqual([
      'not draining',
      '?',
      '1 min 22 s',
      '0 s',
    ]);
    expect(drains.map(([seconds, isDraining]) => compactDrain(seconds, isDraining))).toEqual([
      'not draining',
      '?',
      '1m22s',
      '0s',
    ]);
  });

  test('when a moment is past, or ahead by a clock that differs, then its age is in one unit', () => {
    const ages = [-5000, 0, 900, 59_000, 200_000, 8_000_000].map((agoMs) =>
      plain(formatAge(NOW - agoMs, NOW)),
    );
    expect(ages).toEqual(['now', 'now', '1 s ago', '59 s ago', '3 min ago', '2 h ago']);
  });

  test('when something was so already at the first look, then it has lasted that long at least', () => {
    expect([true, false].map((isExact) => plain(formatSince(NOW - 299_000, isExact, NOW)))).toEqual([
      '4 min',
      '≥ 4 min',
    ]);
    expect(plain(formatSince(NOW + 5000, true, NOW))).toBe('0 s');
  });

  test('when a history is an hour long, then it is the last hour; in a demo it says how long it is', () => {
    expect([formatSpan(3_600_000), plain(formatSpan(360_000))]).toEqual(['last hour', 'last 6 min']);
  });
});
