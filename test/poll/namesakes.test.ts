import { describe, expect, test } from 'vitest';

import { clusterOf, lagOf } from './fake-burrow.ts';
import { createHarness, DISCOVERY_MS } from './maintainer-harness.ts';

const UNREACHABLE = { kind: 'unreachable', reason: 'no answer within 10 s' } as const;
const numbered = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}-${String(index)}`);

/** Two servers with a cluster of one name and these groups. */
async function createPair(first: readonly string[], second: readonly string[]) {
  const harness = createHarness({
    servers: ['burrow-a', 'burrow-b'],
    groups: { allow: /.*/, deny: /^burrow-/ },
  });
  const [a, b] = harness.burrows as [(typeof harness.burrows)[0], (typeof harness.burrows)[0]];
  a.world.set('prod', clusterOf(first));
  b.world.set('prod', clusterOf(second));
  await harness.startSettled();
  const warned = () => harness.said().filter(({ level }) => level === 40);
  const asked = () => b.requests.filter((path) => path === 'prod/consumer').length;
  return { ...harness, a, b, warned, asked };
}

describe('given two Burrows with a cluster of one name and different groups', () => {
  test('when three lists in a row differ, then it is said once, with both counts and what to do', async () => {
    const { discover, warned, maintainer } = await createPair(numbered('eu', 2), numbered('us', 60));
    await discover(2);
    expect(maintainer.namesakes()).toEqual([]);
    await discover();
    const difference = { cluster: 'prod', server: 'burrow-a', groups: 2, other: 'burrow-b', otherGroups: 60 };
    expect(maintainer.namesakes()).toEqual([difference]);
    expect(warned()).toMatchObject([difference]);
    expect(warned()[0]!.msg).toBe(
      'two clusters of one name: burrow-a lists 2 groups, burrow-b 60, and not the same ones; only those of burrow-a are ' +
        'followed: if they are two clusters, give one of them another name with burrow.servers[].clusters',
    );
    await discover(60);
    expect(maintainer.namesakes()).toEqual([difference]);
    expect(warned()).toHaveLength(1);
  });

  test('when it has been said, then the second is asked for its list at one discovery in ten', async () => {
    const { discover, asked } = await createPair(numbered('eu', 2), numbered('us', 60));
    await discover(3);
    const before = asked();
    await discover(40);
    expect(asked() - before).toBe(4);
  });

  test('when the second fails for a while, then nothing changes and nothing is said again', async () => {
    const { discover, warned, maintainer, b } = await createPair(numbered('eu', 2), numbered('us', 60));
    await discover(3);
    b.clusterList = UNREACHABLE;
    await discover(20);
    expect(maintainer.namesakes()).toHaveLength(1);
    b.clusterList = null;
    b.world.get('prod')!.groupList = UNREACHABLE;
    await discover(20);
    expect(maintainer.namesakes()).toHaveLength(1);
    expect(warned().filter(({ msg }) => msg.startsWith('two clusters'))).toHaveLength(1);
  });

  test('when the second has another name for it from then on, then it is over', async () => {
    const { discover, maintainer, b } = await createPair(numbered('eu', 2), numbered('us', 60));
    await discover(3);
    b.world.set('prod-us', b.world.get('prod')!);
    b.world.delete('prod');
    await discover();
    expect(maintainer.namesakes()).toEqual([]);
    expect(maintainer.clusters().map(({ name, followed }) => [name, followed['groups']])).toEqual([
      ['prod', 2],
      ['prod-us', 60],
    ]);
  });

  test('when the second comes to list the same ones, then it is over after a while, and never said again', async () => {
    const { discover, warned, maintainer, b } = await createPair(['eu'], ['us']);
    await discover(3);
    b.world.set('prod', clusterOf(['eu']));
    await discover(13);
    expect(maintainer.namesakes()).toEqual([]);
    b.world.set('prod', clusterOf(['us']));
    await discover(13);
    expect(maintainer.namesakes()).toHaveLength(1);
    expect(warned()).toHaveLength(1);
  });
});

describe('given two Burrows that watch the same cluster', () => {
  const names = numbered('group', 20);

  test('when they list the same groups, then nothing is said, and the second is asked at one discovery in ten', async () => {
    const { discover, maintainer, warned, asked } = await createPair(names, [...names].reverse());
    await discover(3);
    const before = asked();
    await discover(40);
    expect(asked() - before).toBe(4);
    expect(maintainer.namesakes()).toEqual([]);
    expect(warned()).toEqual([]);
  });

  test('when each has a group of its own that is denied, then that is no difference', async () => {
    const { discover, maintainer } = await createPair(['billing', 'burrow-a'], ['billing', 'burrow-b']);
    await discover(20);
    expect(maintainer.namesakes()).toEqual([]);
  });

  test('when both list groups that no URL can carry, then that is no difference', async () => {
    const { discover, maintainer } = await createPair(['billing', 'a/b', 'c/d'], ['billing', 'a/b', 'c/d']);
    await discover(20);
    expect(maintainer.namesakes()).toEqual([]);
  });

  test('when the second lists others each time that are gone before the first hears of them, then nothing is said', async () => {
    const { discover, maintainer, b } = await createPair(['billing'], ['billing']);
    for (let round = 0; round < 30; round += 1) {
      b.world.set('prod', clusterOf(['billing', `x-${String(round)}`, `y-${String(round)}`]));
      await discover();
      expect(maintainer.namesakes()).toEqual([]);
    }
  });

  test('when one of ten is known to the second alone, then that is nearly the same', async () => {
    const { discover, maintainer } = await createPair(names, [...names, 'rare', 'rarer']);
    await discover(20);
    expect(maintainer.namesakes()).toEqual([]);
  });

  test('when the second has restarted and lists few, then nothing is missed', async () => {
    const { discover, maintainer } = await createPair(names, names.slice(0, 1));
    await discover(20);
    expect(maintainer.namesakes()).toEqual([]);
  });

  test('when the first has just started and fills, then nothing is said as long as it gains on the second', async () => {
    const { discover, maintainer, a } = await createPair(names.slice(0, 1), names);
    for (const name of names) {
      a.world.get('prod')!.groups.set(name, lagOf(1));
      await discover(2);
      expect(maintainer.namesakes()).toEqual([]);
    }
  });

  test('when the first has restarted and lists few, then what it listed before is followed still', async () => {
    const { discover, maintainer, a } = await createPair(names, names);
    a.up = false;
    // Too short for a discovery, so that nothing moves.
    await discover(0.5);
    a.up = true;
    a.world.get('prod')!.groups.clear();
    await discover(25);
    expect(maintainer.namesakes()).toEqual([]);
  });

  test('when new groups come all the time and the second hears of them first, then nothing is said', async () => {
    const { discover, maintainer, a, b } = await createPair(['billing'], ['billing']);
    for (let round = 0; round < 20; round += 1) {
      const fresh = ['x', 'y', 'z'].map((letter) => `${letter}-${String(round)}`);
      for (const name of fresh) b.world.get('prod')!.groups.set(name, lagOf(1));
      await discover();
      for (const name of fresh) a.world.get('prod')!.groups.set(name, lagOf(1));
      expect(maintainer.namesakes()).toEqual([]);
    }
  });
});

describe('given one Burrow', () => {
  test('when it is discovered, then no list is asked for twice', async () => {
    const { burrow, startSettled, time } = createHarness();
    burrow.world.set('prod', clusterOf(['billing']));
    await startSettled();
    burrow.requests.length = 0;
    await time.advance(5 * DISCOVERY_MS);
    expect(burrow.requests.filter((path) => path === 'prod/consumer')).toHaveLength(5);
  });
});
