import { describe, expect, test } from 'vitest';
import { createBacklog } from '../../src/outbox/backlog.ts';
import { foldBounds } from '../../src/outbox/fold-bounds.ts';
import type { Waiting } from '../../src/outbox/sample-chunk.ts';
import { openSpool } from '../../src/outbox/spool.ts';
import type { EncodedSample } from '../../src/records/encoded-sample.ts';
import { createMemoryDisk } from '../store/memory-store.ts';
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
    const { spool } = await openSpool(await createMemoryDisk().open('/spool'));
    const maxBytes = 6000;
    const append = async (sample: EncodedSample): Promise<void> => {
      await spool.append([{ sample, offeredMs: 0 }]);
      await spool.trim(maxBytes);
    };
    let at = 0;
    for (; at < OTHERS; at += 1) await append(boundOf(`other${at}`, at));
    const before = spool.unread().samples;
    for (; at < OTHERS + FLAPS; at += 1) await append(boundOf('flapping', at));
    const left: EncodedSample[] = [];
    for (let read = await spool.read(); read !== null; read = await spool.read()) {
      if ('waiting' in read) left.push(...read.waiting.map(({ sample }) => sample));
    }
    expect(seriesIn(left).size).toBeGreaterThan(before - 8);
  });

  test('when a thousand chunks of next to nothing lie on a disk, then they are folded before there is a need', async () => {
    const { spool } = await openSpool(await createMemoryDisk().open('/spool'));
    const value = `burrow.c.g.flapping.Lag ${'9'.repeat(700)}`;
    for (let at = 0; at < 1500; at += 1) {
      const [zero = ''] = linesOf(boundOf('flapping', at));
      await spool.append([{ sample: { ...sampleOf('c/g', [zero, value]), bounds: [0] }, offeredMs: 0 }]);
      await spool.trim(300_000);
    }
    expect(spool.unread().samples).toBeLessThan(700);
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
