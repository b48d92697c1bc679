import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createEncoder } from '../../src/records/sample-encoder.ts';
import type { EncodedSample } from '../../src/records/encoded-sample.ts';
import type { Record, Subject } from '../../src/records/record.ts';
import { SlabPool } from '../../src/records/slab-pool.ts';

const subject: Subject = { kind: 'group', cluster: 'prod', group: 'workers' };

function records(count: number, value: number): Record[] {
  return Array.from({ length: count }, () => ({
    subject,
    metric: 'totalLag',
    kind: 'value',
    value,
    timestampSeconds: 1_700_000_000,
  }));
}

describe('given an encoder whose samples are recycled in any order', () => {
  test('when others are encoded meanwhile, then those in use keep their bytes', () => {
    const step = fc.record({ lines: fc.integer({ min: 1, max: 4000 }), recycle: fc.nat(7) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const encoder = createEncoder({
          prefix: 'burrow',
          naming: 'rainbow',
          format: 'wavefront',
          source: 's',
          tags: {},
        });
        const inUse: { sample: EncodedSample; value: number; lines: number }[] = [];
        for (const [value, { lines, recycle }] of steps.entries()) {
          const sample = encoder.encode({
            key: 'k',
            cluster: 'prod',
            takenAtMs: 0,
            records: records(lines, value),
          });
          inUse.push({ sample, value, lines });
          if (recycle > 3)
            for (const done of inUse.splice(recycle % inUse.length, 2)) encoder.recycle(done.sample);
          for (const { sample: kept, value: wanted, lines: count } of inUse) {
            const line = `burrow.prod.workers.totalLag ${wanted} 1700000000 source="s" env="prod" consumer="workers"\n`;
            expect(kept.bytes.length).toBe(line.length * count);
            expect(kept.bytes.toString('latin1', 0, line.length)).toBe(line);
            expect(kept.bytes.toString('latin1', kept.bytes.length - line.length)).toBe(line);
          }
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe('given a sample that is recycled twice', () => {
  test('when others are encoded, then none of them is written over', () => {
    const encoder = createEncoder({
      prefix: 'burrow',
      naming: 'rainbow',
      format: 'wavefront',
      source: 's',
      tags: {},
    });
    const encode = (value: number): EncodedSample =>
      encoder.encode({ key: 'k', cluster: 'prod', takenAtMs: 0, records: records(2500, value) });
    const inUse = encode(1);
    const kept = Buffer.from(inUse.bytes);
    const others = Array.from({ length: 12 }, (_, value) => encode(value + 2));
    for (const other of others) {
      encoder.recycle(other);
      encoder.recycle(other);
    }
    for (let more = 0; more < 20; more += 1) encode(more + 100);
    expect(inUse.bytes.equals(kept)).toBe(true);
  });
});

describe('given a pool of slabs', () => {
  const piece = 200_000;

  test('when all pieces of a slab are released, then it serves again', () => {
    const pool = new SlabPool();
    const first = Array.from({ length: 5 }, () => {
      const slab = pool.withRoom(piece);
      if (slab === null) throw new Error('too large');
      pool.cut(slab, piece);
      return slab;
    });
    expect(new Set(first).size).toBe(1);
    const second = pool.withRoom(piece);
    expect(second).not.toBe(first[0]);
    for (const slab of first) pool.release(slab);
    if (second !== null) pool.cut(second, 5 * piece);
    expect(pool.withRoom(piece)).toBe(first[0]);
    expect(first[0]?.used).toBe(0);
  });

  test('when a piece is large, then it gets a buffer of its own', () => {
    expect(new SlabPool().withRoom(300_000)).toBeNull();
  });
});
