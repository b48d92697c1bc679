import fc from 'fast-check';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { drawScreen, helpLines } from '../../src/top/draw-screen.ts';
import { widthOf } from '../../src/top/shown-text.ts';
import type { GroupListRow } from '../../src/http/api/contract/groups.ts';
import { createStyle, isUtf8 } from '../../src/top/style.ts';
import type { TopModel } from '../../src/top/top-model.ts';
import { FIRST_STATE, type TopState } from '../../src/top/top-state.ts';
import { detailOf, listOf, NOW_MS, overviewOf, partitionOf, rowOf } from './api-answers.ts';

const SMALL = { columns: 80, rows: 24 };
const PLAIN = createStyle({ isTerminal: true, isColourful: false, isUnicode: false });
const RICH = createStyle({ isTerminal: true, isColourful: true, isUnicode: true });

const MODEL: TopModel = {
  url: 'http://localhost:7099',
  link: { kind: 'live', heardMs: NOW_MS },
  overview: overviewOf(['orders', 'payments'], 2),
  list: listOf([rowOf('orders', 'email-sender', 'ERR'), rowOf('payments', 'ledger-writer')]),
  aheadMs: 0,
  isHeld: false,
  detail: null,
  isGroupGone: false,
};

function draw(
  state: Partial<TopState> = {},
  model: Partial<TopModel> = {},
  size = SMALL,
  style = PLAIN,
): string[] {
  const lines = drawScreen({ ...FIRST_STATE, ...state }, { ...MODEL, ...model }, size, style, NOW_MS);
  return lines.map((line) => stripVTControlCharacters(line).trimEnd());
}

describe('given two groups on 80 columns', () => {
  test('when they are drawn, then each is a row with everything that is known of it', () => {
    const lines = draw();
    expect(lines).toHaveLength(24);
    expect(lines[0]).toMatch(
      /^burrow-rainbow {2}1\.2\.3 {2}ok {2}up 1m00s {2}http:\/\/localhost:7099 +\d\d:\d\d:\d\d \S+$/,
    );
    expect(lines[1]).toMatch(
      /^4 groups {2}2 lagging {2}lag 3,000 {2}ERR 2 {2}OK 2 {2}2 clusters +outbox empty$/,
    );
    expect(lines[3]).toBe('sort: worst v  status: all  cluster: all');
    expect(lines[4]).toMatch(/^ CLUSTER +GROUP +STATUS +SINCE +LAG TIME LAG +DRAIN TIME HISTORY$/);
    expect(lines[5]).toMatch(/^>orders +email-sender +ERR +4m +1,520 +6\.1s not draining +#$/);
    expect(lines[6]).toMatch(/^ payments ledger-writer +OK /);
    expect(lines[23]).toMatch(/^q quit {2}\? help .*1-2 of 2$/);
  });

  test('when only one cluster is shown, then there is no column for it', () => {
    expect(draw({ cluster: 'orders' })[4]).toMatch(/^ GROUP/);
  });

  test('when there is less room, then the least important columns go first, and the name never', () => {
    const headAt = (columns: number) => draw({}, {}, { columns, rows: 24 })[4];
    expect(headAt(120)).toMatch(/DRAIN TIME CONSUMED\/S PRODUCED\/S LAST HOUR$/);
    expect(headAt(64)).toMatch(/^ CLUSTER +GROUP +STATUS +SINCE +LAG TIME LAG$/);
    expect(headAt(40)).toMatch(/^ GROUP +STATUS +LAG TIME LAG$/);
    expect(draw({}, {}, { columns: 30, rows: 24 })[0]).toMatch(/^Too small: 30x24/);
  });

  test('when a group has a longer status, then its column is as wide, and the word is whole', () => {
    const overview = overviewOf(['orders', 'payments'], 2);
    const clusters = overview.clusters.map((each) => ({ ...each, statuses: { NOTFOUND: 2 } }));
    const list = listOf([rowOf('orders', 'email-sender', 'NOTFOUND')]);
    expect(draw({}, { list })[5]).not.toContain('NOTFOUND');
    for (const columns of [40, 80, 120]) {
      const lines = draw({}, { list, overview: { ...overview, clusters } }, { columns, rows: 24 });
      expect(lines[5]).toMatch(/^>.* NOTFOUND .*6\.1s/);
    }
  });

  test('when colours are not wanted, then there are none, and the words say the same', () => {
    const all = (style: typeof RICH) => drawScreen(FIRST_STATE, MODEL, SMALL, style, NOW_MS).join('\n');
    const colour = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*3[0-9]m`);
    expect(all(PLAIN)).not.toMatch(colour);
    expect(all(RICH)).toMatch(colour);
    expect(all(PLAIN)).toMatch(/^[\x20-\x7e\n\u001b]*$/);
  });
});

describe('given facts that a person has to know', () => {
  test('when the sidecar is away, then the screen says since when and why, and how old its data is', () => {
    const link = {
      kind: 'lost',
      sinceMs: NOW_MS - 43_000,
      reason: 'nothing listens there',
    } as const;
    const lines = draw({}, { link });
    expect(lines[0]).toMatch(/NO ANSWER .*43s old$/);
    expect(lines[2]).toMatch(
      /^No answer since \d\d:\d\d:\d\d \S+ \(43 s\): nothing listens there; trying again$/,
    );
    expect(lines[5]).toContain('email-sender');
  });

  test('when it never answered, then there is no table, and the screen says why', () => {
    const link = {
      kind: 'lost',
      sinceMs: NOW_MS,
      reason: 'it needs a token: give --token-file',
    } as const;
    const lines = draw({}, { link, overview: null, list: null });
    expect(lines[2]).toContain('it needs a token: give --token-file');
  });

  test.each([
    [
      'a part is not healthy',
      { name: 'sink kafka', status: 'degraded', sinceMs: NOW_MS - 240_000, reason: 'brokers are away' },
      /^sink kafka, since \d\d:\d\d:\d\d \S+ \(4 min\): brokers are away$/,
    ],
    [
      'not all are polled yet',
      { name: 'first polls', status: 'ok', sinceMs: NOW_MS - 240_000, polledGroups: 3200, groups: 10_000 },
      /^First polls: 3,200 of 10,000 groups so far$/,
    ],
  ] as const)('when %s, then a line says so', (_, part, said) => {
    expect(draw({}, { overview: overviewOf(['orders'], 2, { parts: [part] }) })[2]).toMatch(said);
  });

  test('when two parts are not healthy, then the worse one is told', () => {
    const sinceMs = NOW_MS - 60_000;
    const parts = [
      { name: 'outbox', status: 'degraded', sinceMs, reason: 'it fills' },
      { name: 'sink kafka', status: 'unavailable', sinceMs, reason: 'no broker answers' },
    ] as const;
    const overview = overviewOf([], 0, { parts: [...parts] });
    expect(draw({}, { overview })[2]).toMatch(/^sink kafka, since .*: no broker answers$/);
  });

  test('when there is a hint, then it stands where a person would be told more', () => {
    const hint = 'Dashboard: http://localhost:7099/';
    expect(draw({}, { hint })[2]).toBe(hint);
    const part = { name: 'outbox', status: 'degraded', sinceMs: NOW_MS - 240_000, reason: 'full' } as const;
    expect(draw({}, { hint, overview: overviewOf([], 0, { parts: [part] }) })[2]).toMatch(
      /^outbox, since .*: full$/,
    );
  });

  test('when no group has had a sample, then lags are not known, and not 0', () => {
    const overview = overviewOf(['orders'], 2);
    const none = { sampledGroups: 0, laggingGroups: 0, totalLagRecords: 0, statuses: {} };
    const clusters = overview.clusters.map((each) => ({ ...each, ...none }));
    const list = listOf([]);
    expect(draw({}, { list, overview: { ...overview, clusters } })[1]).toMatch(
      /^2 groups {2}\? lagging {2}lag \? /,
    );
    expect(draw({}, { list, overview: { ...overview, clusters: [] } })[1]).toMatch(/^0 groups .* lag 0 /);
  });

  test('when the clock of the terminal is set back, then nothing is less than nothing old', () => {
    const link = { kind: 'lost', sinceMs: NOW_MS + 3_600_000, reason: 'nothing listens there' } as const;
    expect(draw({}, { link })[0]).toMatch(/ 0s old$/);
  });

  test('when the order is held, then it says so instead of the time', () => {
    expect(draw({}, { isHeld: true })[0]).toMatch(/order held$/);
  });

  test('when UTC is wanted, then times are in it, and say so', () => {
    const style = createStyle({ isTerminal: true, isColourful: false, isUnicode: false, isUtc: true });
    expect(draw({}, {}, SMALL, style)[0]).toMatch(/ 22:13:20 UTC$/);
  });

  test('when it is paused, then it says so, and of when its figures are', () => {
    expect(draw({ isPaused: true })[0]).toMatch(/ \d\d:\d\d:\d\d \S+ PAUSED$/);
  });

  test('when no group matches, or there is none, then the screen says which of the two', () => {
    const none = { list: listOf([]) };
    expect(draw({ search: 'x' }, none)[6]).toContain('No group matches');
    expect(draw({}, { ...none, overview: overviewOf([], 0) })[6]).toContain('No groups yet');
  });

  test('when rows of the list have not come yet, then they are drawn as missing', () => {
    const lines = draw({ first: 50, cursor: 51 }, { list: listOf([rowOf('a', 'b')], 100) });
    expect(lines.slice(5, 8)).toEqual([' ~', '>~', ' ~']);
  });
});

describe('given since when a group has its status', () => {
  const since = (sinceMs: number, isExact: boolean, style = PLAIN): string => {
    const row = rowOf('orders', 'email-sender', 'ERR').with(11, sinceMs).with(12, isExact) as GroupListRow;
    const columns = draw({}, { list: listOf([row]) }, SMALL, style)[5]?.split(/ +/) ?? [];
    return columns[3] ?? '';
  };

  test('when it began earlier than the sidecar looked, then the time is the least that it may be', () => {
    expect(since(NOW_MS - 240_000, true)).toBe('4m');
    expect(since(NOW_MS - 240_000, false)).toBe('>4m');
    expect(since(NOW_MS - 240_000, false, RICH)).toBe('≥4m');
    expect(since(NOW_MS - 999 * 86_400_000, false)).toBe('>999d');
  });
});

describe('given a narrow terminal', () => {
  const narrow = (model: Partial<TopModel> = {}, state: Partial<TopState> = {}) =>
    draw(state, model, { columns: 40, rows: 20 });

  test('when it is drawn, then health, time, bad statuses and lag are there', () => {
    const lines = narrow();
    expect(lines[0]).toMatch(/^burrow-rainbow {2}ok +\d\d:\d\d:\d\d \S+$/);
    expect(lines[1]).toBe('4 groups  2 lagging  lag 3,000  ERR 2');
    expect(lines[5]).toMatch(/^>email-sender +ERR +1,520 +6\.1s$/);
  });

  test('when something is wrong, then what and what to do is told over several lines', () => {
    const reason = 'no broker can be reached: check kafka.brokers and the network between';
    const parts = [{ name: 'sink kafka', status: 'unavailable', sinceMs: NOW_MS - 240_000, reason }] as const;
    const lines = narrow({
      overview: overviewOf(['orders'], 2, {
        status: 'unavailable',
        sinceMs: NOW_MS - 240_000,
        parts: [...parts],
      }),
    });
    expect(lines[0]).toMatch(/^UNAVAILABLE 4 min +\d\d:/);
    expect(lines.slice(2, 5).join(' ')).toContain(reason);
    expect(lines[6]).toMatch(/^ GROUP/);
    expect(lines[19]).toMatch(/1-2 of 2$/);
  });

  test('when a group is open, then its figures take several lines, and none is cut off', () => {
    const detail = detailOf('orders', 'email-sender', [partitionOf('events', 0, 5)]);
    const lines = narrow(
      { detail },
      { screen: 'group', opened: { cluster: 'orders', group: 'email-sender' } },
    );
    expect(lines.slice(4, 7)).toEqual([
      'ERR for 4 min  lag 1,520  time lag 6.1 s',
      'not draining  consumed/s 4  produced/s 5',
      'polled 2s ago',
    ]);
    expect(lines[8]).toMatch(/^ TOPIC +PARTITION STATUS +LAG$/);
  });
});

describe('given one group', () => {
  const detail = detailOf('orders', 'email-sender', [
    partitionOf('events', 0, 5),
    { ...partitionOf('events', 1, 900), status: 'STALL' },
    partitionOf('events', 2, null),
  ]);
  const state = { screen: 'group', opened: { cluster: 'orders', group: 'email-sender' } } as const;

  test('when it is open, then its partitions are shown, those with the most lag first', () => {
    const lines = draw(state, { detail });
    expect(lines[3]).toBe('orders / email-sender');
    expect(lines[4]).toBe('ERR for 4 min  lag 1,520  time lag 6.1 s  not draining  consumed/s 4');
    expect(lines[5]).toBe('produced/s 5  polled 2s ago');
    expect(lines[6]).toMatch(/^since ERR \d\d:\d\d:\d\d, OK \d\d:\d\d:\d\d$/);
    expect(lines[7]).toMatch(/^ TOPIC +PARTITION STATUS +LAG TIME LAG OWNER +HISTORY$/);
    expect(lines.slice(8, 11).map((line) => line.slice(0, 60).trim().split(/ +/).slice(0, 4))).toEqual([
      ['events', '1', 'STALL', '900'],
      ['events', '0', 'OK', '5'],
      ['events', '2', 'OK', '?'],
    ]);
    expect(draw({ ...state, partitionOrder: 'name' }, { detail })[8]).toMatch(/events +0 /);
    expect(lines[23]).toMatch(/1-3 of 3$/);
  });

  test('when the sidecar does not answer, then its ages go on, by the clock of the sidecar', () => {
    const link = { kind: 'lost', sinceMs: NOW_MS, reason: 'no answer within 5 s' } as const;
    const after = (ms: number, aheadMs: number): string =>
      drawScreen(
        { ...FIRST_STATE, ...state },
        { ...MODEL, link, aheadMs, detail },
        { columns: 140, rows: 24 },
        PLAIN,
        NOW_MS + ms - aheadMs,
      )
        .map((line) => stripVTControlCharacters(line))
        .join('\n');
    expect(after(0, 0)).toMatch(/ERR for 4 min .*polled 2s ago/);
    expect(after(31_000, 0)).toMatch(/ERR for 4 min .*polled 33s ago/);
    expect(after(61_000, 3_600_000)).toMatch(/ERR for 5 min .*polled 1m03s ago/);
  });

  test('when it does not exist any more, then the screen says so', () => {
    expect(draw(state, { isGroupGone: true })[5]).toContain('does not know this group');
    expect(draw(state, { isGroupGone: true, detail })[4]).toMatch(/^GONE/);
  });
});

describe('given anything at all to draw', () => {
  test('when names are hostile and the terminal has any size, then no line is too wide, and the cursor moves only to the columns of the table', () => {
    const name = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.constantFrom(
        '日本語のグループ',
        '\u001b[2J\u001b[1;1H',
        '👩‍👩‍👧‍👦'.repeat(20),
        `a${'\u0301'.repeat(99)}`,
        '\u202egnp',
        'x'.repeat(5000),
      ),
    );
    const screens: readonly Partial<TopState>[] = [
      {},
      { cursor: 1 },
      { search: '\u001b[2J日本', searchBefore: '' },
      { cluster: '\u001b[2J' },
      { screen: 'help' },
    ];
    fc.assert(
      fc.property(
        name,
        name,
        fc.integer({ min: 1, max: 240 }),
        fc.integer({ min: 1, max: 60 }),
        fc.boolean(),
        fc.nat({ max: screens.length }),
        (cluster, group, columns, rows, isUnicode, which) => {
          const style = createStyle({ isTerminal: true, isColourful: true, isUnicode });
          const detail = detailOf(cluster, group, [partitionOf(group, 0, 5)]);
          const opened: Partial<TopState> = { screen: 'group', opened: { cluster, group } };
          const model: TopModel = {
            ...MODEL,
            overview: overviewOf([cluster, group], 2),
            list: listOf([rowOf(cluster, group), rowOf(group, cluster)]),
            detail,
          };
          const lines = drawScreen(
            { ...FIRST_STATE, ...(screens[which] ?? opened) },
            model,
            { columns, rows },
            style,
            NOW_MS,
          );
          expect(lines.length).toBeLessThanOrEqual(Math.max(1, rows));
          for (const line of lines) {
            const bare = line.replace(/\u001b\[[0-9;]*m/g, '').replace(/\u001b\[(\d+)G/g, '');
            expect(bare).not.toMatch(/\p{Cc}/u);
            for (const [, column] of line.matchAll(/\u001b\[(\d+)G/g)) {
              expect(Number(column)).toBeLessThanOrEqual(columns + 1);
            }
            expect(widthOf(bare)).toBeLessThanOrEqual(columns);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('given the help', () => {
  test('when it is shown on 40 by 20, then all of it fits', () => {
    expect(Math.max(...helpLines(RICH).map((line) => line.length))).toBeLessThanOrEqual(40);
    expect(draw({ screen: 'help' }, {}, { columns: 40, rows: 20 }).slice(3, -1)).toEqual(helpLines(PLAIN));
  });
});

describe('given a locale', () => {
  test.each([
    [{ LANG: 'C.UTF-8' }, true],
    [{ LANG: 'de_DE.utf8' }, true],
    [{ LANG: 'C.UTF-8', LC_ALL: 'C' }, false],
    [{ LANG: 'C', LC_CTYPE: 'en_US.UTF-8' }, true],
    [{ LC_ALL: '', LANG: 'POSIX' }, false],
    [{}, false],
  ])('when the environment is %j, then UTF-8 is %s', (env, expected) => {
    expect(isUtf8(env)).toBe(expected);
  });
});
