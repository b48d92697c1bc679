import { describe, expect, test } from 'vitest';
import type { RecalledGroup } from '../../src/recall/recalled-group.ts';
import { createLiveView, type LiveViewDeps } from '../../src/sidecar/live-view.ts';
import { createSeriesBook } from '../../src/series/create-series-book.ts';
import type { GroupState } from '../../src/telemetry/group-state.ts';
import { loadGood } from '../config/loading.ts';
import { DEPS, OPTIONS, reading, sample, START_MS } from '../series/history.ts';

const MINUTE_MS = 60_000;

function state(group: string, minute: number, totalLagRecords = 5): GroupState {
  return {
    cluster: 'prod',
    group,
    totalLagRecords,
    maxLagRecords: totalLagRecords,
    status: 3,
    partitions: 1,
    stoppedPartitions: 0,
    stalledPartitions: 0,
    blankOwners: 0,
    consumedPerSecond: null,
    producedPerSecond: null,
    takenAtMs: START_MS + minute * MINUTE_MS,
  };
}

/** It was OK with a lag of 1, then it had an error and a lag of 2. */
const EARLIER: RecalledGroup = {
  samples: [
    { atMs: START_MS - 2 * MINUTE_MS, totalLagRecords: 1, status: 1 },
    { atMs: START_MS - MINUTE_MS, totalLagRecords: 2, status: 3 },
  ],
  points: [
    { atMs: START_MS - 2 * MINUTE_MS, value: 1, kind: 'value' },
    { atMs: START_MS - MINUTE_MS, value: 2, kind: 'value' },
  ],
};

function given({ pauseMs = 30_000 } = {}) {
  const series = createSeriesBook(DEPS, OPTIONS);
  const changes: Parameters<LiveViewDeps['statusChanged']>[] = [];
  const view = createLiveView(
    loadGood({ set: ['burrow.servers=http://localhost:8000', 'sink.type=stdout'] }),
    {
      series,
      maintainer: { clusters: () => [] },
      statusChanged: (...change) => void changes.push(change),
      recall: () => null,
    },
    { version: '1', stepMs: MINUTE_MS, pollIntervalMs: () => 30_000, longestPauseMs: () => pauseMs },
  );
  const { groups } = view.source;
  return {
    view,
    groups,
    changes,
    /** The times of its points, minutes from the start on. */
    pointsOf(group: string) {
      series.group('prod', group).take(sample(START_MS, [reading()]));
      const points = view.source.look('prod', group, START_MS)?.points ?? [];
      return points.map(({ atMs }) => (atMs - START_MS) / MINUTE_MS);
    },
    recall: (): Promise<void> => view.recalled({ takeOut: () => EARLIER }),
    /** Its lags, without the unknown steps before the first, and since when it has its status. */
    known(group: string) {
      const entry = [...groups.values()].find(({ state: { group: name } }) => name === group);
      if (entry === undefined) return null;
      const steps = [...groups.stepsOf(entry, START_MS)];
      return [steps.slice(steps.findIndex((step) => !Number.isNaN(step))), entry.statuses.sinceMs];
    },
  };
}

const ALL = [[1, 2, 5], START_MS - MINUTE_MS];
const OWN = [[5], START_MS];

describe('given a history that was read back', () => {
  test('when a group has had a sample, then its history goes back, and readers load it anew', () => {
    const { view, groups, recall, known, pointsOf } = given();
    view.groupSeen?.(state('early', 0));
    expect(known('early')).toEqual(OWN);
    const seen = groups.version;
    void recall();
    expect(known('early')).toEqual(ALL);
    expect(pointsOf('early')).toEqual([-2, -1]);
    expect(groups.goneSince(seen)).toBeNull();
  });

  test('when a group has its first sample later, then its history goes back, and readers hear of it once a minute', () => {
    const { view, groups, recall, known } = given();
    void recall();
    const seen = groups.version;
    view.groupSeen?.(state('late', 0));
    expect(known('late')).toEqual(ALL);
    expect(groups.goneSince(seen)).toEqual([]);
    view.minute?.([], START_MS);
    expect(groups.goneSince(seen)).toBeNull();
    const told = groups.version;
    view.minute?.([], START_MS);
    expect(groups.goneSince(told)).toEqual([]);
  });

  test('when the status has changed while the sidecar did not run, then that is told once', () => {
    const { view, recall, changes } = given();
    view.groupSeen?.({ ...state('was ERR', 0), status: 1 });
    view.groupSeen?.(state('is ERR', 0));
    expect(changes).toEqual([]);
    void recall();
    view.groupSeen?.({ ...state('was ERR', 0.5), status: 1 });
    expect(changes).toMatchObject([[{ group: 'was ERR' }, { from: 3, to: 1, lastedMs: MINUTE_MS }]]);
  });

  test('when a group comes after all groups must have come, then it is a new one', () => {
    const { view, recall, known } = given();
    void recall();
    view.released();
    view.groupSeen?.(state('new', 0));
    expect(known('new')).toEqual(OWN);
  });

  test('when there are very many groups, then others may run before all have their history', async () => {
    const { view, recall, known } = given();
    for (let index = 0; index < 500; index++) view.groupSeen?.(state(`group ${index}`, 0));
    const done = recall();
    expect([known('group 0'), known('group 499')]).toEqual([ALL, OWN]);
    await done;
    expect(known('group 499')).toEqual(ALL);
  });

  test('when a group ends while others get theirs, then its history is there when it comes back', async () => {
    const { view, known } = given();
    for (let index = 0; index < 500; index++) view.groupSeen?.(state(`group ${index}`, 0));
    const histories = new Map(Array.from({ length: 500 }, (_, index) => [`group ${index}`, EARLIER]));
    const done = view.recalled({
      takeOut(_cluster, group) {
        const found = histories.get(group) ?? { samples: [], points: [] };
        histories.delete(group);
        return found;
      },
    });
    view.groupGone?.('prod', 'group 499');
    await done;
    view.groupSeen?.(state('group 499', 0));
    expect(known('group 499')).toEqual(ALL);
  });
});

describe('given a group that had no sample for 20 minutes', () => {
  test.each([
    ['it is polled every 30 seconds', 30_000, [START_MS + 21 * MINUTE_MS, false]],
    ['it is polled every 2 minutes', 2 * MINUTE_MS, [START_MS, false]],
  ])('when %s, then its status is known since then', (_, pauseMs, expected) => {
    const { view, groups } = given({ pauseMs });
    view.groupSeen?.(state('early', 0));
    view.groupSeen?.(state('early', 1));
    view.groupSeen?.(state('early', 21));
    const [entry] = [...groups.values()];
    expect([entry?.statuses.sinceMs, entry?.statuses.isExact]).toEqual(expected);
  });
});
