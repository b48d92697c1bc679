import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { startContainer } from '../examples/pod.ts';
import { parseYaml, pathOf, type Tree } from '../examples/read-example.ts';
import { makeCertificate, type Certificate } from '../faults/support/certificates.ts';
import { findBurrow } from '../stack/burrow-binary.ts';
import { joinCommittingGroup, type CommittingGroup } from '../stack/committing-group.ts';
import { freePorts } from '../stack/free-port.ts';
import { helm } from '../stack/helm.ts';
import { pollUntil } from '../stack/poll-until.ts';
import { chartsArePossible, stackIsPossible } from '../stack/requirements.ts';
import { createServerProcess, type ServerProcess } from '../stack/server-process.ts';
import { startWatchedKafka, type WatchedStack } from '../stack/stack.ts';
import { createCleanups } from './support/cleanups.ts';
import { grantDocumentedAcls } from './support/documented-acls.ts';
import { startSidecar } from './support/sidecar-process.ts';

/** The Burrow of Debian knows no SCRAM. */
const MECHANISM = 'plain';
const [BURROW_PASSWORD, RAINBOW_PASSWORD] = ['of-burrow', 'of-the-sidecar'];

describe.skipIf(!stackIsPossible() || !chartsArePossible())(
  'given what the Helm chart renders for a Kafka with a private authority, a login, and the documented rights alone',
  () => {
    const cleanups = createCleanups();
    let folder: string;
    let authority: Certificate;
    let watched: WatchedStack;
    let documents: readonly Tree[];
    let group: CommittingGroup;
    let burrowPort = 0;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'rainbow-chart-'));
      cleanups.add(() => rm(folder, { recursive: true, force: true }));
      authority = await makeCertificate(folder, 'kafka');
      const { watches, protocol } = await findBurrow();
      const authorizer = watches.onZookeeper
        ? 'kafka.security.authorizer.AclAuthorizer'
        : 'org.apache.kafka.metadata.authorizer.StandardAuthorizer';
      watched = await startWatchedKafka({
        listeners: { SECURE: 'SASL_SSL' },
        properties: {
          'authorizer.class.name': authorizer,
          // The plain listener is for the broker itself and for this test.
          'super.users': 'User:ANONYMOUS',
          'listener.name.secure.ssl.keystore.type': 'PKCS12',
          'listener.name.secure.ssl.keystore.location': authority.keystore,
          'listener.name.secure.ssl.keystore.password': authority.password,
          'sasl.enabled.mechanisms': 'PLAIN',
          'listener.name.secure.plain.sasl.jaas.config':
            'org.apache.kafka.common.security.plain.PlainLoginModule required ' +
            `user_burrow="${BURROW_PASSWORD}" user_burrow-rainbow="${RAINBOW_PASSWORD}";`,
        },
      });
      cleanups.add(() => watched.stop());
      const kafka = new Kafka({
        brokers: [...watched.kafka.bootstrapServers],
        logLevel: logLevel.NOTHING,
      });
      const admin = kafka.admin();
      await admin.connect();
      await admin.createTopics({
        topics: ['orders', 'speed-racer'].map((topic) => ({ topic, numPartitions: 1 })),
        waitForLeaders: true,
      });
      await admin.disconnect();
      await grantDocumentedAcls(watched.kafka.bootstrapServers);
      group = await joinCommittingGroup(kafka, 'billing', 'orders');
      cleanups.add(() => group.leave());
      const values = {
        kafka: {
          brokers: watched.kafka.servers('SECURE'),
          tls: { enabled: true, caSecret: 'kafka-ca' },
          sasl: { mechanism: MECHANISM, secret: 'kafka' },
        },
        burrow: { kafkaVersion: protocol },
      };
      const file = join(folder, 'values.json');
      await writeFile(file, JSON.stringify(values));
      const chart = pathOf('examples/helm/burrow-rainbow');
      documents = parseYaml(await helm('template', 'lag', chart, '-f', file), 'the chart');
      [burrowPort = 0] = await freePorts(1);
    });
    afterAll(() => cleanups.run());

    /** Burrow as in its container, but for what two tests on one machine cannot share. */
    async function createBurrow(name: string, password: string): Promise<ServerProcess> {
      const { binary, needsZookeeper } = await findBurrow();
      const { env, files } = startContainer(documents, 'burrow');
      const toml = (files['/etc/burrow/burrow.toml'] ?? '')
        .replace('127.0.0.1:8000', `127.0.0.1:${burrowPort}`)
        .replace('/dev/shm/burrow.pid', join(folder, `${name}.pid`))
        .replace('/run/secrets/kafka-ca/ca.crt', authority.pemFile);
      const zookeeper =
        needsZookeeper && watched.zookeeper !== undefined
          ? `[zookeeper]\nservers = ["${watched.zookeeper}"]\n`
          : '';
      const directory = join(folder, name);
      await mkdir(directory);
      await writeFile(join(directory, 'burrow.toml'), `${toml}\n${zookeeper}`);
      expect(Object.keys(env)).toEqual(['BURROW_SASL_KAFKA_PASSWORD']);
      return createServerProcess({
        name,
        command: 'env',
        args: [
          `BURROW_SASL_KAFKA_PASSWORD=${password}`,
          // Burrow before 1.3 takes no authority without a certificate of its own.
          `SSL_CERT_FILE=${authority.pemFile}`,
          binary,
          ...['--config-dir', directory],
        ],
        cwd: directory,
        logFile: join(folder, `${name}.log`),
        ready: async () => {
          const answer = await fetch(`http://127.0.0.1:${burrowPort}/v3/kafka/main/topic`);
          return (await answer.text()).includes('orders');
        },
        readyWithinMs: 60_000,
      });
    }

    test('when Burrow has another password than Kafka, then it does not start', async () => {
      const burrow = await createBurrow('stranger', 'not-this-one');
      onTestFinished(() => burrow.kill());
      await expect(burrow.start()).rejects.toThrow(/stranger/);
    });

    test('when both start, then Burrow sees topics and commits, and the sidecar comes up and delivers', async () => {
      const burrow = await createBurrow('burrow', BURROW_PASSWORD);
      onTestFinished(() => burrow.kill());
      await burrow.start();
      await pollUntil(
        async () => {
          await group.commit({ 0: 0 });
          const answer = await fetch(`http://127.0.0.1:${burrowPort}/v3/kafka/main/consumer`);
          return (await answer.text()).includes('billing') ? true : undefined;
        },
        { what: 'Burrow to see a commit', withinMs: 60_000, everyMs: 500 },
      );
      const passwordFile = join(folder, 'rainbow-password');
      await writeFile(passwordFile, RAINBOW_PASSWORD);
      const { files } = startContainer(documents, 'burrow-rainbow');
      const configuration = (files['/etc/burrow-rainbow/rainbow.yaml'] ?? '')
        .replace('http://127.0.0.1:8000', `http://127.0.0.1:${burrowPort}`)
        .replace('/run/secrets/kafka-ca/ca.crt', authority.pemFile)
        .replace('/run/secrets/kafka/password', passwordFile);
      const file = join(folder, 'rainbow.yaml');
      await writeFile(file, configuration);
      const sidecar = await startSidecar({ config: file }, onTestFinished);
      const ready = await pollUntil(
        async () => {
          const answer = await fetch(`${sidecar.url}/ready`);
          if (answer.status !== 200) throw new Error(await answer.text());
          return answer.status;
        },
        { what: 'the sidecar to be ready', withinMs: 60_000 },
      );
      expect(ready).toBe(200);
      expect(await sidecar.metric('burrow_rainbow_sink_up')).toBe(1);
      expect(sidecar.stderr()).not.toMatch(/not allowed|AUTHORIZATION/i);
    });
  },
);
