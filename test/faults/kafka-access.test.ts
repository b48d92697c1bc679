import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigResourceTypes, type Admin } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCleanups } from '../integration/support/cleanups.ts';
import { connect } from '../kafka/real-brokers.ts';
import { startKafka, type KafkaCluster } from '../stack/kafka.ts';
import { stackIsPossible } from '../stack/requirements.ts';
import { joinAuthorities, makeCertificate, type Certificate } from './support/certificates.ts';
import { endWell } from './support/end-well.ts';
import { form } from './support/form.ts';
import { alterKafkaConfig } from './support/kafka-configs.ts';
import { setScene, type Scene } from './support/scene.ts';

const USER = 'rainbow';
const RELOADER = 'reloader';

describe.skipIf(!stackIsPossible())('given three brokers that do not let the sidecar in', () => {
  const cleanups = createCleanups();
  let cluster: KafkaCluster;
  let admin: Admin;
  let folder: string;
  /** What the sidecar trusts. */
  let authorities: string;
  /** What the brokers show at the listener of this name; the file is replaced where it is renewed. */
  let shown: Readonly<Record<'expired' | 'untrusted', Certificate>>;
  let good: Certificate;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rainbow-access-'));
    cleanups.add(() => rm(folder, { recursive: true, force: true }));
    good = await makeCertificate(folder, 'good');
    shown = {
      expired: await makeCertificate(folder, 'expired', ['-startdate', '-10d', '-validity', '5']),
      untrusted: await makeCertificate(folder, 'untrusted'),
    };
    authorities = join(folder, 'authorities.pem');
    await writeFile(authorities, await joinAuthorities([good, shown.expired]));
    cluster = await startKafka({
      brokers: 3,
      listeners: { SECURE: 'SASL_PLAINTEXT', EXPIRED: 'SSL', UNTRUSTED: 'SSL', RELOADED: 'SSL' },
      formatArguments: [
        ...['--add-scram', `SCRAM-SHA-256=[name=${USER},password=as it was]`],
        ...['--add-scram', `SCRAM-SHA-256=[name=${RELOADER},password=but that]`],
      ],
      properties: {
        ...keystoreAt('expired'),
        ...keystoreAt('untrusted'),
        ...keystoreAt('reloaded'),
        'sasl.enabled.mechanisms': 'SCRAM-SHA-256',
        'listener.name.secure.scram-sha-256.sasl.jaas.config':
          'org.apache.kafka.common.security.scram.ScramLoginModule required;',
      },
    });
    cleanups.add(() => cluster.stop());
    ({ admin } = connect(cluster));
    await admin.connect();
    cleanups.add(() => admin.disconnect());
  });
  afterAll(() => cleanups.run());

  function keystoreAt(listener: 'expired' | 'untrusted' | 'reloaded'): Readonly<Record<string, string>> {
    const { keystore, password } = listener === 'reloaded' ? good : shown[listener];
    const at = `listener.name.${listener}.ssl.keystore`;
    return { [`${at}.type`]: 'PKCS12', [`${at}.location`]: keystore, [`${at}.password`]: password };
  }

  async function createTopic(topic: string): Promise<void> {
    await admin.createTopics({ topics: [{ topic, numPartitions: 3 }], waitForLeaders: true });
  }

  /** Polling waits for the ledger for half a minute, and only then do samples. */
  async function waitFor(scene: Scene): Promise<void> {
    if (form === 'full') await scene.until('samples to wait', async () => (await scene.waiting()) > 20);
  }

  test.concurrent(
    'when the password is wrong, then it is told until the brokers have it too',
    async (context) => {
      await createTopic('password');
      const passwordFile = join(folder, 'password');
      await writeFile(passwordFile, 'as it will be');
      const scene = await setScene(
        {
          brokers: cluster.bootstrapServers,
          topic: 'password',
          settings: {
            'kafka.brokers': cluster.servers('SECURE').join(','),
            'kafka.sasl.mechanism': 'scram-sha-256',
            'kafka.sasl.username': USER,
            'kafka.sasl.passwordFile': passwordFile,
          },
        },
        context.onTestFinished,
      );
      await scene.tells(/the brokers refused the credentials: check kafka.sasl/);
      await waitFor(scene);
      const user = { type: 'users', name: USER } as const;
      await alterKafkaConfig(cluster, user, { add: 'SCRAM-SHA-256=[password=as it will be]' });
      await endWell(scene, context.task, ['wrong SASL password', '']);
      expect(scene.sidecar.stderr()).not.toContain('as it will be');
    },
  );

  test.concurrent(
    'when the password was wrong in its file, then a reload of the right one lets it in',
    async (context) => {
      await createTopic('reloaded-password');
      const config = join(folder, 'password.yaml');
      const passwordFile = join(folder, 'reloaded-password');
      await writeFile(config, '{}');
      await writeFile(passwordFile, 'not this');
      const scene = await setScene(
        {
          brokers: cluster.bootstrapServers,
          topic: 'reloaded-password',
          settings: {
            config,
            'kafka.brokers': cluster.servers('SECURE').join(','),
            'kafka.sasl.mechanism': 'scram-sha-256',
            'kafka.sasl.username': RELOADER,
            'kafka.sasl.passwordFile': passwordFile,
          },
        },
        context.onTestFinished,
      );
      await scene.tells(/the brokers refused the credentials: check kafka.sasl/);
      await waitFor(scene);
      await writeFile(passwordFile, 'but that');
      scene.sidecar.send('SIGHUP');
      await endWell(scene, context.task, ['wrong SASL password', 'the right one reloaded']);
      expect(scene.sidecar.stderr()).toContain('"changes":["kafka.sasl.passwordFile"]');
      expect(scene.sidecar.stderr()).not.toContain('but that');
    },
  );

  test.concurrent(
    'when the authorities did not hold that of the brokers, then a reload of more of them lets it in',
    async (context) => {
      await createTopic('reloaded-authorities');
      const config = join(folder, 'authorities.yaml');
      const caFile = join(folder, 'reloaded-authorities.pem');
      await writeFile(config, '{}');
      await writeFile(caFile, await joinAuthorities([shown.untrusted]));
      const scene = await setScene(
        {
          brokers: cluster.bootstrapServers,
          topic: 'reloaded-authorities',
          settings: {
            config,
            'kafka.brokers': cluster.servers('RELOADED').join(','),
            'kafka.tls.enabled': 'true',
            'kafka.tls.caFile': caFile,
          },
        },
        context.onTestFinished,
      );
      await scene.tells(/the certificate of the brokers is not trusted/);
      await waitFor(scene);
      await writeFile(caFile, await joinAuthorities([good]));
      scene.sidecar.send('SIGHUP');
      await endWell(scene, context.task, ['untrusted TLS certificate', 'its authority reloaded']);
    },
  );

  test.concurrent.for([
    ['expired', /the certificate of the brokers has expired: renew it/],
    ['untrusted', /the certificate of the brokers is not trusted: set kafka.tls.caFile to its authority/],
  ] as const)(
    'when the certificate of the brokers is %s, then it is told until they have another',
    async ([listener, reason], context) => {
      await createTopic(listener);
      const scene = await setScene(
        {
          brokers: cluster.bootstrapServers,
          topic: listener,
          settings: {
            'kafka.brokers': cluster.servers(listener.toUpperCase()).join(','),
            'kafka.tls.enabled': 'true',
            'kafka.tls.caFile': authorities,
          },
        },
        context.onTestFinished,
      );
      await scene.tells(reason);
      await waitFor(scene);
      await copyFile(good.keystore, shown[listener].keystore);
      // Brokers read the file again when they are told where it is.
      for (const { id } of cluster.brokers) {
        await admin.alterConfigs({
          validateOnly: false,
          resources: [
            {
              type: ConfigResourceTypes.BROKER,
              name: String(id),
              configEntries: Object.entries(keystoreAt(listener)).map(([name, value]) => ({ name, value })),
            },
          ],
        });
      }
      await endWell(scene, context.task, [`${listener} TLS certificate`, '']);
    },
  );
});
