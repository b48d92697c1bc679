import { describe, expect, test } from 'vitest';
import { readText } from '../../src/config/read-text.ts';
import { BROKERS, faultsOf, loadGood } from './loading.ts';

describe('given a list as the text of a variable', () => {
  test.each([
    'a:9092,b:9092',
    ' a:9092 , b:9092 ',
    'a:9092, b:9092,',
    '"a:9092, b:9092,"',
    "'a:9092,b:9092'",
    '"a:9092", "b:9092"',
    "'a:9092','b:9092',",
    '[a:9092, b:9092]',
    '["a:9092", "b:9092",]',
    '"[a:9092, b:9092]"',
    'a:9092,\n  b:9092\n',
  ])('when it is %j, then it holds both brokers', (text) => {
    const { kafka } = loadGood({ env: { RAINBOW_KAFKA_BROKERS: text } });
    expect(kafka.brokers).toEqual(['a:9092', 'b:9092']);
  });

  test.each(['', ' ', '""', "''", ',', ', ,'])(
    'when it is %j, then the fault says that it is empty',
    (text) => {
      for (const name of ['RAINBOW_KAFKA_BROKERS', 'RAINBOW_BURROW_SERVERS', 'RAINBOW_SERIES_SERIES_TAGS']) {
        const faults = faultsOf({ env: { ...BROKERS, [name]: text } });
        expect(faults.map(({ source, hint }) => [source, hint?.slice(0, 28)])).toEqual([
          [name, 'it is empty: give it a value'],
        ]);
      }
    },
  );

  test('when it is [], then it is an empty list', () => {
    expect(readText('list', '[]')).toEqual([]);
  });

  test.each([
    ['a:9092,,b:9092', 'leave out the comma'],
    [',a:9092', 'leave out the comma'],
    ['a:9092 b:9092', 'put commas between the items'],
    ['a:9092;b:9092', 'put commas between the items'],
    ['"a:9092,b:9092', 'leave out the quotes'],
  ])('when it is %j, then the fault says what to write', (text, hint) => {
    const [first] = faultsOf({ env: { RAINBOW_KAFKA_BROKERS: text } });
    expect(first?.path).toMatch(/^kafka\.brokers\[\d\]$/);
    expect(first?.hint).toContain(hint);
  });

  test.each([
    ['RAINBOW_BURROW_SERVERS', 'http://u:hunter2@a:1 http://b:2', 'put commas between the items'],
    ['RAINBOW_BURROW_SERVERS', 'http://a:1,,http://b:2', 'leave out the comma'],
    ['RAINBOW_SERIES_SERIES_TAGS', 'owner client_id', 'put commas between the items'],
  ])('when %s is %j, then the fault says so without the value', (name, text, hint) => {
    const [first] = faultsOf({ env: { ...BROKERS, [name]: text } });
    expect(first?.hint).toContain(hint);
    expect(JSON.stringify(first)).not.toContain('hunter2');
  });
});

describe('given a map as the text of a variable', () => {
  test.each(['dc=us1,rack=r1', 'dc=us1, rack=r1,', '"dc=us1, rack=r1"', '{dc: us1, rack: r1}'])(
    'when it is %j, then it holds both entries',
    (text) => {
      const { series } = loadGood({ env: { ...BROKERS, RAINBOW_SERIES_TAGS: text } });
      expect(series.tags).toEqual({ dc: 'us1', rack: 'r1' });
    },
  );
});

describe('given a value with the quotes that a file of variables keeps', () => {
  test.each([
    ['number', '"5"', 5],
    ['boolean', "'true'", true],
    ['duration', '"30s"', '30s'],
    ['size', ' 64MB ', '64MB'],
    ['choice', '"kafka"', 'kafka'],
  ] as const)('when a %s is %s, then they are left out', (kind, text, value) => {
    expect(readText(kind, text)).toBe(value);
  });

  test.each(['text', 'secret', 'path', 'pattern', 'url'] as const)(
    'when a %s has them, then they may be meant',
    (kind) => {
      expect(readText(kind, '"a"')).toBe('"a"');
    },
  );
});
