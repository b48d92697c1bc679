import { describe, expect, test } from 'vitest';
import { createGate } from '../../src/outbox/gate.ts';
import { createManualTime, settled } from './manual-time.ts';

function setUp() {
  const time = createManualTime();
  const gate = createGate(time);
  let passed = 0;
  const wait = (atMostMs?: number): void => void gate.wait(atMostMs).then(() => (passed += 1));
  return { time, gate, wait, passed: () => passed };
}

describe('given a loop that waits at a gate', () => {
  test('when nobody opens it and no time was given, then it waits on', async () => {
    const { time, wait, passed } = setUp();
    wait();
    await time.advance(1_000_000);
    expect([passed(), time.armed()]).toEqual([0, 0]);
  });

  test('when it is opened, then the loop goes on, and no timer is left behind', async () => {
    const { time, gate, wait, passed } = setUp();
    wait(5000);
    await time.advance(4999);
    expect(passed()).toBe(0);
    gate.open();
    await settled();
    expect([passed(), time.armed()]).toEqual([1, 0]);
  });

  test('when the time is over, then the loop goes on by itself, once', async () => {
    const { time, gate, wait, passed } = setUp();
    wait(5000);
    await time.advance(5000);
    gate.open();
    await settled();
    expect(passed()).toBe(1);
  });

  test('when it was opened before anybody came, then whoever comes waits', async () => {
    const { gate, wait, passed } = setUp();
    gate.open();
    wait();
    await settled();
    expect(passed()).toBe(0);
    gate.open();
    await settled();
    expect(passed()).toBe(1);
  });
});
