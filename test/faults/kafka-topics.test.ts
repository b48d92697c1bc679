import { ConfigResourceTypes, type Admin } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Settings } from '../integration/support/sidecar-process.ts';
import { connect } from '../kafka/real-brokers.ts';
import { startKafka, type KafkaCluster } from '../stack/kafka.ts';
import { stackIsPossible } from '../stack/requirements.ts';
import { endWell } from './support/end-well.ts';
import { alterKafkaConfig } from './support/kafka-configs.ts';
import { readBack } from './support/read-back.ts';
import { setScene } from './support/scene.ts';

describe.skipIf(!stackIsPossible())('given three brokers and a topic that is in a bad way', () => {
  let cluster: KafkaCluster;
  let admin: Admin;
  beforeAll(async () => {
    cluster = await startKafka({ brokers: 3 });
    ({ admin } = connect(cluster));
    await admin.connect();
  });
  afterAll(async () => {
    await admin.disconnect();
    await cluster.stop();
  });

  async function createTopic(topic: string): Promise<void> {
    await admin.createTopics({ topics: [{ topic, numPartitions: 3 }], waitForLeaders: true });
  }

  async function limitBatches(topic: string, bytes: number): Promise<void> {
    await admin.alterConfigs({
      validateOnly: false,
      resources: [
        {
          type: ConfigResourceTypes.TOPIC,
          name: topic,
          configEntries: [{ name: 'max.message.bytes', value: String(bytes) }],
        },
      ],
    });
  }

  const at = (topic: string, settings: Settings = {}) => ({
    brokers: cluster.bootstrapServers,
    topic,
    settings,
  });
  const missing = (topic: string) =>
    new RegExp(`topic ${topic} does not exist: create it or allow auto-create`);

  test.concurrent(
    'when it is missing, then it is told, and all is delivered once it is created',
    async (context) => {
      const scene = await setScene(at('missing'), context.onTestFinished);
      await scene.tells(missing('missing'));
      await scene.until('samples to wait', async () => (await scene.waiting()) > 40);
      await createTopic('missing');
      const { counted } = await endWell(scene, context.task, ['topic missing, then created', '']);
      expect(counted).toBeGreaterThan(0);
    },
  );

  test.concurrent('when it is deleted and created again, then all is delivered', async (context) => {
    await createTopic('deleted');
    const scene = await setScene(at('deleted'), context.onTestFinished);
    await scene.flows();
    // What has arrived goes with the topic, so it is read before.
    await scene.rest();
    const before = await readBack(cluster.bootstrapServers, 'deleted');
    await admin.deleteTopics({ topics: ['deleted'] });
    scene.burrow.resume();
    await scene.tells(missing('deleted'));
    await createTopic('deleted');
    await endWell(scene, context.task, ['topic deleted and created again', ''], before);
  });

  test.concurrent('when it takes small batches only, then smaller ones are sent', async (context) => {
    await createTopic('small-batches');
    await limitBatches('small-batches', 1000);
    const scene = await setScene(
      at('small-batches', { 'kafka.compression': 'none' }),
      context.onTestFinished,
    );
    await scene.flows(1000);
    await endWell(scene, context.task, ['max.message.bytes small', '1000 bytes']);
  });

  test.concurrent(
    'when it takes not even one line, then it is told, and nothing is given up',
    async (context) => {
      await createTopic('tiny-batches');
      const scene = await setScene(
        at('tiny-batches', { 'kafka.compression': 'none' }),
        context.onTestFinished,
      );
      await scene.flows();
      await limitBatches('tiny-batches', 100);
      await scene.tells(/a line is larger than topic tiny-batches allows: raise its max.message.bytes/);
      await scene.until('samples to wait', async () => (await scene.waiting()) > 40);
      await limitBatches('tiny-batches', 1_000_000);
      const { counted } = await endWell(scene, context.task, ['max.message.bytes too small', '100 bytes']);
      expect(counted).toBeGreaterThan(0);
    },
  );

  test.concurrent(
    'when a quota slows the sidecar down, then it is told, and all is delivered',
    async (context) => {
      await createTopic('throttled');
      const client = { type: 'clients', name: 'slow-client' } as const;
      await alterKafkaConfig(cluster, client, { add: 'producer_byte_rate=2000' });
      const scene = await setScene(
        at('throttled', { 'kafka.clientId': client.name }),
        context.onTestFinished,
      );
      await scene.tells(/raise the produce quota of client id slow-client/);
      await scene.until('samples to wait', async () => (await scene.waiting()) > 15);
      await alterKafkaConfig(cluster, client, { remove: 'producer_byte_rate' });
      const { counted } = await endWell(scene, context.task, ['produce quota', '2000 bytes a second']);
      expect(counted).toBeGreaterThan(0);
    },
  );
});
