import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sampleOverheadBytes, type DroppedSample } from '../../src/outbox/backlog.ts';
import {
  add,
  decodeChunk,
  describeChunk,
  encodeChunk,
  NOTHING,
  type Chunk,
  type Contents,
  type StoredChunk,
} from '../../src/outbox/disk-format.ts';
import type { Done, Step } from '../../src/outbox/disk-machine.ts';
import { createDiskOutbox, type DiskOutbox } from '../../src/outbox/disk-outbox.ts';
import { foldBounds, keepBounds, type Waiting } from '../../src/outbox/zero-bounds.ts';
import type { EncodedSample } from '../../src/records/encoded-sample.ts';
import type { StoreFaultKind } from '../../src/store/store.ts';
import { linesOf, sampleOf } from './sample-of.ts';

/** What comes of the steps that follow: so many of them fail. */
interface Trouble {
  readonly steps: number;
  readonly kind: StoreFaultKind;
  /** A change that is said to have failed may have been made all the same. */
  readonly isApplied: boolean;
}

/** Some six samples, so that it is full now and then. */
const MEMORY_BYTES = 5000;
const NO_TROUBLE: Trouble = { steps: 0, kind: 'failed', isApplied: false };

const LARGE = `v${'x'.repeat(300)}`;
const kinds = fc.array(fc.constantFrom('0', 'v', LARGE), { minLength: 1, maxLength: 4 });
const event = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({ is: fc.constant('offer' as const), kinds, key: fc.constantFrom('c/a', 'c/b') }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      is: fc.constantFrom('delivery' as const, 'refusal' as const),
      samples: fc.integer({ min: 1, max: 6 }),
    }),
  },
  { weight: 5, arbitrary: fc.record({ is: fc.constant('time' as const), ms: fc.nat(3000) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      is: fc.constant('silence' as const),
      isStuck: fc.constantFrom(true, true, false),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      is: fc.constant('trouble' as const),
      steps: fc.integer({ min: 1, max: 8 }),
      kind: fc.constantFrom('failed' as const, 'full' as const, 'readOnly' as const, 'hung' as const),
      isApplied: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('save' as const) }) },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('crash' as const) }) },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('damage' as const), at: fc.nat(20) }) },
);

type HistoryEvent = typeof event extends fc.Arbitrary<infer Each> ? Each : never;

const offer = (...offered: string[]): HistoryEvent => ({ is: 'offer', kinds: offered, key: 'c/a' });
/** Samples with a copy on disk are reduced in memory while the store has a fault: nothing is written twice. */
const REDUCED_COPIES: readonly HistoryEvent[] = [
  { is: 'time', ms: 0 },
  offer('0', 'v'),
  offer('0'),
  { is: 'silence', isStuck: true },
  { is: 'trouble', steps: 2, kind: 'failed', isApplied: false },
  ...[offer('0'), offer('0'), offer('0')],
  { is: 'time', ms: 800 },
  ...[offer('0'), offer(LARGE, LARGE), offer(LARGE, '0')],
  { is: 'time', ms: 1600 },
  { is: 'crash' },
];

/** A disk without I/O: what each step makes of the chunks on it. */
function createModelDisk() {
  /** By serial number. */
  const chunks = new Map<number, { chunk: StoredChunk; content: Buffer }>();
  const damaged = new Set<number>();
  let lives = 0;
  let nextSerial = 1;

  function put(chunk: Chunk, boundsOnly: boolean, content: Buffer): void {
    chunks.set(chunk.serial, { chunk: { ...chunk, boundsOnly }, content });
  }

  function readChunk(serial: number): readonly Waiting[] | null {
    const stored = chunks.get(serial);
    return stored === undefined || damaged.has(serial) ? null : decodeChunk(stored.content);
  }

  function contents(): Contents {
    const found = [...chunks.values()].map(({ chunk }) => chunk).sort((a, b) => a.serial - b.serial);
    lives += 1;
    return {
      meta: { id: 'store', lives, nextSerial },
      chunks: found,
      spans: new Map(),
      spansSerial: new Map(),
      toTidyUp: [],
      stored: NOTHING,
      lost: NOTHING,
      missingChunks: 0,
    };
  }

  function shrink(step: Extract<Step, { do: 'shrink' }>): Done {
    const { how, chunks: old } = step;
    const read: Waiting[] = [];
    let lost = NOTHING;
    for (const chunk of old) {
      const waiting = readChunk(chunk.serial);
      if (waiting === null) lost = add(lost, chunk);
      else read.push(...waiting);
    }
    const unread = [...chunks.keys()].filter((serial) => serial >= (old[0]?.serial ?? 0));
    const valuesLeft = unread.flatMap(
      (serial) => readChunk(serial)?.filter(({ sample }) => hasValues(sample)) ?? [],
    );
    if (how !== 'reduce') expect(valuesLeft).toEqual([]);
    for (const { serial } of old) {
      chunks.delete(serial);
      damaged.delete(serial);
    }
    if (how === 'drop') return { ...step, left: null, read, lost };
    const kept = how === 'fold' ? foldBounds(read) : read.flatMap(bounds);
    const content = encodeChunk(kept);
    const left = describeChunk(old.at(-1)?.serial ?? 0, kept, content);
    put(left, true, content);
    return { ...step, left, read, lost };
  }

  return {
    chunks,
    damaged,
    readChunk,
    bytes: () => [...chunks.values()].reduce((sum, { content }) => sum + content.length, 0),
    perform(step: Step, isFirst: boolean): Done {
      switch (step.do) {
        case 'open':
          expect(step.moveAside).toBe(false);
          return { ...step, contents: isFirst ? contents() : null, lost: NOTHING };
        case 'write':
          put(step.gathered.chunk, false, step.gathered.content);
          nextSerial = step.gathered.chunk.serial + 1;
          return step;
        case 'shrink':
          return shrink(step);
        case 'read':
          return { ...step, read: readChunk(step.chunk.serial) };
        case 'remove':
          for (const { serial } of step.chunks) chunks.delete(serial);
          return step;
        default:
          return step;
      }
    },
  };
}

const bounds = ({ sample, offeredMs }: Waiting): Waiting[] => {
  const kept = keepBounds(sample);
  return kept === null ? [] : [{ sample: kept, offeredMs }];
};
const hasValues = (sample: EncodedSample): boolean => sample.bounds.length < sample.unitEnds.length;
const isBound = (line: string): boolean => line.startsWith('0');
const serialOf = (line: string): number => Number(line.split(' ')[1]);

/** Plays a history on machines that follow each other on one disk, and remembers what came of every line. */
function play(maxBytes: number) {
  const disk = createModelDisk();
  const offered: string[] = [];
  /** Delivered, refused, counted as dropped or lost, or in the memory of a process that crashed. */
  const accounted = new Set<string>();
  /** Came before the store could be opened: what a former process has left on disk does not keep them waiting. */
  const early = new Set<string>();
  let delivered: string[] = [];
  let outbox = live();
  let hasOpened = false;
  let nowMs = 0;
  let isStuck = false;
  let trouble = NO_TROUBLE;
  let largestCost = 0;
  let orphan: number | null = null;

  function live(): DiskOutbox {
    delivered = [];
    return createDiskOutbox(
      {
        isStuck: () => isStuck,
        onChanged: () => undefined,
        onReady: () => undefined,
        onDropped: (dropped) => dropped.forEach(drop),
        onLost: () => undefined,
      },
      { memoryBytes: MEMORY_BYTES, maxBytes, bytesPerSecond: 1e6 },
    );
  }

  function drop({ sample, isRest }: DroppedSample): void {
    for (const line of linesOf(sample)) if (isRest || !isBound(line)) accounted.add(line);
  }

  function run(isSaving: boolean): void {
    for (let steps = 0; ; steps += 1) {
      expect(steps).toBeLessThan(2000);
      const step = outbox.nextStep(nowMs, isSaving);
      // Planning changes nothing.
      expect(outbox.nextStep(nowMs, isSaving)).toEqual(step);
      if (step.do === 'rest') return;
      const needsDisk = !['gather', 'postpone', 'takeBack'].includes(step.do);
      if (!needsDisk || trouble.steps === 0) {
        const done = disk.perform(step, !hasOpened);
        hasOpened ||= step.do === 'open';
        if (step.do === 'write' || (step.do === 'open' && done.do === 'open' && done.contents !== null))
          orphan = null;
        outbox.done(done, nowMs);
      } else {
        trouble = { ...trouble, steps: trouble.steps - 1 };
        if (trouble.isApplied && step.do === 'write') {
          disk.perform(step, false);
          orphan = step.gathered.chunk.serial;
        }
        outbox.failed(step, trouble.kind, nowMs);
      }
      expect(disk.bytes()).toBeLessThanOrEqual(maxBytes);
    }
  }

  function settle(samples: number, isDelivery: boolean): void {
    outbox.take(1000);
    const settled = outbox.settle(outbox.inFlight().slice(0, samples)).flatMap(linesOf);
    if (isDelivery) delivered.push(...settled);
    for (const line of settled) accounted.add(line);
    const serials = delivered.filter((line) => !early.has(line)).map(serialOf);
    expect(serials).toEqual(serials.toSorted((a, b) => a - b));
  }

  function checkMemory(): void {
    for (const { chunk } of disk.chunks.values()) {
      largestCost = Math.max(largestCost, chunk.bytes + chunk.samples * sampleOverheadBytes);
    }
    const inFlight = outbox.inFlight().reduce((sum, { bytes }) => sum + bytes.length + 600, 0);
    expect(outbox.depth().bytes).toBeLessThanOrEqual(Math.max(MEMORY_BYTES, inFlight) + largestCost);
  }

  function happen(each: HistoryEvent): void {
    const isAllNewest = ['memory', 'spilling'].includes(outbox.mode());
    switch (each.is) {
      case 'offer': {
        const sample = sampleOf(
          each.key,
          each.kinds.map((kind, at) => `${kind} ${offered.length + at}`),
        );
        offered.push(...linesOf(sample));
        if (!hasOpened) for (const line of linesOf(sample)) early.add(line);
        outbox.add(sample, nowMs).forEach(drop);
        break;
      }
      case 'delivery':
      case 'refusal':
        settle(each.samples, each.is === 'delivery');
        break;
      case 'time':
        nowMs += each.ms;
        break;
      case 'silence':
        ({ isStuck } = each);
        break;
      case 'trouble':
        trouble = each;
        break;
      case 'save':
        run(true);
        break;
      case 'crash': {
        const safe = new Set([...disk.chunks.keys()].flatMap((serial) => linesOfChunk(serial)));
        for (const line of offered) if (!safe.has(line)) accounted.add(line);
        outbox = live();
        hasOpened = false;
        orphan = null;
        break;
      }
      case 'damage': {
        const serial = [...disk.chunks.keys()][each.at];
        if (serial === undefined) break;
        // What is in memory, too, is delivered all the same, and counts as lost here.
        for (const line of linesOfChunk(serial)) accounted.add(line);
        disk.damaged.add(serial);
      }
    }
    run(false);
    checkMemory();
    if (!isStuck || !isAllNewest || maxBytes < 1e6) return;
    // The destination takes nothing: then all that waits is made safe.
    run(true);
    if (outbox.mode() !== 'broken') expect(outbox.unsafeSamples()).toBe(0);
  }

  function linesOfChunk(serial: number): string[] {
    return (disk.readChunk(serial) ?? []).flatMap(({ sample }) => linesOf(sample));
  }

  function drain(): void {
    trouble = NO_TROUBLE;
    isStuck = false;
    // What a write has left that is said to have failed is there until the next one, or the next process.
    if (orphan !== null) disk.chunks.delete(orphan);
    for (let round = 0; round === 0 || outbox.depth().samples + disk.chunks.size > 0; round += 1) {
      expect(round).toBeLessThan(1000);
      nowMs += 40_000;
      run(false);
      settle(100, true);
      run(false);
    }
  }

  return {
    happen,
    drain,
    missing: () => offered.filter((line) => !accounted.has(line)),
    mode: () => outbox.mode(),
  };
}

describe('given any history of offers, deliveries, refusals, failures of the disk and crashes', () => {
  test.each([800, 1500, 6000, 1e9])(
    'when all that waits is delivered from a disk of %i bytes, then nothing is missing that was kept',
    (maxBytes) => {
      fc.assert(
        fc.property(fc.array(event, { maxLength: 80, size: 'max' }), (history) => {
          const { happen, drain, missing, mode } = play(maxBytes);
          history.forEach(happen);
          drain();
          expect(missing()).toEqual([]);
          expect(mode()).toBe('memory');
        }),
        { numRuns: 200, examples: [[[...REDUCED_COPIES]]] },
      );
    },
  );
});
