import fc from 'fast-check';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import type { Identity } from '../../src/ledger/ledger-entry.ts';
import { createEntryWriter } from '../../src/ledger/ledger-entry.ts';
import { markSpans } from '../../src/ledger/mark-spans.ts';
import { createSpanKeeper } from '../../src/ledger/span-keeper.ts';
import { createEncoder } from '../../src/records/sample-encoder.ts';
import type { SampleRecords } from '../../src/records/record.ts';
import { createSeriesBook } from '../../src/series/create-series-book.ts';
import { changesByKey } from '../../src/sinks/ledgered-sink.ts';
import { faultsOf, toSeries } from '../integration/support/series.ts';
import { readWavefrontLine } from '../integration/support/wavefront-reader.ts';
import { createManualTime } from '../outbox/manual-time.ts';
import { linesOf } from '../outbox/sample-of.ts';
import { DEPS, history, OPTIONS, sample, START_MS, type Step } from '../series/history.ts';
import { createMemoryLedger } from './memory-ledger.ts';

const SOURCE = 'rainbow-1';
const forever = new AbortController().signal;
const identityOf = (seriesTags: readonly string[]): Identity => {
  return { prefix: 'burrow', naming: 'rainbow', tags: { dc: 'us1' }, seriesTags };
};
const optionsOf = ({ seriesTags }: Identity) => ({
  ...OPTIONS,
  seriesTags: { owner: seriesTags.includes('owner'), clientId: seriesTags.includes('client_id') },
});
const seriesTags = fc.subarray(['owner', 'client_id']);

/** A sidecar as far as its series go: what it says, in order, and what its ledger says at the end. */
function createLife(identity: Identity, lines: string[], entries: Map<string, string>) {
  const encoder = createEncoder({ ...identity, source: SOURCE, format: 'wavefront' });
  const writer = createEntryWriter(identity);
  const book = createSeriesBook(DEPS, optionsOf(identity));
  return {
    book,
    take(step: Step, nowMs: number): SampleRecords | null {
      if (step.kind === 'failed') return null;
      if (step.kind === 'gone') return book.group('prod', 'workers').gone(nowMs);
      return book.group('prod', 'workers').take(sample(nowMs, step.partitions));
    },
    send(records: SampleRecords, named = identity) {
      const encoded =
        named === identity
          ? encoder.encode(records)
          : createEncoder({ ...named, source: SOURCE, format: 'wavefront' }).encode(records);
      const marked = markSpans(records, encoded, SOURCE);
      lines.push(...linesOf(marked));
      for (const [key, changes] of changesByKey([marked])) {
        const last = changes.at(-1);
        const value = last === undefined ? null : writer.settled(last);
        if (value === null) entries.delete(key);
        else entries.set(key, value);
      }
      return marked;
    },
  };
}

test(
  'given a ledger that is read late, at any time of any history, and another set of tags perhaps, then every series begins and ends with 0, in time',
  { timeout: 120_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(
        history,
        history,
        fc.nat(40),
        seriesTags,
        seriesTags,
        async (before, after, readAt, formerTags, tags) => {
          const lines: string[] = [];
          const entries = new Map<string, string>();
          const former = createLife(identityOf(formerTags), lines, entries);
          let nowMs = START_MS;
          for (const step of before) {
            nowMs += step.afterMs;
            const records = former.take(step, nowMs);
            if (records !== null) former.send(records);
          }
          // It is killed, and the next starts within the same second or later.
          const identity = identityOf(tags);
          const left = new Map(entries);
          const ledger = createMemoryLedger(left);
          let arrive: () => void = () => undefined;
          const arrives = new Promise<void>((resolve) => (arrive = resolve));
          ledger.read = () => arrives.then(() => ({ entries: left, isNew: false }));
          const time = createManualTime(nowMs);
          const life = createLife(identity, lines, entries);
          const keeper = createSpanKeeper(
            {
              ledger,
              spansOnDisk: () => new Map(),
              resume: (spans, notBeforeSeconds) => life.book.resume(spans, notBeforeSeconds),
              follows: () => true,
              seriesOf: ({ subject, metric }, named) =>
                linesOf(
                  createEncoder({ ...named, source: SOURCE, format: 'wavefront' }).encode({
                    key: '',
                    cluster: 'prod',
                    takenAtMs: 0,
                    records: [{ subject, metric, kind: 'end', value: 0, timestampSeconds: 0 }],
                  }),
                ).join(''),
              end({ owner, identity: named, spans }, stillOpen, timestampSeconds) {
                const kind = 'end' as const;
                life.send(
                  {
                    key: `${owner.cluster}/${owner.name}`,
                    cluster: owner.cluster,
                    takenAtMs: timestampSeconds * 1000,
                    records: spans.map((span) => ({ ...span, kind, value: 0, timestampSeconds })),
                    spans: {
                      about: owner.about,
                      open: () => stillOpen,
                      opened: [],
                      closed: spans,
                      reopening: [],
                    },
                  },
                  named,
                );
              },
              onEnded: () => undefined,
              enterAgain: () => undefined,
              clock: time,
              scheduler: time,
              log: pino({ level: 'silent' }),
            },
            { source: SOURCE, identity, showTag: DEPS.showTag, patienceMs: 5000 },
          );
          const started = keeper.start(forever);
          await time.advance(5001);
          await time.advance(5000);
          await started;
          const readNow = async (): Promise<void> => {
            arrive();
            await time.advance(0);
          };
          for (const [index, step] of after.entries()) {
            if (index === readAt) await readNow();
            await time.advance(step.afterMs);
            const records = life.take(step, time.nowMs());
            if (records === null) continue;
            const marked = life.send(records);
            if (records.spans !== undefined && marked.spans !== undefined)
              keeper.note(marked.spans.key, records.spans);
          }
          if (readAt >= after.length) await readNow();
          await time.advance(2000);
          const last = life.book.group('prod', 'workers').gone(time.nowMs());
          if (last !== null) life.send(last);
          await keeper.stop(forever);
          const series = toSeries(lines.map((line) => readWavefrontLine(line)));
          expect(series.flatMap((each) => faultsOf(each, false))).toEqual([]);
          expect([...entries]).toEqual([]);
        },
      ),
      { numRuns: 300 },
    );
  },
);
