import {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  Kafka,
  logLevel,
  ResourcePatternTypes,
} from 'kafkajs';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkKafka } from '../../src/kafka/check-kafka.ts';
import type { KafkaSinkOptions } from '../../src/kafka/kafka-options.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { startKafka, type KafkaCluster } from '../stack/kafka.ts';
import { stackIsPossible } from '../stack/requirements.ts';
import { createCleanups } from './support/cleanups.ts';

const PASSWORD = 'secret';
const USERS = ['nobody', 'creator', 'asker'] as const;

describe.skipIf(!stackIsPossible())(
  'given brokers that create topics, and users with different rights',
  () => {
    const cleanups = createCleanups();
    let cluster: KafkaCluster;

    beforeAll(async () => {
      cluster = await startKafka({
        autoCreateTopics: true,
        listeners: { SECURE: 'SASL_PLAINTEXT' },
        properties: {
          'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
          // The plain listener is for the broker itself and for this test.
          'super.users': 'User:ANONYMOUS',
          'sasl.enabled.mechanisms': 'PLAIN',
          'listener.name.secure.plain.sasl.jaas.config':
            'org.apache.kafka.common.security.plain.PlainLoginModule required ' +
            `${USERS.map((user) => `user_${user}="${PASSWORD}"`).join(' ')};`,
        },
      });
      cleanups.add(() => cluster.stop());
      const { ALLOW } = AclPermissionTypes;
      const { CLUSTER, TOPIC } = AclResourceTypes;
      const { CREATE, WRITE, DESCRIBE_CONFIGS } = AclOperationTypes;
      const rights = [
        ['creator', TOPIC, 'records', CREATE],
        ['creator', TOPIC, 'records', WRITE],
        ['asker', TOPIC, 'records', CREATE],
        ['asker', TOPIC, 'records', WRITE],
        ['asker', CLUSTER, 'kafka-cluster', DESCRIBE_CONFIGS],
      ] as const;
      await withAdmin((admin) =>
        admin.createAcls({
          acl: rights.map(([user, resourceType, resourceName, operation]) => ({
            principal: `User:${user}`,
            host: '*',
            resourceType,
            resourceName,
            resourcePatternType: ResourcePatternTypes.LITERAL,
            operation,
            permissionType: ALLOW,
          })),
        }),
      );
    });
    afterAll(() => cleanups.run());

    async function withAdmin<T>(ask: (admin: ReturnType<Kafka['admin']>) => Promise<T>): Promise<T> {
      const kafka = new Kafka({ brokers: [...cluster.bootstrapServers], logLevel: logLevel.NOTHING });
      const admin = kafka.admin();
      await admin.connect();
      try {
        return await ask(admin);
      } finally {
        await admin.disconnect();
      }
    }

    /** What a check says of the topic `records`. */
    async function checked(user: (typeof USERS)[number] | null): Promise<readonly string[]> {
      const options: KafkaSinkOptions = {
        brokers: user === null ? cluster.bootstrapServers : cluster.servers('SECURE'),
        ...(user !== null && { sasl: { mechanism: 'plain', username: user, password: PASSWORD } }),
        clientId: 'check',
        topic: 'records',
        compression: 'none',
        linesPerMessage: 1,
      };
      const deps = { clock: systemClock, log: pino({ level: 'silent' }), asking: () => undefined };
      const lines: string[] = [];
      for await (const { verdict, subject, message } of checkKafka(
        deps,
        options,
        AbortSignal.timeout(30_000),
      )) {
        if (subject.startsWith('topic ')) lines.push(`${verdict} ${message}`);
      }
      return lines;
    }

    test.each([
      [
        null,
        /^warn does not exist yet: run makes the brokers create it .* num\.partitions=\d+ and .*factor=1; create/,
      ],
      [
        'asker',
        /^warn does not exist yet: run makes the brokers create it .* num\.partitions=\d+ and .*factor=1; create/,
      ],
      [
        'creator',
        /^warn does not exist; whether the brokers create it by themselves is not known, .*: create it$/,
      ],
      [
        'nobody',
        /^fail does not exist, or this user may not see it, and it may not create it: create it, and grant /,
      ],
    ] as const)(
      'when %s asks about one that is missing, then it is said whether run may create it',
      async (user, what) => {
        expect(await checked(user)).toEqual([expect.stringMatching(what)]);
        expect(await withAdmin((admin) => admin.listTopics())).not.toContain('records');
      },
    );

    test('when it exists and a user may not see it, then it is said so', async () => {
      await withAdmin((admin) =>
        admin.createTopics({ topics: [{ topic: 'records' }], waitForLeaders: true }),
      );
      expect(await checked('nobody')).toEqual([expect.stringMatching(/^fail /)]);
      expect(await checked('creator')).toContainEqual(expect.stringMatching(/^ok exists: 1 partitions/));
    });
  },
);
