import { pino } from 'pino';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createEntryWriter } from '../../../src/ledger/ledger-entry.ts';
import { writeMarkKey } from '../../../src/ledger/ledger-key.ts';
import type { EncodedSample, SamplePlace } from '../../../src/records/encoded-sample.ts';
import { createTransactionalKafkaSink } from '../../../src/sinks/kafka/transactional-kafka-sink.ts';
import type { KafkaTransaction, TransactionalProducer } from '../../../src/kafka/transactional-producer.ts';
import { createManualTime } from '../../outbox/manual-time.ts';
import { sampleOf } from '../../outbox/sample-of.ts';
import { createReport } from '../report.ts';
import { kafkaError } from '../../kafka/fake-brokers.ts';

const LEDGER = 'speed-racer.spans';
const MARK = writeMarkKey('rainbow-1');
const forever = new AbortController().signal;
const protocolError = (type: string): Error => kafkaError('KafkaJSProtocolError', { type });

/** What happens to one commit. */
type Fate = 'commits' | 'fails, committed' | 'fails, aborted';

/** Brokers that show what was committed, and end the transaction of a producer when another takes over its id. */
function createBrokers() {
  const committed: { topic: string; key: string; value: string | null }[] = [];
  const fates: Fate[] = [];
  /** Errors of the sends to come; null lets one through. */
  const sendErrors: (Error | null)[] = [];
  let maxBytes = Infinity;
  /** So many sends to the records' topic are answered without a word about their partition, and lost. */
  let unnamed = 0;
  let refuses: (timestamp: string) => boolean = () => false;
  let fault: Error | null = null;
  let producers = 0;

  function createProducer(): TransactionalProducer {
    producers += 1;
    const epoch = producers;
    return {
      connect: () => Promise.resolve(),
      partitionCount: () => Promise.resolve(2),
      disconnect: () => Promise.resolve(),
      begin() {
        const pending: typeof committed = [];
        const transaction: KafkaTransaction = {
          async send(topic, _partition, messages) {
            await Promise.resolve();
            if (epoch !== producers) throw protocolError('INVALID_PRODUCER_EPOCH');
            const error = sendErrors.shift() ?? fault;
            if (error) throw error;
            const bytes = messages.reduce((sum, { value }) => sum + (value?.length ?? 0), 0);
            if (bytes > maxBytes) throw protocolError('MESSAGE_TOO_LARGE');
            if (topic === 'speed-racer' && unnamed > 0) {
              unnamed -= 1;
              return false;
            }
            if (messages.some(({ timestamp }) => refuses(timestamp)))
              throw protocolError('INVALID_TIMESTAMP');
            for (const { key, value } of messages) {
              pending.push({ topic, key: key.toString(), value: value?.toString() ?? null });
            }
            return true;
          },
          async commit() {
            await Promise.resolve();
            const fate = fates.shift() ?? 'commits';
            if (fate !== 'fails, aborted') committed.push(...pending);
            if (fate !== 'commits') throw kafkaError('KafkaJSRequestTimeoutError', {});
          },
        };
        return Promise.resolve(transaction);
      },
    };
  }

  return {
    committed,
    fates,
    sendErrors,
    createProducer,
    limit: (bytes: number) => (maxBytes = bytes),
    leaveUnnamed: (sends: number) => (unnamed = sends),
    refuse: (which: typeof refuses) => (refuses = which),
    /** Every send fails so, until null. */
    fail: (error: Error | null) => (fault = error),
    producers: () => producers,
    lines: () => committed.filter(({ topic }) => topic === 'speed-racer').map(({ value }) => value),
    ledger: () =>
      new Map(
        committed.flatMap(({ topic, key, value }) =>
          topic === LEDGER && value !== null ? [[key, value] as const] : [],
        ),
      ),
  };
}

async function startSink(
  brokers: ReturnType<typeof createBrokers>,
  formerMark?: object,
  { readsCommittedOnly = true } = {},
) {
  const time = createManualTime();
  const sink = createTransactionalKafkaSink(
    {
      clock: time,
      scheduler: time,
      log: pino({ level: 'silent' }),
      random: () => 0,
      writer: createEntryWriter({ prefix: 'burrow', naming: 'rainbow', tags: {}, seriesTags: [] }),
      createProducer: brokers.createProducer,
      readLedger: () => Promise.resolve(brokers.ledger()),
      formerMark: () => Promise.resolve(formerMark && JSON.stringify(formerMark)),
      readsCommittedOnly: () => readsCommittedOnly,
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
  await sink.start(forever);
  onTestFinished(() => sink.stop(forever));
  const { report, acknowledged, refused } = createReport();
  const deliver = async (...samples: EncodedSample[]): Promise<void> => {
    const done = new AbortController();
    const delivery = sink.deliver(samples, report, forever).finally(() => done.abort());
    while (!done.signal.aborted) await time.advance(1000);
    await delivery;
  };
  return { sink, deliver, acknowledged, refused, time };
}

const spans = '[["group","totalLag",[]]]';
const opening = (key: string): EncodedSample => ({
  ...sampleOf(key, [`0 ${key}`, `v ${key}`]),
  spans: { key: `ledger ${key}`, open: spans, doubted: null, opened: spans, closed: null },
});

describe('given a sink that writes in transactions', () => {
  test('when a batch is delivered, then its records, its entries and a mark are committed together', async () => {
    const brokers = createBrokers();
    const { deliver, acknowledged } = await startSink(brokers);
    const samples = [opening('a'), sampleOf('b', ['v b'])];
    await deliver(...samples);
    expect(acknowledged).toEqual(samples);
    expect(brokers.lines().toSorted()).toEqual(['0 a', 'v a', 'v b']);
    expect([...brokers.ledger().keys()]).toEqual([MARK, 'ledger a']);
    // Nothing is in doubt: the entry is there if and only if the records are.
    expect(brokers.ledger().get('ledger a')).not.toContain('opened');
  });

  test('when a send fails, then the batch is sent again as a whole by a new producer', async () => {
    const brokers = createBrokers();
    brokers.sendErrors.push(null, protocolError('NOT_LEADER_FOR_PARTITION'));
    const { deliver, acknowledged } = await startSink(brokers);
    await deliver(opening('a'), opening('b'));
    expect(brokers.lines()).toHaveLength(4);
    expect(acknowledged).toHaveLength(2);
    expect(brokers.producers()).toBe(2);
  });

  test.each<Fate>(['fails, committed', 'fails, aborted'])(
    'when a commit %s, then every record is there once',
    async (fate) => {
      const brokers = createBrokers();
      brokers.fates.push('commits', fate);
      const { deliver, acknowledged } = await startSink(brokers);
      await deliver(opening('a'));
      await deliver(opening('b'));
      expect(brokers.lines()).toEqual(['0 a', 'v a', '0 b', 'v b']);
      expect(acknowledged).toHaveLength(2);
    },
  );

  test('when the transaction before is still being ended, then it is waited for with the same producer', async () => {
    const brokers = createBrokers();
    brokers.sendErrors.push(...Array.from({ length: 5 }, () => protocolError('CONCURRENT_TRANSACTIONS')));
    const { deliver } = await startSink(brokers);
    await deliver(opening('a'));
    expect(brokers.lines()).toEqual(['0 a', 'v a']);
    expect(brokers.producers()).toBe(1);
  });

  test('when a line is too large, then its sample is refused and the others arrive', async () => {
    const brokers = createBrokers();
    brokers.limit(20_000);
    const { deliver, acknowledged, refused } = await startSink(brokers);
    const [good, bad] = [sampleOf('a', ['v a']), sampleOf('b', [`v ${'x'.repeat(20_000)}`])];
    await deliver(good, bad);
    expect(acknowledged).toEqual([good]);
    expect(refused.map(({ sample }) => sample)).toEqual([bad]);
    expect(brokers.lines()).toEqual(['v a']);
  });

  test('when an entry is too large, then the records arrive without it', async () => {
    const brokers = createBrokers();
    brokers.limit(500);
    const { deliver, acknowledged } = await startSink(brokers);
    const long = JSON.stringify([['group', 'totalLag', ['x'.repeat(600)]]]);
    const samples = [
      { ...opening('a'), spans: { key: 'ledger a', open: long, doubted: null, opened: long, closed: null } },
      opening('b'),
    ];
    await deliver(...samples);
    expect(acknowledged).toEqual(samples);
    expect([...brokers.ledger().keys()]).toEqual([MARK, 'ledger b']);
  });

  test('when another producer takes over, then the condition says what to change', async () => {
    const brokers = createBrokers();
    brokers.fail(protocolError('INVALID_PRODUCER_EPOCH'));
    const { sink, deliver } = await startSink(brokers);
    const delivery = deliver(opening('a'));
    delivery.catch(() => undefined);
    await expect
      .poll(() => sink.condition())
      .toMatchObject({
        state: 'faulty',
        reason: expect.stringContaining('transactional id c-rainbow-1') as unknown,
      });
    brokers.fail(null);
    await delivery;
  });

  test('when two push each other out in turns, then both get through and the condition says it for a while', async () => {
    const brokers = createBrokers();
    const { sink, deliver, time } = await startSink(brokers);
    for (const key of ['a', 'b']) {
      brokers.sendErrors.push(protocolError('INVALID_PRODUCER_EPOCH'));
      await deliver(opening(key));
    }
    expect(brokers.lines()).toEqual(['0 a', 'v a', '0 b', 'v b']);
    expect(sink.condition()).toHaveProperty('reason', expect.stringContaining('taken over transactional id'));
    await time.advance(120_000);
    expect(sink.condition()).toMatchObject({ state: 'ok' });
  });
});

describe('given samples on disk, of which a former process has committed some', () => {
  const at = (index: number, store = 's'): EncodedSample => ({
    ...sampleOf('a', [`v ${store}${index}`]),
    place: { store, life: 3, index } satisfies SamplePlace,
  });

  test('when they are delivered again, then only those that were not committed are sent', async () => {
    const brokers = createBrokers();
    const place = { store: 's', life: 3, index: 1 };
    const { deliver, acknowledged } = await startSink(brokers, { v: 1, place });
    const samples = [at(0), at(1), at(2), at(0, 'other'), sampleOf('a', ['v new'])];
    await deliver(...samples);
    expect(brokers.lines()).toEqual(['v s2', 'v other0', 'v new']);
    expect(acknowledged).toHaveLength(samples.length);
    expect(JSON.parse(brokers.ledger().get(MARK) ?? '')).toMatchObject({
      place: { store: 'other', index: 0 },
    });
  });

  test('when later batches have no place, then how far those on disk have come is not forgotten', async () => {
    const brokers = createBrokers();
    const place = { store: 's', life: 3, index: 1 };
    const { deliver } = await startSink(brokers, { v: 1, place });
    await deliver(sampleOf('a', ['v new']));
    expect(JSON.parse(brokers.ledger().get(MARK) ?? '')).toMatchObject({ place });
    await deliver(at(4));
    await deliver(sampleOf('a', ['v newer']));
    expect(JSON.parse(brokers.ledger().get(MARK) ?? '')).toMatchObject({ place: { ...place, index: 4 } });
  });

  test('when the mark is not understood, then all of them are sent', async () => {
    const brokers = createBrokers();
    const { deliver } = await startSink(brokers, { v: 2, place: { store: 's', life: 3, index: 1 } });
    await deliver(at(0), at(1));
    expect(brokers.lines()).toEqual(['v s0', 'v s1']);
  });
});

describe('given a kafkajs that may show aborted entries', () => {
  const unpatched = { readsCommittedOnly: false };

  test('when a former process has left a mark, then all samples on disk are sent, and the mark is not passed on', async () => {
    const brokers = createBrokers();
    const place = { store: 's', life: 3, index: 1 };
    const { deliver } = await startSink(brokers, { v: 1, place }, unpatched);
    await deliver(sampleOf('a', ['v new']));
    expect(JSON.parse(brokers.ledger().get(MARK) ?? '')).not.toHaveProperty('place');
    await deliver({ ...sampleOf('a', ['v s0']), place: { ...place, index: 0 } });
    expect(brokers.lines()).toEqual(['v new', 'v s0']);
  });

  test.each<[Fate, readonly string[]]>([
    ['fails, committed', ['v a', 'v a']],
    ['fails, aborted', ['v a']],
  ])('when a commit %s, then its records are delivered again', async (fate, lines) => {
    const brokers = createBrokers();
    brokers.fates.push(fate);
    const { deliver, acknowledged } = await startSink(brokers, undefined, unpatched);
    await deliver(sampleOf('a', ['v a']));
    expect(brokers.lines()).toEqual(lines);
    expect(acknowledged).toHaveLength(1);
  });
});

describe('given answers that do not say that a batch was written', () => {
  test('when they name no partition, then the transaction is not committed, and the next one has it all', async () => {
    const brokers = createBrokers();
    brokers.leaveUnnamed(1);
    const { deliver, acknowledged } = await startSink(brokers);
    await deliver(sampleOf('c/a', ['a']), sampleOf('c/b', ['b']));
    expect(acknowledged).toHaveLength(2);
    expect(brokers.lines().sort()).toEqual(['a', 'b']);
  });

  test('when they blame the time of one sample, then it alone is refused, and the others are committed', async () => {
    const brokers = createBrokers();
    brokers.refuse((timestamp) => timestamp === '666');
    const { deliver, acknowledged, refused } = await startSink(brokers);
    const bad = sampleOf('c/a', ['a 2'], 666);
    await deliver(sampleOf('c/a', ['a 1'], 1), bad, sampleOf('c/a', ['a 3'], 3), sampleOf('c/b', ['b'], 4));
    expect(acknowledged).toHaveLength(3);
    expect(refused.map(({ sample }) => sample)).toEqual([bad]);
    expect(brokers.lines().sort()).toEqual(['a 1', 'a 3', 'b']);
  });
});
