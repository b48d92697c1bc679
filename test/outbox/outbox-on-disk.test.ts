import { access, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { pino } from 'pino';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createOutbox } from '../../src/outbox/outbox.ts';
import type { Drop, Outbox } from '../../src/outbox/outbox.ts';
import { decodeChunk } from '../../src/outbox/disk-format.ts';
import type { EncodedSample, SamplePlace } from '../../src/records/encoded-sample.ts';
import { StoreFault, type Store } from '../../src/store/store.ts';
import { createMemoryDisk, type MemoryDisk } from '../store/memory-store.ts';
import { createFakeSink, type FakeSink } from './fake-sink.ts';
import { createManualTime, settled, type ManualTime } from './manual-time.ts';
import { linesOf, sampleOf } from './sample-of.ts';

interface Life {
  readonly outbox: Outbox;
  readonly sink: FakeSink;
  readonly time: ManualTime;
  /** Lines in the order in which the sink has acknowledged them. */
  readonly delivered: string[];
  readonly drops: Drop[];
  readonly logged: Record<string, unknown>[];
}

const small = { memoryBytes: 6000, maxBytes: 1e9, bytesPerSecond: 1e9, path: '/spool' };

/** An outbox on this disk. The one before it, if any, has died with all that it had in memory. */
async function live(disk: MemoryDisk, options: Partial<typeof small> = {}): Promise<Life> {
  const { memoryBytes, ...ofDisk } = { ...small, ...options };
  disk.crash();
  const time = createManualTime();
  const sink = createFakeSink();
  const delivered: string[] = [];
  const drops: Drop[] = [];
  const logged: Record<string, unknown>[] = [];
  const outbox = createOutbox(
    {
      sink,
      clock: time,
      monotonicMs: time.monotonicMs,
      scheduler: time,
      log: pino(
        {},
        { write: (line: string) => void logged.push(JSON.parse(line) as Record<string, unknown>) },
      ),
      onAcknowledged: (samples) => void delivered.push(...samples.flatMap(linesOf)),
      onDropped: (drop) => void drops.push(drop),
      openStore: disk.open,
    },
    { memoryBytes, batchBytes: 500, disk: ofDisk },
  );
  await outbox.start(new AbortController().signal);
  return { outbox, sink, time, delivered, drops, logged };
}

/** Lets the sink take everything until nothing is left. */
async function drain({ outbox, sink, time }: Life): Promise<void> {
  for (let round = 0; outbox.depth().samples > 0; round += 1) {
    if (round > 2000) throw new Error(`${outbox.depth().samples} samples are stuck`);
    if (sink.pending().length > 0) sink.acknowledge();
    await time.advance(100);
  }
  await time.advance(200);
}

function linesOnDisk(disk: MemoryDisk): string[] {
  return [...disk.entries]
    .filter(([key]) => key.startsWith('chunk/'))
    .flatMap(([, chunk]) => (decodeChunk(chunk) ?? []).flatMap(({ sample }) => linesOf(sample)));
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

let serial = 0;
function someSample(kinds: readonly string[]): EncodedSample {
  return sampleOf(
    'c/g',
    kinds.map((kind) => `${kind} ${(serial += 1)}`),
  );
}
const serialOf = (line: string): number => Number(line.split(' ')[1]);
const isBound = (line: string): boolean => line.startsWith('0');

const kinds = fc.array(fc.constantFrom('0', 'v', `v${'x'.repeat(300)}`), { minLength: 1, maxLength: 4 });
const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('offer' as const), kinds }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('acknowledge' as const), count: fc.nat(4) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat(1500) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('crash' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('fault' as const),
      kind: fc.constantFrom('readOnly' as const, 'failed' as const, null),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('free' as const), bytes: fc.constantFrom(0, 1e12) }) },
);

describe('given any history of samples, deliveries, crashes and faults of the disk', () => {
  test('when all is over, then nothing is missing but what a crash took from memory and counted drops', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 60 }),
        fc.constantFrom(1500, 1e9),
        async (steps, maxBytes) => {
          const disk = createMemoryDisk();
          const options = { maxBytes };
          let life = await live(disk, options);
          const offered: string[] = [];
          const seen = new Set<string>();
          const mayBeMissing = new Set<string>();
          let [droppedRecords, droppedBounds] = [0, 0];
          const end = () => {
            for (const line of life.delivered) seen.add(line);
            const serials = life.delivered.map(serialOf);
            expect(serials).toEqual(serials.toSorted((a, b) => a - b));
            // What a store says of itself is never more than there is.
            expect(life.drops.filter(({ cause }) => cause === 'lost')).toEqual([]);
            for (const { samples, records } of life.drops) {
              droppedRecords += records;
              if (samples === 0) droppedBounds += records;
            }
          };
          for (const each of steps) {
            if (each.do === 'offer') {
              const sample = someSample(each.kinds);
              offered.push(...linesOf(sample));
              life.outbox.offer(sample);
            } else if (each.do === 'acknowledge') {
              const count = Math.min(each.count, life.sink.pending().length);
              if (count > 0) life.sink.acknowledge(count);
            } else if (each.do === 'wait') await life.time.advance(each.ms);
            else if (each.do === 'fault') disk.fault = each.kind;
            else if (each.do === 'free') disk.freeBytes = each.bytes;
            else {
              end();
              const safe = new Set(linesOnDisk(disk));
              for (const line of offered) if (!seen.has(line) && !safe.has(line)) mayBeMissing.add(line);
              Object.assign(disk, { fault: null, freeBytes: 1e12 });
              life = await live(disk, options);
            }
          }
          Object.assign(disk, { fault: null, freeBytes: 1e12 });
          await life.time.advance(40_000);
          await drain(life);
          end();
          const missing = offered.filter((line) => !seen.has(line) && !mayBeMissing.has(line));
          // These bounds belong to no series, so they cannot be folded.
          expect(missing.filter(isBound).length).toBeLessThanOrEqual(droppedBounds);
          if (maxBytes > 1e6) expect(droppedBounds).toBe(0);
          expect(missing.length).toBeLessThanOrEqual(droppedRecords);
          expect(linesOnDisk(disk)).toEqual([]);
          await life.outbox.stop(AbortSignal.abort());
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('given a destination that takes nothing', () => {
  test('when a second has passed, then what waits in memory is on disk, and what comes later, too', async () => {
    const disk = createMemoryDisk();
    const life = await live(disk);
    const first = someSample(['v', 'v']);
    life.outbox.offer(first);
    await life.time.advance(1200);
    expect(linesOnDisk(disk)).toEqual(linesOf(first));
    const later = someSample(['0', 'v']);
    life.outbox.offer(later);
    await life.time.advance(200);
    expect(linesOnDisk(disk)).toEqual([...linesOf(first), ...linesOf(later)]);
  });

  test('when the next life finds a destination, then all of it arrives before anything newer', async () => {
    const disk = createMemoryDisk();
    const before = await live(disk);
    const old = Array.from({ length: 40 }, () => someSample([`v${'x'.repeat(300)}`, '0']));
    for (const sample of old) {
      before.outbox.offer(sample);
      await before.time.advance(100);
    }
    await before.time.advance(1000);
    const after = await live(disk);
    const fresh = someSample(['v']);
    after.outbox.offer(fresh);
    await drain(after);
    expect(after.delivered).toEqual([...old, fresh].flatMap(linesOf));
    expect(after.drops).toEqual([]);
    expect([...disk.entries.keys()]).toEqual(['meta']);
  });

  test('when it is stopped, then everything is on disk and the log says how much', async () => {
    const disk = createMemoryDisk();
    const life = await live(disk);
    const samples = [someSample(['0', 'v']), someSample(['v'])];
    for (const sample of samples) life.outbox.offer(sample);
    await life.time.advance(20);
    await life.outbox.stop(AbortSignal.abort());
    expect(linesOnDisk(disk)).toEqual(samples.flatMap(linesOf));
    expect(life.logged.at(-1)).toMatchObject({ level: 40, samples: 2 });
    expect(life.logged.filter(({ level }) => level === 50)).toEqual([]);
  });

  test('when the disk holds its maximum, then the oldest samples go but for their zero bounds', async () => {
    const disk = createMemoryDisk();
    const life = await live(disk, { maxBytes: 400_000 });
    const big = `v${'x'.repeat(50_000)}`;
    const samples = Array.from({ length: 12 }, () => someSample(['0', big]));
    for (const sample of samples) {
      life.outbox.offer(sample);
      await life.time.advance(300);
    }
    expect(life.drops.length).toBeGreaterThan(3);
    expect(life.outbox.condition()).toMatchObject({ state: 'faulty' });
    expect(life.outbox.condition()).toHaveProperty('reason', expect.stringContaining('outbox.disk.max'));
    await drain(life);
    expect(life.delivered.filter(isBound)).toEqual(samples.flatMap(linesOf).filter(isBound));
    expect(life.outbox.condition()).toMatchObject({ state: 'ok' });
  });
});

describe('given a disk with a fault', () => {
  test('when it is full, then it says so, memory serves, and it is used again once there is room', async () => {
    const disk = createMemoryDisk();
    disk.freeBytes = 1000;
    const life = await live(disk);
    const first = someSample(['v']);
    life.outbox.offer(first);
    await life.time.advance(1500);
    expect(life.outbox.condition()).toMatchObject({
      state: 'faulty',
      reason:
        'the outbox on disk cannot be written, so samples wait in memory: /spool: the disk is full: free some space',
    });
    expect(linesOnDisk(disk)).toEqual([]);
    disk.freeBytes = 1e12;
    await life.time.advance(40_000);
    expect(life.outbox.condition()).toMatchObject({ state: 'ok' });
    expect(linesOnDisk(disk)).toEqual(linesOf(first));
    await drain(life);
    expect(life.delivered).toEqual(linesOf(first));
    const levels = life.logged.map(({ level, msg }) => [level, msg]);
    expect(levels).toEqual([
      [50, 'The outbox on disk cannot be written: samples wait in memory only'],
      [30, 'The outbox on disk works again'],
    ]);
  });

  test('when memory is full, too, then the oldest whole samples go and polling is never held up', async () => {
    const disk = createMemoryDisk();
    disk.fault = 'readOnly';
    const life = await live(disk, { memoryBytes: 18_000 });
    const samples = Array.from({ length: 30 }, () => someSample(['0', `v${'x'.repeat(300)}`]));
    for (const sample of samples) life.outbox.offer(sample);
    await drain(life);
    expect(life.drops.length).toBeGreaterThan(5);
    expect(life.delivered.filter(isBound)).toEqual(samples.flatMap(linesOf).filter(isBound));
  });

  test('when another process has it, then the start fails and says so', async () => {
    const disk = createMemoryDisk();
    disk.fault = 'locked';
    await expect(live(disk)).rejects.toMatchObject({ kind: 'locked' });
  });
});

describe('given a disk that is found damaged in mid-life', () => {
  test('when a new store is begun, then what waits is safe in it until it has arrived', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rainbow-outbox-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const path = join(folder, 'spool');
    await mkdir(path);
    const [damaged, fresh] = [createMemoryDisk(), createMemoryDisk()];
    /** Opens the damaged one until it has been moved aside. */
    const open = async (at: string): Promise<Store> => {
      if (damaged.fault === null) return damaged.open(at);
      if (await exists(path)) throw new StoreFault('corrupt', `${path}: damaged`);
      return fresh.open(at);
    };
    const life = await live({ ...damaged, open }, { path });
    const [first, second] = [someSample(['v']), someSample(['v'])];
    life.outbox.offer(first);
    await life.time.advance(1500);
    damaged.fault = 'failed';
    life.outbox.offer(second);
    // Moving it aside takes time of its own.
    const safe = async (): Promise<string[]> => {
      await life.time.advance(100);
      return linesOnDisk(fresh);
    };
    await expect.poll(safe).toEqual([...linesOf(first), ...linesOf(second)]);
    life.sink.acknowledge(1);
    await life.time.advance(1000);

    const after = await live(fresh);
    await drain(after);
    expect(after.delivered).toContain(linesOf(second)[0]);
  });
});

describe('given samples that go straight to the destination', () => {
  test('when they are handed over, then each has its place, after those of the life before', async () => {
    const disk = createMemoryDisk();
    const before = await live(disk);
    before.outbox.offer(someSample(['v']));
    await before.time.advance(1500);
    const after = await live(disk);
    for (let count = 0; count < 3; count += 1) after.outbox.offer(someSample(['v']));
    const places: SamplePlace[] = [];
    for (let round = 0; places.length < 4 && round < 100; round += 1) {
      await after.time.advance(100);
      places.push(...after.sink.pending().flatMap(({ place }) => place ?? []));
      if (after.sink.pending().length > 0) after.sink.acknowledge();
    }
    expect(places.map(({ life, index }) => [life, index])).toEqual([
      [1, 1],
      [2, 1],
      [2, 2],
      [2, 3],
    ]);
  });
});

describe('given much on disk and a destination that is back', () => {
  test('when it is read back, then no faster than allowed beside what comes in', async () => {
    const disk = createMemoryDisk();
    const before = await live(disk);
    const old = Array.from({ length: 100 }, () => someSample([`v${'x'.repeat(1000)}`]));
    for (const sample of old) {
      before.outbox.offer(sample);
      await before.time.advance(100);
    }
    const after = await live(disk, { bytesPerSecond: 10_000, memoryBytes: 1e6 });
    onTestFinished(() => after.outbox.stop(AbortSignal.abort()));
    for (let round = 0; round < 30; round += 1) {
      if (after.sink.pending().length > 0) after.sink.acknowledge();
      await after.time.advance(100);
    }
    await settled();
    const bytes = after.delivered.reduce((sum, line) => sum + line.length, 0);
    expect(bytes).toBeGreaterThan(20_000);
    expect(bytes).toBeLessThan(50_000);
  });
});
