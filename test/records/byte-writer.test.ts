import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ByteWriter } from '../../src/records/byte-writer.ts';
import { MOST_OWN_BYTES } from '../../src/records/formats/format.ts';
import { TextPages } from '../../src/records/text-pages.ts';

function roomOf(byteLength: number) {
  const buffer = Buffer.alloc(byteLength);
  return { buffer, view: new DataView(buffer.buffer, buffer.byteOffset, byteLength), used: 0 };
}

function written(write: (lines: ByteWriter) => void, room = roomOf(4096)): string {
  const lines = new ByteWriter();
  lines.begin(room);
  write(lines);
  const copy = Buffer.alloc(lines.length);
  lines.copyTo(copy, 0);
  return copy.toString('utf8');
}

const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.maxSafeInteger(),
  fc.nat(),
  fc.maxSafeInteger().map((tenths) => tenths / 10),
  fc.nat().map((thousandths) => thousandths / 1000),
);

describe('given a number', () => {
  test('when it is written, then its text is what JavaScript has for it', () => {
    fc.assert(
      fc.property(number, (value) => {
        expect(written((lines) => lines.number(value))).toBe(String(value));
        expect(String(value).length).toBeLessThanOrEqual(MOST_OWN_BYTES);
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    0,
    -0,
    9,
    10,
    99_999_999,
    100_000_000,
    2 ** 31 - 1,
    2 ** 31,
    2 ** 53 - 1,
    2 ** 53,
    0.1,
    1e21,
    -1.5,
  ])('when it is %d, then so, too', (value) => {
    expect(written((lines) => lines.number(value))).toBe(String(value));
  });
});

describe('given texts of any length', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 60 });

  test('when they are written one after the other, into room that may be too small, then nothing is altered', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text), { maxLength: 20 }), fc.nat(3000), (chosen, byteLength) => {
        const pages = new TextPages();
        const kept = chosen.map(([before, after]) => pages.keep(before, after));
        const together = written((lines) => {
          for (const { page, from, middle, to } of kept) {
            lines.reserve(to - from + MOST_OWN_BYTES);
            lines.text(page.view, from, middle);
            lines.number(7);
            lines.text(page.view, middle, to);
          }
        }, roomOf(byteLength));
        expect(together).toBe(chosen.map(([before, after]) => `${before}7${after}`).join(''));
      }),
      { numRuns: 300 },
    );
  });

  test('when a text is longer than a page, then it has a page of its own', () => {
    const long = 'x'.repeat(200_000);
    const { page, from, to } = new TextPages().keep(long, 'y');
    expect(
      written((lines) => {
        lines.reserve(to - from);
        lines.text(page.view, from, to);
      }),
    ).toBe(`${long}y`);
  });
});
