import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka, logLevel, type Admin } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startKafka, type KafkaCluster } from '../stack/kafka.ts';
import { pollUntil } from '../stack/poll-until.ts';
import { stackIsPossible } from '../stack/requirements.ts';
import { createCleanups } from './support/cleanups.ts';
import { DOCUMENTED_ACLS, grantDocumentedAcls } from './support/documented-acls.ts';
import { startCommand, type CommandProcess } from './support/sidecar-process.ts';

const PASSWORD = 'only for this test';
/** The users of the page. */
const USERS = ['burrow-rainbow', 'lag-reader'] as const;
const TOPIC = 'speed-racer';
const WITHIN = { withinMs: 60_000, everyMs: 200 };

describe.skipIf(!stackIsPossible())('given a broker that allows only what the page of ACLs grants', () => {
  const cleanups = createCleanups();
  let cluster: KafkaCluster;
  let admin: Admin;
  let passwordFile: string;

  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rainbow-acls-'));
    cleanups.add(() => rm(folder, { recursive: true, force: true }));
    passwordFile = join(folder, 'password');
    await writeFile(passwordFile, PASSWORD);
    cluster = await startKafka({
      listeners: { SECURE: 'SASL_PLAINTEXT' },
      formatArguments: USERS.flatMap((name) => [
        '--add-scram',
        `SCRAM-SHA-256=[name=${name},password=${PASSWORD}]`,
      ]),
      properties: {
        'sasl.enabled.mechanisms': 'SCRAM-SHA-256',
        'listener.name.secure.scram-sha-256.sasl.jaas.config':
          'org.apache.kafka.common.security.scram.ScramLoginModule required;',
        'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
        // The plain listener is for the brokers themselves and for this test.
        'super.users': 'User:ANONYMOUS',
      },
    });
    cleanups.add(() => cluster.stop());
    admin = new Kafka({ brokers: [...cluster.bootstrapServers], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    cleanups.add(() => admin.disconnect());
    await admin.createTopics({ topics: [{ topic: TOPIC, numPartitions: 2 }], waitForLeaders: true });
  });
  afterAll(() => cleanups.run());

  function start(user: (typeof USERS)[number], ...args: readonly string[]): CommandProcess {
    const settings = {
      'kafka.sasl.mechanism': 'scram-sha-256',
      'kafka.sasl.username': user,
      'kafka.sasl.passwordFile': passwordFile,
    };
    const [command = '', ...rest] = args;
    return startCommand(
      [
        command,
        ...['--brokers', cluster.servers('SECURE').join(',')],
        ...Object.entries(settings).flatMap(([key, value]) => ['--set', `${key}=${value}`]),
        ...rest,
      ],
      { RAINBOW_HTTP_HOST: '127.0.0.1', RAINBOW_HTTP_PORT: '0' },
      cleanups.add,
    );
  }

  test('when nothing is granted, then the sidecar may not write', async () => {
    const demo = start('burrow-rainbow', 'demo', '--for', '3s');
    await demo.ended;
    expect(demo.stderr()).toContain('grant this user Write');
    expect(demo.stderr()).toContain('grant this user Read and Describe');
  });

  test('when the commands of the page are run, then the broker takes each', async () => {
    expect(DOCUMENTED_ACLS.length).toBeGreaterThan(3);
    await grantDocumentedAcls(cluster.bootstrapServers);
  });

  test.each([['without'], ['with', '--set', 'kafka.transactions=true']])(
    'when the sidecar runs then %s transactions, then nothing is forbidden, and the ledger works',
    async (_, ...settings) => {
      const demo = start('burrow-rainbow', 'demo', '--for', '6s', '--speed', '30', ...settings);
      expect(await demo.ended).toMatchObject({ exitCode: 0 });
      expect(demo.stderr()).not.toMatch(
        /grant this user|not allowed|AUTHORIZATION|ledger of open spans does not work/i,
      );
      const [ends] = await admin.fetchTopicOffsets(`${TOPIC}.spans`);
      expect(Number(ends?.high)).toBeGreaterThan(0);
    },
  );

  test('when the reader follows the topic, then it reads, and its group is gone afterwards', async () => {
    const tail = start('lag-reader', 'tail', '--from-beginning', '--output', 'lines');
    await pollUntil(() => (tail.stdout().includes('totalLag') ? true : undefined), {
      what: 'lines of the topic',
      ...WITHIN,
    });
    tail.send('SIGINT');
    expect(await tail.ended).toEqual({ exitCode: 0, signal: null });
    const { groups } = await admin.listGroups();
    expect(groups.filter(({ groupId }) => groupId.startsWith('burrow-rainbow-tail-'))).toEqual([]);
  });

  test('when the reader tries to write, then that is forbidden', async () => {
    const demo = start('lag-reader', 'demo', '--for', '3s');
    await demo.ended;
    expect(demo.stderr()).toContain('grant this user Write');
  });
});
