import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { joinCommittingGroup, type CommittingGroup } from '../stack/committing-group.ts';
import { pollUntil } from '../stack/poll-until.ts';
import { stackIsPossible } from '../stack/requirements.ts';
import { startStack, type Stack } from '../stack/stack.ts';
import { besideOthers, inOrder } from './support/concurrency.ts';
import { createCleanups } from './support/cleanups.ts';
import { faultsOf, isOpen, onlySeries, totalOfRates } from './support/series.ts';
import { runToTheEnd, startSidecar, type SidecarProcess } from './support/sidecar-process.ts';
import { followTopic, type TopicFollower } from './support/topic-follower.ts';
import { openWatchedSide, type WatchedSide } from './support/watched-side.ts';

/** Of polls, where a test sets no other. */
const INTERVAL_SECONDS = 2;
const STEADY_MS = 45_000;
const STALL_MS = 6_000;
const PARTITIONS = [0, 1];
const WITHIN = { withinMs: 60_000 };
const SOON = { timeout: WITHIN.withinMs, interval: 100 };

describe.skipIf(!stackIsPossible())('given the sidecar between the real Burrow and the real Kafka', () => {
  const cleanups = createCleanups();
  let stack: Stack;
  let watched: WatchedSide;
  beforeAll(async () => {
    stack = await startStack();
    watched = await openWatchedSide(stack.watched, [stack.burrow.url], cleanups.add);
  });
  afterAll(async () => {
    await cleanups.run();
    await stack.stop();
  });

  const settings = (): Record<string, string> => ({
    'burrow.servers': stack.burrow.url,
    'kafka.brokers': stack.sink.bootstrapServers.join(','),
  });

  describe(
    'given a group that lives and dies on a topic, and another topic that is deleted',
    besideOthers,
    () => {
      let sidecar: SidecarProcess;
      let topic: TopicFollower;
      let member: CommittingGroup;
      /** By partition; all partitions are treated alike. */
      let produced = 0;
      let consumed = 0;
      /** What had been produced and committed before the sidecar looked. */
      const BEFORE = 100;

      beforeAll(async () => {
        topic = await followTopic(stack.sink.bootstrapServers, 'speed-racer', cleanups.add);
        await watched.createTopic('letters', PARTITIONS.length);
        await watched.createTopic('leaflets', 1);
        await produce(BEFORE);
        await watched.produce('leaflets', 5);
        member = await joinCommittingGroup(watched.kafka, 'readers', 'letters');
        await commit(BEFORE);
        await watched.commit('passers', 'leaflets', [2]);
        sidecar = await startSidecar(
          { ...settings(), 'discovery.groups.allow': '^(readers|passers)$', 'discovery.topics.allow': '^le' },
          cleanups.add,
        );
        await until('a first sample of each', () => {
          const names = [
            'readers.totalLag',
            'passers.totalLag',
            'topic.letters.1.offset',
            'topic.leaflets.0.offset',
          ];
          return names.every((name) => latest(name) !== undefined);
        });
      });

      async function produce(records: number): Promise<void> {
        await watched.produce('letters', records);
        produced += records;
      }

      async function commit(upTo: number): Promise<void> {
        await member.commit(Object.fromEntries(PARTITIONS.map((partition) => [partition, upTo])));
        consumed = upTo;
      }

      /** The newest value of the series with this name, whatever its tags. */
      function latest(name: string): number | undefined {
        return topic.records().findLast((record) => record.name === `burrow.local.${name}`)?.value;
      }

      async function until(what: string, holds: () => boolean): Promise<void> {
        await pollUntil(() => (holds() ? true : undefined), { what, ...WITHIN });
      }

      const openSeries = () => topic.series().filter(isOpen);
      const openNames = (group: string) =>
        openSeries().flatMap(({ name, tags }) => (tags['consumer'] === group ? [name] : []));

      /** Waits until the topic tells the lags that Kafka's admin API tells, and their sum. */
      async function expectLagsOfKafka(): Promise<void> {
        const lags = await watched.lags('readers', 'letters');
        expect(lags).toEqual(PARTITIONS.map(() => produced - consumed));
        await expect
          .poll(() => PARTITIONS.map((partition) => latest(`readers.letters.${partition}.Lag`)), SOON)
          .toEqual(lags);
        await expect
          .poll(() => latest('readers.totalLag'), SOON)
          .toBe(lags.reduce((sum, lag) => sum + lag, 0));
      }

      /** Produces at an even pace and commits a little behind, or not at all. */
      async function work(forMs: number, isStalled: boolean): Promise<void> {
        const endMs = performance.now() + forMs;
        for (let round = 0; performance.now() < endMs; round += 1) {
          await produce(10);
          if (!isStalled && round % 4 === 0) await commit(produced - 30);
          await sleep(100);
        }
      }

      test(
        'when it reads on, stalls, and production ends, then each lag is what Kafka tells',
        inOrder,
        async () => {
          await work(STEADY_MS, false);
          await work(STALL_MS, true);
          await expectLagsOfKafka();
          expect(latest('readers.maxLagCurrentLag')).toBe(produced - consumed);
          expect(latest('readers.maxLagPartitionID')).toBe(0);
          await until('the end of the log', () => latest('topic.letters.0.offset') === produced);
        },
      );

      test(
        'when it catches up, then the spans end, and the rates amount to what was moved',
        inOrder,
        async () => {
          while (consumed < produced) {
            await commit(Math.min(produced, consumed + 50));
            await sleep(500);
          }
          await expectLagsOfKafka();
          await until('the spans to end', () =>
            openSeries().every(({ name }) => !/letters.*(Lag|Rate)|hosts/.test(name)),
          );
          for (const partition of PARTITIONS) {
            const rate = onlySeries(topic.series(), `burrow.local.topic.letters.offsetRate.${partition}`);
            expectAbout(totalOfRates(rate, INTERVAL_SECONDS), produced - BEFORE);
            const hosts = onlySeries(topic.series(), `burrow.local.readers.hosts.letters.${partition}`);
            expectAbout(totalOfRates(hosts, INTERVAL_SECONDS), consumed - BEFORE);
          }
        },
      );

      test('when its member is killed and the group deleted, then all its series end', inOrder, async () => {
        await member.leave();
        await produce(40);
        await expectLagsOfKafka();
        expect(openNames('readers')).toContain('burrow.local.readers.totalLag');
        await watched.admin.deleteGroups(['readers']);
        // Burrow 1.2 keeps a group whatever Kafka says, and newer ones look every five minutes; an operator does this.
        await fetch(`${stack.burrow.url}/v3/kafka/local/consumer/readers`, { method: 'DELETE' });
        await until('the series to end', () => openNames('readers').length === 0);
      });

      test('when a topic is deleted, then its series end, and those of its reader', inOrder, async () => {
        expect(latest('passers.leaflets.0.Lag')).toBe(3);
        expect(latest('topic.leaflets.0.offset')).toBe(5);
        await watched.admin.deleteTopics({ topics: ['leaflets'] });
        await until(
          'the series to end',
          () => !openSeries().some(({ tags }) => tags['topic'] === 'leaflets'),
        );
        expect(openSeries().some(({ tags }) => tags['topic'] === 'letters')).toBe(true);
      });

      test('when a minute is over, then there are records of all four families', inOrder, async () => {
        const names = [
          'readers.totalLag',
          'readers.hosts.letters.0',
          'topic.letters.offsetRate.0',
          'metricsSent',
        ];
        await until('all four', () => names.every((name) => latest(name) !== undefined));
        const sent = onlySeries(topic.series(), 'burrow.local.metricsSent').points;
        expect(Math.max(...sent.map(({ value }) => value))).toBeGreaterThan(100);
      });

      test(
        'when it is asked to stop, then it ends well and every series has its two zeroes',
        inOrder,
        async () => {
          expect(openSeries()).not.toEqual([]);
          sidecar.send('SIGTERM');
          await expect(sidecar.ended).resolves.toEqual({ exitCode: 0, signal: null });
          await topic.catchUp();
          expect(topic.series().flatMap((series) => faultsOf(series, false))).toEqual([]);
          const isOfGroup = (msg: string): boolean => msg === 'The status of a group has changed';
          expect(sidecar.log().filter(({ level, msg }) => level !== 'info' && !isOfGroup(msg))).toEqual([]);
          // Not necessarily last: at exit the log's last lines may overtake one another.
          expect(sidecar.log().map(({ msg }) => msg)).toContain('Stopped');
          expect(sidecar.stdout()).toBe('');
        },
      );

      test('when all is read, then each series came in order under the key of its subject', inOrder, () => {
        expect([...topic.keysOf('burrow.local.readers.letters.0.Lag')]).toEqual(['local/readers']);
        expect([...topic.keysOf('burrow.local.topic.letters.0.offset')]).toEqual(['local/topic/letters']);
      });
    },
  );

  describe('given a real stack to check', besideOthers, () => {
    test('when all is well, then each part has its line and the exit code is 0', inOrder, async () => {
      await pollUntil(async () => ((await watched.admin.listTopics()).length > 0 ? true : undefined), {
        what: 'a topic',
        ...WITHIN,
      });
      const free = { ...settings(), 'http.port': '0' };
      const { exitCode, stdout, stderr } = await runToTheEnd('check', free, cleanups.add);
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      const [broker = ''] = stack.sink.bootstrapServers;
      const lines = stdout.trimEnd().split('\n');
      // Groups come and go meanwhile, and Burrow's own are left out.
      const isOfCluster = (line: string): boolean => line.includes(' cluster local: ');
      expect(lines.find(isOfCluster)).toMatch(/^(ok {3}|WARN )cluster local: \d groups?, [1-9] topics?/);
      expect(lines.filter((line) => !isOfCluster(line))).toEqual([
        'ok   configuration: is valid',
        'ok   HTTP port 0: is any free one',
        `ok   Burrow ${new URL(stack.burrow.url).host}: answers, 1 cluster`,
        'ok   compression gzip: is available',
        `ok   broker ${broker}: answers; brokers in its cluster: 1`,
        'ok   idempotent writing: is allowed',
        'ok   topic speed-racer: exists: 3 partitions, replication 1',
        'ok   max.message.bytes of topic speed-racer: is 1048588',
        'ok   ledger topic speed-racer.spans: does not exist yet: it is created at the start',
        '',
        expect.stringMatching(/^\d+ ok, \d warnings?, 0 failures: run does its work/),
      ]);
    });

    test('when nothing listens, then it says what to change and the exit code is 1', inOrder, async () => {
      const wrong = {
        'burrow.servers': 'http://127.0.0.1:1',
        'kafka.brokers': '127.0.0.1:1',
        'http.port': '0',
      };
      const { exitCode, stdout, stderr } = await runToTheEnd('check', wrong, cleanups.add);
      expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: '' });
      expect(stdout.trimEnd().split('\n')).toEqual([
        'ok   configuration: is valid',
        'ok   HTTP port 0: is any free one',
        expect.stringMatching(/^FAIL Burrow 127\.0\.0\.1:1: check burrow\.servers: .* connection refused/),
        'ok   compression gzip: is available',
        expect.stringMatching(/^FAIL broker 127\.0\.0\.1:1: .*check kafka\.brokers/),
        '',
        '3 ok, 0 warnings, 2 failures: run would not do its work: mend what is marked FAIL.',
      ]);
    });

    test('when the configuration is wrong, then it says so and the exit code is 2', inOrder, async () => {
      const wrong = { 'kafka.brokers': '127.0.0.1', 'poll.intervall': '1s' };
      const { exitCode, stdout, stderr } = await runToTheEnd('check', wrong, cleanups.add);
      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
      expect(stderr).toContain('did you mean RAINBOW_POLL_INTERVAL?');
      expect(stderr).toContain('add the port: 127.0.0.1:9092');
    });
  });
});

/** Within 5 %. */
function expectAbout(actual: number, expected: number): void {
  expect(actual / expected).toBeGreaterThan(0.95);
  expect(actual / expected).toBeLessThan(1.05);
}
