import { describe, expect, test } from 'vitest';
import type { FakeBurrow } from './fake-burrow.ts';
import { clusterOf } from './fake-burrow.ts';
import { createHarness, DISCOVERY_MS, POLL_MS } from './maintainer-harness.ts';

const UNREACHABLE = { kind: 'unreachable', reason: 'no complete answer within 10000 ms' } as const;
const NOT_FOUND = { kind: 'notFound' } as const;
const MINUTES = 60_000;

/** No group is answered for any more; lists and topics are. */
function hangEvaluator(burrow: FakeBurrow): void {
  for (const { groups } of burrow.world.values()) {
    for (const group of groups.keys()) groups.set(group, UNREACHABLE);
  }
}

describe('given a Burrow with groups and topics', () => {
  async function createSettled() {
    const harness = createHarness();
    harness.burrow.world.set('local', clusterOf(['billing', 'search'], ['orders']));
    await harness.startSettled();
    const server = () => harness.maintainer.snapshot().servers[0]!;
    return { ...harness, server };
  }

  test('when all is well, then it is never silent for longer than an interval', async () => {
    const { time, server } = await createSettled();
    for (let round = 0; round < 40; round += 1) {
      await time.advance(POLL_MS / 4);
      expect(server().silence.durationMs).toBeLessThanOrEqual(POLL_MS);
    }
  });

  test('when its evaluator hangs while it lists and tells of topics, then it is silent about groups', async () => {
    const { burrow, time, server, said } = await createSettled();
    hangEvaluator(burrow);
    await time.advance(10 * MINUTES);
    expect(server().silence.about).toBe('groups');
    expect(server().silence.durationMs).toBeGreaterThan(9 * MINUTES);
    expect(server().lastError?.reason).toBe(UNREACHABLE.reason);
    expect(said().filter(({ level }) => level === 40)).toHaveLength(1);
    expect(said().filter(({ msg }) => msg === 'Burrow answers again')).toEqual([]);
  });

  test('when the evaluator works again, then the silence is over and the log says what it cost', async () => {
    const { burrow, time, server, said } = await createSettled();
    hangEvaluator(burrow);
    await time.advance(10 * MINUTES);
    burrow.world.set('local', clusterOf(['billing', 'search'], ['orders']));
    await time.advance(10 * MINUTES);
    expect(server().silence.durationMs).toBeLessThanOrEqual(POLL_MS);
    expect(server().lastError).toBeNull();
    const [over] = said().filter(({ msg }) => msg === 'Burrow answers again');
    expect(over?.['times']).toBeGreaterThan(5);
    // Until the last failure, after which a poll may wait for four intervals.
    expect(over?.['lastedSeconds']).toBeGreaterThan(600 - 120);
    expect(over?.['lastedSeconds']).toBeLessThan(630);
  });

  test('when it is away for 5 s, then the log says so, not for how long it was watched afterwards', async () => {
    const { burrow, time, said } = await createSettled();
    const over = () => said().find(({ msg }) => msg === 'Burrow answers again');
    while (!said().some(({ msg }) => msg === 'requests to Burrow fail')) {
      burrow.up = false;
      await time.advance(1000);
    }
    await time.advance(4000);
    burrow.up = true;
    await time.advance(10 * MINUTES);
    expect(over()?.['lastedSeconds']).toBeGreaterThanOrEqual(4);
    // Half an interval and what is random in it is the longest that the next poll waits.
    expect(over()?.['lastedSeconds']).toBeLessThanOrEqual(20);
  });

  test('when one group of two is answered for, then it is not silent', async () => {
    const { burrow, time, server } = await createSettled();
    burrow.world.get('local')!.groups.set('billing', UNREACHABLE);
    await time.advance(20 * MINUTES);
    expect(server().silence.durationMs).toBeLessThanOrEqual(POLL_MS);
  });

  test('when it does not know any of its listed groups, then that is an answer', async () => {
    const { burrow, time, server } = await createSettled();
    for (const group of ['billing', 'search']) burrow.world.get('local')!.groups.set(group, NOT_FOUND);
    await time.advance(20 * MINUTES);
    expect(server().silence.durationMs).toBeLessThanOrEqual(POLL_MS);
  });

  test('when the groups leave while the evaluator hangs, then nothing is missed any more', async () => {
    const { burrow, time, server } = await createSettled();
    hangEvaluator(burrow);
    await time.advance(10 * MINUTES);
    burrow.world.get('local')!.groups.clear();
    await time.advance(5 * MINUTES);
    expect(server().silence.durationMs).toBeLessThanOrEqual(POLL_MS);
    expect(server().lastError).toBeNull();
  });

  test('when it answers nothing, then it is silent about everything', async () => {
    const { burrow, time, server } = await createSettled();
    burrow.up = false;
    await time.advance(10 * MINUTES);
    expect(server().silence.about).toBe('all');
    expect(server().silence.durationMs).toBeGreaterThan(9 * MINUTES);
  });
});

describe('given a Burrow with topics alone', () => {
  test('when it lists them but tells of none, then it is silent about topics', async () => {
    const { burrow, time, startSettled, maintainer } = createHarness();
    burrow.world.set('local', clusterOf([], ['orders']));
    await startSettled();
    burrow.world.get('local')!.topics.set('orders', UNREACHABLE);
    await time.advance(10 * MINUTES);
    const [server] = maintainer.snapshot().servers;
    expect(server?.silence.about).toBe('topics');
    expect(server?.silence.durationMs).toBeGreaterThan(9 * MINUTES);
  });
});

describe('given a Burrow without any group', () => {
  test('when hours pass before the first one appears, then it was never silent', async () => {
    const { burrow, time, startSettled, maintainer } = createHarness();
    burrow.world.set('local', clusterOf([]));
    await startSettled();
    await time.advance(120 * MINUTES);
    burrow.world.set('local', clusterOf(['billing']));
    for (let round = 0; round < 20; round += 1) {
      await time.advance(POLL_MS / 4);
      const [server] = maintainer.snapshot().servers;
      expect(server?.silence.durationMs).toBeLessThanOrEqual(DISCOVERY_MS);
    }
  });
});
