import { describe, expect, test } from 'vitest';
import { readLine } from '../../src/tail/tail-record.ts';
import { createTailFilter, type TailFilterOptions } from '../../src/tail/tail-filter.ts';

const RECORDS = [
  [
    'total',
    'b.orders.email-eu.totalLag 5 1700000000 source="h" env="orders" consumer="email-eu"',
    'orders/email-eu',
  ],
  [
    'lag',
    'b.orders.email-eu.t.0.Lag 5 1700000000 source="h" env="orders" consumer="email-eu" topic="t" partition="0"',
    'orders/email-eu',
  ],
  [
    'rate',
    'b.pay.a_b.hosts.t+1.0 5 1700000000 source="h" env="pay" consumer="a.b" topic="t+1" partition="0"',
    'pay/a.b',
  ],
  [
    'offset',
    'b.pay.topic.t.0.offset 5 1700000000 source="h" env="pay" topic="t" partition="0"',
    'pay/topic/t',
  ],
  ['traffic', 'b.pay.totalMessage 5 1700000000 source="h" env="pay"', 'pay/traffic'],
] as const;

describe('given records of every family', () => {
  test.each<[Partial<TailFilterOptions>, readonly string[]]>([
    [{}, ['total', 'lag', 'rate', 'offset', 'traffic']],
    [{ families: ['lag'] }, ['total', 'lag']],
    [{ families: ['consumer', 'traffic'] }, ['rate', 'traffic']],
    [{ clusters: ['pay'] }, ['rate', 'offset', 'traffic']],
    [{ clusters: ['p*', 'orders'] }, ['total', 'lag', 'rate', 'offset', 'traffic']],
    [{ groups: ['email-*'] }, ['total', 'lag']],
    [{ groups: ['email'] }, []],
    [{ groups: ['*'] }, ['total', 'lag', 'rate']],
    [{ groups: ['a.b'] }, ['rate']],
    [{ groups: ['a?b', 'aXb', 'a.b|'] }, []],
    [{ topics: ['t'] }, ['lag', 'offset']],
    [{ topics: ['t+1'] }, ['rate']],
    [{ topics: ['t*'], families: ['producer'] }, ['offset']],
    [{ clusters: ['orders'], groups: ['a.b'] }, []],
  ])('when %j is wanted, then those are %j', (options, wanted) => {
    const isWanted = createTailFilter({ families: [], clusters: [], groups: [], topics: [], ...options });
    const passed = RECORDS.filter(([, line, key]) => readLine(line, key).some(isWanted)).map(
      ([name]) => name,
    );
    expect(passed).toEqual(wanted);
  });
});
