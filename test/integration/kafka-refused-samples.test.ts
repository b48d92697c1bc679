import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Admin, Kafka } from 'kafkajs';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createEntryWriter } from '../../src/ledger/ledger-entry.ts';
import { writeMarkKey } from '../../src/ledger/ledger-key.ts';
import { createOutbox, type Drop } from '../../src/outbox/outbox.ts';
import { systemClock, systemScheduler } from '../../src/platform/clock.ts';
import type { EncodedSample } from '../../src/records/encoded-sample.ts';
import { createKafkaClient } from '../../src/kafka/kafka-client.ts';
import { createTransactionalKafkaSink } from '../../src/sinks/kafka/transactional-kafka-sink.ts';
import { createTransactionalProducer } from '../../src/kafka/transactional-producer.ts';
import type { Sink } from '../../src/sinks/sink.ts';
import { openLevelStore } from '../../src/store/level-store.ts';
import { sampleOf } from '../outbox/sample-of.ts';
import { byKey, connect, forever, linesByKey, startSink } from '../kafka/real-brokers.ts';
import { createReport } from '../sinks/report.ts';
import { startKafka, type KafkaCluster } from '../stack/kafka.ts';
import { pollUntil } from '../stack/poll-until.ts';
import { stackIsPossible } from '../stack/requirements.ts';

const HOUR_MS = 3_600_000;
const log = pino({ level: 'silent' });

/** Good samples of three groups with these bad ones among them. */
function mixed(bad: readonly (readonly [at: number, takenAtMs: number])[], count = 300): EncodedSample[] {
  const nowMs = Date.now();
  const badAt = new Map(bad);
  return Array.from({ length: count }, (_, at) => {
    const key = `c/group-${at % 3}`;
    const lines = [0, 1, 2, 3, 4].map((line) => `${key} ${at}.${line}`);
    return sampleOf(key, lines, badAt.get(at) ?? nowMs - count + at);
  });
}

describe.skipIf(!stackIsPossible())('given a real topic that does not take every time', () => {
  let cluster: KafkaCluster;
  let kafka: Kafka;
  let admin: Admin;
  beforeAll(async () => {
    cluster = await startKafka({});
    ({ kafka, admin } = connect(cluster));
    await admin.connect();
  });
  afterAll(async () => {
    await admin.disconnect();
    await cluster.stop();
  });

  async function createTopic(topic: string): Promise<void> {
    const configEntries = [
      { name: 'message.timestamp.before.max.ms', value: String(HOUR_MS) },
      { name: 'message.timestamp.after.max.ms', value: String(HOUR_MS) },
    ];
    await admin.createTopics({ topics: [{ topic, numPartitions: 2, configEntries }], waitForLeaders: true });
  }

  const hourAhead = (): number => Date.now() + 2 * HOUR_MS;
  const hourAgo = (): number => Date.now() - 2 * HOUR_MS;

  async function expectTheGood(topic: string, samples: readonly EncodedSample[], bad: readonly number[]) {
    const good = samples.filter((_, at) => !bad.includes(at));
    expect(await linesByKey(kafka, admin, topic)).toEqual(byKey(good));
  }

  test.each([1, 3])(
    'when samples from other hours are among good ones, %i lines a message, then those alone are refused',
    async (linesPerMessage) => {
      const topic = `times-${linesPerMessage}`;
      await createTopic(topic);
      const sink = await startSink({ brokers: cluster.bootstrapServers, topic, linesPerMessage });
      const bad = [0, 17, 18, 19, 299];
      const samples = mixed(bad.map((at, index) => [at, index % 2 === 0 ? hourAhead() : hourAgo()] as const));
      const { report, acknowledged, refused } = createReport();
      await sink.deliver(samples, report, forever);
      expect(refused.map(({ sample }) => samples.indexOf(sample)).sort((a, b) => a - b)).toEqual(bad);
      expect(refused[0]?.reason).toContain('message.timestamp');
      expect(acknowledged).toHaveLength(samples.length - bad.length);
      await expectTheGood(topic, samples, bad);
    },
  );

  async function transactionalSink(topic: string): Promise<Sink> {
    const ledgerTopic = `${topic}.spans`;
    const configEntries = [{ name: 'message.timestamp.after.max.ms', value: String(HOUR_MS) }];
    await admin.createTopics({
      topics: [{ topic: ledgerTopic, numPartitions: 1, configEntries }],
      waitForLeaders: true,
    });
    const options = {
      brokers: cluster.bootstrapServers,
      clientId: 'refused',
      topic,
      compression: 'gzip',
      linesPerMessage: 2,
      ledgerTopic,
      transactionalId: `refused-${topic}`,
      markKey: writeMarkKey('refused'),
    } as const;
    const client = createKafkaClient({ clock: systemClock, log }, options);
    const sink = createTransactionalKafkaSink(
      {
        // Brokers refuse what is an hour ahead: the ledger must not depend on this clock either.
        clock: { nowMs: () => Date.now() + 2 * HOUR_MS },
        scheduler: systemScheduler,
        log,
        random: Math.random,
        writer: createEntryWriter({ prefix: 'burrow', naming: 'rainbow', tags: {}, seriesTags: [] }),
        createProducer: () => createTransactionalProducer(client, options),
        readLedger: () => Promise.resolve(new Map()),
        formerMark: () => Promise.resolve(undefined),
        readsCommittedOnly: () => true,
      },
      options,
    );
    await sink.start(forever);
    onTestFinished(() => sink.stop(AbortSignal.timeout(2000)));
    return sink;
  }

  test('when they are written in transactions, then the same is true', async () => {
    const topic = 'times-in-transactions';
    await createTopic(topic);
    const sink = await transactionalSink(topic);
    const bad = [5, 6, 250];
    const samples = mixed(bad.map((at) => [at, hourAhead()] as const));
    const { report, acknowledged, refused } = createReport();
    await sink.deliver(samples, report, forever);
    expect(refused.map(({ sample }) => samples.indexOf(sample)).sort((a, b) => a - b)).toEqual(bad);
    expect(acknowledged).toHaveLength(samples.length - bad.length);
    // Marks of commits take offsets, too, so the lines are counted by themselves.
    const lines = new Map<string, string[]>();
    const reader = kafka.consumer({ groupId: `reader-of-${topic}`, maxWaitTimeInMs: 100 });
    onTestFinished(() => reader.disconnect());
    await reader.connect();
    await reader.subscribe({ topic, fromBeginning: true });
    await reader.run({
      eachMessage: ({ message: { key, value } }) => {
        lines.set(String(key), [...(lines.get(String(key)) ?? []), ...String(value).split('\n')]);
        return Promise.resolve();
      },
    });
    const good = byKey(samples.filter((_, at) => !bad.includes(at)));
    const count = (map: Map<string, string[]>): number => [...map.values()].flat().length;
    await pollUntil(() => (count(lines) >= count(good) ? true : undefined), {
      what: 'the good lines',
      withinMs: 20_000,
    });
    expect(lines).toEqual(good);
  });

  test('when one lies on disk at a restart, then it is refused alone, and nothing stays behind', async () => {
    const topic = 'times-on-disk';
    await createTopic(topic);
    const folder = await mkdtemp(join(tmpdir(), 'refused-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const samples = mixed([[40, hourAgo()]], 100);
    async function live(brokers: readonly string[], drops: Drop[]) {
      const acknowledged: EncodedSample[] = [];
      const outbox = createOutbox(
        {
          sink: await startSink({ brokers, topic }),
          clock: systemClock,
          monotonicMs: () => performance.now(),
          scheduler: systemScheduler,
          log,
          onAcknowledged: (arrived) => void acknowledged.push(...arrived),
          onDropped: (drop) => void drops.push(drop),
          openStore: openLevelStore,
        },
        {
          memoryBytes: 1_000_000,
          disk: { path: join(folder, 'outbox'), maxBytes: 10_000_000, bytesPerSecond: 10_000_000 },
        },
      );
      await outbox.start(forever);
      return { outbox, acknowledged };
    }
    const first = await live(['127.0.0.1:1'], []);
    for (const sample of samples) first.outbox.offer(sample);
    await first.outbox.stop(AbortSignal.timeout(200));

    const drops: Drop[] = [];
    const second = await live(cluster.bootstrapServers, drops);
    await pollUntil(() => (second.outbox.depth().samples === 0 ? true : undefined), {
      what: 'everything to be delivered',
      withinMs: 30_000,
    });
    await second.outbox.stop(AbortSignal.timeout(2000));
    expect(second.acknowledged).toHaveLength(99);
    expect(drops).toEqual([{ cluster: 'c', samples: 1, records: 5, cause: 'refused' }]);
    await expectTheGood(topic, samples, [40]);

    const third = await live(cluster.bootstrapServers, []);
    expect(third.outbox.depth()).toMatchObject({ samples: 0 });
    await third.outbox.stop(AbortSignal.timeout(2000));
  });

  test('when a thousand from another hour come in a row, then they do not hold up the others', async () => {
    const topic = 'times-in-a-row';
    await createTopic(topic);
    const sink = await startSink({ brokers: cluster.bootstrapServers, topic });
    const bad = Array.from({ length: 1000 }, (_, at) => at);
    const samples = mixed(
      bad.map((at) => [at, hourAgo()] as const),
      1300,
    );
    const { report, acknowledged, refused } = createReport();
    await sink.deliver(samples, report, forever);
    expect([acknowledged.length, refused.length]).toEqual([300, 1000]);
    await expectTheGood(topic, samples, bad);
  });
});
