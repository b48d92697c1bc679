import { Kafka, logLevel, type Admin } from 'kafkajs';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { writeBeatKey, writeWriterKey } from '../../src/ledger/ledger-key.ts';
import { systemClock, systemScheduler } from '../../src/platform/clock.ts';
import { createKafkaLedger, type KafkaLedger } from '../../src/ledger/kafka/kafka-ledger.ts';
import { produceRequest } from '../../src/kafka/patches/produce-request.ts';
import { needsPatch } from '../kafka/real-brokers.ts';
import { freePorts } from '../stack/free-port.ts';
import { openHeldLine, type HeldLine } from '../stack/held-line.ts';
import { startKafka, type KafkaCluster } from '../stack/kafka.ts';
import { pollUntil } from '../stack/poll-until.ts';
import { stackIsPossible } from '../stack/requirements.ts';
import { readLedger } from './support/read-ledger.ts';

const inTime = (): AbortSignal => AbortSignal.timeout(60_000);
const TIMEOUT_MS = 2000;
const SOURCE = 'rainbow-1';

describe.skipIf(!stackIsPossible())('given ledgers on a line that holds what is sent', () => {
  let cluster: KafkaCluster;
  let line: HeldLine;
  let admin: Admin;
  beforeAll(async () => {
    const [port = 0] = await freePorts(1);
    cluster = await startKafka({ listeners: { HELD: 'PLAINTEXT' }, advertisedPorts: { HELD: port } });
    line = await openHeldLine(port, Number(cluster.servers('HELD')[0]?.split(':')[1]));
    admin = new Kafka({ brokers: [...cluster.bootstrapServers], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
  });
  afterAll(async () => {
    await admin.disconnect();
    await line.close();
    await cluster.stop();
  });

  const entriesOf = (topic: string) => readLedger(cluster.bootstrapServers, topic);

  async function create(topic: string, { isHeld = false } = {}): Promise<KafkaLedger> {
    const ledger = createKafkaLedger(
      {
        clock: systemClock,
        scheduler: systemScheduler,
        log: pino({ level: 'silent' }),
        random: Math.random,
      },
      {
        brokers: isHeld ? [`127.0.0.1:${line.port}`] : cluster.bootstrapServers,
        clientId: 'ledger-test',
        timeoutMs: TIMEOUT_MS,
        topic,
        recordsTopic: 'speed-racer',
        writerKey: writeWriterKey(SOURCE),
      },
    );
    await ledger.start(inTime());
    onTestFinished(() => ledger.stop(inTime()));
    return ledger;
  }

  async function open(topic: string, options?: { isHeld: boolean }): Promise<KafkaLedger> {
    const ledger = await create(topic, options);
    await ledger.read(inTime(), () => undefined);
    return ledger;
  }

  const set = (ledger: KafkaLedger, key: string, value: string | null): Promise<void> =>
    ledger.write(new Map([[key, value]]), inTime());
  const beat = (ledger: KafkaLedger, value: string) => ledger.beat(writeBeatKey(SOURCE), value, inTime());

  test('when a request times out and arrives after newer ones, then the newest value stays', async (context) => {
    needsPatch(produceRequest, context);
    const ledger = await open('late', { isHeld: true });
    await set(ledger, 'key', 'first');
    line.hold();
    // Goes into the held connection, is given up, and arrives on another one.
    await set(ledger, 'key', 'given up');
    expect(line.heldBytes()).toBeGreaterThan(0);
    await set(ledger, 'key', 'newest');
    await set(ledger, 'other', 'newest');
    await line.release();
    expect(await entriesOf('late')).toEqual(
      new Map([
        ['key', 'newest'],
        ['other', 'newest'],
      ]),
    );
    // And the broker goes on to take what is written.
    await set(ledger, 'key', 'later');
    expect((await entriesOf('late')).get('key')).toBe('later');
  });

  test('when a process dies with a request under way, then it cannot arrive after the next has read', async (context) => {
    needsPatch(produceRequest, context);
    const dying = await open('died', { isHeld: true });
    await beat(dying, '1');
    await set(dying, 'key', 'of the dead');
    line.hold();
    const given = set(dying, 'key', 'late');
    given.catch(() => undefined);
    await pollUntil(() => (line.heldBytes() > 0 ? true : undefined), {
      what: 'the request',
      withinMs: 10_000,
    });
    // Its end of the connection is closed, as by the kernel of a process that was killed.
    await dying.stop(AbortSignal.abort(new Error('killed')));
    const heir = await open('died');
    await set(heir, 'key', 'of the heir');
    await line.release();
    expect((await entriesOf('died')).get('key')).toBe('of the heir');
  });

  test('when values are written before it was read, then they wait until it has been', async () => {
    await admin.createTopics({ topics: [{ topic: 'unread', numPartitions: 1 }], waitForLeaders: true });
    await set(await open('unread'), 'key', 'of a former process');
    const ledger = await create('unread');
    const written = set(ledger, 'key', 'too early');
    // Time enough for it, were it not to wait.
    expect((await entriesOf('unread')).get('key')).toBe('of a former process');
    const { entries } = await ledger.read(inTime(), () => undefined);
    expect(entries.get('key')).toBe('of a former process');
    await written;
    expect((await entriesOf('unread')).get('key')).toBe('too early');
  });

  test('when two processes give signs under one key, then each hears of the other, until one leaves', async (context) => {
    needsPatch(produceRequest, context);
    const first = await open('shared');
    expect(await beat(first, 'first 1')).toEqual({ isContested: false });
    expect(await beat(first, 'first 2')).toEqual({ isContested: false });
    const second = await open('shared');
    expect(await beat(second, 'second 1')).toEqual({ isContested: false });
    for (let round = 0; round < 3; round += 1) {
      await set(first, 'key of the first', String(round));
      expect(await beat(first, 'again')).toEqual({ isContested: true });
      await set(second, 'key of the second', String(round));
      expect(await beat(second, 'again')).toEqual({ isContested: true });
    }
    expect(await beat(second, 'alone')).toEqual({ isContested: false });
    const entries = await entriesOf('shared');
    expect(entries.get('key of the first')).toBe('2');
    expect(entries.get('key of the second')).toBe('2');
  });

  test('when a killed process is started again, then it hears of no other', async () => {
    const killed = await open('restarted');
    await beat(killed, '1');
    await set(killed, 'key', 'before');
    await beat(killed, '2');
    const next = await open('restarted');
    await set(next, 'key', 'after');
    expect(await beat(next, '1')).toEqual({ isContested: false });
    expect(await beat(next, '2')).toEqual({ isContested: false });
    expect((await entriesOf('restarted')).get('key')).toBe('after');
  });
});
