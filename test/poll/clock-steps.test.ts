import { describe, expect, test } from 'vitest';
import { clusterOf, lagOf } from './fake-burrow.ts';
import { createHarness as createHandlerHarness, INTERVAL_MS } from './handler-harness.ts';
import { createHarness, DISCOVERY_MS, POLL_MS } from './maintainer-harness.ts';

const HOUR_MS = 3_600_000;
const STEPS = [
  ['back', -HOUR_MS],
  ['forward', HOUR_MS],
] as const;

describe('given a handler whose system clock is set', () => {
  test.each(STEPS)(
    'when it goes %s while a request is in flight, then the next polls come at the usual distance',
    async (_, byMs) => {
      const { time, burrow, consumer, polls } = createHandlerHarness();
      burrow.holding = true;
      consumer().start();
      await time.advance(INTERVAL_MS);
      time.setClock(byMs);
      burrow.release();
      await time.settle();
      const before = polls();
      await time.advance(10 * INTERVAL_MS);
      expect(polls() - before).toBeGreaterThanOrEqual(9);
      expect(polls() - before).toBeLessThanOrEqual(11);
    },
  );

  test.each(STEPS)(
    'when it goes %s between two polls, then a wake still polls within a second',
    async (_, byMs) => {
      const { time, consumer, polls } = createHandlerHarness();
      const handler = consumer();
      handler.start();
      await time.advance(2 * INTERVAL_MS);
      const before = polls();
      time.setClock(byMs);
      handler.wake();
      await time.advance(1000);
      expect(polls() - before).toBeGreaterThanOrEqual(1);
      expect(polls() - before).toBeLessThanOrEqual(2);
    },
  );
});

describe('given a handler on a clock that goes on slower until the system clock has caught up', () => {
  test.each([
    ['at every interval', null],
    ['on the safe side', { afterCalm: 1, safetyMs: INTERVAL_MS }],
  ])('when it polls %s, then not twice for one place in it', async (_, sleep) => {
    const { time, consumer, polls } = createHandlerHarness({ isSteady: true });
    consumer(sleep).start();
    await time.advance(10 * INTERVAL_MS);
    time.setClock(-HOUR_MS);
    const before = polls();
    await time.advance(100 * INTERVAL_MS);
    expect(polls() - before).toBeGreaterThanOrEqual(89);
    expect(polls() - before).toBeLessThanOrEqual(101);
  });
});

describe('given a maintainer whose system clock is set', () => {
  test.each(STEPS)('when it goes %s during a discovery, then the next comes in time', async (_, byMs) => {
    const { burrow, time, startSettled, discover, samplesOf } = createHarness();
    burrow.world.set('local', clusterOf(['billing']));
    await startSettled();
    burrow.holding = true;
    await discover();
    time.setClock(byMs);
    burrow.release();
    await time.settle();
    burrow.world.get('local')!.groups.set('new', lagOf(1));
    await time.advance(DISCOVERY_MS + POLL_MS);
    expect(samplesOf('local/new')).toBeGreaterThan(0);
  });

  test.each(STEPS)('when it goes %s, then that is no silence of Burrow', async (_, byMs) => {
    const { burrow, time, startSettled, maintainer } = createHarness();
    burrow.world.set('local', clusterOf(['billing']));
    await startSettled();
    time.setClock(byMs);
    const [server] = maintainer.snapshot().servers;
    expect(server?.silence.durationMs).toBeLessThanOrEqual(POLL_MS);
  });
});
