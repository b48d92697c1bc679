import type { Admin } from 'kafkajs';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/platform/clock.ts';
import { checkLedgerTopic } from '../../src/ledger/kafka/ledger-topic.ts';
import { ensureLedgerTopic } from '../../src/ledger/kafka/ledger-topic.ts';
import { createCleanups } from '../integration/support/cleanups.ts';
import { startSidecar } from '../integration/support/sidecar-process.ts';
import { connect } from '../kafka/real-brokers.ts';
import { startKafka, type KafkaBroker, type KafkaCluster } from '../stack/kafka.ts';
import { pollUntil } from '../stack/poll-until.ts';
import { stackIsPossible } from '../stack/requirements.ts';
import { sumOfMetric } from './support/count-metric.ts';
import { endWell } from './support/end-well.ts';
import { inForm } from './support/form.ts';
import { judgeOutcome } from './support/outcome.ts';
import { readBack } from './support/read-back.ts';
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

  test('when only the broker of the ledger is killed, then records go on, and the ledger is whole once it is back', async () => {
    const ledger = 'ledger-away.spans';
    await admin.createTopics({
      topics: [{ topic: ledger, replicaAssignment: [{ partition: 0, replicas: [3] }] }],
      waitForLeaders: true,
    });
    const settings = { 'kafka.timeout': TIMEOUT, 'ledger.topic': ledger };
    const scene = await setOut('ledger-away', [1, 2], { settings });
    const [, , broker] = cluster.brokers;
    await broker?.kill();
    await scene.tells(/ledger of open spans does not work, and records go on without it/);
    // Spans begin and end all the time: each of these would have waited for an entry.
    await scene.flows(300);
    await broker?.start();
    await scene.tells(/^$/);
    await scene.flows();
    scene.sidecar.send('SIGKILL');
    await scene.sidecar.ended;
    // What the ledger lacked would stay open now.
    const next = await startSidecar(scene.settings, cleanups.add);
    const acknowledged = () => sumOfMetric(next.url, 'burrow_rainbow_records_acknowledged_total');
    await scene.until('records of the next', async () => (await acknowledged()) >= 300);
    next.send('SIGTERM');
    expect(await next.ended).toEqual({ exitCode: 0, signal: null });
    const { danglingSpans, faults } = judgeOutcome(
      scene.burrow,
      await readBack(cluster.bootstrapServers, 'ledger-away'),
    );
    expect({ danglingSpans, faults }).toEqual({ danglingSpans: 0, faults: [] });
  });

  test('when the topic of a ledger is created, then it survives the loss of a broker; one of a single copy is told of', async () => {
    const [recordsTopic, topic, single] = ['two-copies', 'two-copies.spans', 'single.spans'] as const;
    await createTopic(recordsTopic, [1, 2]);
    await admin.createTopics({
      topics: [
        {
          topic: single,
          replicaAssignment: [{ partition: 0, replicas: [2] }],
          configEntries: [{ name: 'cleanup.policy', value: 'compact' }],
        },
      ],
      waitForLeaders: true,
    });
    const log = pino({ level: 'silent' });
    const options = { brokers: cluster.bootstrapServers, clientId: 'check', recordsTopic };
    await ensureLedgerTopic(connect(cluster).kafka, { log }, { topic, recordsTopic });
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    expect(topics[0]?.partitions.map(({ replicas }) => replicas.length)).toEqual([3]);
    const check = (name: string) =>
      checkLedgerTopic({ clock: systemClock, log }, { ...options, topic: name }, AbortSignal.timeout(30_000));
    expect(await check(topic)).toMatchObject({ verdict: 'ok', message: 'exists' });
    expect(await check(single)).toMatchObject({
      verdict: 'warn',
      message: expect.stringContaining('it has 1 of 3 replicas') as unknown,
    });
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
