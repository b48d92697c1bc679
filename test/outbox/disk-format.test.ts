import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeChunk, encodeChunk } from '../../src/outbox/disk-format.ts';
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
    /** Whether units hold several records each. */
    several: fc.boolean(),
    change: fc.option(spans),
    at: fc.option(place),
  })
  .map(({ key, lines, takenAtMs, offeredMs, several, change, at }) => ({
    sample: {
      ...sampleOf(key, lines, takenAtMs),
      ...(several && {
        unitRecords: Uint32Array.from(lines, (line) => line.length),
        recordCount: lines.join('').length,
      }),
      ...(change !== null && { spans: change }),
      ...(at !== null && { place: at }),
    },
    offeredMs,
  }));

describe('given a sample whose units are no lines', () => {
  const bytes = Buffer.from([0x0a, 0x00, 0x0a, 0xff, 0x0a, 0x01]);
  const sample = { ...sampleOf('c/g', ['']), bytes, unitEnds: Uint32Array.of(1, 5, 6), recordCount: 3 };

  test('when it is read back, then its units end where they did', () => {
    const [read] = decodeChunk(encodeChunk([{ sample, offeredMs: 1 }])) ?? [];
    expect(read?.sample).toEqual(sample);
  });
});

describe('given a chunk of a version that did not write where units end', () => {
  test('when it is read, then each line is a unit and a record', () => {
    const { bytes, bounds } = sampleOf('c/g', ['0 start', 'grüße 5', '0 end']);
    const head = Buffer.from(JSON.stringify(['c/g', 'c', 42, 43, bounds, null, null]));
    const lengths = Buffer.alloc(8);
    lengths.writeUInt32LE(head.length, 0);
    lengths.writeUInt32LE(bytes.length, 4);
    const body = Buffer.concat([lengths, head, bytes]);
    const sum = Buffer.alloc(4);
    sum.writeUInt32LE(crc32(body), 0);
    expect(decodeChunk(Buffer.concat([sum, body]))).toEqual([
      { sample: sampleOf('c/g', ['0 start', 'grüße 5', '0 end'], 42), offeredMs: 43 },
    ]);
  });
});

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
