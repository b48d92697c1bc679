import { describe, expect, test } from 'vitest';

import type { LiveMaintainerOptions } from '../../src/poll/maintainer-options.ts';
import { clusterOf, lagOf, partitionOf } from './fake-burrow.ts';
import { createHarness, DISCOVERY_MS, POLL_MS } from './maintainer-harness.ts';

const EVERYTHING = { allow: /.*/, deny: null };
const SAME: LiveMaintainerOptions = {
  discoveryIntervalMs: DISCOVERY_MS,
  pollIntervalMs: POLL_MS,
  clusters: EVERYTHING,
  groups: EVERYTHING,
  topics: EVERYTHING,
  sleep: null,
};

async function startTwo(options: Parameters<typeof createHarness>[0] = {}) {
  const harness = createHarness(options);
  harness.burrow.world.set('local', clusterOf(['billing', 'search'], ['orders', 'stock']));
  harness.burrow.world.set('remote', clusterOf(['billing']));
  await harness.startSettled();
  return harness;
}

describe('given a maintainer that runs', () => {
  test('when groups, topics and a cluster are denied, then they end at once and the others go on', async () => {
    const { maintainer, time, ended, burrow, discover, samplesOf, board } = await startTwo();
    maintainer.reconfigure({
      ...SAME,
      clusters: { allow: /.*/, deny: /remote/ },
      groups: { allow: /.*/, deny: /search/ },
      topics: { allow: /orders/, deny: null },
    });
    await time.advance(0);
    expect(ended().sort()).toEqual(['local/search', 'local/topic/stock', 'remote/billing']);
    expect([...board.keys()]).toEqual(['local/billing']);
    expect(maintainer.clusters().map(({ name }) => name)).toEqual(['local']);
    const before = burrow.requests.length;
    await discover(5);
    expect(ended()).toHaveLength(3);
    expect(samplesOf('local/billing')).toBe(10);
    expect(burrow.requests.slice(before).join(' ')).not.toMatch(/search|stock|remote/);
  });

  test('when a topic is denied, then groups lack its partitions from their next samples on, until it is allowed again', async () => {
    const { maintainer, discover, burrow, series } = await startTwo();
    const stock = { ...partitionOf(0, 7), topic: 'stock' };
    const lag = lagOf(0, { totalLagRecords: 12, partitions: [partitionOf(0, 5), stock] });
    burrow.world.get('local')!.groups.set('billing', lag);
    const newest = () => series.calls.findLast(({ key }) => key === 'local/billing');
    await discover();
    expect(newest()).toMatchObject({ sample: { totalLagRecords: 12, partitions: [{}, {}] } });
    maintainer.reconfigure({ ...SAME, topics: { allow: /.*/, deny: /stock/ } });
    await discover();
    expect(newest()).toMatchObject({ sample: { totalLagRecords: 5, partitions: [{ topic: 'orders' }] } });
    maintainer.reconfigure(SAME);
    await discover();
    expect(newest()).toMatchObject({ sample: { totalLagRecords: 12, partitions: [{}, {}] } });
  });

  test('when a cluster is denied, then others have the room that its groups took', async () => {
    const { maintainer, discover, burrow, said } = await startTwo({ maxGroups: 4 });
    burrow.world.get('remote')!.groups.set('b', lagOf(1)).set('c', lagOf(1));
    await discover();
    expect(maintainer.clusters()).toMatchObject([
      { followed: { groups: 2 } },
      { followed: { groups: 2 }, groupsOverLimit: 1 },
    ]);
    maintainer.reconfigure({ ...SAME, clusters: { allow: /.*/, deny: /remote/ } });
    burrow.world.get('local')!.groups.set('b', lagOf(1)).set('c', lagOf(1));
    await discover(2);
    expect(maintainer.clusters()).toMatchObject([
      { name: 'local', followed: { groups: 4 }, groupsOverLimit: 0 },
    ]);
    expect(said().filter(({ msg }) => msg === 'all groups are polled again')).toHaveLength(1);
  });

  test('when they are allowed again, then they are found at once and what went on is not cut', async () => {
    const { maintainer, time, ended, samplesOf } = await startTwo({
      groups: { allow: /billing/, deny: null },
    });
    expect(samplesOf('local/search')).toBe(0);
    maintainer.reconfigure(SAME);
    await time.advance(1000);
    expect(samplesOf('local/search')).toBe(1);
    expect(ended()).toEqual([]);
  });

  test('when a name is denied while Burrow is away, then it ends all the same', async () => {
    const { maintainer, time, burrow, ended } = await startTwo();
    burrow.up = false;
    maintainer.reconfigure({ ...SAME, groups: { allow: /.*/, deny: /search/ } });
    await time.advance(0);
    expect(ended()).toEqual(['local/search']);
  });

  test('when it comes while a discovery is under way, then another follows it at once', async () => {
    const { maintainer, time, burrow, ended } = await startTwo();
    burrow.holding = true;
    await time.advance(1);
    const asked = (): number => burrow.requests.filter((path) => path === '/v3/kafka').length;
    const before = asked();
    maintainer.reconfigure({ ...SAME, groups: { allow: /.*/, deny: /search/ } });
    await time.advance(1);
    expect(asked()).toBe(before);
    burrow.release();
    await time.advance(1);
    expect(asked()).toBe(before + 1);
    expect(ended()).toEqual(['local/search']);
  });

  test('when it comes again and again, then discoveries prove no absence by following each other', async () => {
    const { maintainer, time, burrow, ended } = await startTwo();
    burrow.world.get('local')!.groups.delete('search');
    for (let round = 0; round < 10; round += 1) {
      maintainer.reconfigure(SAME);
      await time.advance(100);
    }
    expect(ended()).toEqual([]);
  });

  test('when the discovery interval changes, then discoveries come at it from now on', async () => {
    const { maintainer, time, burrow } = await startTwo();
    maintainer.reconfigure({ ...SAME, discoveryIntervalMs: 10_000 });
    await time.advance(1000);
    const before = burrow.requests.length;
    await time.advance(100_000);
    const asked = burrow.requests.slice(before).filter((path) => path === '/v3/kafka');
    expect(asked).toHaveLength(10);
  });

  test.each([
    [5000, 12],
    [60_000, 1],
  ])(
    'when the poll interval becomes %i ms, then a minute has %i polls and nothing ends',
    async (ms, polls) => {
      const { maintainer, time, samplesOf, series, ended } = await startTwo();
      maintainer.reconfigure({ ...SAME, pollIntervalMs: ms });
      await time.advance(ms);
      series.calls.length = 0;
      await time.advance(60_000);
      expect(samplesOf('local/billing')).toBe(polls);
      expect(samplesOf('local/topic/orders')).toBe(polls);
      expect(ended()).toEqual([]);
    },
  );

  test('when the poll interval was an hour, then a short one is not waited for so long', async () => {
    const { maintainer, time, samplesOf, series } = await startTwo({ pollIntervalMs: 3_600_000 });
    await time.advance(60_000);
    series.calls.length = 0;
    maintainer.reconfigure({ ...SAME, pollIntervalMs: 5000 });
    await time.advance(5000);
    expect(samplesOf('local/billing')).toBe(1);
  });

  test('when a group is found after it, then it is polled at the new interval', async () => {
    const { maintainer, time, burrow, samplesOf, series } = await startTwo();
    maintainer.reconfigure({ ...SAME, pollIntervalMs: 10_000 });
    burrow.world.get('local')!.groups.set('new', lagOf(1));
    await time.advance(DISCOVERY_MS + 10_000);
    series.calls.length = 0;
    await time.advance(60_000);
    expect(samplesOf('local/new')).toBe(6);
  });

  test('when groups sleep, then their polls on the safe side come at the new interval', async () => {
    const sleep = { afterCalm: 4, safetyMs: 1_000_000_000 };
    const { maintainer, time, samplesOf } = await startTwo({ sleep });
    const before = samplesOf('local/topic/orders');
    await time.advance(600_000);
    expect(samplesOf('local/billing')).toBe(0);
    expect(samplesOf('local/topic/orders') - before, 'topics never sleep').toBe(600_000 / POLL_MS);
    maintainer.reconfigure({ ...SAME, sleep: { ...sleep, safetyMs: 600_000 } });
    await time.advance(600_000);
    expect(samplesOf('local/billing')).toBeGreaterThan(0);
  });
});

describe('given series that are to begin anew', () => {
  test('when all are cut, then each ends at once and begins with its next sample, and the groups stay known', async () => {
    const { maintainer, time, ended, emitted, board, samplesOf } = await startTwo();
    const before = samplesOf('local/billing');
    emitted.length = 0;
    maintainer.cutAll(time.clock.nowMs());
    const all = [
      'local/billing',
      'local/search',
      'local/topic/orders',
      'local/topic/stock',
      'remote/billing',
    ];
    expect(ended()).toEqual(all);
    expect(emitted).toEqual(all);
    expect([...board.keys()].sort()).toEqual(['local/billing', 'local/search', 'remote/billing']);
    await time.advance(2 * POLL_MS);
    expect(samplesOf('local/billing')).toBe(before + 2);
  });
});

describe('given a maintainer that does not run', () => {
  test('when it is reconfigured, then it starts by that', async () => {
    const harness = createHarness();
    harness.burrow.world.set('local', clusterOf(['billing', 'search']));
    harness.maintainer.reconfigure({ ...SAME, groups: { allow: /billing/, deny: null } });
    await harness.maintainer.start(harness.never);
    await harness.time.advance(1000);
    expect(harness.samplesOf('local/billing')).toBe(1);
    expect(harness.samplesOf('local/search')).toBe(0);
  });

  test('when it has been stopped, then nothing is asked any more', async () => {
    const { maintainer, never, burrow, time } = await startTwo();
    await maintainer.stop(never);
    const before = burrow.requests.length;
    maintainer.reconfigure({ ...SAME, pollIntervalMs: 1000 });
    await time.advance(DISCOVERY_MS);
    expect(burrow.requests).toHaveLength(before);
  });
});
