import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createEntryWriter, type Identity } from '../../src/ledger/ledger-entry.ts';
import { writeMarkKey } from '../../src/ledger/ledger-key.ts';
import { sortRecovered } from '../../src/ledger/recovered-spans.ts';
import { markSpans } from '../../src/ledger/mark-spans.ts';
import { createEncoder } from '../../src/records/sample-encoder.ts';
import type { EncodedSample } from '../../src/records/encoded-sample.ts';
import type { SampleRecords } from '../../src/records/record.ts';
import { createSeriesBook } from '../../src/series/create-series-book.ts';
import { createSinkWithLedger } from '../../src/sinks/ledgered-sink.ts';
import type { Sink } from '../../src/sinks/sink.ts';
import { faultsOf, toSeries } from '../integration/support/series.ts';
import { readWavefrontLine } from '../integration/support/wavefront-reader.ts';
import { createManualTime } from '../outbox/manual-time.ts';
import { linesOf } from '../outbox/sample-of.ts';
import { DEPS, history, OPTIONS, sample, START_MS, type Step } from '../series/history.ts';
import { createMemoryLedger, type MemoryLedger } from './memory-ledger.ts';

const identity: Identity = {
  prefix: 'burrow',
  naming: 'rainbow',
  tags: { dc: 'us1' },
  seriesTags: ['owner'],
};
const self = { source: 'rainbow-1', identity, showTag: DEPS.showTag };
const forever = new AbortController().signal;

/** Thrown where the process dies. */
const DEATH = new Error('killed');

/** Everything that outlives a process. */
interface World {
  readonly lines: string[];
  readonly ledger: MemoryLedger;
  /** How many more lines and entries may be written before the process dies. */
  breaths: number;
}

/** The last breath of a process may be its last line or entry, at any place in a batch. */
function breathe(world: World): void {
  if (world.breaths <= 0) throw DEATH;
  world.breaths -= 1;
}

function createProcess(world: World, nowMs: number) {
  const topic: Sink = {
    name: 'topic',
    start: () => Promise.resolve(),
    stop: () => Promise.resolve(),
    deliver(samples, report) {
      for (const line of samples.flatMap(linesOf)) {
        breathe(world);
        world.lines.push(line);
      }
      report.acknowledged(samples);
      return Promise.resolve();
    },
    condition: () => ({ state: 'ok', sinceMs: 0 }),
  };
  const ledger = {
    ...world.ledger,
    write(entries: ReadonlyMap<string, string | null>) {
      for (const entry of entries) {
        breathe(world);
        void world.ledger.write(new Map([entry]), forever);
      }
      return Promise.resolve();
    },
  };
  const writer = createEntryWriter(identity);
  const sink = createSinkWithLedger({
    createSink: () => topic,
    confirmation: null,
    ledger,
    writer,
    scheduler: createManualTime(),
    markKey: writeMarkKey(self.source),
  });
  const encoder = createEncoder({ ...identity, source: self.source, format: 'wavefront' });
  const book = createSeriesBook(DEPS, OPTIONS);
  const sorted = sortRecovered({ entries: world.ledger.entries, isNew: false }, new Map(), self);
  const endSeconds = Math.floor(nowMs / 1000) + 1;
  book.resume(
    sorted.ours.flatMap(({ spans }) => spans),
    sorted.former.length > 0 ? endSeconds : endSeconds - 1,
  );
  const encode = (records: SampleRecords): EncodedSample =>
    markSpans(records, encoder.encode(records), self.source);
  /** What conflicts with what goes on is ended at once, as the span keeper does. */
  const ends = sorted.former.map(({ owner, spans }) =>
    encode({
      key: `${owner.cluster}/${owner.name}`,
      cluster: owner.cluster,
      takenAtMs: nowMs,
      records: spans.map(({ subject, metric }) => ({
        subject,
        metric,
        kind: 'end',
        value: 0,
        timestampSeconds: endSeconds,
      })),
      spans: {
        about: 'group',
        open: () => sorted.ours.flatMap((each) => each.spans),
        opened: [],
        closed: spans,
        reopening: [],
      },
    }),
  );
  return { book, sink, encode, ends };
}

function take(book: ReturnType<typeof createSeriesBook>, step: Step, nowMs: number): SampleRecords | null {
  if (step.kind === 'failed') return null;
  if (step.kind === 'gone') return book.group('prod', 'workers').gone(nowMs);
  return book.group('prod', 'workers').take(sample(nowMs, step.partitions));
}

describe('given a process that dies at any line or ledger entry, again and again', () => {
  test(
    'when the last one stops cleanly, then every series began and ended with 0, in time',
    { timeout: 120_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(
          history,
          fc.array(fc.nat(60), { maxLength: 4 }),
          fc.integer({ min: 1, max: 4 }),
          async (steps, breaths, batchSize) => {
            const lives = [...breaths];
            const world: World = {
              lines: [],
              ledger: createMemoryLedger(),
              breaths: lives.shift() ?? Infinity,
            };
            let nowMs = START_MS;
            let process = createProcess(world, nowMs);
            let batch: EncodedSample[] = [];
            const flush = async (): Promise<void> => {
              const sent = batch;
              batch = [];
              if (sent.length === 0) return;
              const report = {
                acknowledged: () => undefined,
                refused: () => undefined,
                closed: () => undefined,
              };
              await process.sink.deliver(sent, report, forever);
            };
            const live = async (run: () => Promise<void>): Promise<void> => {
              try {
                await run();
              } catch (error) {
                if (error !== DEATH) throw error;
                // The samples in its memory are gone; what follows is another process, two seconds later.
                nowMs += 2000;
                world.breaths = lives.shift() ?? Infinity;
                process = createProcess(world, nowMs);
                batch = [...process.ends];
                nowMs += 2000;
              }
            };
            for (const step of steps) {
              nowMs += step.afterMs;
              const records = take(process.book, step, nowMs);
              if (records !== null) batch.push(process.encode(records));
              if (batch.length >= batchSize) await live(flush);
            }
            world.breaths = Infinity;
            const last = process.book.group('prod', 'workers').gone(nowMs + 2000);
            if (last !== null) batch.push(process.encode(last));
            await flush();
            await process.sink.stop(forever);
            const series = toSeries(world.lines.map((line) => readWavefrontLine(line)));
            const faults = series.flatMap((each) => faultsOf(each, false));
            // A bound whose fate was not known may have been sent twice: zeroes in a row are then no fault.
            expect(faults.filter((fault) => !fault.startsWith('has zeroes'))).toEqual([]);
            expect([...world.ledger.entries]).toEqual([]);
          },
        ),
        { numRuns: 500 },
      );
    },
  );
});

describe('given a process that releases a group, which another one takes over', () => {
  test(
    'when that one stops cleanly, then every series began and ended with 0 once, and no entry is left',
    { timeout: 120_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(history, fc.array(fc.nat(40), { maxLength: 3 }), async (steps, handOvers) => {
          const world: World = { lines: [], ledger: createMemoryLedger(), breaths: Infinity };
          let nowMs = START_MS;
          let process = createProcess(world, nowMs);
          const report = { acknowledged: () => undefined, refused: () => undefined, closed: () => undefined };
          const send = (records: SampleRecords | null): Promise<void> =>
            records === null
              ? Promise.resolve()
              : process.sink.deliver([process.encode(records)], report, forever);
          for (const [index, step] of steps.entries()) {
            if (handOvers.includes(index)) {
              await process.sink.stop(forever);
              const before = [world.lines.length, ...world.ledger.entries];
              process.book.group('prod', 'workers').release();
              await process.sink.stop(forever);
              expect([world.lines.length, ...world.ledger.entries]).toEqual(before);
              nowMs += 2000;
              process = createProcess(world, nowMs);
              nowMs += 2000;
            }
            nowMs += step.afterMs;
            await send(take(process.book, step, nowMs));
          }
          await send(process.book.group('prod', 'workers').gone(nowMs + 2000));
          await process.sink.stop(forever);
          const series = toSeries(world.lines.map((line) => readWavefrontLine(line)));
          expect(series.flatMap((each) => faultsOf(each, false))).toEqual([]);
          expect([...world.ledger.entries]).toEqual([]);
        }),
        { numRuns: 200 },
      );
    },
  );
});
