import { ConfigResourceTypes, type Admin, type Kafka } from 'kafkajs';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/platform/clock.ts';
import { checkKafka } from '../../src/kafka/check-kafka.ts';
import type { Compression, KafkaSinkOptions } from '../../src/kafka/kafka-options.ts';
import { sampleOf } from '../outbox/sample-of.ts';
import { byKey, connect, forever, linesByKey, manySamples, startSink } from '../kafka/real-brokers.ts';
import { createReport } from '../sinks/report.ts';
import { startKafka, type KafkaCluster } from '../stack/kafka.ts';
import { pollUntil } from '../stack/poll-until.ts';
import { stackIsPossible } from '../stack/requirements.ts';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const hasZstd = major > 22 || (major === 22 && minor >= 15);
const user = { username: 'rainbow', password: 'over the river' };
const jaas = (module: string, rest: string) => `org.apache.kafka.common.security.${module} required ${rest};`;

describe.skipIf(!stackIsPossible())('given one real broker', () => {
  let cluster: KafkaCluster;
  let kafka: Kafka;
  let admin: Admin;
  beforeAll(async () => {
    cluster = await startKafka({
      listeners: { SECURE: 'SASL_PLAINTEXT' },
      formatArguments: ['--add-scram', `SCRAM-SHA-256=[name=${user.username},password=${user.password}]`],
      properties: {
        'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256',
        'listener.name.secure.plain.sasl.jaas.config': jaas(
          'plain.PlainLoginModule',
          `user_${user.username}="${user.password}"`,
        ),
        'listener.name.secure.scram-sha-256.sasl.jaas.config': jaas('scram.ScramLoginModule', ''),
      },
    });
    ({ kafka, admin } = connect(cluster));
    await admin.connect();
  });
  afterAll(async () => {
    await admin.disconnect();
    await cluster.stop();
  });

  async function createTopic(topic: string, numPartitions = 5): Promise<void> {
    await admin.createTopics({ topics: [{ topic, numPartitions }], waitForLeaders: true });
  }

  const compressions: readonly Compression[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];
  test.each(compressions.filter((each) => each !== 'zstd' || hasZstd))(
    'when samples are sent with compression %s, then all lines are read back in order of their keys',
    async (compression) => {
      const topic = `compressed-${compression}`;
      await createTopic(topic);
      const sink = await startSink({
        brokers: cluster.bootstrapServers,
        topic,
        compression,
        linesPerMessage: 2,
      });
      const samples = manySamples(500);
      const { report, acknowledged } = createReport();
      await sink.deliver(samples, report, forever);
      expect(acknowledged).toHaveLength(samples.length);
      expect(await linesByKey(kafka, admin, topic)).toEqual(byKey(samples));
    },
  );

  test('when the topic takes small batches only, then smaller ones are sent, and only a giant line is refused', async () => {
    const topic = 'small-batches';
    await createTopic(topic, 1);
    await admin.alterConfigs({
      validateOnly: false,
      resources: [
        {
          type: ConfigResourceTypes.TOPIC,
          name: topic,
          configEntries: [{ name: 'max.message.bytes', value: '12000' }],
        },
      ],
    });
    const sink = await startSink({ brokers: cluster.bootstrapServers, topic, compression: 'none' });
    const samples = manySamples(100);
    const giant = sampleOf('c/giant', ['y'.repeat(20_000)]);
    const { report, acknowledged, refused } = createReport();
    await sink.deliver([...samples.slice(0, 50), giant, ...samples.slice(50)], report, forever);
    expect(acknowledged).toEqual(samples);
    expect(refused.map(({ sample }) => sample)).toEqual([giant]);
    expect(await linesByKey(kafka, admin, topic)).toEqual(byKey(samples));
  });

  test.each(['plain', 'scram-sha-256'] as const)(
    'when it authenticates with %s, then it delivers with the right password and says what is wrong with another',
    async (mechanism) => {
      const topic = `sasl-${mechanism}`;
      await createTopic(topic);
      const brokers = cluster.servers('SECURE');
      const wrong = await startSink({ brokers, topic, sasl: { mechanism, ...user, password: 'hunter2' } });
      const right = await startSink({ brokers, topic, sasl: { mechanism, ...user } });
      const { report, acknowledged } = createReport();
      await right.deliver(manySamples(3), report, forever);
      expect(acknowledged).toHaveLength(3);
      await pollUntil(() => (wrong.condition().state === 'faulty' ? true : undefined), {
        what: 'the fault',
        withinMs: 60_000,
      });
      expect(wrong.condition()).toMatchObject({
        reason: 'the brokers refused the credentials: check kafka.sasl',
      });
    },
  );

  async function check(options: Partial<KafkaSinkOptions> & Pick<KafkaSinkOptions, 'brokers' | 'topic'>) {
    const deps = { clock: systemClock, log: pino({ level: 'silent' }), asking: () => undefined };
    const defaults = { clientId: 'check', compression: 'gzip', linesPerMessage: 1 } as const;
    const findings: string[] = [];
    const signal = AbortSignal.timeout(10_000);
    for await (const { verdict, subject, message } of checkKafka(deps, { ...defaults, ...options }, signal)) {
      findings.push(`${verdict}: ${subject}: ${message}`);
    }
    return findings;
  }

  test('when all is well, then the check says so, and a dead broker in the list beside a living one is no fault', async () => {
    await createTopic('checked', 4);
    const [broker = ''] = cluster.bootstrapServers;
    expect(await check({ brokers: [broker, '127.0.0.1:1'], topic: 'checked' })).toEqual([
      'ok: compression gzip: is available',
      `ok: broker ${broker}: answers; brokers in its cluster: 1`,
      expect.stringMatching(
        /^warn: broker 127\.0\.0\.1:1: no broker can be reached .*the others are enough/,
      ) as string,
      'ok: idempotent writing: is allowed',
      'ok: topic checked: exists: 4 partitions, replication 1',
      'ok: max.message.bytes of topic checked: is 1048588',
    ]);
  });

  test('when the topic is missing, then the check says what to do and does not create it', async () => {
    const found = await check({ brokers: cluster.bootstrapServers, topic: 'unchecked' });
    expect(found).toContain(
      'fail: topic unchecked: does not exist, and these brokers create none by themselves (auto.create.topics.enable=false): create it',
    );
    expect(await admin.listTopics()).not.toContain('unchecked');
  });

  test('when no broker answers, then the check says so and ends', async () => {
    expect(await check({ brokers: ['127.0.0.1:1'], topic: 'checked' })).toEqual([
      'ok: compression gzip: is available',
      expect.stringMatching(/^fail: broker 127\.0\.0\.1:1: no broker can be reached/) as string,
    ]);
  });
});
