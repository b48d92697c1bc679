import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCleanups } from '../integration/support/cleanups.ts';
import { faultsOf, isOpen, onlySeries, toSeries } from '../integration/support/series.ts';
import {
  startSidecar,
  type HealthAnswer,
  type SidecarProcess,
} from '../integration/support/sidecar-process.ts';
import { openWatchedSide } from '../integration/support/watched-side.ts';
import { readWavefrontLine } from '../integration/support/wavefront-reader.ts';
import { startBurrow, type Burrow } from '../stack/burrow.ts';
import { pollUntil } from '../stack/poll-until.ts';
import { stackIsPossible } from '../stack/requirements.ts';
import { startWatchedKafka, type WatchedStack } from '../stack/stack.ts';
import { handOver } from './support/fault-row.ts';
import { inForm } from './support/form.ts';

const LAG = 'burrow.local.readers.letters.0.Lag';
const LAG_RECORDS = 30;

describe.skipIf(!stackIsPossible())('given a sidecar of the real Burrow', () => {
  const cleanups = createCleanups();
  let stack: WatchedStack;
  let burrow: Burrow;
  let sidecar: SidecarProcess;
  beforeAll(async () => {
    stack = await startWatchedKafka();
    burrow = await startBurrow({
      clusters: [{ name: 'local', bootstrapServers: stack.kafka.bootstrapServers }],
      ...(stack.zookeeper !== undefined && { zookeeper: stack.zookeeper }),
    });
    cleanups.add(() => burrow.dispose());
    const watched = await openWatchedSide(stack, [burrow.url], cleanups.add);
    await watched.createTopic('letters', 1);
    await watched.produce('letters', 20 + LAG_RECORDS);
    await watched.commit('readers', 'letters', [20]);
    sidecar = await startSidecar(
      {
        'burrow.servers': burrow.url,
        'burrow.timeout': '1s',
        'sink.type': 'stdout',
        'poll.interval': '1s',
        'discovery.groups.allow': '^readers$',
        'discovery.topics.allow': '^letters$',
        'health.burrowSilent': '4s',
      },
      cleanups.add,
    );
    await until('records of the group', () => records().filter(({ name }) => name === LAG).length > 2);
  });
  afterAll(async () => {
    await cleanups.run();
    await stack.stop();
  });

  async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
    await pollUntil(async () => ((await holds()) ? true : undefined), { what, withinMs: 60_000 });
  }

  /** All that was printed, the traffic of the cluster aside: an outage is counted there. */
  const records = () =>
    sidecar
      .stdout()
      .split('\n')
      .slice(0, -1)
      .map(readWavefrontLine)
      .filter(({ tags }) => tags['topic'] !== undefined || tags['consumer'] !== undefined);
  const lags = () => onlySeries(toSeries(records()), LAG);
  const burrowPart = ({ parts }: HealthAnswer) => parts.find(({ name }) => name.startsWith('burrow '));
  const told = () =>
    sidecar.log().filter(({ msg }) => msg === 'requests to Burrow fail' || msg === 'Burrow answers again');
  const failures = () =>
    sidecar.metric('burrow_rainbow_exceptions_total{cluster="local",kind="burrowUnreachable"}');

  test.for([
    {
      fault: 'Burrow killed',
      begin: () => burrow.kill(),
      end: () => burrow.restart(),
      reason: /^no good answer for \d+ s \(limit 4 s\): connection refused/,
    },
    {
      fault: 'Burrow stopped (SIGSTOP)',
      begin: () => burrow.kill('SIGSTOP'),
      end: () => burrow.kill('SIGCONT'),
      reason: /^no good answer for \d+ s \(limit 4 s\): no complete answer within 1000 ms/,
    },
  ])(
    'when $fault, then it says 503 and why, sends nothing, and goes on afterwards as if nothing had been',
    async ({ fault, begin, end, reason }, { task }) => {
      await until('health', async () => (await sidecar.health()).status === 'ok');
      const linesBefore = told().length;
      const failuresBefore = await failures();
      await begin();
      await until('a failed poll', async () => burrowPart(await sidecar.health())?.status === 'degraded');
      const before = records().length;
      await until('503', async () => (await sidecar.health()).httpStatus === 503);
      const health = await sidecar.health();
      expect(health.status).toBe('unavailable');
      expect(burrowPart(health)).toMatchObject({
        name: `burrow ${new URL(burrow.url).host}`,
        status: 'unavailable',
        reason: expect.stringMatching(reason) as string,
      });
      const outageMs = inForm({ short: 0, full: 60_000 });
      const silentMs = performance.now();
      await pollUntil(() => (performance.now() - silentMs >= outageMs ? true : undefined), {
        what: 'the outage to last',
        withinMs: 2 * outageMs + 1000,
      });
      expect(records()).toHaveLength(before);
      expect(isOpen(lags())).toBe(true);
      expect(await failures()).toBeGreaterThan(failuresBefore);

      const pointsBefore = lags().points.length;
      await end();
      await until('health', async () => (await sidecar.health()).status === 'ok');
      await until('more records', () => lags().points.length > pointsBefore + 2);
      await until('the line of the end', () => told().length === linesBefore + 2);
      const [began, ended] = told().slice(linesBefore);
      const series = toSeries(records());
      handOver(task, {
        fault,
        samplesTaken: null,
        samplesDelivered: lags().points.length - 1,
        samplesDropped: 0,
        duplicates: 0,
        danglingSpans: 0,
        note: `${String(ended?.['times'])} failures in ${Number(ended?.['lastedSeconds']).toFixed(0)} s told as one`,
      });
      expect([began?.level, ended?.level]).toEqual(['warn', 'info']);
      expect(lags().points.map(({ value }) => value)).toEqual([
        0,
        ...lags()
          .points.slice(1)
          .map(() => LAG_RECORDS),
      ]);
      expect(series.flatMap((each) => faultsOf(each, true))).toEqual([]);
    },
  );

  test('when it is asked to stop afterwards, then every series is closed', async () => {
    sidecar.send('SIGTERM');
    await expect(sidecar.ended).resolves.toEqual({ exitCode: 0, signal: null });
    expect(toSeries(records()).flatMap((series) => faultsOf(series, false))).toEqual([]);
    expect(sidecar.log().filter(({ level }) => level === 'error')).toEqual([]);
  });
});
