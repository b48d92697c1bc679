import type { Admin } from 'kafkajs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createCleanups } from '../integration/support/cleanups.ts';
import { connect } from '../sinks/kafka/real-brokers.ts';
import { startKafka, type KafkaBroker, type KafkaCluster } from '../stack/kafka.ts';
import { pollUntil } from '../stack/poll-until.ts';
import { stackIsPossible } from '../stack/requirements.ts';
import { endWell } from './support/end-well.ts';
import { inForm } from './support/form.ts';
import { setScene, type SceneOptions } from './support/scene.ts';

const PARTITIONS = [0, 1, 2];
/** Of a request, so that a broker that hangs is found out while it does. */
const TIMEOUT = inForm({ short: '4s', full: '30s' });
/** Long enough for what waited for it to have been given up and tried again. */
const STOP_MS = inForm({ short: 6000, full: 60_000 });

describe.skipIf(!stackIsPossible())('given three brokers that a sidecar writes to', () => {
  const cleanups = createCleanups();
  let cluster: KafkaCluster;
  let admin: Admin;
  beforeAll(async () => {
    cluster = await startKafka({ brokers: 3 });
    ({ admin } = connect(cluster));
    await admin.connect();
  });
  afterEach(async () => {
    await cleanups.run();
    await Promise.all(cluster.brokers.map((broker) => broker.kill('SIGCONT')));
    await Promise.all(cluster.brokers.map((broker) => broker.start()));
  });
  afterAll(async () => {
    await admin.disconnect();
    await cluster.stop();
  });

  /** A topic whose partitions are all led by the first of these brokers and copied to the others. */
  async function createTopic(topic: string, replicas: readonly number[]): Promise<void> {
    await admin.createTopics({
      topics: [
        { topic, replicaAssignment: PARTITIONS.map((partition) => ({ partition, replicas: [...replicas] })) },
      ],
      waitForLeaders: true,
    });
  }

  async function setOut(topic: string, replicas: readonly number[], more: Partial<SceneOptions> = {}) {
    await createTopic(topic, replicas);
    const scene = await setScene(
      {
        brokers: cluster.bootstrapServers,
        topic,
        settings: { 'kafka.timeout': TIMEOUT },
        ...more,
      },
      cleanups.add,
    );
    await scene.flows();
    return scene;
  }

  async function leadBy(topic: string, replicas: readonly number[]): Promise<void> {
    await admin.alterPartitionReassignments({
      topics: [
        {
          topic,
          partitionAssignment: PARTITIONS.map((partition) => ({ partition, replicas: [...replicas] })),
        },
      ],
    });
    await pollUntil(
      async () => {
        const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
        return topics[0]?.partitions.every(({ leader }) => leader === replicas[0]) === true
          ? true
          : undefined;
      },
      { what: `broker ${String(replicas[0])} to lead`, withinMs: 30_000 },
    );
  }

  test('when leaders move all the time, then every sample is there once', async ({ task }) => {
    const moves = inForm({ short: 6, full: 100 });
    const scene = await setOut('moved', [1, 2], { groups: 100 });
    for (let move = 1; move <= moves; move += 1) {
      await leadBy('moved', [1 + (move % 3), 1 + ((move + 1) % 3)]);
    }
    await endWell(scene, task, ['partition leaders moved', `${moves} times`]);
  });

  /** Of three, one leads the records' topic, the second does not, and the health check has to speak when all are away. */
  const roles: readonly [string, () => readonly KafkaBroker[]][] = [
    ['a follower', () => cluster.brokers.slice(1, 2)],
    ['the leader', () => cluster.brokers.slice(0, 1)],
    ['every broker', () => cluster.brokers],
  ];

  test.for(roles)(
    'when %s is killed and comes back, then every sample is there',
    async ([who, find], { task }) => {
      const scene = await setOut(`killed-${who.replaceAll(' ', '-')}`, [1, 2, 3]);
      const brokers = find();
      const killedMs = performance.now();
      await Promise.all(brokers.map((broker) => broker.kill()));
      if (brokers.length === 1) await scene.flows(300);
      else await scene.tells(/cannot be reached \(ECONNREFUSED\): bring it back, or check kafka.brokers/);
      await Promise.all(brokers.map((broker) => broker.start()));
      const seconds = Math.round((performance.now() - killedMs) / 1000);
      await endWell(scene, task, [`${who} killed`, `${seconds} s`]);
    },
  );

  test.for(roles)('when %s stands still, then every sample is there', async ([who, find], { task }) => {
    const scene = await setOut(`stopped-${who.replaceAll(' ', '-')}`, [1, 2, 3]);
    const brokers = find();
    await Promise.all(brokers.map((broker) => broker.kill('SIGSTOP')));
    const stoppedMs = performance.now();
    if (brokers.length === 1) await scene.flows(300);
    else await scene.tells(/check (?:that )?127.0.0.1:/);
    await scene.until('the stop to be over', () => performance.now() - stoppedMs > STOP_MS, 2 * STOP_MS);
    await Promise.all(brokers.map((broker) => broker.kill('SIGCONT')));
    const { counted } = await endWell(scene, task, [`${who} stopped`, `${STOP_MS / 1000} s`]);
    if (brokers.length > 1) expect(counted).toBeGreaterThan(0);
  });

  test('when brokers restart one after the other, then every sample is there', async ({ task }) => {
    const scene = await setOut('rolled', [1, 2, 3]);
    for (const broker of cluster.brokers) {
      await broker.restart();
      await scene.flows();
    }
    await endWell(scene, task, ['rolling restart', `${cluster.brokers.length} brokers`]);
  });
});
