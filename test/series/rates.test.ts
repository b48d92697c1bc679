import { describe, expect, test } from 'vitest';
import { OffsetRates, REWOUND } from '../../src/series/rates.ts';

describe('given the offsets of two partitions', () => {
  test('when a first one comes, then it is known, and has no rate', () => {
    const rates = new OffsetRates(2);
    expect([rates.newest(1), rates.perSecond(1)]).toEqual([null, null]);
    expect(rates.move(1, 500, 10_000)).toBeNaN();
    expect([rates.newest(1), rates.perSecond(1)]).toEqual([500, null]);
    expect([rates.newest(0), rates.perSecond(0)]).toEqual([null, null]);
  });

  test('when they move on, then the rate is that of the time between, for records by the minute, for people by the second', () => {
    const rates = new OffsetRates(2);
    rates.move(0, 100, 10_000);
    rates.move(1, 7, 10_000);
    expect([rates.move(0, 110, 40_000), rates.move(1, 8, 73_000)]).toEqual([20, 0.952]);
    expect([rates.perSecond(0), rates.perSecond(1)]).toEqual([0.333333, 0.015867]);
    expect([rates.newest(0), rates.newest(1)]).toEqual([110, 8]);
    expect([rates.move(0, 110, 50_000), rates.perSecond(0)]).toEqual([0, 0]);
  });

  test('when one goes back, then it was rewound, has no rate, and is counted on from there', () => {
    const rates = new OffsetRates(1);
    rates.move(0, 100, 10_000);
    rates.move(0, 160, 70_000);
    expect([rates.move(0, 159, 130_000), rates.perSecond(0), rates.newest(0)]).toEqual([REWOUND, null, 159]);
    expect(rates.move(0, 169, 190_000)).toBe(10);
  });

  test('when one is forgotten, then its next offset is a first one, and the other goes on', () => {
    const rates = new OffsetRates(2);
    for (const partition of [0, 1]) rates.move(partition, 100, 10_000);
    for (const partition of [0, 1]) rates.move(partition, 160, 70_000);
    rates.reset(1);
    expect([rates.newest(1), rates.perSecond(1), rates.perSecond(0)]).toEqual([null, null, 1]);
    expect(rates.move(1, 170, 130_000)).toBeNaN();
    expect(rates.move(0, 170, 130_000)).toBe(10);
  });

  test('when there is room for more, then what is known stays', () => {
    const rates = new OffsetRates(2);
    rates.move(0, 10, 10_000);
    rates.move(1, 100, 10_000);
    rates.move(1, 160, 70_000);
    rates.grow(4);
    expect([rates.newest(0), rates.newest(1), rates.perSecond(1)]).toEqual([10, 160, 1]);
    expect([rates.newest(2), rates.move(3, 5, 70_000)]).toEqual([null, NaN]);
    expect(rates.move(3, 6, 130_000)).toBe(1);
  });
});
