import { describe, expect, test } from 'vitest';
import { refill, type ReadBudget } from '../../src/outbox/disk-machine.ts';

const RATE = 1000;

function createBudget() {
  let budget: ReadBudget = { bytes: 0, atMs: null };
  const change = (bytes: number): void => void (budget = { ...budget, bytes: budget.bytes + bytes });
  return {
    isOpen(nowMs: number): boolean {
      budget = refill(budget, RATE, nowMs);
      return budget.bytes > 0;
    },
    spend: (bytes: number): void => change(-bytes),
    earn: (bytes: number): void => change(bytes),
  };
}

describe('given a budget of 1000 bytes a second', () => {
  test('when it is asked for the first time, then a second of it is there, and no more', () => {
    const budget = createBudget();
    expect(budget.isOpen(5000)).toBe(true);
    budget.spend(999);
    expect(budget.isOpen(5000)).toBe(true);
    budget.spend(1);
    expect(budget.isOpen(5000)).toBe(false);
  });

  test('when it was overdrawn, then it opens again once the time for that is over', () => {
    const budget = createBudget();
    budget.isOpen(0);
    budget.spend(1500);
    expect([budget.isOpen(500), budget.isOpen(501)]).toEqual([false, true]);
  });

  test('when nothing was used for long, then there is no more than a second of it', () => {
    const budget = createBudget();
    budget.isOpen(0);
    budget.isOpen(60_000);
    budget.spend(1000);
    expect(budget.isOpen(60_000)).toBe(false);
  });

  test('when bytes come in, then as many more may be read', () => {
    const budget = createBudget();
    budget.isOpen(0);
    budget.spend(1300);
    budget.earn(300);
    expect(budget.isOpen(0)).toBe(false);
    budget.earn(1);
    expect(budget.isOpen(0)).toBe(true);
  });

  test('when the clock is set back, then nothing is earned by that, and nothing lost', () => {
    const budget = createBudget();
    budget.isOpen(10_000);
    budget.spend(900);
    expect(budget.isOpen(4000)).toBe(true);
    budget.spend(100);
    expect([budget.isOpen(4000), budget.isOpen(4001)]).toEqual([false, true]);
  });
});
