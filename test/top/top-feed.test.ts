import { describe, expect, onTestFinished, test } from 'vitest';
import { RainbowError } from '../../src/platform/rainbow-error.ts';
import type { GroupListRow } from '../../src/http/api/contract/groups.ts';
import type { GroupsRequest, TopApi } from '../../src/top/top-api.ts';
import { createTopFeed } from '../../src/top/top-feed.ts';
import { FIRST_STATE, groupsRequest } from '../../src/top/top-state.ts';
import { createSimulatedTime } from '../support/simulated-time.ts';
import { detailOf, listOf, overviewOf, rowOf } from './api-answers.ts';

const REQUEST = groupsRequest(FIRST_STATE, 10);

async function startFeed() {
  const time = createSimulatedTime();
  const asked: string[] = [];
  let fault: Error | null = null;
  let isForgotten = false;
  let lagRecords: number | null = null;
  let onTheWay = (): void => undefined;
  const answer = <T>(what: string, value: T): Promise<T> => {
    asked.push(what);
    return fault === null ? Promise.resolve(value) : Promise.reject(fault);
  };
  const api: TopApi = {
    overview() {
      const overview = overviewOf(['orders'], 1);
      const clusters = overview.clusters.map((each) => ({ ...each, totalLagRecords: lagRecords ?? 1500 }));
      const answered = answer('overview', { ...overview, clusters, nowMs: time.clock.nowMs() });
      return Promise.resolve().then(() => {
        onTheWay();
        onTheWay = () => undefined;
        return answered;
      });
    },
    groups(request: GroupsRequest) {
      const row = rowOf('orders', 'a').with(3, lagRecords ?? 1520) as GroupListRow;
      return answer(`groups ${request.sort}`, listOf([row]));
    },
    group: (cluster, group) =>
      isForgotten
        ? Promise.reject(new RainbowError('API_UNKNOWN_GROUP', 'it does not know this group'))
        : answer(`group ${group}`, detailOf(cluster, group, [])),
  };
  let changes = 0;
  /** The lag of the row and that of the sum, at each change. */
  const seen: unknown[] = [];
  const feed = createTopFeed(
    {
      api,
      ...time,
      onChange() {
        changes += 1;
        const { list, overview } = feed.model();
        seen.push([list?.rows[0]?.[3], overview?.clusters[0]?.totalLagRecords]);
      },
    },
    { url: 'http://sidecar', intervalMs: 2000 },
  );
  const ending = new AbortController();
  onTestFinished(() => ending.abort());
  feed.want({ kind: 'groups', request: REQUEST });
  const over = feed.run(ending.signal);
  await time.settle();
  return {
    time,
    feed,
    asked,
    over,
    changes: () => changes,
    seen,
    /** Does something while the next answer is on its way. */
    meanwhile: (run: () => void) => void (onTheWay = run),
    end: () => ending.abort(),
    lag: (records: number) => void (lagRecords = records),
    forget: () => void (isForgotten = true),
    break: (error: Error | null) => void (fault = error),
  };
}

describe('given a sidecar that answers', () => {
  test('when two seconds have passed, then it is fetched again', async () => {
    const { time, feed, asked, changes } = await startFeed();
    expect(feed.model()).toMatchObject({ link: { kind: 'live' }, list: { total: 1 } });
    await time.advance(4000);
    expect(asked.filter((what) => what === 'overview')).toHaveLength(3);
    expect(changes()).toBe(3);
  });

  test('when something else is wanted, then it is fetched at once; the same thing is not', async () => {
    const { time, feed, asked } = await startFeed();
    feed.want({ kind: 'groups', request: { ...REQUEST } });
    await time.settle();
    expect(asked).toHaveLength(2);
    feed.want({ kind: 'groups', request: { ...REQUEST, sort: 'group' } });
    await time.settle();
    expect(asked.slice(2)).toEqual(['overview', 'groups group']);
  });

  test('when it pauses, then only what is newly wanted is fetched, until it goes on', async () => {
    const { time, feed, asked } = await startFeed();
    feed.pause(true);
    await time.advance(60_000);
    expect(asked).toHaveLength(2);
    feed.want({ kind: 'group', name: { cluster: 'orders', group: 'a' } });
    await time.advance(60_000);
    expect(asked.slice(2)).toEqual(['overview', 'group a']);
    feed.pause(false);
    await time.settle();
    expect(asked).toHaveLength(6);
  });

  test('when the rows are held, then they and the sums stay while health goes on, until other rows are wanted', async () => {
    const { time, feed, asked, lag } = await startFeed();
    feed.hold(true);
    lag(7);
    await time.advance(4000);
    expect(asked.slice(2)).toEqual(['overview', 'overview']);
    expect(feed.model()).toMatchObject({ isHeld: true, link: { kind: 'live', heardMs: time.clock.nowMs() } });
    expect(feed.model().list?.rows[0]?.[3]).toBe(1520);
    expect(feed.model().overview?.clusters[0]?.totalLagRecords).toBe(1500);
    feed.want({ kind: 'groups', request: { ...REQUEST, offset: 50 } });
    await time.settle();
    expect(feed.model().list?.rows[0]?.[3]).toBe(7);
    lag(8);
    feed.hold(false);
    await time.settle();
    expect(feed.model().list?.rows[0]?.[3]).toBe(8);
    expect(feed.model().overview?.clusters[0]?.totalLagRecords).toBe(8);
  });

  test('when the hold begins while rows are on their way, then those are not taken', async () => {
    const { time, feed, lag } = await startFeed();
    lag(7);
    const later = time.advance(2000);
    feed.hold(true);
    await later;
    expect(feed.model().list?.rows[0]?.[3]).toBe(1520);
  });

  test('when the hold ends while sums are on their way, then those do not come without their rows, which come at once', async () => {
    const { time, feed, seen, lag, meanwhile } = await startFeed();
    feed.hold(true);
    lag(7);
    meanwhile(() => feed.hold(false));
    await time.advance(2000);
    expect(seen.slice(1)).toEqual([
      [1520, 1500],
      [7, 7],
    ]);
  });

  test('when another group is opened, then the data of the former one is not shown', async () => {
    const { time, feed } = await startFeed();
    feed.want({ kind: 'group', name: { cluster: 'orders', group: 'a' } });
    await time.settle();
    expect(feed.model().detail).toMatchObject({ group: 'a' });
    feed.want({ kind: 'group', name: { cluster: 'orders', group: 'b' } });
    expect(feed.model().detail).toBeNull();
  });

  test('when it is stopped, then no timer is left', async () => {
    const { time, over, end } = await startFeed();
    end();
    await over;
    expect(time.pending()).toBe(0);
  });
});

describe('given a sidecar that goes away', () => {
  test('when it does not answer, then the old data stays, with since when and why, until it is back', async () => {
    const { time, feed, break: breakDown } = await startFeed();
    const heardMs = time.clock.nowMs();
    breakDown(new RainbowError('API_FAILED', 'nothing listens there'));
    await time.advance(10_000);
    expect(feed.model()).toMatchObject({
      link: { kind: 'lost', sinceMs: heardMs, reason: 'nothing listens there' },
      list: { total: 1 },
    });
    breakDown(null);
    await time.advance(2000);
    expect(feed.model().link).toEqual({ kind: 'live', heardMs: time.clock.nowMs() });
  });

  test('when only the open group is gone, then the connection is live', async () => {
    const { time, feed, forget } = await startFeed();
    forget();
    feed.want({ kind: 'group', name: { cluster: 'orders', group: 'a' } });
    await time.settle();
    expect(feed.model()).toMatchObject({ link: { kind: 'live' }, isGroupGone: true });
  });
});
