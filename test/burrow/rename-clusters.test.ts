import { describe, expect, test } from 'vitest';

import { isOwnName, ownNamesOf, renameClusters } from '../../src/burrow/rename-clusters.ts';
import { clusterOf, createFakeBurrow } from '../poll/fake-burrow.ts';

const never = new AbortController().signal;

function createRenamed(names: Readonly<Record<string, string>>, clusters: readonly string[]) {
  const burrow = createFakeBurrow('burrow-a');
  for (const cluster of clusters) burrow.world.set(cluster, clusterOf([`group-of-${cluster}`], ['orders']));
  const hidden: string[] = [];
  const client = renameClusters(burrow, new Map(Object.entries(names)), (cluster) => hidden.push(cluster));
  return { burrow, client, hidden };
}

describe('given other names for the clusters of a Burrow', () => {
  test('when they are listed, then by our names, and those that are not in the map by their own', async () => {
    const { client, hidden } = createRenamed({ prod: 'prod-eu' }, ['prod', 'staging']);
    expect(await client.clusters(never)).toEqual({ kind: 'ok', value: ['prod-eu', 'staging'] });
    expect(client.name).toBe('burrow-a');
    expect(hidden).toEqual([]);
  });

  test('when one is asked about by our name, then Burrow is asked by its own', async () => {
    const { burrow, client } = createRenamed({ prod: 'prod-eu' }, ['prod', 'staging']);
    expect(await client.groups('prod-eu', never)).toEqual({ kind: 'ok', value: ['group-of-prod'] });
    await client.topics('prod-eu', never);
    await client.groupLag('prod-eu', 'billing', never);
    await client.topicOffsets('prod-eu', 'orders', never);
    await client.groups('staging', never);
    expect(burrow.requests).toEqual([
      'prod/consumer',
      'prod/topic',
      'prod/consumer/billing',
      'prod/topic/orders',
      'staging/consumer',
    ]);
  });

  test('when one is asked about by the name that it no longer has here, then it is not known, and Burrow is not asked', async () => {
    const { burrow, client } = createRenamed({ prod: 'prod-eu' }, ['prod']);
    expect([
      await client.groups('prod', never),
      await client.topics('prod', never),
      await client.groupLag('prod', 'group-of-prod', never),
      await client.topicOffsets('prod', 'orders', never),
    ]).toEqual(Array.from({ length: 4 }, () => ({ kind: 'notFound' })));
    expect(burrow.requests).toEqual([]);
  });

  test('when two change names, then each is asked about as the other', async () => {
    const { client } = createRenamed({ a: 'b', b: 'a' }, ['a', 'b']);
    expect(await client.clusters(never)).toEqual({ kind: 'ok', value: ['b', 'a'] });
    expect(await client.groups('a', never)).toEqual({ kind: 'ok', value: ['group-of-b'] });
  });

  test('when one takes the name of another that keeps its own, then that one is left out and told once', async () => {
    const { client, hidden } = createRenamed({ prod: 'staging' }, ['prod', 'staging']);
    expect(await client.clusters(never)).toEqual({ kind: 'ok', value: ['staging'] });
    await client.clusters(never);
    expect(hidden).toEqual(['staging']);
    expect(await client.groups('staging', never)).toEqual({ kind: 'ok', value: ['group-of-prod'] });
  });

  test('when the list fails, then it fails', async () => {
    const { burrow, client } = createRenamed({ prod: 'prod-eu' }, ['prod']);
    burrow.up = false;
    expect(await client.clusters(never)).toMatchObject({ kind: 'unreachable' });
  });

  test.each(['constructor', '__proto__'])(
    'when a cluster is named %s, then it is one like any other',
    async (name) => {
      const { client } = createRenamed({ prod: 'prod-eu' }, [name]);
      expect(await client.clusters(never)).toEqual({ kind: 'ok', value: [name] });
    },
  );
});

describe('given a name that some Burrow speaks of', () => {
  const servers = [new Map<string, string>(), new Map([['prod', 'prod-eu']])];
  test.each([
    ['prod', ['prod', 'prod-eu']],
    ['prod-eu', ['prod-eu']],
    ['staging', ['staging']],
  ])('when it is %s, then it may be any of ours that it stands for', (name, ours) => {
    expect(ownNamesOf(name, servers)).toEqual(ours);
  });

  test('when every server calls it otherwise, then it is not one of ours itself', () => {
    expect(ownNamesOf('prod', [new Map([['prod', 'prod-eu']])])).toEqual(['prod-eu']);
  });
});

describe('given a name that a former process has polled by', () => {
  const renamed = new Map([['prod', 'prod-eu']]);
  test.each([
    ['prod', [renamed], false],
    ['prod', [renamed, new Map<string, string>()], true],
    ['prod-eu', [renamed], true],
    ['staging', [renamed], true],
    ['a', [new Map(Object.entries({ a: 'b', b: 'a' }))], true],
  ])('when it is %s, then it is a name of ours only if some server can have it', (name, servers, isOwn) => {
    expect(isOwnName(name, servers)).toBe(isOwn);
  });
});
