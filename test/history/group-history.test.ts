import { describe, expect, test } from 'vitest';
import { createGroupHistory } from '../../src/history/group-history.ts';
import type { GroupState } from '../../src/telemetry/group-state.ts';

const MINUTE_MS = 60_000;
const START_MS = 28_000_000 * MINUTE_MS;

function state(partial: Partial<GroupState> = {}): GroupState {
  return {
    cluster: 'orders',
    group: 'mailer',
    totalLagRecords: 7,
    maxLagRecords: 7,
    maxLagSeconds: 1,
    status: 1,
    partitions: 3,
    stoppedPartitions: 0,
    stalledPartitions: 0,
    blankOwners: 0,
    consumedPerSecond: null,
    producedPerSecond: null,
    takenAtMs: START_MS,
    ...partial,
  };
}

function given() {
  const history = createGroupHistory({ stepMs: MINUTE_MS, mostGapMs: () => 10 * MINUTE_MS });
  return {
    history,
    /** A sample so many minutes after the start. */
    at: (minute: number, partial: Partial<GroupState> = {}) =>
      history.observe(state({ takenAtMs: START_MS + minute * MINUTE_MS, ...partial })),
    /** What the spark of a minute would show, without the gap before the first sample. */
    stepsAt: (minute: number, group = 'mailer') => {
      const steps = [...history.stepsOf(history.find('orders', group)!, START_MS + minute * MINUTE_MS)];
      return steps.slice(steps.findIndex((step) => !Number.isNaN(step)));
    },
  };
}

describe('given the lag of a group over time', () => {
  test('when it is sampled twice a minute, then each minute has the newer lag', () => {
    const { at, stepsAt } = given();
    for (const [minute, lag] of [
      [0, 5],
      [0.5, 6],
      [1, 7],
      [1.5, 8],
    ] as const)
      at(minute, { totalLagRecords: lag });
    expect(stepsAt(1.9)).toEqual([6, 8]);
  });

  test('when samples fail for a while, then the minutes between are unknown and not 0', () => {
    const { at, stepsAt } = given();
    at(0, { totalLagRecords: 5 });
    at(3, { totalLagRecords: 9 });
    expect(stepsAt(4)).toEqual([5, NaN, NaN, 9, NaN]);
  });

  test('when the lag itself is unknown, then so is the minute', () => {
    const { at, stepsAt } = given();
    at(0);
    at(1, { totalLagRecords: null });
    expect(stepsAt(1)).toEqual([7, NaN]);
  });

  test('when an hour has passed, then 60 minutes are kept', () => {
    const { at, stepsAt } = given();
    for (let minute = 0; minute < 150; minute++) at(minute, { totalLagRecords: minute });
    expect(stepsAt(149)).toEqual(Array.from({ length: 60 }, (_, index) => 90 + index));
    expect(stepsAt(208)).toEqual([149, ...new Array<number>(59).fill(NaN)]);
  });

  test('when the clock is set back by a day, then what seems to come later is forgotten', () => {
    const { at, stepsAt } = given();
    at(1440, { totalLagRecords: 1 });
    at(0, { totalLagRecords: 2 });
    at(1, { totalLagRecords: 3 });
    expect(stepsAt(1)).toEqual([2, 3]);
  });
});

describe('given the rates of a group', () => {
  test('when it commits at every second poll only, then the rate is their mean', () => {
    const { history, at } = given();
    for (const [poll, rate] of [100, 0, 100, 0, 100].entries()) {
      at(poll / 2, { consumedPerSecond: rate, producedPerSecond: 50 });
    }
    expect(history.find('orders', 'mailer')).toMatchObject({
      meanConsumedPerSecond: 50,
      meanProducedPerSecond: 50,
    });
  });

  test('when it stops, then its rate is 0 after four polls', () => {
    const { history, at } = given();
    for (const [poll, rate] of [100, 0, 0, 0, 0].entries()) at(poll / 2, { consumedPerSecond: rate });
    expect(history.find('orders', 'mailer')?.meanConsumedPerSecond).toBe(0);
  });

  test('when samples have no rate, then the ones before count', () => {
    const { history, at } = given();
    at(0, { consumedPerSecond: 60 });
    for (let poll = 1; poll < 6; poll++) at(poll / 2, { consumedPerSecond: null });
    expect(history.find('orders', 'mailer')).toMatchObject({
      meanConsumedPerSecond: 60,
      meanProducedPerSecond: null,
    });
  });
});

describe('given readers that come back', () => {
  test('when groups changed and ended meanwhile, then versions tell which', () => {
    const { history, at } = given();
    at(0, { group: 'a' });
    at(0, { group: 'b' });
    at(0, { group: 'c' });
    const seen = history.version;
    at(0.5, { group: 'b' });
    history.forget('orders', 'c');
    const changed = [...history.values()]
      .filter(({ version }) => version > seen)
      .map((entry) => entry.state.group);
    expect(changed).toEqual(['b']);
    expect(history.goneSince(seen)).toMatchObject([{ cluster: 'orders', group: 'c' }]);
    expect(history.goneSince(history.version)).toEqual([]);
  });

  test('when more ended than are remembered, then it says so', () => {
    const { history, at } = given();
    for (let index = 0; index < 20_000; index++) {
      at(0, { group: `g${index}` });
      history.forget('orders', `g${index}`);
    }
    expect(history.goneSince(0)).toBeNull();
    expect(history.goneSince(history.version - 3)).toHaveLength(2);
    expect([...history.values()]).toEqual([]);
  });
});

describe('given what was known of a group before the start', () => {
  const earlier = (...rows: readonly (readonly [number, number, number])[]) =>
    rows.map(([minute, totalLagRecords, status]) => ({
      atMs: START_MS + minute * MINUTE_MS,
      totalLagRecords,
      status,
    }));

  test('when it is recalled, then it fills what was not observed, and nothing that was', () => {
    const { history, at, stepsAt } = given();
    at(0.5, { totalLagRecords: 5 });
    at(2, { totalLagRecords: 6 });
    const samples = earlier(
      [-90, 1, 1],
      [-3, 2, 1],
      [-2.5, 3, 1],
      [-1, NaN, 1],
      [0, 9, 1],
      [1, 4, 1],
      [3, 8, 1],
    );
    history.recall('orders', 'mailer', samples);
    expect(stepsAt(2)).toEqual([3, NaN, NaN, 5, 4, 6]);
    expect(stepsAt(4)).toEqual([3, NaN, NaN, 5, 4, 6, NaN, NaN]);
  });

  test('when the status has changed before, then it is known since when', () => {
    const { history, at } = given();
    at(0, { status: 3 });
    history.recall('orders', 'mailer', earlier([-4, 1, 1], [-3, 2, 3], [-2, 2, 3]));
    const entry = history.find('orders', 'mailer')!;
    expect(entry.statuses).toMatchObject({ sinceMs: START_MS - 3 * MINUTE_MS, isExact: true });
    expect(history.statusesOf(entry, START_MS).map(({ status }) => status)).toEqual([1, 3]);
  });

  test('when it had no sample for long, then its status may have changed meanwhile, and nobody looked', () => {
    const { history, at } = given();
    at(0, { status: 1 });
    at(1, { status: 3 });
    at(11, { status: 3 });
    at(22, { status: 3 });
    const entry = history.find('orders', 'mailer')!;
    expect(entry.statuses).toMatchObject({ sinceMs: START_MS + 22 * MINUTE_MS, isExact: false });
    expect(
      history
        .statusesOf(entry, START_MS + 22 * MINUTE_MS)
        .map(({ atMs, status }) => [(atMs - START_MS) / MINUTE_MS, status]),
    ).toEqual([
      [0, 1],
      [1, 3],
      [11, 'unobserved'],
      [22, 3],
    ]);
  });

  test('when it is recalled, then readers see a change of that group, and load all anew when its history is out of date', () => {
    const { history, at } = given();
    at(0);
    const seen = history.version;
    history.recall('orders', 'mailer', []);
    history.recall('orders', 'nobody', earlier([-1, 1, 1]));
    expect(history.version).toBe(seen);
    history.recall('orders', 'mailer', earlier([-1, 1, 1]));
    expect(history.find('orders', 'mailer')?.version).toBeGreaterThan(seen);
    expect(history.goneSince(seen)).toEqual([]);
    history.outdate();
    expect(history.goneSince(seen)).toBeNull();
    expect(history.goneSince(history.version)).toEqual([]);
  });
});

describe('given ten thousand groups', () => {
  test('when each has an hour, then the numbers take less than 10 MB', () => {
    const { history, at } = given();
    for (let index = 0; index < 10_000; index++) at(0, { group: `g${index}` });
    expect(history.bytes).toBeLessThan(10_000_000);
  });

  test('when they go and others come, then the memory is used again and holds nothing of the old ones', () => {
    const { history, at, stepsAt } = given();
    for (let index = 0; index < 10_000; index++) at(index % 60, { group: `g${index}` });
    const { bytes } = history;
    for (let index = 0; index < 10_000; index++) history.forget('orders', `g${index}`);
    for (let index = 0; index < 10_000; index++) at(70, { group: `h${index}`, totalLagRecords: 3 });
    expect(history.bytes).toBe(bytes);
    expect(stepsAt(70, 'h4321')).toEqual([3]);
  });
});
