import { describe, expect, test } from 'vitest';
import type { GroupListRow } from '../../src/http/api/contract/groups.ts';
import { printGroups, type PrintOptions } from '../../src/top/print-groups.ts';
import { createStyle } from '../../src/top/style.ts';
import type { TopApi } from '../../src/top/top-api.ts';
import { listOf, NOW_MS, overviewOf, rowOf } from './api-answers.ts';

const STUCK = rowOf('orders', 'email-sender', 'ERR');
const YOUNG = rowOf('orders', 'report-builder').with(4, null).with(6, null).with(7, null) as GroupListRow;

function print(
  form: PrintOptions['form'],
  columns: number | null = null,
  rows: readonly GroupListRow[] = [STUCK, YOUNG],
): Promise<string> {
  const api: TopApi = {
    overview: () => Promise.resolve(overviewOf(['orders'], 2)),
    groups: () => Promise.resolve(listOf(rows)),
    group: () => Promise.reject(new Error('no group is asked for')),
  };
  const style = createStyle({ isTerminal: false, isColourful: false, isUnicode: true });
  // The reader's clock is an hour behind.
  const nowMs = NOW_MS - 3_600_000;
  return printGroups(
    api,
    { url: 'http://sidecar', form, columns, style },
    nowMs,
    new AbortController().signal,
  );
}

describe('given groups to print once', () => {
  test('when a table is wanted, then it has a head and a row each, the worst first, ages by the clock of the sidecar', async () => {
    const [totals = '', head = '', ...rows] = (await print('table')).trimEnd().split('\n');
    expect(totals).toMatch(/^2 groups {2}1 lagging {2}lag 1,500 {2}ERR 1 {2}OK 1 /);
    expect(head).toMatch(
      /^ GROUP +STATUS +SINCE +LAG TIME LAG +DRAIN TIME CONSUMED\/S PRODUCED\/S LAST HOUR$/,
    );
    expect(rows).toHaveLength(2);
    expect(rows[0]).toMatch(/^ email-sender +ERR +4m +1,520 +6\.1s not draining +950 +12\.3k +▁?█$/);
    expect(rows[1]).toMatch(/^ report-builder +OK +4m +1,520 +\? +\? +\? +12\.3k /);
  });

  test('when there are no groups yet, then a line says why', async () => {
    expect(await print('table', null, [])).toMatch(/\n GROUP .*\n Groups are polled for the first time\.\n$/);
    expect(await print('json', null, [])).toBe('');
  });

  test('when the terminal is narrow, then no line is longer', async () => {
    for (const line of (await print('table', 40)).split('\n')) expect(line.length).toBeLessThanOrEqual(40);
  });

  test('when a name holds what a terminal obeys, then JSON has it escaped', async () => {
    const text = await print('json', null, [rowOf('orders', '\u009b2J\u202e')]);
    expect(text).toMatch(/^[\x20-\x7e]*\n$/);
    expect(JSON.parse(text)).toMatchObject({ group: '\u009b2J\u202e' });
  });

  test('when JSON is wanted, then numbers are numbers, and what is not known is null', async () => {
    const lines = (await print('json')).trimEnd().split('\n');
    const [stuck, young] = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(stuck).toEqual({
      cluster: 'orders',
      group: 'email-sender',
      status: 'ERR',
      totalLagRecords: 1520,
      lagSeconds: 6.1,
      drainSeconds: null,
      isDraining: false,
      consumedPerSecond: 950,
      producedPerSecond: 12_345,
      partitions: 3,
      sampledAtMs: NOW_MS,
      statusSinceMs: NOW_MS - 240_000,
      isSinceExact: true,
      sparkMaxRecords: 1520,
      spark: 'AB/',
    });
    expect(young).toMatchObject({ lagSeconds: null, isDraining: null, consumedPerSecond: null });
  });
});
