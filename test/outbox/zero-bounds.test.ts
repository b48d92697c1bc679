import { describe, expect, test } from 'vitest';
import { createBacklog } from '../../src/outbox/backlog.ts';
import { foldBounds, keepBounds, type Waiting } from '../../src/outbox/zero-bounds.ts';
import type { EncodedSample } from '../../src/records/encoded-sample.ts';
import type { Metric } from '../../src/records/metrics.ts';
import { createEncoder } from '../../src/records/sample-encoder.ts';
import { createMemoryDisk } from '../store/memory-store.ts';
import { openDisk } from './disk-harness.ts';
import { linesOf, sampleOf } from './sample-of.ts';

/** A zero bound of a series, alone in its sample. */
function boundOf(series: string, at: number, tags = ''): EncodedSample {
  return { ...sampleOf('c/g', [`burrow.c.g.${series}.Lag 0 ${1_700_000_000 + at}${tags}`]), bounds: [0] };
}

/** How often a series that comes and goes does so. */
const FLAPS = 600;

/** More series than there is room for, then one that comes and goes: so many of the others' bounds are left. */
const OTHERS = 60;

const seriesIn = (samples: readonly EncodedSample[]): Set<string> =>
  new Set(samples.flatMap(linesOf).map((line) => line.split(' ')[0] ?? ''));

describe('given more zero bounds than there is room for', () => {
  test('when one series comes and goes on and on in memory, then the others keep theirs', () => {
    const backlog = createBacklog({ memoryBytes: 20_000 });
    let at = 0;
    for (; at < OTHERS; at += 1) backlog.add(boundOf(`other${at}`, at), at);
    const before = backlog.depth().samples;
    for (; at < OTHERS + FLAPS; at += 1) backlog.add(boundOf('flapping', at), at);
    const left = seriesIn(backlog.take(Number.MAX_SAFE_INTEGER));
    expect(left.size).toBeGreaterThan(before - 8);
  });

  test('when one series comes and goes on and on on a disk, then the others keep theirs', async () => {
    const disk = await openDisk(createMemoryDisk().open, { maxBytes: 6000 });
    let at = 0;
    for (; at < OTHERS; at += 1) await disk.append([boundOf(`other${at}`, at)]);
    const before = disk.outbox.depth().samples;
    for (; at < OTHERS + FLAPS; at += 1) await disk.append([boundOf('flapping', at)]);
    const left: EncodedSample[] = [];
    for (let done = await disk.read(); done !== null; done = await disk.read()) {
      left.push(...(done.read ?? []).map(({ sample }) => sample));
    }
    expect(seriesIn(left).size).toBeGreaterThan(before - 8);
  });

  test('when a thousand chunks of next to nothing lie on a disk, then they are folded before there is a need', async () => {
    const disk = await openDisk(createMemoryDisk().open, { maxBytes: 300_000 });
    const value = `burrow.c.g.flapping.Lag ${'9'.repeat(700)}`;
    for (let at = 0; at < 1500; at += 1) {
      const [zero = ''] = linesOf(boundOf('flapping', at));
      await disk.append([{ ...sampleOf('c/g', [zero, value]), bounds: [0] }]);
    }
    expect(disk.outbox.depth().samples).toBeLessThan(700);
  });
});

describe('given a value that begins a span right behind a zero-end', () => {
  const valueOf = (at: number): EncodedSample => ({
    ...sampleOf('c/g', [`burrow.c.g.p.Lag 7 ${1_700_000_000 + at}`]),
    bounds: [0],
  });

  test('when bounds are folded, then it stays between its own zeroes, and other zeroes are folded', () => {
    const other = (at: number): EncodedSample => ({ ...boundOf('q', at), key: 'c/other' });
    const samples = [
      ...[boundOf('p', 1), boundOf('p', 2), other(3), boundOf('p', 3), valueOf(4), boundOf('p', 5)],
      ...[valueOf(6), other(7), boundOf('p', 8), boundOf('p', 9), boundOf('p', 10), other(11)],
    ];
    const left = foldBounds(samples.map((sample) => ({ sample, offeredMs: 0 })));
    expect(left.flatMap(({ sample }) => linesOf(sample))).toEqual([
      ...['burrow.c.g.p.Lag 0 1700000001', 'burrow.c.g.q.Lag 0 1700000003'],
      ...['burrow.c.g.p.Lag 0 1700000003', 'burrow.c.g.p.Lag 7 1700000004', 'burrow.c.g.p.Lag 0 1700000005'],
      ...['burrow.c.g.p.Lag 7 1700000006', 'burrow.c.g.p.Lag 0 1700000008', 'burrow.c.g.p.Lag 0 1700000010'],
      'burrow.c.g.q.Lag 0 1700000011',
    ]);
  });
});

describe('given series that were given other tags while their bounds waited', () => {
  const [former, next] = [' dc="one"', ' dc="two"'];
  const as = (sample: EncodedSample, identity: string): Waiting => ({
    offeredMs: 0,
    sample: {
      ...sample,
      spans: { key: 'k', open: null, doubted: null, opened: null, closed: null, as: identity },
    },
  });

  test('when they are folded, then each keeps its own first and last, with its own identity', () => {
    const waiting = [
      ...[1, 2, 3].map((at) => as(boundOf('p', at, former), 'former')),
      ...[4, 5, 6].map((at) => as(boundOf('p', at, next), 'next')),
    ];
    const left = foldBounds(waiting).map(({ sample }) => [linesOf(sample), sample.spans?.as]);
    expect(left).toEqual([
      [['burrow.c.g.p.Lag 0 1700000001 dc="one"'], 'former'],
      [['burrow.c.g.p.Lag 0 1700000003 dc="one"'], 'former'],
      [['burrow.c.g.p.Lag 0 1700000004 dc="two"'], 'next'],
      [['burrow.c.g.p.Lag 0 1700000006 dc="two"'], 'next'],
    ]);
  });
});

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

describe('given zero bounds of several metrics in one line', () => {
  const encoder = createEncoder({
    ...{ prefix: 'burrow', naming: 'rainbow', format: 'influx', source: 'h', tags: {} },
  });
  const subject = { kind: 'partition', cluster: 'c', group: 'g', topic: 't', partition: 0 } as const;

  function sampleAt(at: number, values: readonly (readonly [metric: Metric, value: number])[]): Waiting {
    const records = values.map(
      ([metric, value]) =>
        ({
          subject,
          metric,
          kind: value === 0 ? 'end' : 'value',
          value,
          timestampSeconds: 1_700_000_000 + at,
        }) as const,
    );
    return { sample: encoder.encode({ key: 'c/g', cluster: 'c', takenAtMs: at, records }), offeredMs: at };
  }
  const shown = (waiting: readonly Waiting[]): string[] =>
    waiting.map(({ sample }) =>
      linesOf(sample)
        .join('|')
        .replace(/^\S+ (\S+) 17000000(\d\d)\d{9}$/, '$1 $2'),
    );

  test('when they are folded, then the first and the last of the same metrics stay, and so do a line with a value and what is next to it', () => {
    const both = [['Lag', 0] as const, ['lagSeconds', 0] as const];
    const waiting = [
      sampleAt(10, both),
      sampleAt(11, both),
      sampleAt(12, [
        ['Lag', 7],
        ['hosts', 0],
      ]),
      sampleAt(13, [['hosts', 0]]),
      sampleAt(14, both),
    ];
    expect(shown(foldBounds(waiting))).toEqual([
      'lag=0i,lag_seconds=0 10',
      'lag=0i,lag_seconds=0 11',
      'lag=7i,consumed_per_minute=0 12',
      'consumed_per_minute=0 13',
      'lag=0i,lag_seconds=0 14',
    ]);
  });

  test('when a sample is reduced to its bounds, then all records of their lines count as kept', () => {
    const { sample } = sampleAt(10, [
      ['Lag', 7],
      ['hosts', 0],
    ]);
    expect(keepBounds(sample)).toMatchObject({ recordCount: 2, bounds: [0] });
  });
});
