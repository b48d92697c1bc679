import { randomBytes } from 'node:crypto';
import { CompressionTypes, Kafka, logLevel, type Admin, type Producer } from 'kafkajs';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { systemClock, systemScheduler } from '../../src/platform/clock.ts';
import { checkLedgerTopic } from '../../src/ledger/kafka/ledger-topic.ts';
import { createKafkaLedger, type KafkaLedgerOptions } from '../../src/ledger/kafka/kafka-ledger.ts';
import { startKafka, type KafkaCluster } from '../stack/kafka.ts';
import { pollUntil } from '../stack/poll-until.ts';
import { stackIsPossible } from '../stack/requirements.ts';
import { abortedReading } from '../../src/kafka/patches/aborted-reading.ts';
import { needsPatch } from '../kafka/real-brokers.ts';
import { readLedger } from './support/read-ledger.ts';

const log = pino({ level: 'silent' });
const inTime = (): AbortSignal => AbortSignal.timeout(60_000);

describe.skipIf(!stackIsPossible())('given a ledger in a real topic', () => {
  let cluster: KafkaCluster;
  let kafka: Kafka;
  let admin: Admin;
  let producer: Producer;
  beforeAll(async () => {
    // It compacts as soon as it can.
    cluster = await startKafka({ properties: { 'log.cleaner.backoff.ms': '100' } });
    kafka = new Kafka({ brokers: [...cluster.bootstrapServers], logLevel: logLevel.NOTHING });
    admin = kafka.admin();
    producer = kafka.producer();
    await Promise.all([admin.connect(), producer.connect()]);
  });
  afterAll(async () => {
    await Promise.all([admin.disconnect(), producer.disconnect()]);
    await cluster.stop();
  });

  const read = (topic: string) => readLedger(cluster.bootstrapServers, topic);

  async function open(topic: string, numPartitions: number) {
    await admin.createTopics({ topics: [{ topic, numPartitions }], waitForLeaders: true });
    const options: KafkaLedgerOptions = {
      brokers: cluster.bootstrapServers,
      clientId: 'ledger-test',
      topic,
      recordsTopic: 'speed-racer',
    };
    const deps = { clock: systemClock, scheduler: systemScheduler, log, random: Math.random };
    const ledger = createKafkaLedger(deps, options);
    await ledger.start(inTime());
    onTestFinished(() => ledger.stop(inTime()));
    expect(await ledger.read(inTime(), () => undefined)).toEqual({ entries: new Map(), isNew: true });
    return ledger;
  }

  test.each([
    ['may be created', 'to-come', 'ok', /^does not exist yet: it is created at the start$/],
    // Kafka refuses a name that differs from another topic's in dots and underscores only.
    [
      'may not be created',
      'for.bidden',
      'fail',
      /may not be created .*: create it with cleanup\.policy=compact/,
    ],
  ])(
    'when check looks for a topic that %s, then it says so and makes none',
    async (_what, topic, verdict, message) => {
      await admin.createTopics({ topics: [{ topic: 'for_bidden' }] });
      const names = { topic, recordsTopic: 'speed-racer' };
      const options = { brokers: cluster.bootstrapServers, clientId: 'ledger-test', ...names };
      const finding = await checkLedgerTopic({ clock: systemClock, log }, options, inTime());
      expect(finding).toEqual({
        verdict,
        subject: `ledger topic ${topic}`,
        message: expect.stringMatching(message) as unknown,
      });
      expect(await admin.listTopics()).not.toContain(topic);
    },
  );

  test('when its topic has several partitions, then it keeps one order', async () => {
    const ledger = await open('of-three', 3);
    expect(await ledger.readNow(inTime())).toEqual({ entries: new Map(), isNew: false });
    const entries = Array.from({ length: 20 }, (_, index) => [`key ${index}`, 'first'] as const);
    await ledger.write(new Map(entries), inTime());
    const later = entries.map(([key], index) => [key, index % 2 === 0 ? null : 'second'] as const);
    await ledger.write(new Map(later), inTime());
    const left = later.filter(([, value]) => value !== null);
    expect(await read('of-three')).toEqual(new Map(left));
    const ends = await admin.fetchTopicOffsets('of-three');
    expect(ends.filter(({ high }) => high !== '0')).toHaveLength(1);
  });

  test('when it is larger than many fetches, then all of it is read', async () => {
    const ledger = await open('large', 1);
    const value = (): string => randomBytes(6000).toString('base64');
    const entries = new Map(Array.from({ length: 2000 }, (_, index) => [`key ${index}`, value()]));
    await ledger.write(entries, inTime());
    expect(await read('large')).toEqual(entries);
  });

  test('when an entry is larger than the topic allows, then the others are written', async () => {
    const ledger = await open('small', 1);
    const value = randomBytes(2_000_000).toString('base64');
    await ledger.write(
      new Map([
        ['big', value],
        ['one', '1'],
        ['two', '2'],
      ]),
      inTime(),
    );
    expect([...(await read('small')).keys()]).toEqual(['one', 'two']);
  });

  test('when a transaction of another is open, then it does not count as read before that has ended', async () => {
    await open('pending', 1);
    const other = kafka.producer({ transactionalId: 'other', maxInFlightRequests: 1, idempotent: true });
    await other.connect();
    onTestFinished(() => other.disconnect());
    const transaction = await other.transaction();
    await transaction.send({ topic: 'pending', messages: [{ key: 'theirs', value: 'aborted' }] });
    await producer.send({ topic: 'pending', messages: [{ key: 'ours', value: 'behind it' }] });
    await expect(read('pending')).rejects.toThrow('a transaction is still open');
    await transaction.abort();
    expect(await read('pending')).toEqual(new Map([['ours', 'behind it']]));
  });

  test('when a process dies in the middle of a transaction, then nothing of that is read', async () => {
    await open('aborted', 1);
    const transactions = { transactionalId: 'dying', maxInFlightRequests: 1, idempotent: true };
    const commit = async (value: string, isFinished: boolean): Promise<void> => {
      const dying = kafka.producer(transactions);
      await dying.connect();
      const transaction = await dying.transaction();
      const messages = Array.from({ length: 50 }, (_, index) => ({ key: `key ${index}`, value }));
      await transaction.send({ topic: 'aborted', messages, compression: CompressionTypes.GZIP });
      if (isFinished) await transaction.commit();
      await dying.disconnect();
    };
    await commit('whole', true);
    await commit('torn', false);
    await commit('torn again', false);
    // Whoever takes over the id has the brokers end what is open.
    const heir = kafka.producer(transactions);
    await heir.connect();
    onTestFinished(() => heir.disconnect());
    await (await heir.transaction()).abort();
    const entries = await read('aborted');
    expect(new Set(entries.values())).toEqual(new Set(['whole']));
    expect(entries.size).toBe(50);
  });

  test('when it has been compacted, then the newest of each key is read', async () => {
    const topic = 'compacted';
    const settings = {
      'cleanup.policy': 'compact',
      'segment.ms': '100',
      'min.cleanable.dirty.ratio': '0.001',
    };
    const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }));
    await admin.createTopics({ topics: [{ topic, configEntries }], waitForLeaders: true });
    // Of each producer the last batch is kept, with nothing in it.
    const append = async (value: string): Promise<void> => {
      const each = kafka.producer({ idempotent: true });
      await each.connect();
      await each.send({ topic, messages: ['a', 'b', 'c'].map((key) => ({ key, value })) });
      await each.disconnect();
    };
    let rounds = 0;
    const firstRecord = async () => Number((await admin.fetchTopicOffsetsByTimestamp(topic, 0))[0]?.offset);
    const isCompacted = async (): Promise<true | undefined> => {
      await append(`round ${(rounds += 1)}`);
      return (await firstRecord()) >= 9 ? true : undefined;
    };
    await pollUntil(isCompacted, { what: 'the topic to be compacted', withinMs: 60_000 });
    await append('last');
    expect(await read(topic)).toEqual(new Map(['a', 'b', 'c'].map((key) => [key, 'last'])));
  });

  test('when transactions of two have overlapped and neither was committed, then nothing of them is read', async (context) => {
    needsPatch(abortedReading, context);
    await open('overlapping', 1);
    const begin = async (transactionalId: string) => {
      const each = kafka.producer({ transactionalId, maxInFlightRequests: 1, idempotent: true });
      await each.connect();
      onTestFinished(() => each.disconnect());
      const transaction = await each.transaction();
      const send = async (key: string): Promise<void> => {
        await transaction.send({ topic: 'overlapping', messages: [{ key, value: transactionalId }] });
      };
      return { send, abort: () => transaction.abort() };
    };
    const [one, other] = [await begin('one'), await begin('other')];
    await one.send('a');
    await other.send('b');
    await one.send('c');
    await other.send('d');
    await other.abort();
    await one.abort();
    expect(await readLedger(cluster.bootstrapServers, 'overlapping')).toEqual(new Map());
  });
});
