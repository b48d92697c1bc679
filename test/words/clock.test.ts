import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatClock, formatMoment, formatTime, formatUtc, formatZone } from '../../src/words/clock.ts';

const WINTER = Date.UTC(2026, 0, 2, 23, 5, 9);
const SUMMER = Date.UTC(2026, 6, 2, 23, 5, 9);

describe('given moments to show', () => {
  test.each([
    ['UTC', '2026-01-02 23:05:09 UTC', '2026-07-02 23:05:09 UTC'],
    ['Europe/Berlin', '2026-01-03 00:05:09 CET', '2026-07-03 01:05:09 CEST'],
    ['Europe/London', '2026-01-02 23:05:09 GMT', '2026-07-03 00:05:09 BST'],
    ['America/New_York', '2026-01-02 18:05:09 EST', '2026-07-02 19:05:09 EDT'],
    ['Australia/Sydney', '2026-01-03 10:05:09 AEDT', '2026-07-03 09:05:09 AEST'],
    ['Asia/Tehran', '2026-01-03 02:35:09 +03:30', '2026-07-03 02:35:09 +03:30'],
    ['America/Sao_Paulo', '2026-01-02 20:05:09 -03:00', '2026-07-02 20:05:09 -03:00'],
  ])('when the reader is in %s, then the zone is told as it is at that moment', (zone, winter, summer) => {
    expect([formatMoment(WINTER, zone), formatMoment(SUMMER, zone)]).toEqual([winter, summer]);
  });

  test('when no zone is named, then it is the one of this process', () => {
    const { timeZone } = new Intl.DateTimeFormat('en').resolvedOptions();
    expect(formatTime(SUMMER)).toBe(formatTime(SUMMER, timeZone));
    expect(formatClock(SUMMER)).toBe(new Date(SUMMER).toTimeString().slice(0, 8));
  });

  test('when it is in UTC, then it agrees with ISO 8601', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 253_000_000_000_000 }), (atMs) => {
        expect(formatUtc(atMs)).toBe(new Date(atMs).toISOString().replace('T', ' ').replace(/\..*/, ' UTC'));
      }),
    );
  });

  test.each([NaN, -1, Infinity, 1e20])('when no calendar has it (%d), then nothing is made up', (atMs) => {
    expect([formatClock(atMs), formatZone(atMs), formatUtc(atMs)]).toEqual(['?', '?', '? ? ?']);
  });
});
