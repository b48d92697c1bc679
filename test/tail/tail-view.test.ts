import { describe, expect, test } from 'vitest';
import { createTailFilter } from '../../src/tail/tail-filter.ts';
import { createTailView, type TailMessage, type TailViewOptions } from '../../src/tail/tail-view.ts';

const LAG =
  'burrow.orders.email-sender.events.2.Lag 1520 1700000000 source="h" env="orders" consumer="email-sender" topic="events" partition="2" owner="/10.0.3.17"';
const STATUS =
  'burrow.orders.email-sender.status 3 1700000030 source="h" env="orders" consumer="email-sender"';
const RATE =
  'burrow.orders.topic.events.offsetRate.2 4.5 1700092830 source="h" env="orders" topic="events" partition="2"';
const KEY = 'orders/email-sender';

function given(options: Partial<TailViewOptions> = {}, columns = 80, groups?: readonly string[]) {
  const isWanted =
    groups === undefined ? null : createTailFilter({ families: [], clusters: [], topics: [], groups });
  const view = createTailView(
    { isWanted, columns: () => columns },
    { output: 'table', isTerminal: false, isColourful: false, isUnicode: true, zone: 'UTC', ...options },
  );
  return {
    show: (...messages: readonly TailMessage[]) => view.show(messages),
    unreadable: () => view.counts().unreadable,
    counts: () => view.counts(),
  };
}

describe('given records as a table', () => {
  test('when the terminal is 80 columns wide, then every row fits, and a new day is told', () => {
    const view = given();
    const text =
      view.show({ key: KEY, value: LAG }) +
      view.show({ key: KEY, value: STATUS }) +
      view.show({ key: 'orders/topic/events', value: RATE });
    expect(text.split('\n')).toEqual([
      'TIME     CLUSTER/GROUP        PARTITION     METRIC                  VALUE',
      '── 2023-11-14 UTC ──',
      '22:13:20 orders/email-sender  events/2      Lag                     1,520',
      '22:13:50 orders/email-sender                status                      3 ERR',
      '── 2023-11-16 UTC ──',
      '00:00:30 orders               events/2      offsetRate                4.5/min',
      '',
    ]);
  });

  test('when no zone is named, then times are in that of the terminal, which is named with the day', () => {
    const own = given({ zone: 'Asia/Kolkata' }).show({ key: KEY, value: LAG }).split('\n');
    expect(own[1]).toBe('── 2023-11-15 +05:30 ──');
    expect(own[2]).toMatch(/^03:43:20 /);
    const here = given({ zone: undefined }).show({ key: KEY, value: LAG });
    const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
    expect(here).toBe(given({ zone: timeZone }).show({ key: KEY, value: LAG }));
  });

  test('when offsets are large, then rows stay in line, with commas', () => {
    const rows = given()
      .show({ key: KEY, value: LAG.replace('.Lag 1520', '.endOffset 9876543210') })
      .split('\n');
    expect(rows[2]).toBe('22:13:20 orders/email-sender  events/2      endOffset       9,876,543,210');
    expect(rows[2]?.length).toBe(rows[0]?.length);
  });

  test('when a 0 is a bound of its series, then it says so and never names a status', () => {
    const status = (value: number, at: number): string =>
      STATUS.replace('status 3 1700000030', `status ${value} ${at}`);
    const rows = given()
      .show(
        { key: KEY, value: status(0, 1_700_000_000) },
        { key: KEY, value: `${status(6, 1_700_000_030)}\n${status(0, 1_700_000_060)}` },
      )
      .split('\n')
      .slice(2, -1);
    expect(rows.map((row) => row.slice(-10).trim())).toEqual(['0 begin', '6 REWIND', '0 end']);
  });

  test('when there is no room for cluster and group, then the group is shown as far as it can be', () => {
    const line = 'b.s 3 1700000000 source="h" env="payments-eu" consumer="settlement-batch"';
    const rows = given().show({
      key: 'payments-eu/settlement-batch',
      value: line.replace('b.s', 'b.status'),
    });
    expect(rows.split('\n')[2]).toMatch(/^22:13:20 p…u\/settlement-batch +status +3 ERR$/);
    expect(
      given().show({ key: 'payments-eu/settlement-writers', value: line.replace('b.s', 'b.status') }),
    ).toContain('p…u/settleme…writers');
  });

  test('when there is more room, then the owner is there, too', () => {
    const rows = given({}, 120).show({ key: KEY, value: LAG }).split('\n');
    expect(rows[0]).toMatch(/VALUE +OWNER$/);
    expect(rows[2]).toMatch(/1,520 +\/10\.0\.3\.17$/);
    expect(Math.max(...rows.map((row) => row.length))).toBeLessThanOrEqual(120);
  });

  test.each([20, 64, 80, 109, 110, 200])(
    'when names and numbers are long and it is %i columns wide, then rows stay in line',
    (columns) => {
      const long = 'x'.repeat(300);
      const line = `b.c.g.t.2.endOffset 9007199254740991 1700000000 source="h" env="c" consumer="${long}" topic="${long}" partition="2" owner="${long}"`;
      const rows = given({}, columns)
        .show({ key: `c/${long}`, value: line })
        .split('\n');
      const width = Math.max(...rows.map((row) => row.length));
      // A number is never cut, and the narrowest table is 64 columns wide.
      expect(width).toBeLessThanOrEqual(Math.max(64, columns) + 5);
      expect(rows[2]).toContain('9,007,199,254,740,991');
      expect(rows[2]).toContain('…');
    },
  );

  test('when the terminal shows no Unicode, then all is ASCII and stays in line', () => {
    const long = 'ö'.repeat(90);
    const view = given({ isUnicode: false });
    const rows = view.show({ key: `orders/${long}`, value: LAG.replaceAll('events', long) }).split('\n');
    expect(rows.join('')).toMatch(/^[\x20-\x7e]*$/);
    expect(rows[1]).toBe('-- 2023-11-14 UTC --');
    expect(rows[2]).toMatch(/^22:13:20 o~s\/_+~_+ _+~_+\/2 Lag +1,520$/);
  });

  test('when a terminal shows colours, then they are there, and nowhere else', () => {
    expect(given({ isColourful: true }).show({ key: KEY, value: LAG })).toContain('\u001b[33m');
    expect(given().show({ key: KEY, value: LAG })).not.toContain('\u001b');
  });
});

describe('given records as lines', () => {
  test('when messages hold several lines, then only the wanted ones are shown, as they are', () => {
    const view = given({ output: 'lines' }, 80, ['email-*']);
    expect(view.show({ key: KEY, value: `${LAG}\n${STATUS}` })).toBe(`${LAG}\n${STATUS}\n`);
    expect(view.show({ key: 'orders/topic/events', value: RATE })).toBe('');
  });

  test('when a line is of no known format, then it is shown only where all are wanted, and counted', () => {
    const all = given({ output: 'lines' });
    expect(all.show({ key: null, value: 'hello' })).toBe('hello\n');
    const some = given({ output: 'lines' }, 80, ['*']);
    expect(some.show({ key: null, value: 'hello' })).toBe('');
    expect([all.unreadable(), some.unreadable()]).toEqual([1, 1]);
    expect([all.counts().shown, some.counts().shown]).toEqual([1, 0]);
  });

  test('when a terminal would obey a line, then it is shown without what it obeys', () => {
    const evil = '\u001b[2Jhello';
    expect(given({ output: 'lines', isTerminal: true }).show({ key: null, value: evil })).toBe('_[2Jhello\n');
    expect(given({ output: 'lines' }).show({ key: null, value: evil })).toBe(`${evil}\n`);
  });
});

describe("given a line of Influx's with several records", () => {
  const line =
    'burrow_partition,cluster=orders,group=email-sender,partition=2,source=h,topic=events lag=1520i,lag_seconds=133.2 1700000000000000000';

  test('when records are rows or JSON, then each is one', () => {
    const rows = given().show({ key: KEY, value: line }).split('\n').slice(2, -1);
    expect(rows).toEqual([
      '22:13:20 orders/email-sender  events/2      Lag                     1,520',
      '22:13:20 orders/email-sender  events/2      lagSeconds              2m13s',
    ]);
    const objects = given({ output: 'json' }).show({ key: KEY, value: line }).trimEnd().split('\n');
    expect(objects.map((text) => JSON.parse(text) as unknown)).toEqual([
      {
        name: 'burrow.orders.email-sender.events.2.Lag',
        family: 'lag',
        value: 1520,
        timestamp: 1_700_000_000,
        source: 'h',
        tags: { env: 'orders', consumer: 'email-sender', topic: 'events', partition: '2' },
      },
      expect.objectContaining({ name: 'burrow.orders.email-sender.events.2.lagSeconds', value: 133.2 }),
    ]);
  });

  test('when lines are wanted, then it is there once, as it is', () => {
    expect(given({ output: 'lines' }, 80, ['email-*']).show({ key: KEY, value: line })).toBe(`${line}\n`);
    expect(given({ output: 'lines' }, 80, ['other']).show({ key: KEY, value: line })).toBe('');
  });
});

describe('given records as JSON', () => {
  test('when a name holds what a terminal obeys, then it is escaped, and the object is the same', () => {
    const owner = '\u009b2J\u007f\u202e\u{e0001}';
    const shown = given({ output: 'json' }).show({ key: KEY, value: LAG.replace('/10.0.3.17', owner) });
    expect(shown).toMatch(/^[\x20-\x7e]*\n$/);
    expect(JSON.parse(shown)).toMatchObject({ tags: { owner } });
  });

  test('when a line is of any format, then the object is that of the JSON format', () => {
    const view = given({ output: 'json' });
    const json = {
      name: 'burrow.orders.email-sender.events.2.Lag',
      family: 'lag',
      value: 1520,
      timestamp: 1_700_000_000,
      source: 'h',
      tags: { env: 'orders', consumer: 'email-sender', topic: 'events', partition: '2', owner: '/10.0.3.17' },
    };
    const shown = view.show({ key: KEY, value: LAG });
    expect(JSON.parse(shown)).toEqual(json);
    expect(view.show({ key: KEY, value: JSON.stringify(json) })).toBe(shown);
  });
});
