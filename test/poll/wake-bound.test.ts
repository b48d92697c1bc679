import { describe, expect, test } from 'vitest';

import { createWakeBound, type WokenHandler } from '../../src/poll/wake-bound.ts';
import { createSimulatedTime } from '../support/simulated-time.ts';

const INTERVAL_MS = 30_000;

function createBounded(groups = 1) {
  const time = createSimulatedTime();
  const followed = { groups };
  const { scheduler, monotonicMs } = time;
  const bound = createWakeBound(
    { scheduler, monotonicMs, groups: () => followed.groups },
    { intervalMs: INTERVAL_MS },
  );
  const woken: string[] = [];
  return {
    time,
    bound,
    followed,
    woken,
    handler: (name: string) => {
      const state = { polls: 0, due: false };
      const handler: WokenHandler = {
        wake: () => void woken.push(name),
        isPollDue: () => state.due,
        polls: () => state.polls,
      };
      return Object.assign(handler, { state });
    },
    handlers: (count: number): WokenHandler[] =>
      Array.from({ length: count }, (_, index) => ({
        wake: () => void woken.push(String(index)),
        isPollDue: () => false,
        polls: () => 0,
      })),
  };
}

describe('given a few groups', () => {
  test('when more than 50 are woken at once, then the others follow in order at 50 a second, each once', async () => {
    const { time, bound, woken, handlers } = createBounded();
    const all = handlers(170);
    const outcomes = all.map((handler) => bound.wake(handler));
    expect(outcomes.filter((outcome) => outcome === 'woken')).toHaveLength(50);
    expect(outcomes.filter((outcome) => outcome === 'deferred')).toHaveLength(120);
    expect(woken).toHaveLength(50);
    for (const handler of all.slice(50)) expect(bound.wake(handler)).toBe('deferred');
    await time.advance(1000);
    expect(woken).toHaveLength(100);
    await time.advance(2000);
    expect(woken).toEqual(all.map((_, index) => String(index)));
    expect(time.pending()).toBe(0);
  });

  test('when nothing was woken for an hour, then no more than one second of wakes has been saved up', async () => {
    const { time, bound, handlers } = createBounded();
    await time.advance(3_600_000);
    const outcomes = handlers(100).map((handler) => bound.wake(handler));
    expect(outcomes.filter((outcome) => outcome === 'woken')).toHaveLength(50);
  });

  test('when some wait, then a newcomer does not overtake them', async () => {
    const { time, bound, woken, handlers, handler } = createBounded();
    for (const each of handlers(52)) bound.wake(each);
    await time.advance(60);
    expect(bound.wake(handler('new'))).toBe('deferred');
    await time.advance(100);
    expect(woken.slice(50)).toEqual(['50', '51', 'new']);
  });
});

describe('given ten thousand groups', () => {
  test('when all are woken at once, then all have been polled after one interval', async () => {
    const { time, bound, woken, handlers } = createBounded(10_000);
    for (const handler of handlers(10_000)) bound.wake(handler);
    expect(woken.length).toBe(333);
    await time.advance(INTERVAL_MS / 2);
    expect(woken.length).toBeLessThan(5500);
    await time.advance(INTERVAL_MS / 2);
    expect(woken.length).toBe(10_000);
  });

  test('when most of them go, then so does the bound', async () => {
    const { time, bound, followed, handlers } = createBounded(10_000);
    await time.advance(5000);
    followed.groups = 10;
    const outcomes = handlers(100).map((handler) => bound.wake(handler));
    expect(outcomes.filter((outcome) => outcome === 'woken')).toHaveLength(50);
  });
});

describe('given a handler', () => {
  test('when it is to poll at once anyway, then a wake is passed on and costs nothing', () => {
    const { bound, woken, handler, handlers } = createBounded();
    const due = handler('due');
    due.state.due = true;
    for (let times = 0; times < 100; times += 1) expect(bound.wake(due)).toBe('merged');
    expect(woken).toHaveLength(100);
    expect(handlers(50).map((each) => bound.wake(each))).not.toContain('deferred');
  });

  test('when it polls while its wake is put off, then it is not woken, and that costs nothing', async () => {
    const { time, bound, woken, handler, handlers } = createBounded();
    for (const each of handlers(50)) bound.wake(each);
    const [polled, other] = [handler('polled'), handler('other')];
    expect([bound.wake(polled), bound.wake(other)]).toEqual(['deferred', 'deferred']);
    polled.state.polls += 1;
    await time.advance(100);
    expect(woken.slice(50)).toEqual(['other']);
    expect(bound.wake(polled)).toBe('woken');
  });

  test('when it stops, then what was put off is forgotten', async () => {
    const { time, bound, woken, handlers } = createBounded();
    for (const each of handlers(60)) bound.wake(each);
    bound.stop();
    expect(time.pending()).toBe(0);
    await time.advance(10_000);
    expect(woken).toHaveLength(50);
  });
});
