import { describe, expect, test } from 'vitest';
import { faultsOf, isOpen, toSeries, totalOfRates } from './series.ts';
import { readWavefrontLine } from './wavefront-reader.ts';

const line = (value: number, second: number, owner = '/a') =>
  `burrow.local.readers.letters.0.Lag ${value} ${1_700_000_000 + second} source="h" owner="${owner}"`;

/** The series of values that are sent every two seconds. */
function lag(...values: readonly number[]) {
  return toSeries(values.map((value, index) => readWavefrontLine(line(value, 2 * index))))[0]!;
}

describe('given the reader of the topic', () => {
  test('when a line is as it should be, then its parts are read', () => {
    expect(readWavefrontLine('a.b 1.5 1700000000 source="h" topic="a \\"b\\"" owner="a\\x"')).toEqual({
      name: 'a.b',
      value: 1.5,
      timestamp: 1_700_000_000,
      source: 'h',
      tags: { topic: 'a "b"', owner: 'a\\x' },
    });
  });

  test.each([
    'a.b 1 1700000000000 source="h"',
    'a.b NaN 1700000000 source="h"',
    'a.b 1 1700000000 source=é',
    'a.b 1 1700000000 source="h" topic=x"y',
    'a.b 1 1700000000 source="h" topic=" "',
    'a.b 1 1700000000 source="h" topic="x\\"',
    'a.b  1 1700000000 source="h"',
    'a.b 1 1700000000 source="h" ',
    'a.b 1 1700000000 source="h" k="1" k="2"',
    'a b 1 1700000000 source="h"',
    '',
  ])('when a line is "%s", then it is refused', (wrong) => {
    expect(() => readWavefrontLine(wrong)).toThrow();
  });

  test('when tags differ, then the series do', () => {
    const records = [line(0, 0), line(0, 0, '/b'), line(4, 2)].map(readWavefrontLine);
    expect(toSeries(records).map(({ points }) => points.length)).toEqual([2, 1]);
  });

  test.each([
    [[0, 5, 0], []],
    [[0, 5, 5, 0, 0, 7, 0], []],
    [[0, 5, 0, 7, 0], []],
    [
      [5, 0],
      ['begins without a 0', 'has zeroes that bound nothing'],
    ],
    [[0, 5], ['ends without a 0']],
    [[0, 5, 0, 0, 0, 5, 0], ['has zeroes that bound nothing']],
    [[0, 0], ['has zeroes that bound nothing']],
  ])('when a series is %j, then its faults are %j', (values, faults) => {
    expect(faultsOf(lag(...values), false).map((fault) => fault.split(':')[0])).toEqual(faults);
  });

  test('when a series may be open, then an open one has no fault', () => {
    expect(isOpen(lag(0, 5))).toBe(true);
    expect(faultsOf(lag(0, 5), true)).toEqual([]);
  });

  test('when time stands still, then that is a fault', () => {
    const [series] = toSeries([line(0, 0), line(5, 2), line(6, 2)].map(readWavefrontLine));
    expect(faultsOf(series!, true)).toEqual([expect.stringMatching(/^time does not increase/)]);
  });

  test('when rates a minute are summed up, then each counts for the time since the sample before', () => {
    expect(totalOfRates(lag(0, 60, 120, 0), 2)).toBe(2 + 4);
  });

  test('when a rate was not sent again since it stayed the same, then it counts until it changed', () => {
    const [series] = toSeries([line(0, 0), line(60, 2), line(120, 8), line(0, 10)].map(readWavefrontLine));
    expect(totalOfRates(series!, 2)).toBe(2 + 4 + 4);
  });
});
