import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startBurrow, type Burrow } from '../stack/burrow.ts';
import type { BurrowNotifier } from '../stack/burrow-configuration.ts';
import { freePorts } from '../stack/free-port.ts';
import { startKafka } from '../stack/kafka.ts';
import { pollUntil } from '../stack/poll-until.ts';
import { stackIsPossible } from '../stack/requirements.ts';
import { startWatchedKafka, type WatchedStack } from '../stack/stack.ts';
import { besideOthers, inOrder } from './support/concurrency.ts';
import { createCleanups } from './support/cleanups.ts';
import { startSidecar, type Settings, type SidecarProcess } from './support/sidecar-process.ts';
import { openWatchedSide, type WatchedSide } from './support/watched-side.ts';

/** Burrow's notifier learns of a group up to a minute late. */
const WITHIN = { withinMs: 110_000, everyMs: 250 };
const TOKEN = 'not-really-a-secret-in-forty-characters';
const template = (name: string) => new URL(`../../examples/burrow/${name}`, import.meta.url).pathname;
const templates = {
  templateOpenFile: template('rainbow-open.tmpl'),
  templateCloseFile: template('rainbow-close.tmpl'),
  methodClose: 'DELETE',
};

describe.skipIf(!stackIsPossible())('given a Kafka that Burrow watches', () => {
  const cleanups = createCleanups();
  let stack: WatchedStack;
  beforeAll(async () => {
    stack = await startWatchedKafka();
  });
  afterAll(async () => {
    await cleanups.run();
    await stack.stop();
  });

  /** A Burrow with a ZooKeeper of its own: two that share one take turns in notifying. */
  async function startNotifying(notifier?: BurrowNotifier): Promise<Burrow> {
    const burrow = await startBurrow({
      clusters: [{ name: 'local', bootstrapServers: stack.kafka.bootstrapServers }],
      ...(notifier && { notifier }),
    });
    cleanups.add(() => burrow.dispose());
    return burrow;
  }

  describe('given the notifier of the real Burrow with our templates', besideOthers, () => {
    /** Gets the openings of a Burrow whose closings go to another, so that the two are told apart. */
    let opened: SidecarProcess;
    let closed: SidecarProcess;
    /** Gets both, and wants a token. */
    let guarded: SidecarProcess;
    let watched: WatchedSide;

    beforeAll(async () => {
      const [openPort = 0, closePort = 0, guardedPort = 0] = await freePorts(3);
      const directory = await mkdtemp(join(tmpdir(), 'rainbow-token-'));
      cleanups.add(() => rm(directory, { recursive: true }));
      const tokenFile = join(directory, 'token');
      await writeFile(tokenFile, `${TOKEN}\n`);
      const url = (port: number) => `http://127.0.0.1:${port}/notifier`;
      const [plain, secret] = await Promise.all([
        startNotifying({ ...templates, urlOpen: url(openPort), urlClose: url(closePort) }),
        startNotifying({
          ...templates,
          urlOpen: url(guardedPort),
          urlClose: url(guardedPort),
          headers: { Authorization: `Bearer ${TOKEN}` },
        }),
      ]);
      watched = await openWatchedSide(stack, [plain.url, secret.url], cleanups.add);
      await watched.createTopic('letters', 1);
      await watched.produce('letters', 1000);
      const start = (burrow: Burrow, port: number, settings: Settings = {}) =>
        startSidecar(
          {
            'burrow.servers': burrow.url,
            'sink.type': 'stdout',
            'poll.push': 'only',
            // No poll but for an event.
            'poll.pushSafety': '24h',
            'http.port': String(port),
            ...settings,
          },
          cleanups.add,
        );
      [opened, closed, guarded] = await Promise.all([
        start(plain, openPort),
        start(plain, closePort),
        start(secret, guardedPort, { 'http.tokenFile': tokenFile }),
      ]);
    });

    const outcome = (sidecar: SidecarProcess, name: string) =>
      sidecar.metric(`burrow_rainbow_notifier_events_total{outcome="${name}"}`);

    /** Commits these offsets, far enough apart that Burrow keeps each. */
    async function commitAll(offsets: readonly number[]): Promise<void> {
      for (const offset of offsets) {
        await watched.commit('readers', 'letters', [offset]);
        await sleep(1100);
      }
    }

    async function untilWoken(...sidecars: readonly SidecarProcess[]): Promise<void> {
      await pollUntil(
        async () => {
          const woken = await Promise.all(sidecars.map((sidecar) => outcome(sidecar, 'woken')));
          return woken.every((times) => times > 0) ? true : undefined;
        },
        { what: 'the notifier', ...WITHIN },
      );
    }

    test(
      'when a group stops with lag, then the opening wakes it, and only then its lag is asked for',
      inOrder,
      async () => {
        await commitAll([1, 2, 3, 4, 5, 6]);
        await untilWoken(opened, guarded);
        for (const sidecar of [opened, guarded]) {
          await pollUntil(
            () => (sidecar.stdout().includes('burrow.local.readers.letters.0.Lag 994 ') ? true : undefined),
            { what: 'the record of its lag', ...WITHIN },
          );
        }
        expect(await outcome(closed, 'woken')).toBe(0);
        expect(closed.stdout()).not.toContain('readers');
      },
    );

    test('when the group has caught up, then the closing arrives too', inOrder, async () => {
      await commitAll([1000, 1000, 1000, 1000, 1000, 1000]);
      await untilWoken(closed);
      await pollUntil(
        () => (closed.stdout().includes('burrow.local.readers.totalLag 0 ') ? true : undefined),
        { what: 'the record of its lag', ...WITHIN },
      );
    });

    test('when all is over, then no body was refused and none came without the token', inOrder, async () => {
      for (const sidecar of [opened, closed, guarded]) {
        expect(await outcome(sidecar, 'invalid')).toBe(0);
        expect(await outcome(sidecar, 'unknown')).toBe(0);
        expect(sidecar.log().filter(({ level }) => level !== 'info')).toEqual([]);
        expect(sidecar.stderr()).not.toContain(TOKEN);
      }
      const { status } = await fetch(`${guarded.url}/notifier`, { method: 'POST', body: '{}' });
      expect(status).toBe(401);
    });
  });

  describe('given a destination of three brokers and a cluster at rest', besideOthers, () => {
    const IDLE_MS = 20_000;
    const names = Array.from({ length: 12 }, (_, index) => `still-${index}`);
    let sidecar: SidecarProcess;
    beforeAll(async () => {
      const [cluster, burrow] = await Promise.all([startKafka({ brokers: 3 }), startNotifying()]);
      cleanups.add(() => cluster.stop());
      const watched = await openWatchedSide(stack, [burrow.url], cleanups.add);
      for (const name of names) {
        await watched.createTopic(name, 1);
        await watched.produce(name, 1);
      }
      const sink = await openSink(cluster.bootstrapServers);
      await sink.createTopics({ topics: [{ topic: 'speed-racer', numPartitions: 6 }], waitForLeaders: true });
      sidecar = await startSidecar(
        {
          'burrow.servers': burrow.url,
          'kafka.brokers': cluster.bootstrapServers.join(','),
          'poll.interval': '30s',
          'discovery.interval': '60s',
          'discovery.topics.allow': '^still-',
        },
        cleanups.add,
      );
    });

    async function openSink(brokers: readonly string[]) {
      const admin = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).admin();
      cleanups.add(() => admin.disconnect());
      await admin.connect();
      return admin;
    }

    test(
      'when it has nothing to do, then it does next to nothing and prints no warning',
      inOrder,
      async () => {
        await pollUntil(
          async () => {
            const records = await sidecar.metric(
              'burrow_rainbow_records_acknowledged_total{cluster="local"}',
            );
            return records >= 2 * names.length ? true : undefined;
          },
          { what: 'a record of each topic, from brokers of all three', ...WITHIN },
        );
        const cpuSeconds = () => sidecar.metric('process_cpu_seconds_total');
        const [beforeSeconds, startMs] = [await cpuSeconds(), performance.now()];
        await sleep(IDLE_MS);
        const share = ((await cpuSeconds()) - beforeSeconds) / ((performance.now() - startMs) / 1000);
        // Without the patch of kafkajs's idle timer it is some 10 %; noise is left some room.
        expect(share).toBeLessThan(0.03);
        // Node's own warnings would be no lines of JSON.
        expect(sidecar.log().filter(({ level }) => level !== 'info')).toEqual([]);
      },
    );
  });
});
