import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { seededRandom } from '../../src/simulator/random.ts';
import { createCleanups } from '../integration/support/cleanups.ts';
import { startSidecar } from '../integration/support/sidecar-process.ts';
import { startKafka, type KafkaCluster } from '../stack/kafka.ts';
import { pollUntil } from '../stack/poll-until.ts';
import { stackIsPossible } from '../stack/requirements.ts';
import { sumOfMetric } from './support/count-metric.ts';
import { handOver } from './support/fault-row.ts';
import { form, inForm } from './support/form.ts';
import { createLives } from './support/killed-lives.ts';
import { judgeOutcome } from './support/outcome.ts';
import { readBack } from './support/read-back.ts';
import { startTickingBurrow } from './support/ticking-burrow.ts';

/** Of each of the four cases. */
const KILLS = inForm({ short: 2, full: 50 });
/** From before the ledger has been read until every group was polled, more than once in the full form. */
const LIFE_MS = inForm({ short: 3500, full: 5000 });
/** Longer than it takes until what is under way is put on disk. */
const HANG_MS = 2500;
const HANG_EVERY = 2;
const SEED = Number(process.env['FAULT_SEED'] ?? Date.now() % 1_000_000);

describe.skipIf(!stackIsPossible())('given a sidecar that is killed again and again', () => {
  const cleanups = createCleanups();
  let kafka: KafkaCluster;
  beforeAll(async () => {
    kafka = await startKafka();
    console.info(`moments of death: FAULT_SEED=${SEED}`);
  });
  afterEach(() => cleanups.run());
  afterAll(() => kafka.stop());

  const cases = [
    { topic: 'plain', transactions: false, disk: false },
    { topic: 'disk', transactions: false, disk: true },
    { topic: 'transactions', transactions: true, disk: false },
    { topic: 'transactions-disk', transactions: true, disk: true },
  ] as const;

  test.for(cases)(
    'when the last one stops ($topic), then no span dangles and nothing acknowledged is missing',
    async ({ topic, transactions, disk }, { task }) => {
      const brokers = kafka.bootstrapServers;
      await createTopic(brokers, topic);
      const burrow = await startTickingBurrow(cleanups.add, { groups: 40 });
      const folder = await mkdtemp(join(tmpdir(), 'rainbow-crash-'));
      cleanups.add(() => rm(folder, { recursive: true, force: true }));
      const random = seededRandom(SEED + topic.length);
      let life = 0;
      const lives = createLives(
        { random, cleanup: cleanups.add },
        {
          'burrow.servers': burrow.url,
          'kafka.brokers': brokers.join(','),
          'kafka.topic': topic,
          'kafka.transactions': String(transactions),
          'poll.interval': '2s',
          'discovery.interval': '2s',
          'series.source': topic,
          'series.confirmZero': '0',
          ...(disk && { 'outbox.disk.path': join(folder, 'outbox') }),
        },
        { lifeMs: LIFE_MS, ...(disk && { meanwhile: hang }) },
      );

      /** The broker hangs in some lives, so that what is under way goes to disk. */
      function hang(killed: Promise<void>): Promise<void> | null {
        life += 1;
        return life % HANG_EVERY === 0 ? hangUntil(killed) : null;
      }

      async function hangUntil(killed: Promise<void>): Promise<void> {
        const [broker] = kafka.brokers;
        await broker?.kill('SIGSTOP');
        const over = new Promise((resolve) => setTimeout(resolve, HANG_MS));
        await (random() < 0.5 ? killed : over);
        await broker?.kill('SIGCONT');
      }

      for (let kill = 0; kill < KILLS; kill += 1) await lives.kill();
      const last = await lives.last();
      const count = (name: string): Promise<number> => sumOfMetric(last.url, `burrow_rainbow_${name}`);
      await until('the last one to deliver', async () => (await count('records_acknowledged_total')) > 200);
      await burrow.pause();
      await until('its outbox to empty', async () => (await count('outbox_samples')) === 0);
      const acknowledged = lives.acknowledged() + (await count('records_acknowledged_total'));
      const samplesDropped = await count('samples_dropped_total');
      last.send('SIGTERM');
      expect(await last.ended).toEqual({ exitCode: 0, signal: null });

      const records = await readBack(brokers, topic);
      const { delivered, duplicates, danglingSpans, faults } = judgeOutcome(burrow, records);
      handOver(task, {
        fault: `sidecar killed, ${topic}`,
        samplesTaken: null,
        samplesDelivered: delivered,
        samplesDropped,
        duplicates: duplicates.length,
        danglingSpans,
        note: `${KILLS} times, seed ${SEED}; ${acknowledged} records acknowledged, ${records.length} read`,
      });
      expect(records.length).toBeGreaterThanOrEqual(acknowledged);
      expect(danglingSpans).toBe(0);
      if (transactions) expect(duplicates).toEqual([]);
      // Without transactions a bound that was under way may be there twice.
      expect(faults.filter((fault) => transactions || !fault.startsWith('has zeroes'))).toEqual([]);
    },
  );

  // It takes some minutes until a sidecar counts as dead.
  if (form === 'full') {
    test('when another with another host name replaces it, then its series end and those of the new one go on', async ({
      task,
    }) => {
      const brokers = kafka.bootstrapServers;
      const topic = 'replaced';
      await createTopic(brokers, topic);
      const burrow = await startTickingBurrow(cleanups.add);
      const start = (source: string) =>
        startSidecar(
          {
            'burrow.servers': burrow.url,
            'kafka.brokers': brokers.join(','),
            'kafka.topic': topic,
            'poll.interval': '2s',
            'discovery.interval': '2s',
            'series.source': source,
          },
          cleanups.add,
        );
      const old = await start('container-1');
      const count = (url: string) => sumOfMetric(url, 'burrow_rainbow_records_acknowledged_total');
      await until('the first to deliver', async () => (await count(old.url)) > 500);
      const stays = await start('container-2');
      await until('the one beside it to deliver', async () => (await count(stays.url)) > 500);
      old.send('SIGKILL');
      await old.ended;
      const fresh = await start('container-3');
      const died = 'Another source has died and left series open';
      await until(
        'the first to be ended',
        () => [...stays.log(), ...fresh.log()].some(({ msg }) => msg.startsWith(died)),
        300_000,
      );
      await burrow.pause();
      for (const sidecar of [stays, fresh]) {
        sidecar.send('SIGTERM');
        expect(await sidecar.ended).toEqual({ exitCode: 0, signal: null });
      }
      const records = await readBack(brokers, topic);
      const { delivered, duplicates, danglingSpans, faults } = judgeOutcome(burrow, records);
      const told = [...stays.log(), ...fresh.log()].filter(({ msg }) => msg.startsWith(died));
      handOver(task, {
        fault: 'sidecar killed, new host name',
        samplesTaken: null,
        samplesDelivered: delivered,
        samplesDropped: 0,
        duplicates: duplicates.length,
        danglingSpans,
        note: told.map(({ gone, spans }) => `${String(spans)} spans of ${String(gone)} ended`).join(', '),
      });
      expect(told.map(({ gone }) => gone)).toEqual(['container-1']);
      expect({ danglingSpans, faults }).toEqual({ danglingSpans: 0, faults: [] });
    });
  }
});

async function createTopic(brokers: readonly string[], topic: string): Promise<void> {
  const admin = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions: 3 }], waitForLeaders: true });
  await admin.disconnect();
}

async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  withinMs = 60_000,
): Promise<void> {
  await pollUntil(async () => ((await holds()) ? true : undefined), { what, withinMs });
}
