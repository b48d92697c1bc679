import { describe, expect, test } from 'vitest';
import { keepBounds } from '../../src/outbox/keep-bounds.ts';
import { linesOf, sampleOf } from './sample-of.ts';

describe('given a sample with bounds among its values', () => {
  const sample = sampleOf('c/g', ['0 start', 'a 5', '0 end', 'b 7'], 42);

  test('when it is reduced, then only its bounds remain, in order, each whole', () => {
    const kept = keepBounds(sample);
    expect(kept).toMatchObject({ key: 'c/g', cluster: 'c', takenAtMs: 42, bounds: [0, 1] });
    expect(linesOf(kept!)).toEqual(['0 start', '0 end']);
    expect(kept!.bytes.toString()).toBe('0 start\n0 end\n');
  });

  test('when it is reduced, then the memory of the whole sample is let go', () => {
    expect(keepBounds(sample)!.bytes.buffer.byteLength).toBe('0 start\n0 end\n'.length);
  });

  test('when what remains is reduced again, then nothing more goes', () => {
    expect(linesOf(keepBounds(keepBounds(sample)!)!)).toEqual(['0 start', '0 end']);
  });
});

describe('given a sample whose units hold several records', () => {
  const sample = {
    ...sampleOf('c/g', ['0 start', 'a 5', '0 end']),
    unitRecords: Uint32Array.of(4, 3, 2),
    recordCount: 9,
  };

  test('when it is reduced, then what remains tells how many records are left', () => {
    expect(keepBounds(sample)).toMatchObject({ recordCount: 6, unitRecords: Uint32Array.of(4, 2) });
  });
});

describe('given a sample whose first line is no bound', () => {
  test('when it is reduced, then what remains begins with its bound', () => {
    expect(linesOf(keepBounds(sampleOf('c/g', ['a 5', '0 end']))!)).toEqual(['0 end']);
  });
});

describe('given a sample that says which spans are open and where it stands', () => {
  const spans = { key: 'c/g', open: 'a b', doubted: null, opened: 'b', closed: null };
  const place = { store: 's', life: 3, index: 4 };

  test('when it is reduced, then what remains says the same', () => {
    expect(keepBounds({ ...sampleOf('c/g', ['0 start']), spans, place })).toMatchObject({ spans, place });
  });

  test('when one says neither, then what remains of it has no word of either', () => {
    const kept = keepBounds(sampleOf('c/g', ['0 start']))!;
    expect('spans' in kept).toBe(false);
    expect('place' in kept).toBe(false);
  });
});

describe('given a sample without bounds', () => {
  test('when it is reduced, then nothing is left', () => {
    expect(keepBounds(sampleOf('c/g', ['a 5']))).toBeNull();
  });
});
