import fc from 'fast-check';
import { pino } from 'pino';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createKafkaSink } from '../../../src/sinks/kafka/kafka-sink.ts';
import type { EncodedSample } from '../../../src/records/encoded-sample.ts';
import { createManualTime } from '../../outbox/manual-time.ts';
import { linesOf, sampleOf } from '../../outbox/sample-of.ts';
import { createReport, neverAborts } from '../report.ts';
import { createFakeBrokers, kafkaError } from '../../kafka/fake-brokers.ts';
import type { FakeBrokers, Fate } from '../../kafka/fake-brokers.ts';

async function kafkaSink(brokers: FakeBrokers, linesPerMessage = 1) {
  const time = createManualTime();
  const lines: { readonly msg: string }[] = [];
  const sink = createKafkaSink(
    {
      clock: time,
      scheduler: time,
      log: pino({}, { write: (line) => void lines.push(JSON.parse(line) as { msg: string }) }),
      random: () => 0,
      createProducer: brokers.createProducer,
    },
    {
      brokers: ['kafka-1:9092'],
      clientId: 'test',
      topic: 'speed-racer',
      compression: 'none',
      linesPerMessage,
    },
  );
  await sink.start(neverAborts);
  onTestFinished(() => sink.stop(neverAborts));
  return { sink, time, lines };
}

/** Delivers, letting time pass until it is done. */
async function deliver(
  { sink, time }: Awaited<ReturnType<typeof kafkaSink>>,
  samples: readonly EncodedSample[],
) {
  const told = createReport();
  let turns = 0;
  const over = new AbortController();
  const delivered = sink.deliver(samples, told.report, neverAborts).finally(() => over.abort());
  // More turns than any script of fates needs: what takes longer would never end.
  for (; !over.signal.aborted && turns < 5000; turns += 1) await time.advance(10_000);
  expect(turns).toBeLessThan(5000);
  await delivered;
  return told;
}

/** Lines of the log of each partition, cut at `\n`, in order. */
function linesInLogs(brokers: FakeBrokers): string[][] {
  return [...brokers.logs.values()].map((log) => log.flatMap(({ value }) => String(value).split('\n')));
}

function linesOfKey(samples: readonly EncodedSample[], key: string): string[] {
  return samples.filter((sample) => sample.key === key).flatMap(linesOf);
}

const keys = ['c/a', 'c/b', 'c/c', 'c/d', 'c/topic/t'];

function numbered(sizes: readonly { readonly key: string; readonly lines: number }[]): EncodedSample[] {
  let serial = 0;
  return sizes.map(({ key, lines }) =>
    sampleOf(
      key,
      Array.from({ length: lines }, () => `${key} ${String((serial += 1))}`),
    ),
  );
}

const someSamples = fc.array(
  fc.record({ key: fc.constantFrom(...keys), lines: fc.integer({ min: 1, max: 8 }) }),
  {
    minLength: 1,
    maxLength: 30,
  },
);

describe('given brokers that fail in any way and sequence', () => {
  const fates = fc.array(fc.constantFrom<Fate>('arrives', 'fails', 'answer lost'), { maxLength: 40 });

  test('when no producer is forgotten, then every line arrives exactly once and in order within its key', async () => {
    await fc.assert(
      fc.asyncProperty(
        someSamples,
        fates,
        fc.integer({ min: 1, max: 5 }),
        async (sizes, script, perMessage) => {
          const brokers = createFakeBrokers();
          brokers.fates = [...script];
          const samples = numbered(sizes);
          const told = await deliver(await kafkaSink(brokers, perMessage), samples);
          expect(new Set(told.acknowledged)).toEqual(new Set(samples));
          expect(told.acknowledged).toHaveLength(samples.length);
          const logs = linesInLogs(brokers);
          for (const key of keys) {
            const arrived = logs.flat().filter((line) => line.startsWith(`${key} `));
            expect(arrived).toEqual(linesOfKey(samples, key));
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test('when producers are forgotten and partitions change, then every line arrives at least once', async () => {
    const anyFate = fc.array(
      fc.constantFrom<Fate>(
        'arrives',
        'fails',
        'answer lost',
        'not named',
        'lost, not named',
        'producer forgotten',
      ),
      { maxLength: 40 },
    );
    const counts = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(someSamples, anyFate, counts, async (sizes, script, partitions) => {
        const brokers = createFakeBrokers();
        brokers.fates = [...script];
        brokers.partitions = [...partitions];
        const samples = numbered(sizes);
        const told = await deliver(await kafkaSink(brokers), samples);
        expect(told.acknowledged).toHaveLength(samples.length);
        const arrived = new Set(linesInLogs(brokers).flat());
        for (const line of samples.flatMap(linesOf)) expect(arrived.has(line)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  test('when batches are refused for their size, then smaller ones arrive, exactly once and in order', async () => {
    await fc.assert(
      fc.asyncProperty(
        someSamples,
        fates,
        fc.integer({ min: 1, max: 8 }),
        async (sizes, script, perMessage) => {
          const brokers = createFakeBrokers();
          brokers.maxBytes = 30;
          brokers.fates = [...script];
          const samples = numbered(sizes);
          const told = await deliver(await kafkaSink(brokers, perMessage), samples);
          expect(told.acknowledged).toHaveLength(samples.length);
          const logs = linesInLogs(brokers);
          for (const key of keys) {
            const arrived = logs.flat().filter((line) => line.startsWith(`${key} `));
            expect(arrived).toEqual(linesOfKey(samples, key));
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('given a line that is larger than the brokers allow', () => {
  test('when it is delivered among others, then its sample alone is refused and all other lines arrive', async () => {
    const brokers = createFakeBrokers();
    brokers.maxBytes = 20_000;
    const giant = 'x'.repeat(20_001);
    const samples = [
      sampleOf('c/a', ['a 1']),
      sampleOf('c/a', ['a 2', giant, 'a 3']),
      sampleOf('c/a', ['a 4']),
    ];
    const { acknowledged, refused } = await deliver(await kafkaSink(brokers, 3), samples);
    expect(acknowledged).toEqual([samples[0], samples[2]]);
    expect(refused).toEqual([
      { sample: samples[1], reason: expect.stringContaining('max.message.bytes') as string },
    ]);
    expect(linesInLogs(brokers).flat()).toEqual(['a 1', 'a 2', 'a 3', 'a 4']);
  });
});

describe('given a topic that takes hardly anything', () => {
  test('when a line of ordinary length is refused, then it is kept, and arrives when the limit is raised', async () => {
    const brokers = createFakeBrokers();
    brokers.maxBytes = 20;
    const { sink, time } = await kafkaSink(brokers);
    const samples = [sampleOf('c/a', ['a 1']), sampleOf('c/a', ['x'.repeat(21)]), sampleOf('c/a', ['a 2'])];
    const { report, acknowledged, refused } = createReport();
    const delivered = sink.deliver(samples, report, neverAborts);
    for (let turns = 0; turns < 20; turns += 1) await time.advance(10_000);
    expect(sink.condition()).toMatchObject({
      state: 'faulty',
      reason: expect.stringContaining('raise its max.message.bytes') as string,
    });
    brokers.maxBytes = Infinity;
    for (let turns = 0; turns < 20; turns += 1) await time.advance(10_000);
    await delivered;
    expect([acknowledged, refused]).toEqual([samples, []]);
    expect(linesInLogs(brokers).flat()).toEqual(['a 1', 'x'.repeat(21), 'a 2']);
    expect(sink.condition()).toMatchObject({ state: 'ok' });
  });

  test('when its limit is raised, then batches grow again', async () => {
    const brokers = createFakeBrokers();
    brokers.partitions = [1];
    brokers.maxBytes = 500;
    const kafka = await kafkaSink(brokers);
    const samples = Array.from({ length: 100 }, (_, index) =>
      sampleOf('c/a', [`${index} ${'x'.repeat(400)}`]),
    );
    await deliver(kafka, samples);
    brokers.maxBytes = Infinity;
    for (let round = 0; round < 20; round += 1) await deliver(kafka, samples);
    const before = brokers.sends;
    await deliver(kafka, samples);
    expect(brokers.sends - before).toBeLessThan(5);
  });
});

describe('given brokers that keep us waiting', () => {
  /** Sends that are answered when told to. */
  async function waiting() {
    const brokers = createFakeBrokers();
    let answer: () => void = () => undefined;
    const kafka = await kafkaSink({
      ...brokers,
      createProducer: () => ({
        ...brokers.createProducer(),
        send: () => new Promise((resolve) => (answer = () => resolve(true))),
      }),
    });
    const { report, acknowledged } = createReport();
    const deliver = (): Promise<void> => kafka.sink.deliver([sampleOf('c/a', ['a'])], report, neverAborts);
    return { ...kafka, brokers, deliver, acknowledged, answer: () => answer() };
  }

  test('when a quota holds sends back, then the condition says so until none was for a while', async () => {
    const { sink, time, lines, brokers, deliver, acknowledged, answer } = await waiting();
    brokers.isHeldBack = true;
    const first = deliver();
    await time.advance(1000);
    const quota = {
      state: 'faulty',
      reason: expect.stringContaining('raise the produce quota of client id test') as string,
    };
    expect(sink.condition()).toMatchObject(quota);
    await time.advance(2000);
    brokers.isHeldBack = false;
    answer();
    await first;
    expect(sink.condition()).toMatchObject(quota);
    await time.advance(10_000);
    const second = deliver();
    await time.advance(0);
    answer();
    await second;
    expect(acknowledged).toHaveLength(2);
    expect(sink.condition()).toMatchObject({ state: 'ok' });
    expect(lines.at(-1)).toMatchObject({ msg: 'The sink works again', lastedSeconds: 2 });
  });

  test('when they let a request wait, then the condition says so before its deadline', async () => {
    const { sink, time, deliver, acknowledged, answer } = await waiting();
    const delivered = deliver();
    await time.advance(14_999);
    expect(sink.condition()).toMatchObject({ state: 'ok' });
    await time.advance(1);
    expect(sink.condition()).toMatchObject({
      state: 'faulty',
      reason: expect.stringContaining('check that kafka-1:9092 are up') as string,
    });
    answer();
    await delivered;
    expect(acknowledged).toHaveLength(1);
    expect(sink.condition()).toMatchObject({ state: 'ok' });
  });
});

describe('given messages', () => {
  test('when several lines share one, then it holds lines of one sample only, without the last newline', async () => {
    const brokers = createFakeBrokers();
    brokers.partitions = [1];
    const samples = [sampleOf('c/a', ['1', '2', '3'], 1234), sampleOf('c/b', ['4'], 5678)];
    await deliver(await kafkaSink(brokers, 2), samples);
    const sent = brokers.logs
      .get(0)
      ?.map(({ key, value, timestamp }) => [String(key), String(value), timestamp]);
    expect(sent).toEqual([
      ['c/a', '1\n2', '1234'],
      ['c/a', '3', '1234'],
      ['c/b', '4', '5678'],
    ]);
  });

  test('when the partition of a key is chosen, then it is the one that the Java client would choose', async () => {
    const brokers = createFakeBrokers();
    brokers.partitions = [1000];
    // Kafka's UtilsTest: murmur2 of "foobar" is -790332482; with the sign bit cleared, modulo 1000.
    await deliver(await kafkaSink(brokers), [sampleOf('foobar', ['a'])]);
    expect([...brokers.logs.keys()]).toEqual([(-790332482 & 0x7fffffff) % 1000]);
  });

  test('when a burst is sent, then no batch exceeds its limits', async () => {
    const brokers = createFakeBrokers();
    brokers.partitions = [1];
    const samples = Array.from({ length: 200 }, (_, index) =>
      sampleOf('c/a', Array(50).fill(`line ${index}`) as string[]),
    );
    await deliver(await kafkaSink(brokers), samples);
    expect(brokers.sends).toBe(3);
    expect(brokers.logs.get(0)).toHaveLength(10_000);
  });
});

describe('given brokers that are away', () => {
  const refused = () =>
    kafkaError('KafkaJSConnectionError', { code: 'ECONNREFUSED' }, 'connect ECONNREFUSED');

  test('when the sink starts, then it starts at once, faulty, and connects by itself when they return', async () => {
    const brokers = createFakeBrokers();
    brokers.connectErrors = [refused(), refused()];
    const { sink, time } = await kafkaSink(brokers);
    await time.advance(0);
    expect(sink.condition()).toMatchObject({
      state: 'faulty',
      reason: expect.stringContaining('kafka-1:9092 (ECONNREFUSED)') as string,
    });
    await time.advance(60_000);
    expect(sink.condition()).toMatchObject({ state: 'ok' });
  });

  test('when the topic is missing, then the fault says so, and it delivers once the topic is there', async () => {
    const brokers = createFakeBrokers();
    const missing = kafkaError('KafkaJSProtocolError', { type: 'UNKNOWN_TOPIC_OR_PARTITION' });
    brokers.connectErrors = [missing, missing];
    const started = await kafkaSink(brokers);
    await started.time.advance(0);
    expect(started.sink.condition()).toMatchObject({
      reason: 'topic speed-racer does not exist: create it or allow auto-create',
    });
    const { acknowledged } = await deliver(started, [sampleOf('c/a', ['a'])]);
    expect(acknowledged).toHaveLength(1);
    expect(started.sink.condition()).toMatchObject({ state: 'ok' });
  });

  test('when the signal aborts while it waits, then the delivery rejects and the sink can be stopped', async () => {
    const brokers = createFakeBrokers();
    brokers.connectErrors = Array.from({ length: 100 }, refused);
    const { sink } = await kafkaSink(brokers);
    const deadline = new AbortController();
    const delivered = sink.deliver([sampleOf('c/a', ['a'])], createReport().report, deadline.signal);
    deadline.abort(new Error('deadline'));
    await expect(delivered).rejects.toThrow('deadline');
    await sink.stop(neverAborts);
    expect(brokers.disconnects).toBe(1);
  });

  test('when sends fail, then the first failure is no fault yet, and the second is', async () => {
    const brokers = createFakeBrokers();
    const { sink, time } = await kafkaSink(brokers);
    await time.advance(0);
    brokers.fates = ['fails', 'fails'];
    const delivered = sink.deliver([sampleOf('c/a', ['a'])], createReport().report, neverAborts);
    await time.advance(0);
    expect([brokers.sends, sink.condition().state]).toEqual([1, 'ok']);
    await time.advance(200);
    expect([brokers.sends, sink.condition().state]).toEqual([2, 'faulty']);
    await time.advance(60_000);
    await delivered;
    expect(sink.condition().state).toBe('ok');
  });
});

describe('given a producer that the brokers have forgotten', () => {
  test('when a send meets that, then a new producer takes over and the old one is let go', async () => {
    const brokers = createFakeBrokers();
    brokers.fates = ['producer forgotten'];
    const { acknowledged } = await deliver(await kafkaSink(brokers), [sampleOf('c/a', ['a'])]);
    expect(acknowledged).toHaveLength(1);
    expect([brokers.producers, brokers.disconnects]).toEqual([2, 1]);
  });
});
