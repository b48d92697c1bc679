import { Kafka, logLevel } from 'kafkajs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { readLedgerKey } from '../../src/ledger/ledger-key.ts';
import { createScriptedBurrow } from '../support/burrow/scripted-burrow.ts';
import { startKafka, type KafkaCluster } from '../stack/kafka.ts';
import { pollUntil } from '../stack/poll-until.ts';
import { stackIsPossible } from '../stack/requirements.ts';
import { createCleanups } from './support/cleanups.ts';
import { readLedger } from './support/read-ledger.ts';
import { faultsOf, isOpen, onlySeries } from './support/series.ts';
import { startSidecar, type Settings } from './support/sidecar-process.ts';
import { followTopic } from './support/topic-follower.ts';

async function createTopic(brokers: readonly string[], topic: string): Promise<void> {
  const admin = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic }] });
  await admin.disconnect();
}

/** One of a group, a topic or a cluster; not a sign of life. */
function isEntry(key: string): boolean {
  return readLedgerKey(key)?.holds === 'entry';
}

const NAMES = { stays: 'burrow.prod.stays.orders.0.Lag', goes: 'burrow.prod.goes.orders.0.Lag' };

describe.skipIf(!stackIsPossible())('given a sidecar that is killed', () => {
  const cleanups = createCleanups();
  let kafka: KafkaCluster;
  beforeAll(async () => {
    kafka = await startKafka();
  });
  afterEach(() => cleanups.run());
  afterAll(() => kafka.stop());

  /** A Burrow with two groups, and a sidecar that has opened their series. */
  async function running(topic: string, more: Settings = {}) {
    const burrow = createScriptedBurrow();
    const { world } = burrow;
    world.setOffsets('prod', 'orders', [5000]);
    world.setLag('prod', 'stays', 'orders', 0, 7);
    world.setLag('prod', 'goes', 'orders', 0, 8);
    await burrow.start(new AbortController().signal);
    cleanups.add(() => burrow.stop(AbortSignal.abort()));
    const reader = await followTopic(kafka.bootstrapServers, topic, cleanups.add);
    const settings: Settings = {
      'burrow.servers': burrow.url,
      'kafka.brokers': kafka.bootstrapServers.join(','),
      'kafka.topic': topic,
      'poll.interval': '1s',
      'discovery.interval': '1s',
      'discovery.deadAfter': '2',
      'series.source': 'rainbow-1',
      ...more,
    };
    const start = () => startSidecar(settings, cleanups.add);
    const sidecar = await start();
    await reaches(
      () => Object.values(NAMES).every((name) => points(name).length >= 3),
      'both groups to be told',
    );

    function points(name: string) {
      return reader.series().find((series) => series.name === name)?.points ?? [];
    }
    async function reaches(condition: () => boolean, what: string): Promise<void> {
      await pollUntil(() => (condition() ? true : undefined), { what, withinMs: 60_000 });
    }
    return { world, reader, sidecar, start, points, reaches };
  }

  test('when it starts again, then what lives goes on without a second 0 and what is gone gets its last', async () => {
    const { world, reader, sidecar, start, points, reaches } = await running('crashed');
    // A moment later the entries tell that the zero-starts have arrived.
    await pollUntil(
      async () => {
        const ledger = await readLedger(kafka.bootstrapServers, 'crashed.spans');
        const entries = [...ledger.keys()].filter(isEntry).map((key) => ledger.get(key) ?? '');
        return entries.length === 3 && entries.every((entry) => !entry.includes('"opened"'))
          ? true
          : undefined;
      },
      { what: 'the ledger to settle', withinMs: 60_000 },
    );
    sidecar.send('SIGKILL');
    await sidecar.ended;
    world.removeGroup('prod', 'goes');
    const before = points(NAMES.stays).length;
    const next = await start();
    await reaches(() => points(NAMES.stays).length > before + 1, 'the living group to go on');
    await reaches(() => points(NAMES.goes).at(-1)?.value === 0, 'the zero-end of the group that is gone');
    expect(points(NAMES.stays).filter(({ value }) => value === 0)).toHaveLength(1);
    expect(points(NAMES.goes).filter(({ value }) => value === 0)).toHaveLength(2);
    expect(next.log().find(({ msg }) => /spans of a former process go on/.test(msg))).toMatchObject({
      ended: 0,
    });

    next.send('SIGTERM');
    expect(await next.ended).toMatchObject({ exitCode: 0 });
    await reader.catchUp();
    expect(reader.series().flatMap((series) => faultsOf(series, false))).toEqual([]);
    expect(await readLedger(kafka.bootstrapServers, 'crashed.spans')).toEqual(new Map());
  });

  test('when it is stopped with its series left open, then the next start takes them over', async () => {
    const handOver = { 'series.closeOnStop': 'false' };
    const { reader, sidecar, start, points, reaches } = await running('handed-over', handOver);
    sidecar.send('SIGTERM');
    expect(await sidecar.ended).toMatchObject({ exitCode: 0 });
    await reader.catchUp();
    expect(isOpen(onlySeries(reader.series(), NAMES.stays))).toBe(true);
    const before = points(NAMES.stays).length;
    await start();
    await reaches(() => points(NAMES.stays).length > before + 1, 'the series to go on');
    expect(points(NAMES.stays).filter(({ value }) => value === 0)).toHaveLength(1);
  });

  test('when a second one takes over its transactional id, then one of them says so', async () => {
    const { sidecar, start } = await running('fenced', { 'kafka.transactions': 'true' });
    const second = await start();
    const reason = 'another producer has taken over transactional id burrow-rainbow-rainbow-1';
    const said = await pollUntil(
      () => [...sidecar.log(), ...second.log()].find((line) => String(line['reason']).startsWith(reason)),
      { what: 'one of them to be fenced', withinMs: 60_000 },
    );
    expect(said).toMatchObject({ level: 'warn' });
  });

  test('when its topic may not be created, then records flow and the health check says what is missing', async () => {
    // Kafka refuses a name that differs from another topic's in dots and underscores only.
    await createTopic(kafka.bootstrapServers, 'refused_spans');
    const { sidecar } = await running('no-ledger', { 'ledger.topic': 'refused.spans' });
    const health = await sidecar.health();
    expect(health).toMatchObject({ httpStatus: 200, status: 'degraded' });
    const { reason } = health.parts.find(({ name }) => name === 'ledger') ?? {};
    expect(reason).toContain('topic refused.spans does not exist and may not be created');
    expect(reason).toContain('cleanup.policy=compact');
  });

  test('when its topic may not be created and transactions need it, then the sink says what is missing', async () => {
    await createTopic(kafka.bootstrapServers, 'forbidden_spans');
    const burrow = createScriptedBurrow();
    await burrow.start(new AbortController().signal);
    cleanups.add(() => burrow.stop(AbortSignal.abort()));
    const sidecar = await startSidecar(
      {
        'burrow.servers': burrow.url,
        'kafka.brokers': kafka.bootstrapServers.join(','),
        'kafka.transactions': 'true',
        'ledger.topic': 'forbidden.spans',
      },
      cleanups.add,
    );
    const reason = await pollUntil(
      async () => (await sidecar.health()).parts.find(({ name }) => name === 'sink kafka')?.reason,
      { what: 'the sink to complain', withinMs: 60_000 },
    );
    expect(reason).toContain('topic forbidden.spans does not exist and may not be created');
  });
});
