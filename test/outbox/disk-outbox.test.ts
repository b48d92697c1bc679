import { describe, expect, test } from 'vitest';
import { decodeNote, NOTHING, readContents } from '../../src/outbox/disk-format.ts';
import { createDiskOutbox } from '../../src/outbox/disk-outbox.ts';
import type { EncodedSample } from '../../src/records/encoded-sample.ts';
import type { OpenStore } from '../../src/store/store.ts';
import { createMemoryDisk, type MemoryDisk } from '../store/memory-store.ts';
import { createSilentRunner, openDisk } from './disk-harness.ts';
import { sampleOf } from './sample-of.ts';

describe('given a store with damaged chunks', () => {
  async function threeChunks() {
    const disk = createMemoryDisk();
    const { append } = await openDisk(disk.open);
    for (const line of ['a', 'b', 'c']) await append([sampleOf('c/g', [line, `${line}${line}`])]);
    const chunks = [...disk.entries.keys()].filter((key) => key.startsWith('chunk/')).sort();
    return { disk, chunks };
  }

  test('when one cannot be read, then it is told with its size and the next one follows', async () => {
    const { disk, chunks } = await threeChunks();
    disk.entries.get(chunks[0]!)!.fill(7, 6);
    const { read, lost } = await openDisk(disk.open);
    expect(await read()).toMatchObject({ chunk: { serial: 1 }, read: null });
    expect(lost).toMatchObject([{ samples: 1, records: 2 }]);
    expect(await read()).toMatchObject({ chunk: { serial: 2 } });
  });

  test('when one is missing at the opening, then it is told', async () => {
    const { disk, chunks } = await threeChunks();
    disk.entries.delete(chunks[1]!);
    disk.entries.delete(chunks[1]!.replace('chunk/', 'facts/'));
    const { opened } = await openDisk(disk.open);
    expect(opened.contents).toMatchObject({
      stored: { samples: 2, records: 4 },
      missingChunks: 1,
      lost: { samples: 1, records: 2 },
    });
  });
});

describe('given entries that are not what was written', () => {
  async function filled() {
    const disk = createMemoryDisk();
    const { append } = await openDisk(disk.open);
    for (const line of ['a', 'b', 'c']) {
      const spans = { key: line, open: line, doubted: null, opened: null, closed: null };
      await append([{ ...sampleOf('c/g', [line]), spans }]);
    }
    return disk;
  }

  test.each(['facts/', 'spans/', 'chunk/', 'meta'])(
    'when one byte of what is under %s is another, then the rest is there, and what is lost is told',
    async (prefix) => {
      const keys = [...(await filled()).entries.keys()].filter((key) => key.startsWith(prefix));
      for (const key of keys) {
        const length = (await filled()).entries.get(key)?.length ?? 0;
        for (let at = 0; at < length; at += 1) {
          const disk = await filled();
          const value = disk.entries.get(key);
          if (value !== undefined) value[at] = (value[at] ?? 0) ^ 0x20;
          const { read, lost } = await openDisk(disk.open);
          let samples = 0;
          for (let done = await read(); done !== null; done = await read()) samples += done.read?.length ?? 0;
          expect(samples + lost.reduce((sum, each) => sum + each.samples, 0)).toBe(3);
          expect(samples).toBeGreaterThanOrEqual(2);
        }
      }
    },
  );
});

describe('given samples that changed the spans of their keys', () => {
  const changed = (key: string, open: string | null) => ({
    ...sampleOf(key, ['0']),
    spans: { key, open, doubted: null, opened: null, closed: null },
  });

  test('when it is opened anew, then the newest state of each key on disk is known', async () => {
    const disk = createMemoryDisk();
    const { append } = await openDisk(disk.open);
    await append([changed('c/a', 'old'), changed('c/b', 'b')]);
    await append([changed('c/a', 'new')]);
    await append([changed('c/b', null)]);
    const { outbox, opened } = await openDisk(disk.open);
    const store = opened.contents?.meta.id;
    expect(outbox.spansAtOpening()).toEqual(
      new Map([
        ['c/a', { open: 'new', doubted: null, place: { store, life: 1, index: 3 } }],
        ['c/b', { open: null, doubted: null, place: { store, life: 1, index: 4 } }],
      ]),
    );
  });

  test('when they say under which identity, then that is known too', async () => {
    const disk = createMemoryDisk();
    const { append } = await openDisk(disk.open);
    const sample = changed('c/a', 'a');
    await append([{ ...sample, spans: { ...sample.spans, as: '{}' } }]);
    const { outbox, read } = await openDisk(disk.open);
    expect(outbox.spansAtOpening().get('c/a')).toMatchObject({ open: 'a', as: '{}' });
    expect(await read()).toMatchObject({ read: [{ sample: { spans: { as: '{}' } } }] });
  });

  test('when their chunks are removed, then nothing is known of them any more', async () => {
    const disk = createMemoryDisk();
    const { append, read, deliver } = await openDisk(disk.open);
    await append([changed('c/a', 'a')]);
    await append([changed('c/b', 'b')]);
    await read();
    await deliver(1);
    const { outbox } = await openDisk(disk.open);
    expect([...outbox.spansAtOpening().keys()]).toEqual(['c/b']);
  });

  test('when their chunks are folded into one, then they are known until that one is removed', async () => {
    const disk = createMemoryDisk();
    const { append } = await openDisk(disk.open, { maxBytes: 900 });
    for (let at = 0; at < 8; at += 1) await append([changed('c/a', 'a'), changed(`c/${at}`, 'b')]);
    const chunks = [...disk.entries.keys()].filter((key) => key.startsWith('chunk/'));
    expect(chunks.length).toBeLessThan(8);
    const { outbox, read, deliver } = await openDisk(disk.open);
    expect([...outbox.spansAtOpening().keys()]).toContain('c/a');
    while ((await read()) !== null) await deliver(100);
    expect([...disk.entries.keys()]).toEqual(['meta']);
  });
});

describe('given a store in its second life', () => {
  test('when places are given, then those of the first come before them, also where they are read back', async () => {
    const disk = createMemoryDisk();
    const first = await openDisk(disk.open);
    const early = sampleOf('c/g', ['a']);
    await first.append([early]);
    const second = await openDisk(disk.open);
    const late = sampleOf('c/g', ['b']);
    await second.append([late]);
    expect(late.place).toEqual({ store: early.place?.store, life: 2, index: 1 });
    expect(await second.read()).toMatchObject({
      read: [{ sample: { place: { store: early.place?.store, life: 1, index: 1 } } }],
    });
  });
});

describe('given a sample that is larger than all that may be on disk', () => {
  test('when it comes, then it waits in memory, and what comes after it is not held up', async () => {
    const disk = createMemoryDisk();
    const { append, outbox, read } = await openDisk(disk.open, { maxBytes: 2000 });
    const samples = [sampleOf('c/g', ['a'.repeat(5000)]), sampleOf('c/g', ['b'])];
    for (const sample of samples) await append([sample]);
    expect(outbox.take(1e9)).toEqual(samples.slice(0, 1));
    // What is small is written all the same.
    expect(outbox.unsafeSamples()).toBe(1);
    expect(outbox.mode()).toBe('draining');
    expect((await read())?.read).toMatchObject([{ sample: { place: samples[1]?.place } }]);
  });

  test('when it comes while others are on disk, then none of those is dropped for it', async () => {
    const disk = createMemoryDisk();
    const { append, outbox, drops } = await openDisk(disk.open, { maxBytes: 2000 });
    for (const line of ['a', 'b']) await append([sampleOf('c/g', [`0 ${line}`, line])]);
    await append([sampleOf('c/g', ['c'.repeat(5000)])]);
    expect(drops).toEqual([]);
    expect(outbox.depth()).toMatchObject({ samples: 3 });
  });
});

describe('given zero bounds that are folded in several steps', () => {
  /** So large that some of them fill the disk, and two of them are folded at once. */
  const large = (name: string): EncodedSample =>
    sampleOf(
      'c/g',
      Array.from({ length: 150 }, (_, at) => `0 ${name} ${at} ${'x'.repeat(1000)}`),
    );

  test('when the disk is full before the last step and chunks are read back meanwhile, then folding begins again and ends', async () => {
    const { open } = createMemoryDisk();
    let records = 0;
    const count = (of: { readonly records: number }): void => void (records += of.records);
    const outbox = createDiskOutbox(
      {
        isStuck: () => true,
        onChanged: () => undefined,
        onReady: () => undefined,
        onDropped: (drops) => drops.forEach(count),
        onLost: count,
      },
      { memoryBytes: 1e9, maxBytes: 1.2e6, bytesPerSecond: 1e12 },
    );
    const runner = createSilentRunner(open);
    let nowMs = 0;
    const seen = { folds: 0, isFull: false };

    async function work(isSaving: boolean): Promise<void> {
      for (let steps = 0; ; steps += 1) {
        expect(steps).toBeLessThan(100);
        const step = outbox.nextStep(nowMs, isSaving);
        if (step.do === 'rest') return;
        if (!seen.isFull && seen.folds === 1 && step.do === 'checkRoom') {
          seen.isFull = true;
          outbox.failed(step, 'full', nowMs);
          continue;
        }
        outbox.done(await runner.perform(step), nowMs);
        if (step.do !== 'shrink' || step.how !== 'fold') continue;
        seen.folds += 1;
        nowMs += 1000;
      }
    }
    const wasFull = (): boolean => seen.isFull;
    function deliver(): void {
      for (const sample of outbox.take(1e9)) records += sample.recordCount;
      outbox.settle(outbox.inFlight());
    }

    for (let at = 0; at < 20; at += 1) {
      outbox.add(large(String(at)), nowMs);
      nowMs += 2000;
      await work(true);
      if (wasFull()) {
        await work(false);
        deliver();
      }
    }
    expect(seen.isFull).toBe(true);
    for (let round = 0; round < 20; round += 1) {
      nowMs += 60_000;
      await work(false);
      deliver();
    }
    expect(outbox.depth().samples).toBe(0);
    expect(records).toBe(20 * 150);
  });
});

describe('given samples that came before the store was open', () => {
  async function openedWith(disk: MemoryDisk) {
    const outbox = createDiskOutbox(
      {
        isStuck: () => false,
        onChanged: () => undefined,
        onReady: () => undefined,
        onDropped: () => undefined,
        onLost: () => undefined,
      },
      { memoryBytes: 1e6, maxBytes: 1e6, bytesPerSecond: 1e6 },
    );
    const samples = [sampleOf('c/g', ['a']), sampleOf('c/g', ['b'])];
    for (const sample of samples) outbox.add(sample, 0);
    const contents = await readContents(await disk.open('/spool'));
    outbox.done({ do: 'open', moveAside: false, unread: NOTHING, contents, lost: NOTHING }, 0);
    return samples.map(({ place }) => place?.index);
  }

  test('when nothing is on disk, then they get their places in order', async () => {
    expect(await openedWith(createMemoryDisk())).toEqual([1, 2]);
  });

  test('when something is, then they have none, since they are delivered before it', async () => {
    const disk = createMemoryDisk();
    const { append } = await openDisk(disk.open);
    await append([sampleOf('c/g', ['old'])]);
    expect(await openedWith(disk)).toEqual([undefined, undefined]);
  });
});

describe('given the note that a store keeps of how much it holds', () => {
  function samplesOnDisk(disk: MemoryDisk): number {
    const facts = [...disk.entries].filter(([key]) => key.startsWith('facts/'));
    return facts.reduce(
      (sum, [, value]) => sum + (JSON.parse(value.toString('utf8', 4)) as { samples: number }).samples,
      0,
    );
  }
  const noted = (disk: MemoryDisk): number => decodeNote(disk.note)?.samples ?? 0;

  test('when chunks come, shrink and go, then it never says more than there is, and the same in the end', async () => {
    const disk = createMemoryDisk();
    const open: OpenStore = async (path) => {
      const store = await disk.open(path);
      return {
        ...store,
        async write(...args) {
          await store.write(...args);
          expect(noted(disk)).toBeLessThanOrEqual(samplesOnDisk(disk));
        },
        async writeNote(...args) {
          await store.writeNote(...args);
          expect(noted(disk)).toBeLessThanOrEqual(samplesOnDisk(disk));
        },
      };
    };
    const { append, read, deliver, drops } = await openDisk(open, { maxBytes: 3000 });
    for (let at = 0; at < 60; at += 1) {
      await append([sampleOf('c/g', [`0 ${at}`, 'v'.repeat(200)])]);
      if (at % 5 === 4) await read();
      if (at % 10 === 9) await deliver(1);
      expect(noted(disk)).toBe(samplesOnDisk(disk));
    }
    expect(drops.length).toBeGreaterThan(10);
  });
});
