import { describe, expect, test } from 'vitest';
import {
  MOST_STATUS_POINTS,
  StatusTimeline,
  toStatusPoints,
  type StatusPoint,
} from '../../src/history/status-timeline.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const START_MS = 1_700_000_000_000;
const OK = 1;
const WARN = 2;
const ERR = 3;

const at = (minute: number): number => START_MS + minute * MINUTE_MS;

/** A group whose samples had these statuses, one a minute from the start on. */
function given(...statuses: readonly (number | null)[]) {
  const [first = OK, ...others] = statuses;
  const timeline = new StatusTimeline(first, at(0));
  const changes = others.map((status, index) => timeline.observe(status, at(index + 1), HOUR_MS));
  return { timeline, changes };
}

/** Minute and status of each point. */
function inMinutes(points: readonly StatusPoint[]): readonly [number, StatusPoint['status']][] {
  return points.map(({ atMs, status }) => [(atMs - START_MS) / MINUTE_MS, status]);
}

describe('given the samples of a group', () => {
  test('when the first one comes, then its status began at that time or earlier', () => {
    const { timeline } = given(ERR);
    expect([timeline.sinceMs, timeline.isExact]).toEqual([at(0), false]);
    expect(inMinutes(timeline.pointsFrom(at(0)))).toEqual([[0, ERR]]);
  });

  test('when the status stays, then so does its beginning', () => {
    const { timeline, changes } = given(ERR, ERR, ERR);
    expect([timeline.sinceMs, timeline.isExact, changes]).toEqual([at(0), false, [null, null]]);
  });

  test('when it changes, then it began with the first sample that says so, and the change says how long the other one lasted', () => {
    const { timeline, changes } = given(OK, OK, ERR, ERR, OK);
    expect(changes[1]).toEqual({
      from: OK,
      to: ERR,
      atMs: at(2),
      lastedMs: 2 * MINUTE_MS,
      isLastedExact: false,
    });
    expect(changes[3]).toEqual({
      from: ERR,
      to: OK,
      atMs: at(4),
      lastedMs: 2 * MINUTE_MS,
      isLastedExact: true,
    });
    expect([timeline.sinceMs, timeline.isExact]).toEqual([at(4), true]);
    expect(inMinutes(timeline.pointsFrom(at(0)))).toEqual([
      [0, OK],
      [2, ERR],
      [4, OK],
    ]);
  });

  test('when Burrow gives a word that is not known, then that is a status, too', () => {
    expect(given(OK, null, null, OK).changes.map((change) => change?.to)).toEqual([null, undefined, OK]);
  });

  test('when an hour is asked for, then the status at its beginning is the first', () => {
    const { timeline } = given(OK, WARN, ERR, OK);
    expect(inMinutes(timeline.pointsFrom(at(2.5)))).toEqual([
      [2, ERR],
      [3, OK],
    ]);
    expect(inMinutes(timeline.pointsFrom(at(500)))).toEqual([[3, OK]]);
  });

  test('when a status ended more than an hour ago, then it is forgotten at the next change', () => {
    const { timeline } = given(OK, WARN, ERR);
    timeline.observe(OK, at(200), HOUR_MS);
    expect(inMinutes(timeline.pointsFrom(at(0)))).toEqual([
      [2, ERR],
      [200, OK],
    ]);
  });

  test('when it changes with every sample, then no more than the bound is kept', () => {
    const { timeline } = given(...Array.from({ length: 500 }, (_, index) => (index % 2 === 0 ? OK : ERR)));
    const points = timeline.pointsFrom(0);
    expect(points).toHaveLength(MOST_STATUS_POINTS);
    expect(points.at(-1)).toEqual({ atMs: at(499), status: ERR });
  });
});

describe('given a time without samples', () => {
  test('when the status is the same after it, then it is not known when it began, and there is no change', () => {
    const { timeline } = given(OK, ERR);
    expect(timeline.observe(ERR, at(20), HOUR_MS, at(1))).toBeNull();
    expect([timeline.sinceMs, timeline.isExact]).toEqual([at(20), false]);
    expect(inMinutes(timeline.pointsFrom(at(0)))).toEqual([
      [0, OK],
      [1, ERR],
      [1, 'unobserved'],
      [20, ERR],
    ]);
    expect(timeline.observe(OK, at(21), HOUR_MS)).toMatchObject({
      lastedMs: MINUTE_MS,
      isLastedExact: false,
    });
  });

  test('when it is another one, then there is a change, which says how long the former one lasted at least', () => {
    const { timeline } = given(OK, ERR, ERR);
    expect(timeline.observe(OK, at(20), HOUR_MS, at(2))).toEqual({
      from: ERR,
      to: OK,
      atMs: at(20),
      lastedMs: MINUTE_MS,
      isLastedExact: false,
    });
    expect([timeline.sinceMs, timeline.isExact]).toEqual([at(20), false]);
  });

  test('when there are many, then no more than the bound is kept', () => {
    const { timeline } = given(OK);
    for (let hour = 1; hour < 100; hour++) timeline.observe(OK, at(hour), 1000 * HOUR_MS, at(hour - 1));
    expect(timeline.pointsFrom(0)).toHaveLength(MOST_STATUS_POINTS);
  });
});

describe('given what was known before the start', () => {
  test('when the status is the same as then, then it began then', () => {
    const { timeline } = given(ERR, ERR);
    timeline.recall([
      { atMs: at(-30), status: OK },
      { atMs: at(-20), status: ERR },
    ]);
    expect([timeline.sinceMs, timeline.isExact]).toEqual([at(-20), true]);
    expect(inMinutes(timeline.pointsFrom(at(-60)))).toEqual([
      [-30, OK],
      [-20, ERR],
    ]);
  });

  test('when it was so at the first moment that is known, then it is not known when it began', () => {
    const { timeline } = given(ERR);
    timeline.recall([{ atMs: at(-40), status: ERR }]);
    expect([timeline.sinceMs, timeline.isExact]).toEqual([at(-40), false]);
  });

  test('when nobody looked in between, then the status is as old as the first sample at least', () => {
    const { timeline } = given(ERR);
    timeline.recall([
      { atMs: at(-40), status: ERR },
      { atMs: at(-10), status: 'unobserved' },
    ]);
    expect([timeline.sinceMs, timeline.isExact]).toEqual([at(0), false]);
    expect(inMinutes(timeline.pointsFrom(at(-60)))).toEqual([
      [-40, ERR],
      [-10, 'unobserved'],
      [0, ERR],
    ]);
  });

  test('when the status was another one, then the first sample has told the change', () => {
    const { timeline } = given(ERR);
    const change = { from: OK, to: ERR, atMs: at(0), lastedMs: 10 * MINUTE_MS, isLastedExact: false };
    expect(timeline.recall([{ atMs: at(-10), status: OK }])).toEqual(change);
    expect([timeline.sinceMs, timeline.isExact]).toEqual([at(0), true]);
  });

  test('when it is known when the other one began, then the change tells how long that lasted', () => {
    const known = [
      { atMs: at(-20), status: WARN },
      { atMs: at(-10), status: OK },
    ];
    expect(given(ERR).timeline.recall(known)).toMatchObject({ isLastedExact: true });
    const unobserved = [{ atMs: at(-20), status: 'unobserved' } as const, ...known.slice(1)];
    expect(given(ERR).timeline.recall(unobserved)).toMatchObject({ isLastedExact: false });
  });

  test('when there was no change with the first sample, or another one has come since, then there is none', () => {
    const ok = { atMs: at(-10), status: OK };
    const unobserved = { atMs: at(-5), status: 'unobserved' } as const;
    expect(given(OK).timeline.recall([{ atMs: at(-20), status: ERR }, ok])).toBeNull();
    expect(given(ERR).timeline.recall([ok, unobserved])).toBeNull();
    expect(given(ERR, WARN).timeline.recall([ok])).toBeNull();
    expect(given(ERR).timeline.recall([])).toBeNull();
  });

  test('when the status has changed since the start, then what was before comes before that', () => {
    const { timeline } = given(ERR, ERR, OK);
    timeline.recall([
      { atMs: at(-10), status: OK },
      { atMs: at(-5), status: ERR },
      { atMs: at(1), status: WARN },
    ]);
    expect([timeline.sinceMs, timeline.isExact]).toEqual([at(2), true]);
    expect(inMinutes(timeline.pointsFrom(at(-60)))).toEqual([
      [-10, OK],
      [-5, ERR],
      [2, OK],
    ]);
  });

  test('when nothing is known, then nothing changes', () => {
    const { timeline } = given(ERR);
    timeline.recall([]);
    expect([timeline.sinceMs, timeline.isExact]).toEqual([at(0), false]);
  });
});

describe('given samples from before the start', () => {
  const told = (untilMinute: number, ...rows: readonly (readonly [number, number])[]) =>
    inMinutes(
      toStatusPoints(
        rows.map(([minute, status]) => ({ atMs: at(minute), status })),
        at(untilMinute),
        5 * MINUTE_MS,
      ),
    );

  test('when a status goes on, then it is one point, and what is not known changes nothing', () => {
    expect(told(5, [0, OK], [1, OK], [2, ERR], [3, NaN], [4, ERR])).toEqual([
      [0, OK],
      [2, ERR],
    ]);
  });

  test('when there was none for long, between them or at the end, then nobody looked', () => {
    expect(told(20, [0, ERR], [5, ERR], [11, ERR], [12, ERR])).toEqual([
      [0, ERR],
      [5, 'unobserved'],
      [11, ERR],
      [12, 'unobserved'],
    ]);
  });

  test('when some are not older than what was observed, then they are left out', () => {
    expect(told(3, [0, OK], [3, ERR], [4, WARN])).toEqual([[0, OK]]);
    expect(told(3)).toEqual([]);
  });
});
