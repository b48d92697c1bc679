import { describe, expect, test } from 'vitest';

import { clusterOf, lagOf, offsetsOf, partitionOf } from './fake-burrow.ts';
import { createHarness, DISCOVERY_MS, POLL_MS } from './maintainer-harness.ts';

const UNREACHABLE = { kind: 'unreachable', reason: 'no answer within 10 s' } as const;
const INVALID = { kind: 'invalid', reason: 'no groups' } as const;
const EMPTY = { kind: 'ok', value: [] } as const;

describe('given a Burrow with two clusters', () => {
  function createTwo() {
    const harness = createHarness();
    harness.burrow.world.set('local', clusterOf(['billing', 'search'], ['orders']));
    harness.burrow.world.set('remote', clusterOf(['billing']));
    return harness;
  }

  test('when it starts, then every group and topic is sampled within a second', async () => {
    const { time, maintainer, never, series } = createTwo();
    await maintainer.start(never);
    await time.advance(1000);
    expect(series.calls.map(({ key }) => key).sort()).toEqual([
      'local/billing',
      'local/search',
      'local/topic/orders',
      'remote/billing',
    ]);
    expect(maintainer.snapshot()).toMatchObject({
      clusters: 2,
      groups: 3,
      topics: 1,
      unknown: 0,
      backingOff: 0,
    });
  });

  test('when a group appears, then it is polled from the next discovery on', async () => {
    const { burrow, startSettled, discover, samplesOf } = createTwo();
    await startSettled();
    burrow.world.get('local')!.groups.set('new', lagOf(1));
    await discover();
    expect(samplesOf('local/new')).toBeGreaterThan(0);
    expect(samplesOf('local/billing')).toBe(2);
  });

  test('when a group dies, then its series end with the third list that lacks it and the others go on', async () => {
    const { burrow, startSettled, discover, samplesOf, ended, board } = createTwo();
    await startSettled();
    burrow.world.get('local')!.groups.delete('search');
    await discover(2);
    expect(ended()).toEqual([]);
    await discover();
    expect(ended()).toEqual(['local/search']);
    expect([...board.keys()].sort()).toEqual(['local/billing', 'remote/billing']);
    const before = burrow.requests.length;
    await discover();
    expect(burrow.requests.slice(before)).not.toContain('local/consumer/search');
    expect(samplesOf('local/billing')).toBe(8);
  });

  test('when a list lacks a group and a topic whose polls bring data, then they go on for as long as they do', async () => {
    const { burrow, startSettled, discover, samplesOf, ended } = createTwo();
    await startSettled();
    const local = burrow.world.get('local')!;
    local.groupList = { kind: 'ok', value: ['billing'] };
    local.topicList = EMPTY;
    for (let round = 0; round < 20; round += 1) {
      local.topics.set('orders', offsetsOf([10, 20 + round]));
      await discover();
    }
    expect(ended()).toEqual([]);
    expect(samplesOf('local/search')).toBe(40);
    expect(samplesOf('local/topic/orders')).toBe(40);
  });

  test('when a topic is deleted, then it ends with the third list that lacks it', async () => {
    const { burrow, startSettled, discover, ended } = createTwo();
    await startSettled();
    burrow.world.get('local')!.topics.clear();
    await discover(2);
    expect(ended()).toEqual([]);
    await discover();
    expect(ended()).toEqual(['local/topic/orders']);
  });

  test('when Burrow answers for a deleted topic with offsets that stay, then it ends one list later', async () => {
    const { burrow, startSettled, discover, ended } = createTwo();
    await startSettled();
    burrow.world.get('local')!.topicList = EMPTY;
    await discover(3);
    expect(ended()).toEqual([]);
    await discover();
    expect(ended()).toEqual(['local/topic/orders']);
  });

  test('when a group that sleeps leaves the list, then it is asked about and ends all the same', async () => {
    const { burrow, startSettled, discover, ended } = createHarness({
      sleep: { afterCalm: 2, safetyMs: 1e9 },
    });
    burrow.world.set('local', clusterOf(['billing', 'search']));
    await startSettled();
    expect(burrow.requests).not.toContain('local/consumer/search');
    burrow.world.get('local')!.groups.delete('search');
    await discover(5);
    expect(ended()).toEqual(['local/search']);
  });

  test('when polls are rarer than lists, then who dies still ends within two more lists than three', async () => {
    const harness = createHarness({ pollIntervalMs: 10 * DISCOVERY_MS });
    harness.burrow.world.set('local', clusterOf(['billing', 'search'], ['orders', 'letters']));
    await harness.startSettled();
    harness.burrow.world.get('local')!.groups.delete('search');
    harness.burrow.world.get('local')!.topicList = { kind: 'ok', value: ['letters'] };
    await harness.discover(5);
    expect(harness.ended()).toEqual(['local/search', 'local/topic/orders']);
  });

  test.each([
    ['unreachable', UNREACHABLE],
    ['invalid', INVALID],
  ])('when the list of one cluster is %s, then both clusters are polled on', async (_, outcome) => {
    const { burrow, startSettled, discover, samplesOf, ended, traffic } = createTwo();
    await startSettled();
    burrow.world.get('local')!.groupList = outcome;
    burrow.world.get('remote')!.groups.set('new', lagOf(1));
    await discover(5);
    expect(ended()).toEqual([]);
    expect(samplesOf('local/billing')).toBe(10);
    expect(samplesOf('remote/new')).toBeGreaterThan(0);
    const minute = traffic.takeMinute();
    expect(minute.map(({ cluster, exceptions }) => [cluster, exceptions.size])).toEqual([
      ['local', 1],
      ['remote', 0],
    ]);
  });

  test('when one topic list fails, then groups of the same cluster are still matched', async () => {
    const { burrow, startSettled, discover, samplesOf } = createTwo();
    await startSettled();
    burrow.world.get('local')!.topicList = UNREACHABLE;
    burrow.world.get('local')!.groups.set('new', lagOf(1));
    await discover();
    expect(samplesOf('local/new')).toBeGreaterThan(0);
  });

  test('when lists turn empty while polls bring data, then nothing ends', async () => {
    const { burrow, startSettled, discover, ended } = createTwo();
    await startSettled();
    burrow.world.get('local')!.groupList = EMPTY;
    await discover(20);
    expect(ended()).toEqual([]);
  });

  test('when every group of a cluster dies, then they end with the third list and not before', async () => {
    const { burrow, startSettled, discover, ended } = createTwo();
    await startSettled();
    burrow.world.get('local')!.groups.clear();
    await discover(2);
    expect(ended()).toEqual([]);
    await discover();
    expect(ended().sort()).toEqual(['local/billing', 'local/search']);
  });

  test('when Burrow has restarted and is long in hearing of its groups, then nothing ends', async () => {
    const { burrow, startSettled, discover, time, ended, samplesOf } = createTwo();
    const names = ['billing', 'search', 'a', 'b', 'c', 'd', 'e', 'f'];
    burrow.world.set('local', clusterOf(names, ['orders']));
    await startSettled();
    burrow.up = false;
    await time.advance(POLL_MS);
    burrow.up = true;
    const { groups } = burrow.world.get('local')!;
    groups.clear();
    await discover(10);
    for (const name of names) {
      groups.set(name, lagOf(1));
      await discover(2);
    }
    expect(ended()).toEqual([]);
    for (const name of names) expect(samplesOf(`local/${name}`)).toBeGreaterThan(0);
  });

  test('when Burrow has restarted and lists no cluster at all for long, then nothing ends', async () => {
    const { burrow, startSettled, discover, time, ended, samplesOf } = createTwo();
    await startSettled();
    burrow.up = false;
    await time.advance(POLL_MS);
    burrow.up = true;
    const clusters = [...burrow.world];
    burrow.world.clear();
    await discover(10);
    expect(ended()).toEqual([]);
    for (const [name, cluster] of clusters) burrow.world.set(name, cluster);
    const before = samplesOf('local/search');
    await discover(2);
    expect(ended()).toEqual([]);
    expect(samplesOf('local/search')).toBeGreaterThan(before);
  });

  test('when a listed group is NOTFOUND for long, then it does not end and is sampled with its next answer', async () => {
    const { burrow, startSettled, time, ended, samplesOf, maintainer } = createTwo();
    await startSettled();
    const { groups } = burrow.world.get('local')!;
    groups.set('search', { kind: 'notFound' });
    await time.advance(50 * POLL_MS);
    expect(ended()).toEqual([]);
    expect(maintainer.snapshot().unknown).toBe(1);
    const before = samplesOf('local/search');
    groups.set('search', lagOf(1));
    await time.advance(POLL_MS);
    expect(samplesOf('local/search')).toBe(before + 1);
    expect(maintainer.snapshot().unknown).toBe(0);
  });

  test('when a cluster leaves the list, then it is gone after three discoveries and not before', async () => {
    const { burrow, startSettled, discover, ended, maintainer, traffic } = createTwo();
    await startSettled();
    burrow.world.delete('local');
    await discover(2);
    expect(ended()).toEqual([]);
    await discover();
    expect(ended().sort()).toEqual(['local/billing', 'local/search', 'local/topic/orders']);
    expect(maintainer.snapshot().clusters).toBe(1);
    traffic.takeMinute();
    expect(traffic.takeMinute().map(({ cluster }) => cluster)).toEqual(['remote']);
  });

  test('when a cluster leaves the list though its groups are answered for, then those stay', async () => {
    const { burrow, startSettled, discover, ended, maintainer } = createTwo();
    await startSettled();
    burrow.clusterList = { kind: 'ok', value: ['remote'] };
    burrow.world.get('local')!.topics.clear();
    await discover(10);
    expect(ended()).toEqual(['local/topic/orders']);
    expect(maintainer.snapshot()).toMatchObject({ clusters: 2, groups: 3, topics: 0 });
  });

  test('when a cluster leaves while Burrow fails in between, then the three are counted anew', async () => {
    const { burrow, startSettled, discover, ended } = createTwo();
    await startSettled();
    burrow.world.delete('local');
    await discover(2);
    burrow.clusterList = UNREACHABLE;
    await discover();
    burrow.clusterList = null;
    await discover(2);
    expect(ended()).toEqual([]);
  });

  test('when a cluster is missing now and then, then it is never gone', async () => {
    const { burrow, startSettled, discover, ended } = createTwo();
    await startSettled();
    const local = burrow.world.get('local')!;
    for (let times = 0; times < 4; times += 1) {
      burrow.world.delete('local');
      await discover(2);
      burrow.world.set('local', local);
      await discover();
    }
    expect(ended()).toEqual([]);
  });

  test('when it fails for an hour and returns, then nothing has ended and polls resume', async () => {
    const { burrow, startSettled, discover, ended, time, maintainer, samplesOf, said } = createTwo();
    await startSettled();
    burrow.up = false;
    await discover(60);
    expect(ended()).toEqual([]);
    expect(maintainer.snapshot().backingOff).toBe(4);
    expect(maintainer.snapshot().servers[0]?.lastError?.reason).toBe('connection refused');
    const before = samplesOf('local/billing');
    burrow.up = true;
    await discover();
    await time.advance(POLL_MS);
    expect(samplesOf('local/billing')).toBeGreaterThan(before);
    expect(maintainer.snapshot().backingOff).toBe(0);
    expect(maintainer.snapshot().servers).toMatchObject([{ name: 'burrow', lastError: null }]);
    expect(said().filter(({ level }) => level === 40)).toHaveLength(1);
  });
});

describe('given a hundred groups that back off as long as they may', () => {
  test('when discovery finds the server back, then all are polled within one interval', async () => {
    const { burrow, startSettled, discover, time, maintainer } = createHarness({ random: 0.999 });
    burrow.world.set('local', clusterOf(Array.from({ length: 100 }, (_, index) => `group-${index}`)));
    await startSettled();
    burrow.up = false;
    await discover(30);
    expect(maintainer.snapshot().backingOff).toBe(100);
    burrow.up = true;
    await discover();
    await time.advance(POLL_MS);
    expect(maintainer.snapshot().backingOff).toBe(0);
  });
});

describe('given a start before Burrow is there', () => {
  test('when it comes after forty seconds, then it is found within a quarter of a minute', async () => {
    const { time, burrow, maintainer, never, samplesOf } = createHarness();
    burrow.world.set('local', clusterOf(['billing']));
    burrow.up = false;
    await maintainer.start(never);
    await time.advance(40_000);
    expect(maintainer.snapshot()).toMatchObject({ clusters: 0, servers: [{ lastOkMs: null }] });
    burrow.up = true;
    await time.advance(15_001);
    expect(samplesOf('local/billing')).toBe(1);
  });

  test('when its lists fill only after it answers, then groups are found seconds later', async () => {
    const { time, burrow, maintainer, never, samplesOf } = createHarness();
    burrow.world.set('local', clusterOf([], ['orders']));
    await maintainer.start(never);
    await time.advance(5000);
    burrow.world.get('local')!.groups.set('billing', lagOf(1));
    await time.advance(5000);
    expect(samplesOf('local/billing')).toBe(1);
  });
});

describe('given filters', () => {
  test('when a former process polled what is denied now, then that ends with the first list', async () => {
    const { time, burrow, maintainer, never, ended } = createHarness({
      groups: { allow: /.*/, deny: /^burrow-/ },
      topics: { allow: /.*/, deny: /^__/ },
    });
    burrow.world.set('local', clusterOf(['billing', 'burrow-local']));
    maintainer.remember(
      new Map([['local', { groups: ['billing', 'burrow-local', 'search'], topics: ['__offsets'] }]]),
    );
    await maintainer.start(never);
    await time.advance(10);
    expect(ended()).toEqual(['local/burrow-local', 'local/topic/__offsets']);
  });

  test('when names are denied or not allowed, then they have no handler', async () => {
    const { time, burrow, maintainer, never, series } = createHarness({
      clusters: { allow: /^prod/, deny: /-old$/ },
      groups: { allow: /.*/, deny: /^burrow-/ },
      topics: { allow: /.*/, deny: /^__/ },
    });
    burrow.world.set('prod', clusterOf(['billing', 'burrow-local'], ['orders', '__consumer_offsets']));
    burrow.world.set('prod-old', clusterOf(['billing']));
    burrow.world.set('staging', clusterOf(['billing']));
    await maintainer.start(never);
    await time.advance(POLL_MS);
    expect(new Set(series.calls.map(({ key }) => key))).toEqual(
      new Set(['prod/billing', 'prod/topic/orders']),
    );
    expect(burrow.requests.some((path) => path.startsWith('staging') || path.startsWith('prod-old'))).toBe(
      false,
    );
  });

  test('when a name cannot be asked for, then it is warned of and counted once', async () => {
    const { burrow, maintainer, never, discover, said, traffic } = createHarness();
    burrow.world.set('local', clusterOf(['a/b', 'billing']));
    await maintainer.start(never);
    await discover(5);
    expect(said().filter(({ level }) => level === 40)).toMatchObject([
      { what: 'group', names: ['a/b'], total: 1 },
    ]);
    expect(traffic.takeMinute()[0]!.exceptions).toEqual(new Map([['unaddressableName', 1]]));
    expect(burrow.requests.some((path) => path.includes('a/b'))).toBe(false);
  });
});

describe('given two servers that list the same cluster', () => {
  function createPair() {
    const harness = createHarness({ servers: ['first', 'second'] });
    for (const burrow of harness.burrows) burrow.world.set('local', clusterOf(['billing']));
    const polls = (index: number): number =>
      harness.burrows[index]!.requests.filter((path) => path === 'local/consumer/billing').length;
    return { ...harness, first: harness.burrows[0]!, second: harness.burrows[1]!, polls };
  }

  test('when both answer, then only the first is polled', async () => {
    const { startSettled, polls } = createPair();
    await startSettled();
    expect(polls(0)).toBeGreaterThan(0);
    expect(polls(1)).toBe(0);
  });

  test('when the first fails, then the handlers move at the next discovery and no series ends', async () => {
    const { startSettled, discover, time, first, polls, ended, samplesOf } = createPair();
    await startSettled();
    first.up = false;
    await discover();
    await time.advance(2 * POLL_MS);
    expect(polls(1)).toBeGreaterThan(0);
    expect(ended()).toEqual([]);
    expect(samplesOf('local/billing')).toBeGreaterThan(0);
  });

  test('when the first hangs, then no handler waits in its queue any longer', async () => {
    const { startSettled, discover, time, first, second, samplesOf, maintainer } = createPair();
    const names = Array.from({ length: 50 }, (_, index) => `group-${index}`);
    for (const burrow of [first, second]) burrow.world.set('local', clusterOf(names));
    await startSettled();
    first.holding = true;
    first.listing = true;
    await time.advance(POLL_MS);
    expect(maintainer.snapshot()).toMatchObject({ waitingRequests: 30, inFlightRequests: 20 });
    first.clusterList = UNREACHABLE;
    await discover();
    // The list of clusters takes the first place that comes free.
    first.timeOut();
    await time.advance(1.5 * POLL_MS);
    expect(maintainer.snapshot()).toMatchObject({ waitingRequests: 0, inFlightRequests: 0 });
    for (const name of names) expect(samplesOf(`local/${name}`)).toBeGreaterThan(0);
  });

  test('when the second has not filled up yet, then the groups it lacks live on', async () => {
    const { startSettled, discover, first, second, ended } = createPair();
    await startSettled();
    first.world.get('local')!.groups.set('search', lagOf(1));
    await discover();
    first.up = false;
    await discover(2);
    expect(ended()).toEqual([]);
    second.world.get('local')!.groups.set('search', lagOf(1));
    await discover(4);
    expect(ended()).toEqual([]);
  });

  test('when the first is back, then they return once it has answered three discoveries in a row', async () => {
    const { startSettled, discover, time, first, polls } = createPair();
    await startSettled();
    first.up = false;
    await discover(2);
    first.up = true;
    await discover(2);
    const whileWarmingUp = polls(0);
    await time.advance(POLL_MS);
    expect(polls(0)).toBe(whileWarmingUp);
    await discover(4);
    const before = [polls(0), polls(1)];
    await discover();
    expect([polls(0), polls(1)]).toEqual([before[0]! + 2, before[1]]);
  });

  test('when most of what a former process followed on the second is gone, then it ends as elsewhere', async () => {
    const { maintainer, second, time, never, discover, ended } = createPair();
    second.world.set('remote', clusterOf(['search']));
    const groups = ['billing', 'orders', 'search'];
    maintainer.remember(new Map([['remote', { groups, topics: [] }]]));
    await maintainer.start(never);
    await time.advance(63_000);
    await discover(3);
    expect(ended().sort()).toEqual(['remote/billing', 'remote/orders']);
  });

  test('when one server never answers, then clusters of the other are polled', async () => {
    const { first, startSettled, polls, maintainer, time } = createPair();
    first.up = false;
    await startSettled();
    expect(polls(1)).toBeGreaterThan(0);
    expect(maintainer.snapshot().servers).toMatchObject([
      { name: 'first', lastOkMs: null, lastSampleMs: null },
      { name: 'second', lastError: null },
    ]);
    expect(maintainer.snapshot().servers[1]!.lastSampleMs).toBeGreaterThan(time.clock.nowMs() - DISCOVERY_MS);
  });
});

describe('given a cluster with topics but without groups', () => {
  test('when three discoveries say so, then one warning says what to change', async () => {
    const { burrow, startSettled, discover, said } = createHarness();
    burrow.world.set('Local', clusterOf([], ['orders']));
    await startSettled();
    await discover(10);
    const warnings = said().filter(({ level }) => level === 40);
    expect(warnings).toMatchObject([{ cluster: 'Local', topics: 1 }]);
    expect(warnings[0]!.msg).toContain('write the cluster name in lower case');
  });
});

describe('given a wake', () => {
  test('when a cluster is named, then its group alone is polled now; without one, in every cluster', async () => {
    const { burrow, startSettled, time, maintainer } = createHarness();
    burrow.world.set('local', clusterOf(['billing']));
    burrow.world.set('remote', clusterOf(['billing']));
    expect(maintainer.wake('local', 'billing')).toEqual([]);
    await startSettled();
    await time.advance(POLL_MS / 3);
    const woken = async (cluster: string | null, group: string): Promise<[readonly string[], string[]]> => {
      burrow.requests.length = 0;
      const handlers = maintainer.wake(cluster, group);
      await time.advance(0);
      return [handlers, [...burrow.requests]];
    };
    expect(await woken('local', 'billing')).toEqual([['woken'], ['local/consumer/billing']]);
    await time.advance(2000);
    expect(await woken(null, 'billing')).toEqual([
      ['woken', 'woken'],
      ['local/consumer/billing', 'remote/consumer/billing'],
    ]);
    expect(await woken('nowhere', 'billing')).toEqual([[], []]);
    expect(await woken(null, 'nobody')).toEqual([[], []]);
  });
});

describe('given a cluster without groups and topics that its Burrow lists no more', () => {
  test('when that Burrow fails meanwhile, then the lists before do not count', async () => {
    const { burrow, startSettled, discover, maintainer } = createHarness();
    burrow.world.set('local', clusterOf(['billing']));
    burrow.world.set('bare', clusterOf([], []));
    await startSettled();
    burrow.world.delete('bare');
    await discover(2);
    burrow.up = false;
    await discover();
    burrow.up = true;
    await discover();
    const names = (): readonly string[] => maintainer.clusters().map(({ name }) => name);
    expect(names()).toEqual(['local', 'bare']);
    await discover(3);
    expect(names()).toEqual(['local']);
  });
});

describe('given groups of a former process, and handlers that sleep until an event comes', () => {
  test('when it starts, then they are polled without an event, and others are not', async () => {
    const { burrow, maintainer, time, never, samplesOf } = createHarness({
      sleep: { afterCalm: 4, safetyMs: 1e9 },
    });
    burrow.world.set('local', clusterOf(['billing', 'search']));
    maintainer.remember(new Map([['local', { groups: ['billing'] }]]));
    await maintainer.start(never);
    await time.advance(POLL_MS);
    expect(samplesOf('local/billing')).toBeGreaterThan(0);
    expect(samplesOf('local/search')).toBe(0);
  });
});

describe('given an event for a group that is not known yet, and handlers that sleep until an event comes', () => {
  const ON_DEMAND = { sleep: { afterCalm: 4, safetyMs: 1e9 } };
  const groupsAsked = (requests: readonly string[]): string[] => [
    ...new Set(requests.filter((path) => path.includes('/consumer/'))),
  ];

  test.each(['local', null])(
    'when the next discovery finds it (event for cluster %s), then it is polled',
    async (cluster) => {
      const { burrow, startSettled, discover, maintainer } = createHarness(ON_DEMAND);
      burrow.world.set('local', clusterOf(['billing']));
      await startSettled();
      expect(maintainer.wake(cluster, 'new')).toEqual([]);
      burrow.world.set('local', clusterOf(['billing', 'new']));
      burrow.requests.length = 0;
      await discover();
      expect(groupsAsked(burrow.requests)).toEqual(['local/consumer/new']);
    },
  );

  test('when only the fourth discovery finds it, then the event is forgotten', async () => {
    const { burrow, startSettled, discover, maintainer } = createHarness(ON_DEMAND);
    burrow.world.set('local', clusterOf(['billing']));
    await startSettled();
    maintainer.wake('local', 'late');
    maintainer.wake('remote', 'billing');
    await discover(3);
    burrow.world.set('local', clusterOf(['billing', 'late']));
    burrow.requests.length = 0;
    await discover(2);
    expect(groupsAsked(burrow.requests)).toEqual([]);
  });

  test('when events name more made-up groups than are remembered, then the newest thousand are looked for', async () => {
    const { burrow, startSettled, discover, maintainer } = createHarness(ON_DEMAND);
    burrow.world.set('local', clusterOf(['billing']));
    await startSettled();
    for (const name of ['first', 'second', 'x'.repeat(1001)]) maintainer.wake('local', name);
    for (let made = 0; made < 999; made += 1) maintainer.wake('local', `made-up-${made}`);
    burrow.world.set('local', clusterOf(['billing', 'first', 'second', 'x'.repeat(1001)]));
    burrow.requests.length = 0;
    await discover();
    expect(groupsAsked(burrow.requests)).toEqual(['local/consumer/second']);
  });
});

describe('given a stop', () => {
  test('when polls and a discovery are in flight, then all are cancelled and nothing runs afterwards', async () => {
    const { burrow, startSettled, time, maintainer, never, series } = createHarness();
    burrow.world.set('local', clusterOf(['a', 'b', 'c']));
    await startSettled();
    burrow.holding = true;
    await time.advance(DISCOVERY_MS);
    expect(burrow.load.now).toBeGreaterThan(0);
    series.calls.length = 0;
    await maintainer.stop(never);
    await maintainer.stop(never);
    expect(burrow.load.now).toBe(0);
    expect(time.pending()).toBe(0);
    expect(maintainer.wake(null, 'a')).toEqual([]);
    expect(series.calls).toEqual([]);
    const before = burrow.requests.length;
    await time.advance(10 * DISCOVERY_MS);
    expect(burrow.requests).toHaveLength(before);
  });

  test('when a request will not end, then it waits for it, but no longer than it is given', async () => {
    const { burrow, startSettled, time, maintainer, never } = createHarness();
    burrow.world.set('local', clusterOf(['a']));
    await startSettled();
    burrow.holding = true;
    burrow.deaf = true;
    burrow.listing = true;
    await time.advance(POLL_MS);
    expect(burrow.load.now).toBeGreaterThan(0);
    const deadline = new AbortController();
    let stopped = false;
    const stop = maintainer.stop(never).then(() => (stopped = true));
    const impatient = maintainer.stop(deadline.signal);
    await time.settle();
    expect(stopped).toBe(false);
    deadline.abort(new Error('out of time'));
    await expect(impatient).rejects.toThrow('out of time');
    expect(stopped).toBe(false);
    burrow.release();
    await stop;
    expect(time.pending()).toBe(0);
  });

  test('when it was never started, then it resolves', async () => {
    const { maintainer, never } = createHarness();
    await expect(maintainer.stop(never)).resolves.toBeUndefined();
  });

  test('when everything is closed afterwards, then every series ends in key order, with one stamp', async () => {
    const { burrow, startSettled, time, maintainer, never, series } = createHarness();
    burrow.world.set('b', clusterOf(['z', 'a'], ['t']));
    burrow.world.set('a', clusterOf(['x']));
    await startSettled();
    await expect(maintainer.closeAll(1, never)).rejects.toThrow('before stop');
    await maintainer.stop(never);
    series.calls.length = 0;
    const nowMs = time.clock.nowMs();
    await maintainer.closeAll(nowMs, never);
    expect(series.calls).toEqual(
      ['a/x', 'b/a', 'b/topic/t', 'b/z'].map((key) => ({ key, call: 'gone', nowMs })),
    );
  });
});

describe('given two thousand groups', () => {
  test('when they start and one in ten leaves, then each discovery is one line and concurrency is kept', async () => {
    const { burrow, startSettled, discover, time, maintainer, never, said, series } = createHarness({
      concurrency: 7,
    });
    const names = Array.from({ length: 2000 }, (_, index) => `group-${String(index)}`);
    burrow.world.set('local', clusterOf(names));
    await maintainer.start(never);
    await time.advance(POLL_MS);
    expect(new Set(series.calls.map(({ key }) => key)).size).toBe(2000);
    expect(said().filter(({ msg }) => msg === 'discovery done')).toMatchObject([
      { added: 2000, addedNames: ['group-0', 'group-1', 'group-2', 'group-3', 'group-4'] },
    ]);
    const ofPolls = said().filter(({ msg }) => /first polls|polled once/.test(msg)).length;
    expect(said().length - ofPolls).toBeLessThan(5);
    expect(burrow.load.most).toBeLessThanOrEqual(7);
    await startSettled();
    for (const name of names.slice(0, 200)) burrow.world.get('local')!.groups.delete(name);
    await discover(3);
    expect(said()).toMatchObject([{ msg: 'discovery done', removed: 200, groups: 1800 }]);
    const stop = maintainer.stop(never);
    await time.advance(0);
    await stop;
    expect(time.pending()).toBe(0);
  });
});

describe('given more groups than may be followed', () => {
  const names = (from: number, to: number): readonly string[] =>
    Array.from({ length: to - from }, (_, index) => `group-${from + index}`);

  test('when names are made up by the hundred, then those known longest stay, and that is told once', async () => {
    const harness = createHarness({ maxGroups: 20 });
    const { burrow, maintainer, startSettled, discover, samplesOf, said } = harness;
    burrow.world.set('prod', clusterOf(names(0, 12)));
    burrow.world.set('test', clusterOf(names(100, 106)));
    await startSettled();
    expect(maintainer.clusters().map(({ groupsOverLimit }) => groupsOverLimit)).toEqual([0, 0]);

    burrow.world.set('prod', clusterOf([...names(500, 700), ...names(0, 12)]));
    await discover(3);
    const all = maintainer.clusters().reduce((sum, { followed }) => sum + (followed['groups'] ?? 0), 0);
    expect(all).toBe(20);
    expect(maintainer.clusters()).toMatchObject([
      { name: 'prod', groupsOverLimit: 198 },
      { name: 'test', groupsOverLimit: 0 },
    ]);
    for (const name of names(0, 12)) expect(samplesOf(`prod/${name}`)).toBeGreaterThan(4);
    for (const name of names(100, 106)) expect(samplesOf(`test/${name}`)).toBeGreaterThan(4);
    const warnings = said().filter(({ msg }) => msg.includes('discovery.maxGroups'));
    expect(warnings).toMatchObject([{ level: 40, maxGroups: 20, leftOut: 198 }]);
  });

  test('when some of them go, then others take their places, and the end is told', async () => {
    const { burrow, maintainer, startSettled, discover, said } = createHarness({ maxGroups: 20 });
    burrow.world.set('prod', clusterOf(names(0, 25)));
    await startSettled();
    expect(maintainer.clusters()).toMatchObject([{ followed: { groups: 20 }, groupsOverLimit: 5 }]);

    burrow.world.set('prod', clusterOf(names(6, 25)));
    await discover(8);
    expect(maintainer.clusters()).toMatchObject([{ followed: { groups: 19 }, groupsOverLimit: 0 }]);
    expect(said().filter(({ msg }) => msg === 'all groups are polled again')).toHaveLength(1);
  });
});

describe('given topics that are denied', () => {
  test('when a group consumes one of them, too, then its partitions and its total leave that out', async () => {
    const { burrow, startSettled, discover, board, series } = createHarness({
      topics: { allow: /.*/, deny: /^__/ },
    });
    const denied = { ...partitionOf(0, 500), topic: '__internal' };
    const lag = lagOf(0, { totalLagRecords: 505, partitions: [partitionOf(0, 5), denied] });
    burrow.world.set('prod', { ...clusterOf([]), groups: new Map([['workers', lag]]) });
    await startSettled();
    await discover();
    expect(series.calls.at(-1)).toMatchObject({
      key: 'prod/workers',
      sample: { totalLagRecords: 5, partitions: [{ topic: 'orders' }] },
    });
    expect(board.get('prod/workers')).toMatchObject({ partitions: 1 });
  });
});
