import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createOutbox, type Drop } from '../../src/outbox/outbox.ts';
import { StoreFault, type Store } from '../../src/store/store.ts';
import { createMemoryDisk, type MemoryDisk } from '../store/memory-store.ts';
import { createFakeSink } from './fake-sink.ts';
import { createManualTime } from './manual-time.ts';
import { linesOf, sampleOf } from './sample-of.ts';

const forever = new AbortController().signal;

async function live(disk: MemoryDisk, path = '/spool', bytesPerSecond = 1e9) {
  disk.crash();
  const time = createManualTime();
  const sink = createFakeSink();
  const delivered: string[] = [];
  const drops: Drop[] = [];
  const logged: string[] = [];
  const write = (line: string): void => void logged.push((JSON.parse(line) as { msg: string }).msg);
  const outbox = createOutbox(
    {
      sink,
      clock: time,
      monotonicMs: time.monotonicMs,
      scheduler: time,
      log: pino({ level: 'warn' }, { write }),
      onAcknowledged(samples) {
        delivered.push(...samples.flatMap(linesOf));
        // As the encoder does: their bytes are those of other samples from now on.
        for (const { bytes } of samples) bytes.fill('#');
      },
      onDropped: (drop) => void drops.push(drop),
      openStore: disk.open,
    },
    { memoryBytes: 20_000, batchBytes: 500, disk: { path, maxBytes: 1e9, bytesPerSecond } },
  );
  const started = outbox.start(forever);
  void started.catch(() => undefined);
  await time.advance(0);
  async function drain(rounds = 200): Promise<void> {
    for (let round = 0; outbox.depth().samples > 0 && round < rounds; round += 1) {
      if (sink.pending().length > 0) sink.acknowledge();
      await time.advance(1000);
    }
  }
  return { outbox, time, sink, delivered, drops, logged, started, drain };
}

/** Leaves samples on the disk, each in a chunk of its own, and dies. */
async function leave(disk: MemoryDisk, lines: readonly string[]): Promise<void> {
  const { outbox, time } = await live(disk);
  for (const line of lines) {
    outbox.offer(sampleOf('c/g', [line]));
    await time.advance(1500);
  }
}

const chunks = (disk: MemoryDisk): string[] =>
  [...disk.entries.keys()].filter((key) => key.startsWith('chunk/')).sort();

describe('given a chunk that cannot be read', () => {
  test('when that stays so, then it is counted as lost in the end, and what lies behind it is delivered', async () => {
    const disk = createMemoryDisk();
    await leave(disk, ['a', 'b', 'c']);
    disk.unreadable.set(chunks(disk)[1] ?? '', 'failed');
    const { delivered, drops, drain, outbox } = await live(disk);
    await drain();
    expect(delivered).toEqual(['a', 'c']);
    expect(drops).toEqual([{ cluster: '', samples: 1, records: 1, cause: 'lost' }]);
    expect(outbox.condition()).toMatchObject({ state: 'faulty' });
  });

  test('when it can be read after a while, then nothing is lost', async () => {
    const disk = createMemoryDisk();
    await leave(disk, ['a', 'b', 'c']);
    disk.unreadable.set(chunks(disk)[0] ?? '', 'failed');
    const { delivered, drops, drain, time } = await live(disk);
    await time.advance(5000);
    disk.unreadable.clear();
    await drain();
    expect([delivered, drops]).toEqual([['a', 'b', 'c'], []]);
  });
});

describe('given a disk that fails at the very start', () => {
  test.each(['full', 'failed', 'readOnly'] as const)(
    'when it is %s and then works again, then what was left there is delivered',
    async (kind) => {
      const disk = createMemoryDisk();
      await leave(disk, ['a', 'b']);
      const { open } = disk;
      // It opens and cannot be written.
      const faulty = { ...disk, open: async (path: string) => ({ ...(await open(path)), write: refuse }) };
      const refuse = (): Promise<never> => Promise.reject(new StoreFault(kind, `/spool: ${kind}`));
      let isFaulty = true;
      const life = await live({
        ...disk,
        open: (path) => (isFaulty ? faulty.open(path) : open(path)),
      });
      await life.time.advance(10_000);
      expect(life.outbox.condition()).toMatchObject({ state: 'faulty' });
      isFaulty = false;
      await life.time.advance(40_000);
      await life.drain();
      expect(life.delivered).toEqual(['a', 'b']);
      expect(life.outbox.condition()).toMatchObject({ state: 'ok' });
    },
  );
});

describe('given a store that cannot be opened any more', () => {
  test('when that is over after half an hour, then nothing was lost that waited in it', async () => {
    const disk = createMemoryDisk();
    await leave(disk, ['a', 'b', 'c']);
    const open: MemoryDisk['open'] = (path) =>
      disk.fault === null ? disk.open(path) : Promise.reject(new StoreFault('denied', path));
    // All but the first one are still to be read.
    const { time, delivered, drops, drain, outbox } = await live({ ...disk, open }, '/spool', 50);
    disk.fault = 'denied';
    // The first write finds out.
    outbox.offer(sampleOf('c/g', ['d']));
    await time.advance(30 * 60_000);
    disk.fault = null;
    await time.advance(40_000);
    await drain();
    expect([delivered, drops]).toEqual([['a', 'b', 'c', 'd'], []]);
  });
});

describe('given a disk that hangs', () => {
  test('when it does so from the start, then the start ends, it is told, and memory serves', async () => {
    const disk = createMemoryDisk();
    disk.hangs = true;
    const { outbox, time, started, delivered, drain } = await live(disk);
    outbox.offer(sampleOf('c/g', ['a']));
    await time.advance(31_000);
    await started;
    expect(outbox.condition()).toMatchObject({
      state: 'faulty',
      reason: expect.stringContaining('the disk has not answered for 30 s') as string,
    });
    await drain();
    expect(delivered).toEqual(['a']);
  });

  test('when it does so in mid-life, then deliveries go on, and a stop ends', async () => {
    const disk = createMemoryDisk();
    const { outbox, time, delivered, drain } = await live(disk);
    outbox.offer(sampleOf('c/g', ['a']));
    await time.advance(1500);
    disk.hangs = true;
    outbox.offer(sampleOf('c/g', ['b']));
    await drain();
    expect(delivered).toEqual(['a', 'b']);
    const deadline = new AbortController();
    let isStopped = false;
    const stopped = outbox.stop(deadline.signal).then(() => (isStopped = true));
    await time.advance(3000);
    deadline.abort(new Error('deadline'));
    await time.advance(5000);
    expect(isStopped).toBe(true);
    await stopped;
  });

  test('when it answers again, then it is used again', async () => {
    const disk = createMemoryDisk();
    disk.hangs = true;
    const { outbox, time } = await live(disk);
    await time.advance(31_000);
    disk.hangs = false;
    await time.advance(100_000);
    expect(outbox.condition()).toMatchObject({ state: 'ok' });
    outbox.offer(sampleOf('c/g', ['a']));
    await time.advance(2000);
    expect(chunks(disk)).toHaveLength(1);
  });
});

describe('given a disk that is slow to tell its room', () => {
  test('when samples arrive meanwhile, then what is written is what they were', async () => {
    const disk = createMemoryDisk();
    const written: string[] = [];
    const open = async (path: string): Promise<Store> => {
      const store = await disk.open(path);
      return {
        ...store,
        write(changes, options) {
          written.push(...changes.map(({ key, value }) => `${key} ${value?.toString('latin1') ?? ''}`));
          return store.write(changes, options);
        },
      };
    };
    const { outbox, time, sink, delivered } = await live(
      Object.assign(Object.create(disk) as MemoryDisk, { open }),
    );
    await time.advance(5000);
    let tell: () => void = () => undefined;
    disk.beforeRoom = () => new Promise((resolve) => (tell = resolve));
    outbox.offer(sampleOf('c/g', ['precious']));
    await time.advance(1500);
    sink.acknowledge();
    tell();
    await time.advance(0);
    expect(delivered).toEqual(['precious']);
    const ofChunks = written.filter((text) => text.startsWith('chunk/') && text.length > 30);
    expect(ofChunks).toEqual([expect.stringContaining('precious')]);
  });
});

describe('given a store whose every write says that it is damaged', () => {
  test('when opening it anew does not help, then it is set aside, what is in it is counted, and a new one begun', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'bad-disk-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const disk = createMemoryDisk();
    await leave(disk, ['a', 'b']);
    const fresh = createMemoryDisk();
    const path = join(folder, 'spool');
    await mkdir(path);
    const isThere = async (): Promise<boolean> => (await readdir(folder)).includes('spool');
    const open = async (at: string): Promise<Store> => {
      if (!(await isThere())) return fresh.open(at);
      const store = await disk.open(at);
      return {
        ...store,
        write: () => Promise.reject(new StoreFault('corrupt', `${at}: what it holds is damaged`)),
      };
    };
    const life = await live({ ...disk, open }, path);
    for (let round = 0; round < 50 && (await isThere()); round += 1) await life.time.advance(1000);
    life.outbox.offer(sampleOf('c/g', ['new']));
    for (let round = 0; round < 50 && chunks(fresh).length === 0; round += 1) {
      await life.time.advance(2000);
      await settledFiles();
    }
    expect(chunks(fresh)).toHaveLength(1);
    expect((await readdir(folder)).filter((name) => name.startsWith('spool.corrupt-'))).toHaveLength(1);
    expect(life.logged).toContain('The outbox on disk is damaged: samples in it are lost');
  });
});

/** Renaming takes real time. */
function settledFiles(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 5);
  });
}
