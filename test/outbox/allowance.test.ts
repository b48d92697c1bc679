import { describe, expect, test } from 'vitest';
import { createAllowance } from '../../src/outbox/allowance.ts';

describe('given an allowance of 1000 bytes a second', () => {
  test('when it is asked for the first time, then a second of it is there, and no more', () => {
    const allowance = createAllowance(1000);
    expect(allowance.isOpen(5000)).toBe(true);
    allowance.spend(999);
    expect(allowance.isOpen(5000)).toBe(true);
    allowance.spend(1);
    expect(allowance.isOpen(5000)).toBe(false);
  });

  test('when it was overdrawn, then it opens again once the time for that is over', () => {
    const allowance = createAllowance(1000);
    allowance.isOpen(0);
    allowance.spend(1500);
    expect([allowance.isOpen(500), allowance.isOpen(501)]).toEqual([false, true]);
  });

  test('when nothing was used for long, then there is no more than a second of it', () => {
    const allowance = createAllowance(1000);
    allowance.isOpen(0);
    allowance.isOpen(60_000);
    allowance.spend(1000);
    expect(allowance.isOpen(60_000)).toBe(false);
  });

  test('when bytes come in, then as many more may be read', () => {
    const allowance = createAllowance(1000);
    allowance.isOpen(0);
    allowance.spend(1300);
    allowance.earn(300);
    expect(allowance.isOpen(0)).toBe(false);
    allowance.earn(1);
    expect(allowance.isOpen(0)).toBe(true);
  });

  test('when the clock is set back, then nothing is earned by that, and nothing lost', () => {
    const allowance = createAllowance(1000);
    allowance.isOpen(10_000);
    allowance.spend(900);
    expect(allowance.isOpen(4000)).toBe(true);
    allowance.spend(100);
    expect([allowance.isOpen(4000), allowance.isOpen(4001)]).toEqual([false, true]);
  });
});
