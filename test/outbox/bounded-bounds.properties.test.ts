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

/** What is wrong with a series: times that do not increase, values without a 0 before or after them. */
function faultsOf(points: readonly Point[]): string[] {
  return points.flatMap((point, at) => {
    const faults: string[] = [];
    const [before, after] = [points[at - 1], points[at + 1]];
    if (before !== undefined && before.at >= point.at) faults.push(`time goes back at ${point.at}`);
    if (point.value !== 0 && before === undefined) faults.push(`no 0 before ${point.at}`);
    if (point.value !== 0 && after === undefined) faults.push(`no 0 after ${point.at}`);
    return faults;
  });
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
          for (const [name, points] of seriesOf(delivered))
            expect([name, faultsOf(points)]).toEqual([name, []]);
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
          const faults = [...seriesOf(delivered).values()].flatMap(faultsOf);
          expect(faults.filter((fault) => fault.startsWith('time'))).toEqual([]);
          if (rests(drops) === 0) expect(faults).toEqual([]);
        }),
        { numRuns: 60 },
      );
    },
  );

  test('when it is away for a day, then what is held stays within the room', async () => {
    const steps = Array.from({ length: 6000 }, (_, at) => ({
      group: at % GROUPS,
      lags: [at % 2, (at >> 1) % 2, (at >> 2) % 2],
      takes: 0,
    }));
    const { mostBytes, drops } = await run(steps, { memoryBytes: 20_000, diskBytes: null });
    expect(mostBytes).toBeLessThanOrEqual(20_000);
    expect(rests(drops)).toBe(0);
  });
});
