import fc from 'fast-check';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { createEntryWriter } from '../../../src/ledger/ledger-entry.ts';
import { writeMarkKey } from '../../../src/ledger/ledger-key.ts';
import { createOutbox } from '../../../src/outbox/outbox.ts';
import { decodeChunk } from '../../../src/outbox/disk-format.ts';
import { createTransactionalKafkaSink } from '../../../src/sinks/kafka/transactional-kafka-sink.ts';
import type { TransactionalProducer } from '../../../src/kafka/transactional-producer.ts';
import { createManualTime } from '../../outbox/manual-time.ts';
import { linesOf, sampleOf } from '../../outbox/sample-of.ts';
import { createMemoryDisk, type MemoryDisk } from '../../store/memory-store.ts';
import { kafkaError } from '../../kafka/fake-brokers.ts';

const LEDGER = 'speed-racer.spans';
const MARK = writeMarkKey('rainbow-1');
const log = pino({ level: 'silent' });

/** What becomes of a commit: whether it takes place, and whether the answer comes. */
interface Fate {
  readonly takesPlace: boolean;
  readonly answer: 'comes' | 'fails' | 'hangs';
}
const WELL: Fate = { takesPlace: true, answer: 'comes' };

/** Brokers that outlive the processes, and end the transaction of a producer when another takes over its id. */
function createBrokers() {
  const lines: string[] = [];
  const ledger = new Map<string, string>();
  const fates: Fate[] = [];
  let newest = 0;

  function createProducer(): TransactionalProducer {
    const epoch = (newest += 1);
    return {
      connect: () => Promise.resolve(),
      partitionCount: () => Promise.resolve(1),
      disconnect: () => Promise.resolve(),
      begin() {
        const changes: (() => void)[] = [];
        const check = (): void => {
          if (epoch !== newest) throw kafkaError('KafkaJSProtocolError', { type: 'INVALID_PRODUCER_EPOCH' });
        };
        return Promise.resolve({
          async send(
            topic: string,
            _partition: number,
            messages: readonly { key: Buffer; value: Buffer | null }[],
          ) {
            await Promise.resolve();
            check();
            for (const { key, value } of messages) {
              changes.push(() => {
                if (topic === LEDGER) ledger.set(String(key), String(value));
                else lines.push(String(value));
              });
            }
            return true;
          },
          async commit() {
            await Promise.resolve();
            check();
            const { takesPlace, answer } = fates.shift() ?? WELL;
            if (takesPlace) for (const change of changes) change();
            if (answer === 'hangs') await new Promise(() => undefined);
            if (answer === 'fails' || !takesPlace) throw kafkaError('KafkaJSRequestTimeoutError', {});
          },
        });
      },
    };
  }

  return { lines, ledger, fates, createProducer };
}

async function live(brokers: ReturnType<typeof createBrokers>, disk: MemoryDisk) {
  // The process before, if any, has died with all that it had in memory.
  disk.crash();
  const time = createManualTime();
  const former = brokers.ledger.get(MARK);
  const deps = { clock: time, scheduler: time, log };
  const sink = createTransactionalKafkaSink(
    {
      ...deps,
      random: () => 0,
      writer: createEntryWriter({ prefix: 'burrow', naming: 'rainbow', tags: {}, seriesTags: [] }),
      createProducer: brokers.createProducer,
      readLedger: () => Promise.resolve(brokers.ledger),
      formerMark: () => Promise.resolve(former),
      readsCommittedOnly: () => true,
    },
    {
      brokers: ['k:9092'],
      clientId: 'c',
      topic: 'speed-racer',
      compression: 'none',
      linesPerMessage: 1,
      ledgerTopic: LEDGER,
      transactionalId: 'c-rainbow-1',
      markKey: MARK,
    },
  );
  await sink.start(new AbortController().signal);
  const outbox = createOutbox(
    {
      ...deps,
      sink,
      monotonicMs: time.monotonicMs,
      onAcknowledged: () => undefined,
      onDropped: () => undefined,
      openStore: disk.open,
    },
    {
      memoryBytes: 1e6,
      batchBytes: 60,
      disk: { path: '/spool', maxBytes: 1e9, bytesPerSecond: 1e9 },
    },
  );
  await outbox.start(new AbortController().signal);
  return { outbox, time };
}

function linesOnDisk(disk: MemoryDisk): string[] {
  return [...disk.entries]
    .filter(([key]) => key.startsWith('chunk/'))
    .flatMap(([, chunk]) => (decodeChunk(chunk) ?? []).flatMap(({ sample }) => linesOf(sample)));
}

const fate = fc.record({
  takesPlace: fc.boolean(),
  answer: fc.constantFrom('comes' as const, 'fails' as const, 'hangs' as const),
});
const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('offer' as const), samples: fc.nat(8) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat(2500) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('commit' as const), fate }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('crash' as const) }) },
);

describe('given transactions, a disk, commits of any fate and crashes at any time', () => {
  test(
    'when the last process has delivered all, then no line is there twice, and none is missing that was safe',
    { timeout: 120_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 50 }), async (steps) => {
          const brokers = createBrokers();
          const disk = createMemoryDisk();
          let process = await live(brokers, disk);
          let offered = 0;
          const safe = new Set<string>();
          for (const each of steps) {
            if (each.do === 'offer') {
              for (let count = 0; count < each.samples; count += 1) {
                process.outbox.offer(sampleOf('c/g', [`v ${(offered += 1)}`]));
              }
            } else if (each.do === 'wait') await process.time.advance(each.ms);
            else if (each.do === 'commit') brokers.fates.push(each.fate);
            else {
              for (const line of linesOnDisk(disk)) safe.add(line);
              process = await live(brokers, disk);
            }
          }
          brokers.fates.length = 0;
          // What hangs now hangs for good: only another process gets on.
          for (const line of linesOnDisk(disk)) safe.add(line);
          process = await live(brokers, disk);
          for (let round = 0; process.outbox.depth().samples > 0 && round < 1000; round += 1) {
            await process.time.advance(500);
          }
          expect(process.outbox.depth().samples).toBe(0);
          const serials = brokers.lines.map((line) => Number(line.slice(2)));
          expect(serials).toEqual([...new Set(serials)].sort((a, b) => a - b));
          const there = new Set(brokers.lines);
          expect([...safe].filter((line) => !there.has(line))).toEqual([]);
          await process.outbox.stop(AbortSignal.abort());
        }),
        { numRuns: 3000 },
      );
    },
  );
});
