import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { StatusChange } from '../../src/http/api/contract/group.ts';
import { statusSegments } from '../../src/dashboard/view/status-segments.ts';

const HOUR = { fromMs: 1000, toMs: 2000, knownToMs: 2000 } as const;

describe('given the changes of a status', () => {
  test('when the first is within the hour, then what was before it is not known', () => {
    const changes = [
      { atMs: 1400, status: 'OK' },
      { atMs: 1600, status: 'ERR' },
    ] as const;
    expect(statusSegments(changes, HOUR)).toEqual([
      { fromMs: 1000, toMs: 1400, status: null },
      { fromMs: 1400, toMs: 1600, status: 'OK' },
      { fromMs: 1600, toMs: 2000, status: 'ERR' },
    ]);
  });

  test('when the newest sample is old, then nothing is known since', () => {
    const changes = [{ atMs: 500, status: 'OK' }] as const;
    expect(statusSegments(changes, { ...HOUR, knownToMs: 1500 })).toEqual([
      { fromMs: 1000, toMs: 1500, status: 'OK' },
      { fromMs: 1500, toMs: 2000, status: null },
    ]);
    expect(statusSegments(changes, { ...HOUR, knownToMs: 700 })).toEqual([
      { fromMs: 1000, toMs: 2000, status: null },
    ]);
  });

  test('when there are none, then nothing is known', () => {
    expect(statusSegments([], HOUR)).toEqual([{ fromMs: 1000, toMs: 2000, status: null }]);
  });

  test('when they are any, then the segments fill the hour, differ from their neighbours, and make nothing up', () => {
    const change = fc.record({
      atMs: fc.integer({ min: 0, max: 3000 }),
      status: fc.constantFrom('OK', 'WARN', 'ERR', null),
    }) as fc.Arbitrary<StatusChange>;
    fc.assert(
      fc.property(fc.array(change), fc.integer({ min: 0, max: 3000 }), (unsorted, knownToMs) => {
        const changes = unsorted.sort((a, b) => a.atMs - b.atMs);
        const segments = statusSegments(changes, { ...HOUR, knownToMs });
        expect([segments[0]?.fromMs, segments.at(-1)?.toMs]).toEqual([HOUR.fromMs, HOUR.toMs]);
        for (const [index, { fromMs, toMs, status }] of segments.entries()) {
          expect(toMs).toBeGreaterThan(fromMs);
          const next = segments[index + 1];
          if (next !== undefined) expect([next.fromMs, next.status === status]).toEqual([toMs, false]);
          for (const atMs of [fromMs, toMs - 1]) {
            const known = changes.findLast((each) => each.atMs <= atMs)?.status ?? null;
            expect(status).toBe(atMs < knownToMs ? known : null);
          }
        }
      }),
    );
  });
});
