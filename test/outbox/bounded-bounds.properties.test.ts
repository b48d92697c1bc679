import fc from 'fast-check';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { createOutbox, type Drop } from '../../src/outbox/outbox.ts';
import type { EncodedSample } from '../../src/records/encoded-sample.ts';
import { createMemoryDisk } from '../store/memory-store.ts';
import { createFakeSink } from './fake-sink.ts';
import { createManualTime } from './manual-time.ts';
import { linesOf, sampleOf } from './sample-of.ts';

/** A series of one group, as its twin machine makes it: 0, values, 0. */
interface Twin {
  readonly key: string;
  readonly name: string;
  isOpen: boolean;
}

const GROUPS = 3;
const SERIES_A_GROUP = 3;

function twins(): Twin[][] {
  return Array.from({ length: GROUPS }, (_, group) =>
    Array.from({ length: SERIES_A_GROUP }, (_, partition) => ({
      key: `c/g${group}`,
      name: `burrow.c.g${group}.t.${partition}.Lag`,
      isOpen: false,
    })),
  );
}

/** One poll of a group: a lag of its partitions each, 0 or more. */
function poll(group: readonly Twin[], lags: readonly number[], seconds: number): EncodedSample | null {
  const bounds: number[] = [];
  const lines: string[] = [];
  const line = (twin: Twin, value: number, at: number): void => {
    lines.push(`${twin.name} ${value} ${at} source="s 0 1" consumer="${twin.key}"`);
  };
  for (const [partition, twin] of group.entries()) {
    const lag = lags[partition] ?? 0;
    if (!twin.isOpen && lag === 0) continue;
    if (!twin.isOpen) {
      bounds.push(lines.length);
      line(twin, 0, seconds - 1);
    }
    if (lag === 0) bounds.push(lines.length);
    line(twin, lag, seconds);
    twin.isOpen = lag > 0;
  }
  if (lines.length === 0) return null;
  return { ...sampleOf(group[0]?.key ?? '', lines), bounds };
}

const history = fc.array(
  fc.record({
    group: fc.nat(GROUPS - 1),
    lags: fc.array(fc.constantFrom(0, 0, 1, 22), { minLength: SERIES_A_GROUP, maxLength: SERIES_A_GROUP }),
    /** How many samples the sink takes then. */
    takes: fc.constantFrom(0, 0, 0, 0, 0, 1, 3),
  }),
  { minLength: 20, maxLength: 250 },
);

interface Point {
  readonly value: number;
  readonly at: number;
}

function seriesOf(lines: readonly string[]): Map<string, Point[]> {
  const all = new Map<string, Point[]>();
  for (const line of lines) {
    const [name = '', value, at] = line.split(' ');
    all.set(name, [...(all.get(name) ?? []), { value: Number(value), at: Number(at) }]);
  }
  return all;
}

/**
 * What is wrong with a series: times that do not increase, and values whose span does not begin or end with the very 0
 * that it was offered with.
 */
function faultsOf(points: readonly Point[], offered: readonly Point[]): string[] {
  return points.flatMap((point, at) => {
    const before = points[at - 1];
    if (before !== undefined && before.at >= point.at) return [`time goes back at ${point.at}`];
    if (point.value === 0) return [];
    const faults: string[] = [];
    const isZero = ({ value }: Point): boolean => value === 0;
    const start = points.slice(0, at).findLast(isZero)?.at;
    const end = points.slice(at).find(isZero)?.at;
    if (start !== offered.findLast((each) => isZero(each) && each.at < point.at)?.at) {
      faults.push(`no 0 before ${point.at}`);
    }
    if (end !== offered.find((each) => isZero(each) && each.at > point.at)?.at) {
      faults.push(`no 0 after ${point.at}`);
    }
    return faults;
  });
}

function faultsOfAll(delivered: readonly string[], offered: readonly string[]): string[] {
  const all = seriesOf(offered);
  return [...seriesOf(delivered)].flatMap(([name, points]) => faultsOf(points, all.get(name) ?? []));
}

async function run(
  steps: readonly { readonly group: number; readonly lags: readonly number[]; readonly takes: number }[],
  { memoryBytes, diskBytes }: { readonly memoryBytes: number; readonly diskBytes: number | null },
) {
  const time = createManualTime();
  const sink = createFakeSink();
  const delivered: string[] = [];
  const drops: Drop[] = [];
  const disk = createMemoryDisk();
  const outbox = createOutbox(
    {
      sink,
      clock: time,
      monotonicMs: time.monotonicMs,
      scheduler: time,
      log: pino({ level: 'silent' }),
      onAcknowledged: (samples) => void delivered.push(...samples.flatMap(linesOf)),
      onDropped: (drop) => void drops.push(drop),
      openStore: disk.open,
    },
    {
      memoryBytes,
      batchBytes: 300,
      ...(diskBytes !== null && { disk: { path: '/spool', maxBytes: diskBytes, bytesPerSecond: 1e9 } }),
    },
  );
  await outbox.start(new AbortController().signal);
  const groups = twins();
  const offered: string[] = [];
  let seconds = 1_700_000_000;
  let [mostBytes, mostDiskBytes] = [0, 0];
  const offer = async (group: number, lags: readonly number[]): Promise<void> => {
    seconds += 30;
    const sample = poll(groups[group] ?? [], lags, seconds);
    if (sample === null) return;
    offered.push(...linesOf(sample));
    outbox.offer(sample);
    mostBytes = Math.max(mostBytes, outbox.depth().bytes);
    await time.advance(600);
    mostBytes = Math.max(mostBytes, outbox.depth().bytes);
    mostDiskBytes = Math.max(mostDiskBytes, outbox.depth().diskBytes);
  };
  for (const { group, lags, takes } of steps) {
    await offer(group, lags);
    if (takes > 0 && sink.pending().length > 0) sink.acknowledge(Math.min(takes, sink.pending().length));
  }
  // Everything ends, as at a stop.
  for (let group = 0; group < GROUPS; group += 1) await offer(group, []);
  for (let round = 0; outbox.depth().samples > 0 && round < 2000; round += 1) {
    if (sink.pending().length > 0) sink.acknowledge();
    await time.advance(200);
  }
  await outbox.stop(AbortSignal.abort());
  return { delivered, offered, drops, mostBytes, mostDiskBytes };
}

const rests = (drops: readonly Drop[]): number =>
  drops.filter(({ samples, cause }) => samples === 0 && cause === 'full').length;

describe('given a sink that is away, and little room', () => {
  test.each([
    ['memory', { memoryBytes: 20_000, diskBytes: null }],
    ['a disk', { memoryBytes: 20_000, diskBytes: 12_000 }],
  ])(
    'when bounds fit into %s once they are folded, then no value lacks its 0, and the room suffices',
    async (_where, room) => {
      await fc.assert(
        fc.asyncProperty(history, async (steps) => {
          const { delivered, drops, offered, mostBytes, mostDiskBytes } = await run(steps, room);
          expect(rests(drops)).toBe(0);
          expect(mostBytes).toBeLessThanOrEqual(room.memoryBytes);
          expect(mostDiskBytes).toBeLessThanOrEqual(room.diskBytes ?? 0);
          const known = new Set(offered);
          for (const line of delivered) expect(known.has(line)).toBe(true);
          expect(faultsOfAll(delivered, offered)).toEqual([]);
        }),
        { numRuns: 60 },
      );
    },
  );

  test.each([
    ['memory', { memoryBytes: 2500, diskBytes: null }],
    ['a disk', { memoryBytes: 20_000, diskBytes: 4000 }],
  ])(
    'when not even those fit into %s, then what lacks its 0 is counted, times increase, and the room suffices',
    async (_where, room) => {
      await fc.assert(
        fc.asyncProperty(history, async (steps) => {
          const { delivered, drops, offered, mostBytes, mostDiskBytes } = await run(steps, room);
          expect(mostBytes).toBeLessThanOrEqual(room.memoryBytes);
          expect(mostDiskBytes).toBeLessThanOrEqual(room.diskBytes ?? 0);
          const known = new Set(offered);
          for (const line of delivered) expect(known.has(line)).toBe(true);
          const faults = faultsOfAll(delivered, offered);
          expect(faults.filter((fault) => fault.startsWith('time'))).toEqual([]);
          if (rests(drops) === 0) expect(faults).toEqual([]);
        }),
        { numRuns: 60 },
      );
    },
  );

  test.each([
    ['memory', 6000, { memoryBytes: 20_000, diskBytes: null }],
    ['a disk', 2500, { memoryBytes: 20_000, diskBytes: 12_000 }],
  ])(
    'when it is away for long with %s, then what is held stays within the room',
    async (_where, polls, room) => {
      const steps = Array.from({ length: polls }, (_, at) => ({
        group: at % GROUPS,
        lags: [at % 2, (at >> 1) % 2, (at >> 2) % 2],
        takes: 0,
      }));
      const { delivered, offered, mostBytes, mostDiskBytes, drops } = await run(steps, room);
      expect(mostBytes).toBeLessThanOrEqual(room.memoryBytes);
      expect(mostDiskBytes).toBeLessThanOrEqual(room.diskBytes ?? 0);
      expect(rests(drops)).toBe(0);
      expect(faultsOfAll(delivered, offered)).toEqual([]);
    },
  );
});
