import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeChunk, encodeChunk } from '../../src/outbox/sample-chunk.ts';
import { sampleOf } from './sample-of.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 30 }).map((any) => any.replaceAll('\n', '_'));
const spans = fc.record({
  key: text,
  open: fc.option(text),
  doubted: fc.option(text),
  opened: fc.option(text),
  closed: fc.option(text),
});
const place = fc.record({ store: text, life: fc.nat(), index: fc.nat() });
const waiting = fc
  .record({
    key: text,
    lines: fc.array(text, { minLength: 1, maxLength: 8 }),
    takenAtMs: fc.nat(),
    offeredMs: fc.nat(),
    change: fc.option(spans),
    at: fc.option(place),
  })
  .map(({ key, lines, takenAtMs, offeredMs, change, at }) => ({
    sample: {
      ...sampleOf(key, lines, takenAtMs),
      ...(change !== null && { spans: change }),
      ...(at !== null && { place: at }),
    },
    offeredMs,
  }));

describe('given any samples', () => {
  test('when a chunk of them is read back, then they are the same', () => {
    fc.assert(
      fc.property(fc.array(waiting, { maxLength: 10 }), (samples) => {
        expect(decodeChunk(encodeChunk(samples))).toEqual(samples);
      }),
    );
  });

  test('when a single bit of the chunk has turned, then none of it is believed', () => {
    fc.assert(
      fc.property(fc.array(waiting, { minLength: 1, maxLength: 3 }), fc.nat(), (samples, place) => {
        const chunk = encodeChunk(samples);
        const at = place % (chunk.length * 8);
        chunk[at >> 3] = chunk[at >> 3]! ^ (1 << (at & 7));
        expect(decodeChunk(chunk)).toBeNull();
      }),
    );
  });

  test('when the chunk is cut short, then none of it is believed', () => {
    fc.assert(
      fc.property(fc.array(waiting, { minLength: 1, maxLength: 3 }), fc.nat(), (samples, place) => {
        const chunk = encodeChunk(samples);
        expect(decodeChunk(chunk.subarray(0, place % chunk.length))).toBeNull();
      }),
    );
  });
});
