import { describe, expect, test } from 'vitest';
import type { TopicOffsets } from '../../src/burrow/answers.ts';
import type { FollowedKind } from '../../src/poll/followed-kind.ts';
import { FOLLOWED_KINDS } from '../../src/poll/followed-kinds.ts';
import { PollHandler } from '../../src/poll/poll-handler.ts';
import { clusterOf } from './fake-burrow.ts';
import { createHarness, POLL_MS } from './maintainer-harness.ts';

const UNREACHABLE = { kind: 'unreachable', reason: 'no answer within 10 s' } as const;

/** A made-up third kind, as its one row would be: the brokers of a cluster, asked about as the topic `broker-{id}` is. */
function createBrokers() {
  const calls: string[] = [];
  const ids = { listed: ['1', '2'] };
  const BROKERS: FollowedKind = {
    name: 'broker',
    plural: 'brokers',
    tag: 'broker',
    filterKey: null,
    filter: () => ({ allow: /^/, deny: /^9/ }),
    list: () => Promise.resolve({ kind: 'ok', value: ids.listed }),
    createHandler: (deps, cluster, id) =>
      new PollHandler<TopicOffsets>(deps.engine, {
        cluster: cluster.name,
        key: `${cluster.name}/broker/${id}`,
        sleeps: false,
        ask: (urgency) =>
          cluster.ask(
            'brokers',
            (client, signal) => client.topicOffsets(cluster.name, `broker-${id}`, signal),
            urgency,
          ),
        take: () => (calls.push(`take ${id}`), 'data'),
        end: () => void calls.push(`end ${id}`),
        release: () => void calls.push(`release ${id}`),
        forget: () => void calls.push(`forget ${id}`),
      }),
  };
  return { kinds: [...FOLLOWED_KINDS, BROKERS] as const, calls, ids };
}

async function createSettled() {
  const brokers = createBrokers();
  const harness = createHarness({ kinds: brokers.kinds });
  harness.burrow.world.set('local', clusterOf(['billing'], ['orders', 'broker-1', 'broker-2']));
  await harness.startSettled();
  brokers.calls.length = 0;
  return { ...harness, ...brokers };
}

describe('given a third kind that is one more row of the table', () => {
  test('when it is followed, then it is polled beside groups and topics, filtered, and counted', async () => {
    const { calls, ids, discover, maintainer } = await createSettled();
    ids.listed = ['1', '2', '9'];
    await discover();
    expect([...calls].sort()).toEqual(['take 1', 'take 1', 'take 2', 'take 2']);
    expect(maintainer.clusters()).toMatchObject([{ followed: { groups: 1, topics: 3, brokers: 2 } }]);
  });

  test('when one of them goes, then it ends by the same evidence as a group does', async () => {
    const { calls, ids, burrow, discover } = await createSettled();
    ids.listed = ['1'];
    burrow.world.get('local')!.topics.delete('broker-2');
    await discover(2);
    expect(calls).not.toContain('end 2');
    await discover();
    expect(calls.filter((call) => call.endsWith(' 2'))).toEqual(['end 2', 'forget 2']);
  });

  test('when it is the only one that is not answered, then that is no silence of the server', async () => {
    const { burrow, time, maintainer } = await createSettled();
    burrow.world.get('local')!.topics.set('broker-1', UNREACHABLE).set('broker-2', UNREACHABLE);
    await time.advance(20 * POLL_MS);
    const [server] = maintainer.servers();
    expect(server?.silence.durationMs).toBeLessThanOrEqual(POLL_MS);
    expect(server?.lastError?.reason).toBe(UNREACHABLE.reason);
  });

  test('when a former process polled one, then it is polled from the start', async () => {
    const { kinds, calls } = createBrokers();
    const { maintainer, burrow, time, never } = createHarness({ kinds });
    burrow.up = false;
    burrow.world.set('local', clusterOf(['billing'], ['broker-7']));
    maintainer.remember(new Map([['local', { brokers: ['7'] }]]));
    await maintainer.start(never);
    burrow.up = true;
    await time.advance(2 * POLL_MS);
    expect(calls).toContain('take 7');
  });

  test('when the sidecar stops, then its series end with all others, in the order of their keys', async () => {
    const { calls, maintainer, never } = await createSettled();
    await maintainer.stop(never);
    await maintainer.closeAll(0, never);
    expect(calls).toEqual(['end 1', 'forget 1', 'end 2', 'forget 2']);
  });
});
