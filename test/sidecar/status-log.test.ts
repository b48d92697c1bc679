import { describe, expect, test } from 'vitest';
import { pino } from 'pino';
import type { StatusChange } from '../../src/history/status-timeline.ts';
import { createStatusLog, MOST_CHANGES_PER_MINUTE } from '../../src/sidecar/status-log.ts';
import type { GroupState } from '../../src/telemetry/group-state.ts';

const OK = 1;
const WARN = 2;
const ERR = 3;

const STATE: GroupState = {
  cluster: 'orders',
  group: 'mailer',
  totalLagRecords: 7,
  maxLagRecords: 7,
  maxLagSeconds: 1.5,
  status: ERR,
  partitions: 3,
  stoppedPartitions: 0,
  stalledPartitions: 0,
  blankOwners: 0,
  consumedPerSecond: null,
  producedPerSecond: null,
  takenAtMs: 1_700_000_000_000,
};

function given() {
  const lines: { level: number; msg: string; from?: string; to?: string }[] = [];
  const log = pino(
    { base: null, timestamp: false },
    { write: (line) => void lines.push(JSON.parse(line) as never) },
  );
  const statusLog = createStatusLog({ log });
  const change = (from: number | null, to: number | null, change: Partial<StatusChange> = {}) =>
    statusLog.statusChanged(STATE, {
      ...{ from, to, atMs: STATE.takenAtMs, lastedMs: 125_400, isLastedExact: true },
      ...change,
    });
  return { lines, change, endMinute: () => statusLog.minute([], STATE.takenAtMs) };
}

describe('given a group whose status changes', () => {
  test('when it gets worse, then a warning has all that is known of it', () => {
    const { lines, change } = given();
    change(OK, ERR);
    expect(lines).toEqual([
      {
        level: 40,
        cluster: 'orders',
        group: 'mailer',
        from: 'OK',
        to: 'ERR',
        lastedSeconds: 125,
        totalLagRecords: 7,
        lagSeconds: 1.5,
        msg: 'The status of a group has changed',
      },
    ]);
  });

  test('when it had its status at the first sample already, then it lasted at least so long', () => {
    const { lines, change } = given();
    change(OK, ERR, { isLastedExact: false });
    expect(lines[0]).toMatchObject({ lastedAtLeastSeconds: 125 });
    expect(lines[0]).not.toHaveProperty('lastedSeconds');
  });

  test('when it gets better or neither, then that is no warning', () => {
    const { lines, change } = given();
    for (const [from, to] of [
      [ERR, WARN],
      [WARN, OK],
      [OK, null],
      [ERR, 5],
    ] as const)
      change(from, to);
    expect(lines.map(({ level, from, to }) => [level, from, to])).toEqual([
      [30, 'ERR', 'WARN'],
      [30, 'WARN', 'OK'],
      [40, 'OK', 'UNKNOWN'],
      [30, 'ERR', 'STALL'],
    ]);
  });
});

describe('given very many groups whose status changes within a minute', () => {
  test('when the minute ends, then one line says how many were not logged, and the next minute begins anew', () => {
    const { lines, change, endMinute } = given();
    for (let group = 0; group < 1000; group++) change(OK, ERR);
    for (let group = 0; group < 200; group++) change(ERR, OK);
    expect(lines).toHaveLength(MOST_CHANGES_PER_MINUTE);
    endMinute();
    expect(lines.slice(MOST_CHANGES_PER_MINUTE)).toEqual([
      {
        level: 40,
        changes: 1200 - MOST_CHANGES_PER_MINUTE,
        worse: 1000 - MOST_CHANGES_PER_MINUTE,
        loggedChanges: MOST_CHANGES_PER_MINUTE,
        msg: 'The status of more groups has changed within a minute than are logged one by one',
      },
    ]);
    endMinute();
    change(OK, WARN);
    expect(lines).toHaveLength(MOST_CHANGES_PER_MINUTE + 2);
    expect(lines.at(-1)).toMatchObject({ from: 'OK', to: 'WARN' });
  });

  test('when those that were left out got better, then that is no warning', () => {
    const { lines, change, endMinute } = given();
    for (let group = 0; group < 100; group++) change(ERR, OK);
    endMinute();
    expect(lines.at(-1)).toMatchObject({ level: 30, worse: 0 });
  });
});
