import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openSpool, type Spool } from '../../src/outbox/spool.ts';
import { createMemoryDisk } from '../store/memory-store.ts';
import { linesOf, sampleOf } from './sample-of.ts';

const kinds = fc.constantFrom('0', 'v', `v${'x'.repeat(200)}`);
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('append' as const),
      samples: fc.array(fc.array(kinds, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 3 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('read' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('remove' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('trim' as const), maxBytes: fc.nat(3000) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('crash' as const) }) },
);

describe('given any run of appending, reading, removing, trimming and crashing', () => {
  test('when all is read in the end, then it is every line in order but removed and counted ones', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const disk = createMemoryDisk();
        let spool: Spool = (await openSpool(await disk.open(''))).spool;
        let serial = 0;
        /** Lines on disk, in order, and the chunk that those were read from: the model. */
        let model: { lines: string[]; serial: number | null }[] = [];
        const unread = () => model.filter((part) => part.serial === null);

        for (const each of steps) {
          if (each.do === 'append') {
            const samples = each.samples.map((lines) =>
              sampleOf(
                'c/g',
                lines.map((kind) => `${kind} ${(serial += 1)}`),
              ),
            );
            model.push({ lines: samples.flatMap(linesOf), serial: null });
            await spool.append(samples.map((sample) => ({ sample, offeredMs: serial })));
          } else if (each.do === 'read') {
            const chunk = await spool.read();
            const expected = unread().flatMap(({ lines }) => lines);
            if (chunk === null) expect(expected).toEqual([]);
            else if (!('waiting' in chunk)) throw new Error('nothing is damaged');
            else {
              const lines = chunk.waiting.flatMap(({ sample }) => linesOf(sample));
              expect(lines).toEqual(expected.slice(0, lines.length));
              // Chunks may have been folded into one.
              model = [
                ...model.filter((part) => part.serial !== null),
                { lines, serial: chunk.serial },
                { lines: expected.slice(lines.length), serial: null },
              ];
            }
          } else if (each.do === 'remove') {
            const oldest = model[0];
            if (oldest?.serial === null || oldest === undefined) continue;
            await spool.remove([oldest.serial]);
            model.shift();
          } else if (each.do === 'trim') {
            const { dropped, lost } = await spool.trim(each.maxBytes);
            const gone = new Set(
              dropped.flatMap(({ sample }) => linesOf(sample).filter((line) => !line.startsWith('0'))),
            );
            for (const chunk of model) {
              if (chunk.serial === null) chunk.lines = chunk.lines.filter((line) => !gone.has(line));
            }
            expect(lost.samples).toBe(0);
            const rests = new Set(
              dropped.filter(({ isRest }) => isRest).flatMap(({ sample }) => linesOf(sample)),
            );
            for (const chunk of model) {
              if (chunk.serial === null) chunk.lines = chunk.lines.filter((line) => !rests.has(line));
            }
            // Whatever was not read may go.
            if (model.every((part) => part.serial === null)) {
              expect(spool.totalBytes()).toBeLessThanOrEqual(each.maxBytes);
            }
          } else {
            const { spool: anew, found } = await openSpool(await disk.open(''));
            expect(found).toMatchObject({ missingChunks: 0, lost: { samples: 0, records: 0 } });
            spool = anew;
            model = model.map(({ lines }) => ({ lines, serial: null }));
          }
          const waiting = unread().flatMap(({ lines }) => lines);
          expect(spool.unread().records).toBe(waiting.length);
        }
        const left: string[] = [];
        for (let chunk = await spool.read(); chunk !== null; chunk = await spool.read()) {
          if ('waiting' in chunk) left.push(...chunk.waiting.flatMap(({ sample }) => linesOf(sample)));
        }
        expect(left).toEqual(unread().flatMap(({ lines }) => lines));
      }),
      { numRuns: 300 },
    );
  });
});

describe('given a spool with damaged chunks', () => {
  async function threeChunks() {
    const disk = createMemoryDisk();
    const { spool } = await openSpool(await disk.open(''));
    for (const line of ['a', 'b', 'c']) {
      await spool.append([{ sample: sampleOf('c/g', [line, `${line}${line}`]), offeredMs: 5 }]);
    }
    const chunks = [...disk.entries.keys()].filter((key) => key.startsWith('chunk/')).sort();
    return { disk, spool, chunks };
  }

  test('when one cannot be read, then it is told with its size and the next one follows', async () => {
    const { disk, spool, chunks } = await threeChunks();
    disk.entries.get(chunks[0]!)!.fill(7, 6);
    expect(await spool.read()).toEqual({ serial: 1, lost: { samples: 1, records: 2 } });
    expect(await spool.read()).toMatchObject({ serial: 2 });
  });

  test('when one is missing at the opening, then it is told', async () => {
    const { disk, chunks } = await threeChunks();
    disk.entries.delete(chunks[1]!);
    disk.entries.delete(chunks[1]!.replace('chunk/', 'facts/'));
    const { found } = await openSpool(await disk.open(''));
    expect(found).toEqual({
      samples: 2,
      records: 4,
      missingChunks: 1,
      lost: { samples: 1, records: 2 },
    });
  });
});

describe('given entries that are not what was written', () => {
  async function opened() {
    const disk = createMemoryDisk();
    const { spool } = await openSpool(await disk.open(''));
    for (const line of ['a', 'b', 'c']) {
      const spans = { key: line, open: line, doubted: null, opened: null, closed: null };
      await spool.append([{ sample: { ...sampleOf('c/g', [line]), spans }, offeredMs: 5 }]);
    }
    return disk;
  }

  test.each(['facts/', 'spans/', 'chunk/', 'meta'])(
    'when one byte of what is under %s is another, then the rest is there, and what is lost is told',
    async (prefix) => {
      const keys = [...(await opened()).entries.keys()].filter((key) => key.startsWith(prefix));
      for (const key of keys) {
        const length = (await opened()).entries.get(key)?.length ?? 0;
        for (let at = 0; at < length; at += 1) {
          const disk = await opened();
          const value = disk.entries.get(key);
          if (value !== undefined) value[at] = (value[at] ?? 0) ^ 0x20;
          const { spool, found } = await openSpool(await disk.open(''));
          let [read, lost] = [0, found.lost.samples];
          for (let chunk = await spool.read(); chunk !== null; chunk = await spool.read()) {
            if ('lost' in chunk) lost += chunk.lost.samples;
            else read += chunk.waiting.length;
          }
          expect(read + lost).toBe(3);
          expect(read).toBeGreaterThanOrEqual(2);
        }
      }
    },
  );
});

describe('given samples that changed the spans of their keys', () => {
  const changed = (key: string, open: string | null) => ({
    sample: { ...sampleOf(key, ['0']), spans: { key, open, doubted: null, opened: null, closed: null } },
    offeredMs: 1,
  });

  test('when it is opened anew, then the newest state of each key on disk is known', async () => {
    const disk = createMemoryDisk();
    const { spool } = await openSpool(await disk.open(''));
    await spool.append([changed('c/a', 'old'), changed('c/b', 'b')]);
    await spool.append([changed('c/a', 'new')]);
    await spool.append([changed('c/b', null)]);
    const { spool: anew } = await openSpool(await disk.open(''));
    const { store } = anew.nextPlace();
    expect(anew.spans()).toEqual(
      new Map([
        ['c/a', { open: 'new', doubted: null, place: { store, life: 1, index: 3 } }],
        ['c/b', { open: null, doubted: null, place: { store, life: 1, index: 4 } }],
      ]),
    );
  });

  test('when they say under which identity, then that is known too', async () => {
    const disk = createMemoryDisk();
    const { spool } = await openSpool(await disk.open(''));
    const { sample, offeredMs } = changed('c/a', 'a');
    await spool.append([{ sample: { ...sample, spans: { ...sample.spans, as: '{}' } }, offeredMs }]);
    const { spool: anew } = await openSpool(await disk.open(''));
    expect(anew.spans().get('c/a')).toMatchObject({ open: 'a', as: '{}' });
    const chunk = await anew.read();
    expect(chunk).toMatchObject({ waiting: [{ sample: { spans: { as: '{}' } } }] });
  });

  test('when their chunks are removed, then nothing is known of them any more', async () => {
    const disk = createMemoryDisk();
    const { spool } = await openSpool(await disk.open(''));
    await spool.append([changed('c/a', 'a')]);
    await spool.append([changed('c/b', 'b')]);
    await spool.read();
    await spool.remove([1]);
    expect([...(await openSpool(await disk.open(''))).spool.spans().keys()]).toEqual(['c/b']);
  });
});

describe('given a spool in its second life', () => {
  test('when places are given, then those of the first come before them, also where they are read back', async () => {
    const disk = createMemoryDisk();
    const first = (await openSpool(await disk.open(''))).spool;
    const early = first.nextPlace();
    await first.append([{ sample: sampleOf('c/g', ['a']), offeredMs: 1 }]);
    const second = (await openSpool(await disk.open(''))).spool;
    const late = second.nextPlace();
    expect(late).toEqual({ store: early.store, life: 2, index: 1 });
    expect(await second.read()).toMatchObject({
      waiting: [{ sample: { place: { store: early.store, life: 1, index: 2 } } }],
    });
  });
});
