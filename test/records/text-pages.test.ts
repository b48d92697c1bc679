import { describe, expect, test } from 'vitest';
import { createEncoder } from '../../src/records/sample-encoder.ts';
import type { Record, Subject } from '../../src/records/record.ts';
import { TextPages, type PreparedText } from '../../src/records/text-pages.ts';

const STEM = `burrow.prod.${'group-of-some-length.'.repeat(6)}`;
const PAGE_BYTES = 64 * 1024;

function keepMany(pages: TextPages, count: number): readonly PreparedText[] {
  return Array.from({ length: count }, (_, index) => pages.keep(`${STEM}${index}`, ' tail'));
}

function bytesOf(texts: readonly PreparedText[]): number {
  return [...new Set(texts.map(({ page }) => page))].reduce((sum, page) => sum + page.view.byteLength, 0);
}

describe('given pages of texts', () => {
  test('when hardly any text of a page is used between two sweeps, then it is dropped, and others stay', () => {
    const pages = new TextPages();
    const texts = keepMany(pages, 5_000);
    const living = texts.filter((_, index) => index < 1_000 || index % 400 === 0);
    pages.sweep();
    expect(texts.every((text) => pages.use(text))).toBe(true);
    pages.sweep();
    for (const text of living) pages.use(text);
    pages.sweep();

    expect(texts.slice(0, 400).every((text) => pages.use(text))).toBe(true);
    const rebuilt = living.map((text, index) =>
      pages.use(text) ? text : pages.keep(`${STEM}${index}`, ' tail'),
    );
    const livingBytes = living.reduce((sum, { from, to }) => sum + to - from, 0);
    expect(bytesOf(texts)).toBeGreaterThan(0);
    expect(bytesOf([...texts, ...rebuilt])).toBeLessThanOrEqual(2 * livingBytes + 2 * PAGE_BYTES);
  });

  test('when none is used at all, then only the page that is being filled stays', () => {
    const pages = new TextPages();
    const texts = keepMany(pages, 5_000);
    pages.sweep();
    pages.sweep();
    expect(bytesOf(texts)).toBe(PAGE_BYTES);
  });
});

describe('given an encoder whose pages were dropped', () => {
  test('when their subjects are written again, then to the same bytes', () => {
    const subjects = Array.from({ length: 2_000 }, (_, partition): Subject => ({
      kind: 'partition',
      cluster: 'prod',
      group: 'workers',
      topic: 'orders',
      partition,
      owner: `/10.0.0.${partition}`,
      clientId: 'c',
    }));
    const encoder = createEncoder({
      prefix: 'burrow',
      naming: 'rainbow',
      format: 'wavefront',
      source: 'rainbow-1',
      tags: {},
    });
    const encode = (minutes: number, chosen: readonly Subject[]): string => {
      const records = chosen.flatMap((subject): readonly Record[] => [
        { subject, metric: 'Lag', kind: 'value', value: 7, timestampSeconds: 1 },
        { subject, metric: 'hosts', kind: 'value', value: 9, timestampSeconds: 1 },
      ]);
      const sample = { key: 'prod/workers', cluster: 'prod', takenAtMs: minutes * 60_000, records };
      return encoder.encode(sample).bytes.toString('utf8');
    };

    const first = encode(0, subjects);
    const page = (subjects[1_000]?.encoderSlot as PreparedText | undefined)?.page;
    for (const minutes of [10, 20, 30]) encode(minutes, subjects.slice(0, 10));
    expect(page?.view.byteLength).toBe(0);
    expect(encode(40, subjects)).toBe(first);
  });
});
