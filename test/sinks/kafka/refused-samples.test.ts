import fc from 'fast-check';
import { pino } from 'pino';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { EncodedSample } from '../../../src/records/encoded-sample.ts';
import { createKafkaSink } from '../../../src/sinks/kafka/kafka-sink.ts';
import { createManualTime } from '../../outbox/manual-time.ts';
import { linesOf, sampleOf } from '../../outbox/sample-of.ts';
import { createReport, neverAborts } from '../report.ts';
import { createFakeBrokers, type FakeBrokers, type Fate } from '../../kafka/fake-brokers.ts';

async function startSink(brokers: FakeBrokers, linesPerMessage = 1) {
  const time = createManualTime();
  const sink = createKafkaSink(
    {
      clock: time,
      scheduler: time,
      log: pino({ level: 'silent' }),
      random: () => 0,
      createProducer: brokers.createProducer,
    },
    { brokers: ['k:9092'], clientId: 'test', topic: 'speed-racer', compression: 'none', linesPerMessage },
  );
  await sink.start(neverAborts);
  onTestFinished(() => sink.stop(neverAborts));
  const told = createReport();
  async function deliver(samples: readonly EncodedSample[], mostTurns = 5000) {
    const over = new AbortController();
    const delivered = sink.deliver(samples, told.report, neverAborts).finally(() => over.abort());
    let turns = 0;
    for (; !over.signal.aborted && turns < mostTurns; turns += 1) await time.advance(10_000);
    return { delivered, isOver: over.signal.aborted };
  }
  return { sink, time, told, deliver };
}

const BAD_MS = 666;
const keys = ['c/a', 'c/b', 'c/c', 'c/topic/t'];
const linesIn = (brokers: FakeBrokers): string[] =>
  [...brokers.logs.values()].flatMap((log) => log.flatMap(({ value }) => String(value).split('\n')));
const badRefusedAs = (type: string) => (message: { readonly timestamp: string }) =>
  message.timestamp === String(BAD_MS) ? type : null;

function samplesOf(
  shapes: readonly { readonly key: string; readonly lines: number; readonly bad: boolean }[],
) {
  return shapes.map(({ key, lines, bad }, at) =>
    sampleOf(
      key,
      Array.from({ length: lines }, (_, line) => `${key} ${at}.${line}`),
      bad ? BAD_MS : 1000 + at,
    ),
  );
}

const shapes = fc.array(
  fc.record({
    key: fc.constantFrom(...keys),
    lines: fc.integer({ min: 1, max: 6 }),
    bad: fc.boolean(),
  }),
  { minLength: 1, maxLength: 40 },
);
const fates = fc.array(fc.constantFrom<Fate>('arrives', 'fails', 'answer lost'), { maxLength: 20 });

describe('given samples among others that the brokers will never take', () => {
  test.each(['INVALID_TIMESTAMP', 'POLICY_VIOLATION', 'INVALID_RECORD', 'CORRUPT_MESSAGE'])(
    'when they answer %s, then those alone are refused, and all others arrive once and in order',
    async (type) => {
      await fc.assert(
        fc.asyncProperty(shapes, fates, fc.integer({ min: 1, max: 4 }), async (given, script, perMessage) => {
          const brokers = createFakeBrokers();
          brokers.refuses = badRefusedAs(type);
          brokers.fates = [...script];
          const samples = samplesOf(given);
          const { deliver, told } = await startSink(brokers, perMessage);
          expect((await deliver(samples)).isOver).toBe(true);
          const good = samples.filter(({ takenAtMs }) => takenAtMs !== BAD_MS);
          expect(new Set(told.refused.map(({ sample }) => sample))).toEqual(
            new Set(samples.filter(({ takenAtMs }) => takenAtMs === BAD_MS)),
          );
          expect(told.refused).toHaveLength(samples.length - good.length);
          expect(told.acknowledged).toHaveLength(good.length);
          for (const key of keys) {
            const arrived = linesIn(brokers).filter((line) => line.startsWith(`${key} `));
            const expected = good.filter((sample) => sample.key === key).flatMap(linesOf);
            // A renewed producer cannot know whether what it sends has arrived before.
            const isRenewed = type === 'INVALID_RECORD' || type === 'CORRUPT_MESSAGE';
            expect(isRenewed ? [...new Set(arrived)] : arrived).toEqual(expected);
          }
        }),
        { numRuns: 40 },
      );
    },
  );

  test('when one is among a thousand, then some tries are enough to find it', async () => {
    const brokers = createFakeBrokers();
    brokers.partitions = [1];
    brokers.refuses = badRefusedAs('INVALID_TIMESTAMP');
    const { deliver, told } = await startSink(brokers);
    await deliver(
      samplesOf(Array.from({ length: 1000 }, (_, at) => ({ key: 'c/a', lines: 1, bad: at === 700 }))),
    );
    expect([told.acknowledged.length, told.refused.length]).toEqual([999, 1]);
    expect(brokers.sends).toBeLessThan(35);
  });

  test('when a thousand follow each other, then it takes little more than one try for each', async () => {
    const brokers = createFakeBrokers();
    brokers.partitions = [1];
    brokers.refuses = badRefusedAs('INVALID_TIMESTAMP');
    const { deliver, told } = await startSink(brokers);
    await deliver(
      samplesOf(Array.from({ length: 1500 }, (_, at) => ({ key: 'c/a', lines: 2, bad: at < 1000 }))),
    );
    expect([told.acknowledged.length, told.refused.length]).toEqual([500, 1000]);
    expect(brokers.sends).toBeLessThan(1050);
  });

  test('when the brokers blame the records twice and then take them, then nothing is refused', async () => {
    const brokers = createFakeBrokers();
    let blames = 2;
    brokers.refuses = () => (blames-- > 0 ? 'CORRUPT_MESSAGE' : null);
    const { deliver, told } = await startSink(brokers);
    await deliver(samplesOf([{ key: 'c/a', lines: 1, bad: false }]));
    expect([told.acknowledged.length, told.refused.length]).toEqual([1, 0]);
  });

  test('when one is refused, then the reason says what to do', async () => {
    const brokers = createFakeBrokers();
    brokers.refuses = badRefusedAs('INVALID_TIMESTAMP');
    const { deliver, told } = await startSink(brokers);
    await deliver(samplesOf([{ key: 'c/a', lines: 3, bad: true }]));
    expect(told.refused[0]?.reason).toMatch(/set the clocks right, or topic speed-racer's message.timestamp/);
  });
});

describe('given lines of ordinary length that are larger than the topic allows', () => {
  const long = 'x'.repeat(500);

  test('when it takes lines of other groups meanwhile, then the long ones alone are refused', async () => {
    const brokers = createFakeBrokers();
    brokers.partitions = [1];
    brokers.maxBytes = 300;
    const { deliver, told } = await startSink(brokers);
    const samples = [
      sampleOf('c/a', ['a 1', long, 'a 2']),
      sampleOf('c/b', ['b 1']),
      sampleOf('c/a', ['a 3']),
      sampleOf('c/c', [long]),
      sampleOf('c/d', [long]),
      sampleOf('c/e', ['e 1']),
    ];
    expect((await deliver(samples, 100)).isOver).toBe(true);
    expect(told.refused.map(({ sample }) => sample.key).sort()).toEqual(['c/a', 'c/c', 'c/d']);
    expect(linesIn(brokers).sort()).toEqual(['a 1', 'a 2', 'a 3', 'b 1', 'e 1']);
    expect(linesIn(brokers).filter((line) => line.startsWith('a'))).toEqual(['a 1', 'a 2', 'a 3']);
  });

  test('when it takes nothing at all, then it is waited ten minutes for a larger limit, and then they are refused', async () => {
    const brokers = createFakeBrokers();
    brokers.maxBytes = 2;
    const { deliver, told, sink, time } = await startSink(brokers);
    const samples = keys.map((key) => sampleOf(key, ['1234']));
    const { delivered, isOver } = await deliver(samples, 59);
    expect([isOver, told.refused.length]).toEqual([false, 0]);
    expect(sink.condition()).toMatchObject({ state: 'faulty' });
    for (let turns = 0; turns < 20; turns += 1) await time.advance(10_000);
    await delivered;
    expect(told.refused).toHaveLength(samples.length);
  });
});
