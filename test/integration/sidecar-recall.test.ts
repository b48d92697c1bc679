import { CompressionTypes, Kafka, logLevel } from 'kafkajs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { GroupDetail } from '../../src/http/api/contract/group.ts';
import type { GroupList } from '../../src/http/api/contract/groups.ts';
import type { Overview } from '../../src/http/api/contract/overview.ts';
import type { Traffic } from '../../src/http/api/contract/traffic.ts';
import { START_MS } from '../series/history.ts';
import { createWriter, type WritingOptions, type WrittenMessage } from '../recall/written-messages.ts';
import { createScriptedBurrow } from '../support/burrow/scripted-burrow.ts';
import { startKafka, type KafkaCluster } from '../stack/kafka.ts';
import { pollUntil } from '../stack/poll-until.ts';
import { stackIsPossible } from '../stack/requirements.ts';
import { createCleanups } from './support/cleanups.ts';
import { startSidecar, type Settings, type SidecarProcess } from './support/sidecar-process.ts';

const MINUTE_MS = 60_000;
const WITHIN = { withinMs: 60_000, everyMs: 200 };
const READ_BACK = /history of the last hour|no history/;

describe.skipIf(!stackIsPossible())('given a sidecar that writes to Kafka', () => {
  const cleanups = createCleanups();
  let cluster: KafkaCluster;
  beforeAll(async () => {
    cluster = await startKafka();
  });
  afterEach(() => cleanups.run());
  afterAll(() => cluster.stop());

  /** A Burrow whose group `stays` lags, and a topic of three partitions. */
  async function given(topic: string, more: Settings = {}) {
    const burrow = createScriptedBurrow();
    const { world } = burrow;
    world.setOffsets('prod', 'orders', [5000]);
    world.setLag('prod', 'stays', 'orders', 0, 7);
    world.setLag('prod', 'calm', 'orders', 0, 0);
    await burrow.start(new AbortController().signal);
    cleanups.add(() => burrow.stop(AbortSignal.abort()));
    const kafka = new Kafka({ brokers: [...cluster.bootstrapServers], logLevel: logLevel.NOTHING });
    const admin = kafka.admin();
    await admin.connect();
    cleanups.add(() => admin.disconnect());
    await admin.createTopics({ topics: [{ topic, numPartitions: 3 }], waitForLeaders: true });
    const settings: Settings = {
      'burrow.servers': burrow.url,
      'kafka.brokers': cluster.bootstrapServers.join(','),
      'kafka.topic': topic,
      'poll.interval': '1s',
      'discovery.interval': '1s',
      'series.source': 'here',
      ...more,
    };
    return {
      world,
      kafka,
      admin,
      start: (others: Settings = {}) => startSidecar({ ...settings, ...others }, cleanups.add),
    };
  }

  /** What the log says of the recall, once both groups have had a sample after it. */
  async function recalled(sidecar: SidecarProcess) {
    const line = await pollUntil(() => sidecar.log().find(({ msg }) => READ_BACK.test(msg)), {
      what: 'the history to be read back',
      ...WITHIN,
    });
    await pollUntil(async () => ((await groups(sidecar)).size === 2 ? true : undefined), {
      what: 'both groups',
      ...WITHIN,
    });
    return line;
  }

  async function get<T>({ url }: SidecarProcess, path: string): Promise<T> {
    const response = await fetch(url + path);
    expect(response.status, path).toBe(200);
    return (await response.json()) as T;
  }

  const detail = (sidecar: SidecarProcess, group: string) =>
    get<GroupDetail>(sidecar, `/api/groups/prod/${group}`);

  async function waiting(sidecar: SidecarProcess): Promise<number> {
    return (await get<Traffic>(sidecar, '/api/traffic')).outbox.waitingSamples;
  }

  /** By group, its row by column. */
  async function groups(sidecar: SidecarProcess): Promise<Map<unknown, ReadonlyMap<string, unknown>>> {
    const { columns, rows } = await get<GroupList>(sidecar, '/api/groups');
    return new Map(
      rows.map((row) => [row[1], new Map(columns.map((column, index) => [column, row[index]]))]),
    );
  }

  test.each([
    ['is stopped', 'SIGTERM', { 'kafka.transactions': 'true', 'sink.format': 'json' }, {}],
    ['is killed', 'SIGKILL', { 'kafka.compression': 'snappy' }, { 'kafka.compression': 'none' }],
  ] as const)(
    'when it %s and starts again, then its groups look as before',
    async (_what, signal, more, next) => {
      const { world, start } = await given(`restarted-${signal}`.toLowerCase(), more);
      const first = await start();
      expect(await recalled(first)).toMatchObject({ messages: 0 });
      await pollUntil(
        async () => ((await detail(first, 'stays')).totalLag.points.length >= 3 ? true : undefined),
        {
          what: 'some points',
          ...WITHIN,
        },
      );
      world.setLag('prod', 'stays', 'orders', 0, { lagRecords: 20, status: 'STALL' });
      const before = await pollUntil(
        async () => {
          const seen = await detail(first, 'stays');
          return seen.statusChanges.length === 2 && seen.totalLag.points.at(-1)?.[1] === 20
            ? seen
            : undefined;
        },
        { what: 'the status to change', ...WITHIN },
      );
      // What it has shown is in the topic as soon as nothing waits.
      await pollUntil(async () => ((await waiting(first)) === 0 ? true : undefined), {
        what: 'all to be delivered',
        ...WITHIN,
      });
      const spark = (await groups(first)).get('calm')?.get('spark');
      first.send(signal);
      await first.ended;

      const second = await start(next);
      await recalled(second);
      const after = await detail(second, 'stays');
      expect(after).toMatchObject({ isSinceExact: true, status: before.status });
      // Records have whole seconds.
      const seconds = (changes: GroupDetail['statusChanges']) =>
        changes.map(({ atMs, status }) => [Math.floor(atMs / 1000), status]);
      expect(seconds(after.statusChanges)).toEqual(seconds(before.statusChanges));
      expect(Math.floor(after.statusSinceMs / 1000)).toBe(Math.floor(before.statusSinceMs / 1000));
      expect(after.totalLag.points.slice(0, before.totalLag.points.length)).toEqual(before.totalLag.points);
      const recalledSpark = (await groups(second)).get('calm')?.get('spark');
      expect(String(recalledSpark).startsWith(String(spark))).toBe(true);
      expect(await get<Overview>(second, '/api/overview')).toMatchObject({
        history: { recall: { state: 'complete', share: 1, reason: null } },
      });
      expect((await second.health()).status).toBe('ok');
    },
  );

  describe.each([
    [{}, CompressionTypes.GZIP, {}],
    [{ naming: 'gorainbow' }, CompressionTypes.None, { 'series.naming': 'gorainbow' }],
    [{ format: 'json', linesPerMessage: 1 }, CompressionTypes.GZIP, { 'sink.format': 'json' }],
    [{ format: 'influx' }, CompressionTypes.GZIP, { 'sink.format': 'influx', 'kafka.compression': 'snappy' }],
    [
      { format: 'graphite' },
      CompressionTypes.GZIP,
      { 'sink.format': 'graphite', 'kafka.compression': 'lz4' },
    ],
  ] as const satisfies readonly (readonly [WritingOptions, CompressionTypes, Settings])[])(
    'and that has written %o for half an hour',
    (writing, compression, settings) => {
      test('when it starts, then that half hour is known, and what others wrote is not', async () => {
        const topic = `written-${Object.values(writing).join('-')}`;
        const own = createWriter(writing);
        const other = createWriter({ ...writing, source: 'elsewhere' });
        const { kafka, start } = await given(topic, settings);
        // The newest sample was taken a minute ago.
        const beginMs = Math.floor(Date.now() / MINUTE_MS - 31) * MINUTE_MS;
        const shiftSeconds = (beginMs - START_MS) / 1000;
        const messages: (WrittenMessage & { readonly timestamp: string })[] = [];
        const add = (second: number, written: readonly WrittenMessage[]): void =>
          void messages.push(
            ...written.map((message) => ({ ...message, timestamp: String(beginMs + second * 1000) })),
          );
        for (let second = 0; second < 30 * 60; second += 30) {
          // From the tenth minute on it lags, and from the twentieth on Burrow says so.
          const minute = Math.floor(second / 60);
          add(
            second,
            own.sampled(
              'prod',
              'stays',
              second + shiftSeconds,
              minute < 10 ? 0 : minute,
              minute < 20 ? 1 : 3,
            ),
          );
          add(second, own.sampled('prod', 'calm', second + shiftSeconds, 0));
          add(second, own.sampled('prod', 'went', second + shiftSeconds, 5));
          add(second, other.sampled('prod', 'calm', second + shiftSeconds, 1_000_000, 3));
        }
        add(1, [{ key: Buffer.from('prod/calm'), value: Buffer.from('totalLag is no record') }]);
        const producer = kafka.producer();
        await producer.connect();
        await producer.send({ topic, messages, compression });
        // A stranger's, which a small batch holds compressed.
        await producer.send({
          topic,
          messages: [{ key: 'prod/calm', value: Buffer.alloc(80_000_000) }],
          compression: CompressionTypes.GZIP,
        });
        await producer.disconnect();

        const sidecar = await start();
        expect(await recalled(sidecar)).toMatchObject({
          groups: 3,
          unreadableLines: 1,
          unreadableBatches: 1,
        });
        const rows = await groups(sidecar);
        // A gap while it did not run, and then what it sees now.
        const spark = String(rows.get('calm')?.get('spark'));
        expect(spark).toMatch(/^A{30}\.{0,3}A+\.?$/);
        expect(rows.get('calm')?.get('sparkMaxRecords')).toBe(0);
        expect(String(rows.get('stays')?.get('spark'))).toMatch(/^A{10}[^A.]{20}/);
        const { totalLag, statusChanges, isSinceExact } = await detail(sidecar, 'stays');
        expect(statusChanges.slice(0, 2)).toEqual([
          { atMs: beginMs, status: 'OK' },
          { atMs: beginMs + 20 * MINUTE_MS, status: 'ERR' },
        ]);
        expect(isSinceExact).toBe(true);
        const points = totalLag.points.filter(([atMs]) => atMs < beginMs + 30 * MINUTE_MS);
        expect(points[0]).toEqual([beginMs - 30_000, 0, 'start']);
        expect(points.find(([, records]) => records > 0)).toEqual([beginMs + 10 * MINUTE_MS, 10, 'value']);
        expect(rows.has('went')).toBe(false);
      });
    },
  );
});
