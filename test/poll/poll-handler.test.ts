import { describe, expect, test } from 'vitest';

import { nextInPhaseMs, phaseOf, phaseStartMs } from '../../src/poll/poll-times.ts';
import { lagOf, partitionOf } from './fake-burrow.ts';
import { createHarness, INTERVAL_MS } from './handler-harness.ts';
import { SUMMARY } from './recorded-series.ts';

const NOT_FOUND = { kind: 'notFound' } as const;
const UNREACHABLE = { kind: 'unreachable', reason: 'no answer within 10 s' } as const;
const INVALID = { kind: 'invalid', reason: 'no status' } as const;

/** A handler that has made its first poll and now polls in phase. */
async function createSettled(options: Parameters<typeof createHarness>[0] = {}) {
  const harness = createHarness(options);
  const handler = harness.consumer();
  handler.start();
  const { clock } = harness.time;
  const phase = phaseStartMs(phaseOf('local/billing'), INTERVAL_MS);
  await harness.time.advance(nextInPhaseMs(clock.nowMs() + INTERVAL_MS, phase, INTERVAL_MS) - clock.nowMs());
  harness.burrow.requests.length = 0;
  harness.series.calls.length = 0;
  harness.emitted.length = 0;
  harness.states.length = 0;
  const answer = (outcome: ReturnType<typeof lagOf>): void => {
    harness.burrow.world.get('local')!.groups.set('billing', outcome);
  };
  return { ...harness, handler, answer };
}

type Settled = Awaited<ReturnType<typeof createSettled>>;

describe('given a new consumer handler', () => {
  // Wherever its phase is from the start: shortly after, in the middle, shortly before.
  test.each([0, 5000, 10_000, 15_000, 20_000, 25_000, 29_000])(
    'when it is alone, then it polls at once and from then on in its phase (started %i ms later)',
    async (laterMs) => {
      const { time, series, consumer } = createHarness();
      await time.advance(laterMs);
      const startMs = time.clock.nowMs();
      consumer().start();
      await time.advance(4 * INTERVAL_MS);
      const taken = series.calls.map((call) => (call.call === 'take' ? call.sample.takenAtMs : NaN));
      expect(taken[0]! - startMs).toBeLessThan(10);
      const phase = phaseStartMs(phaseOf('local/billing'), INTERVAL_MS);
      for (const atMs of taken.slice(1)) expect((atMs - phase) % INTERVAL_MS).toBe(0);
      expect(taken[1]! - taken[0]!).toBeGreaterThanOrEqual(INTERVAL_MS / 2);
      expect(taken[1]! - taken[0]!).toBeLessThanOrEqual(1.5 * INTERVAL_MS);
      expect(taken[2]! - taken[1]!).toBe(INTERVAL_MS);
    },
  );
});

describe('given a consumer handler in its phase', () => {
  test('when Burrow answers, then the sample is stamped with the arrival, emitted, and shown on the board', async () => {
    const { time, burrow, series, emitted, states, counted, answer } = await createSettled();
    const partitions = [partitionOf(0, 3), partitionOf(1, null, ''), partitionOf(2, 9, '')];
    answer(lagOf(12, { status: 2, partitions }));
    burrow.holding = true;
    await time.advance(INTERVAL_MS + 4321);
    burrow.release();
    await time.settle();
    const takenAtMs = time.clock.nowMs();
    expect(series.calls).toEqual([
      {
        key: 'local/billing',
        call: 'take',
        sample: { takenAtMs, status: 2, totalLagRecords: 12, partitions },
      },
    ]);
    expect(emitted).toMatchObject([{ key: 'local/billing', takenAtMs }]);
    expect(counted.at(-1)).toBe(12);
    expect(states).toEqual([
      {
        cluster: 'local',
        group: 'billing',
        status: 2,
        totalLagRecords: 12,
        partitions: 3,
        stoppedPartitions: 0,
        stalledPartitions: 0,
        ...SUMMARY,
        takenAtMs,
      },
    ]);
  });

  test('when the series do not take a sample, then the board does not show it either', async () => {
    const { time, series, states, samples } = await createSettled();
    series.takesNothing = true;
    await time.advance(INTERVAL_MS);
    expect([samples(), states]).toEqual([1, []]);
  });

  test('when a request takes longer than intervals do, then polls neither overlap nor are made up for', async () => {
    const { time, burrow, polls, samples } = await createSettled({ concurrency: 5 });
    burrow.holding = true;
    await time.advance(3.5 * INTERVAL_MS);
    expect(polls()).toBe(1);
    burrow.release();
    await time.settle();
    expect(samples()).toBe(1);
    await time.advance(INTERVAL_MS / 2);
    expect(polls()).toBe(2);
    await time.advance(INTERVAL_MS);
    expect(polls()).toBe(3);
  });

  test('when numbers are unsafe, then they are counted and the sample is taken', async () => {
    const { time, exceptions, samples, answer } = await createSettled();
    answer(lagOf(5, { unsafeIntegers: 2 }));
    await time.advance(INTERVAL_MS);
    expect(exceptions).toEqual(['local unsafeInteger 2']);
    expect(samples()).toBe(1);
  });
});

describe('given a Burrow that fails', () => {
  test.each([
    ['unreachable', UNREACHABLE, 'local burrowUnreachable 1'],
    ['invalid', INVALID, 'local burrowInvalid 1'],
  ])('when a poll is %s, then it is counted and gives no sample', async (_, outcome, exception) => {
    const { time, exceptions, series, states, handler, answer } = await createSettled();
    answer(outcome);
    await time.advance(INTERVAL_MS);
    expect(exceptions).toEqual([exception]);
    expect(series.calls).toEqual([]);
    expect(states).toEqual([]);
    expect(handler.state()).toBe('backingOff');
  });

  test('when it goes on failing, then polls become rarer, down to one in four intervals', async () => {
    const { time, polls, answer } = await createSettled();
    answer(UNREACHABLE);
    await time.advance(INTERVAL_MS);
    const atPolls: number[] = [];
    let before = polls();
    for (let second = 1; second <= 600; second += 1) {
      await time.advance(1000);
      if (polls() > before) atPolls.push(second);
      before = polls();
    }
    expect(atPolls).toEqual([15, 45, 105, 225, 345, 465, 585]);
  });

  test('when random is low, then a retry comes at half its time but never within a second', async () => {
    const { time, polls, answer } = await createSettled({ random: 0 });
    answer(UNREACHABLE);
    await time.advance(INTERVAL_MS + 7499);
    expect(polls()).toBe(1);
    await time.advance(1);
    expect(polls()).toBe(2);
  });

  test('when intervals are short and random is low, then no two polls are within a second', async () => {
    const { time, burrow, polls, consumer } = createHarness({ intervalMs: 2000, random: 0 });
    burrow.world.get('local')!.groups.set('billing', UNREACHABLE);
    consumer().start();
    await time.advance(10);
    expect(polls()).toBe(1);
    await time.advance(980);
    expect(polls()).toBe(1);
    await time.advance(20);
    expect(polls()).toBe(2);
  });

  test('when it answers again, then the handler returns to its phase', async () => {
    const { time, series, answer } = await createSettled();
    answer(UNREACHABLE);
    await time.advance(INTERVAL_MS);
    answer(lagOf(1));
    await time.advance(2 * INTERVAL_MS);
    const taken = series.calls.map((call) => (call.call === 'take' ? call.sample.takenAtMs : NaN));
    expect(taken[1]! % INTERVAL_MS).toBe(phaseStartMs(phaseOf('local/billing'), INTERVAL_MS));
    expect(taken).toHaveLength(3);
  });

  test('when the server is known to be back, then the back-off ends at the next instant in phase', async () => {
    const { time, polls, handler, answer } = await createSettled();
    answer(UNREACHABLE);
    await time.advance(10 * INTERVAL_MS);
    const before = polls();
    handler.resume();
    await time.advance(INTERVAL_MS);
    expect(polls()).toBe(before + 1);
  });
});

describe('given a group that Burrow does not know', () => {
  test('when it stays so, then there is no sample, nothing ends, and it is polled on as ever', async () => {
    const { time, polls, series, handler, answer } = await createSettled();
    answer(NOT_FOUND);
    await time.advance(10 * INTERVAL_MS);
    expect(series.calls).toEqual([]);
    expect(polls()).toBe(10);
    expect(handler.state()).toBe('unknown');
  });

  test('when it is known again, then it is sampled with the next poll', async () => {
    const { time, samples, handler, answer } = await createSettled();
    answer(NOT_FOUND);
    await time.advance(4 * INTERVAL_MS);
    answer(lagOf(1));
    await time.advance(INTERVAL_MS);
    expect(handler.state()).toBe('waiting');
    expect(samples()).toBe(1);
  });
});

describe('given a group that the list lacks', () => {
  /** What is said after polls with these answers. */
  async function wordAfter(...outcomes: readonly Parameters<Settled['answer']>[0][]) {
    const scene = await createSettled();
    scene.handler.missed();
    for (const outcome of outcomes) {
      scene.answer(outcome);
      await scene.time.advance(4 * INTERVAL_MS);
    }
    return scene;
  }

  test.each([
    ['one said NOTFOUND', [NOT_FOUND], 'notFound'],
    ['one failed', [NOT_FOUND, UNREACHABLE, NOT_FOUND], 'failed'],
    ['one broke the contract', [NOT_FOUND, INVALID, NOT_FOUND], 'failed'],
    ['one brought data, be it no lag', [UNREACHABLE, lagOf(0), NOT_FOUND], 'data'],
  ] as const)('when of its polls %s, then that is what they say, once', async (_, outcomes, word) => {
    const { handler } = await wordAfter(...outcomes);
    expect(handler.missed()).toBe(word);
    expect(handler.missed()).toBeNull();
  });

  test('when it has not been missed before, or was listed since, then what was said counts for nothing', async () => {
    const { time, handler, answer } = await createSettled();
    answer(NOT_FOUND);
    await time.advance(2 * INTERVAL_MS);
    expect(handler.missed()).toBeNull();
    await time.advance(INTERVAL_MS);
    handler.listed();
    expect(handler.missed()).toBeNull();
    await time.advance(INTERVAL_MS);
    expect(handler.missed()).toBe('notFound');
  });
});

describe('given a wake', () => {
  test.each([10_000, 25_000])(
    'when the handler has waited for %i ms, then it polls now and keeps its phase',
    async (waitedMs) => {
      const { time, polls, handler } = await createSettled();
      await time.advance(waitedMs);
      handler.wake();
      await time.settle();
      await time.advance(0);
      expect(polls()).toBe(1);
      await time.advance(INTERVAL_MS - waitedMs);
      expect(polls()).toBe(2);
    },
  );

  test('when a hundred come at once, then there is one poll, and one more a second later at most', async () => {
    const { time, polls, handler } = await createSettled();
    await time.advance(10_000);
    for (let wakes = 0; wakes < 100; wakes += 1) handler.wake();
    await time.advance(0);
    expect(polls()).toBe(1);
    for (let wakes = 0; wakes < 100; wakes += 1) handler.wake();
    await time.advance(999);
    expect(polls()).toBe(1);
    await time.advance(1);
    expect(polls()).toBe(2);
    await time.advance(5000);
    expect(polls()).toBe(2);
  });

  test('when a request is in flight, then there is one more after it, however many wakes came', async () => {
    const { time, burrow, polls, handler } = await createSettled({ concurrency: 5 });
    burrow.holding = true;
    await time.advance(INTERVAL_MS);
    handler.wake();
    handler.wake();
    await time.advance(3000);
    expect(polls()).toBe(1);
    burrow.release();
    await time.advance(0);
    expect(polls()).toBe(2);
    await time.advance(10_000);
    expect(polls()).toBe(2);
  });

  test('when a request is in flight, then another poll is due only if an event has come since', async () => {
    const { time, burrow, handler } = await createSettled();
    expect(handler.isPollDue()).toBe(false);
    burrow.holding = true;
    await time.advance(INTERVAL_MS);
    expect(handler.isPollDue()).toBe(false);
    handler.wake();
    expect(handler.isPollDue()).toBe(true);
  });

  test('when its request still waits for its turn, then that one goes first and there is no other', async () => {
    const { time, burrow, server, polls, handler } = await createSettled({ concurrency: 1 });
    const signal = new AbortController().signal;
    burrow.holding = true;
    server.ask('groups', (client, sent) => client.groupLag('local', 'slow', sent), 'regular', signal);
    server.ask('groups', (client, sent) => client.groupLag('local', 'earlier', sent), 'regular', signal);
    await time.advance(INTERVAL_MS);
    handler.wake();
    burrow.release();
    await time.advance(5000);
    expect(burrow.requests).toEqual([
      'local/consumer/slow',
      'local/consumer/billing',
      'local/consumer/earlier',
    ]);
    expect(polls()).toBe(3);
  });

  test('when the handler backs off, then it polls once and goes on backing off', async () => {
    const { time, polls, handler, answer } = await createSettled();
    answer(UNREACHABLE);
    await time.advance(3 * INTERVAL_MS);
    const before = polls();
    handler.wake();
    await time.advance(0);
    expect(polls()).toBe(before + 1);
    await time.advance(INTERVAL_MS);
    expect(polls()).toBe(before + 1);
  });
});

describe('given a handler that polls on demand', () => {
  const SAFETY_MS = 20 * INTERVAL_MS;
  const ON_DEMAND = { afterCalm: 2, safetyMs: SAFETY_MS };
  /** Its safety interval is longer than the test. */
  const UNSAFE = { afterCalm: 2, safetyMs: 1e9 };

  test('when nobody wakes it, then it polls once in each safety interval, at one place of it, and sleeps on', async () => {
    const { time, burrow, polls, consumer } = createHarness();
    burrow.world.get('local')!.groups.set('billing', lagOf(0));
    const handler = consumer(ON_DEMAND);
    handler.start();
    const startMs = time.clock.nowMs();
    const atMs: number[] = [];
    for (let waitedMs = 0; waitedMs < 5 * SAFETY_MS; waitedMs += 1000) {
      const before = polls();
      await time.advance(1000);
      if (polls() > before) atMs.push(time.clock.nowMs() - startMs);
      expect(polls() - before).toBeLessThanOrEqual(1);
      expect(handler.state()).toBe('asleep');
    }
    expect(atMs).toHaveLength(5);
    for (const [index, each] of atMs.entries()) expect(each).toBe((atMs[0] ?? 0) + index * SAFETY_MS);
  });

  test('when what lag there is counts as none, then it sleeps, and is counted and shown as a group without', async () => {
    const { time, burrow, series, polls, consumer, counted, states } = createHarness();
    series.toleranceRecords = 1;
    burrow.world.get('local')!.groups.set('billing', lagOf(1));
    const handler = consumer(UNSAFE);
    handler.start();
    handler.wake();
    await time.advance(10 * INTERVAL_MS);
    expect([polls(), handler.state()]).toEqual([2, 'asleep']);
    expect(counted).toEqual([0, 0]);
    expect(states.at(-1)?.totalLagRecords).toBe(0);
  });

  test('when such a poll finds lag, then it polls at every interval until the group is calm again', async () => {
    const { time, burrow, polls, consumer } = createHarness();
    const handler = consumer(ON_DEMAND);
    handler.start();
    await time.advance(SAFETY_MS);
    expect(polls()).toBeGreaterThan(0);
    const before = polls();
    await time.advance(10 * INTERVAL_MS);
    expect(polls()).toBe(before + 10);
    burrow.world.get('local')!.groups.set('billing', lagOf(0));
    await time.advance(5 * INTERVAL_MS);
    expect(polls()).toBe(before + 12);
    expect(handler.state()).toBe('asleep');
    await time.advance(SAFETY_MS);
    expect(polls()).toBe(before + 13);
  });

  test('when such a poll fails, then it is tried again and then sleeps', async () => {
    const { time, burrow, polls, consumer } = createHarness();
    burrow.world.get('local')!.groups.set('billing', lagOf(0));
    burrow.up = false;
    const handler = consumer(ON_DEMAND);
    handler.start();
    await time.advance(SAFETY_MS);
    expect(handler.state()).toBe('backingOff');
    burrow.up = true;
    await time.advance(10 * INTERVAL_MS);
    expect(handler.state()).toBe('asleep');
    const before = polls();
    await time.advance(SAFETY_MS);
    expect(polls()).toBe(before + 1);
  });

  test('when it is woken while such a poll is in flight, then there is another one after it', async () => {
    const { time, burrow, polls, consumer } = createHarness();
    burrow.world.get('local')!.groups.set('billing', lagOf(0));
    const handler = consumer(ON_DEMAND);
    handler.start();
    burrow.holding = true;
    await time.advance(SAFETY_MS);
    expect(polls()).toBe(1);
    handler.wake();
    burrow.release();
    await time.advance(1000);
    expect(polls()).toBe(2);
  });

  test('when an event comes during the poll that would let it sleep, then there is another one after it', async () => {
    const { time, burrow, polls, consumer } = createHarness();
    burrow.world.get('local')!.groups.set('billing', lagOf(0));
    const handler = consumer(UNSAFE);
    handler.start();
    handler.wake();
    await time.advance(0);
    burrow.holding = true;
    await time.advance(2 * INTERVAL_MS);
    expect(polls()).toBe(2);
    handler.wake();
    burrow.release();
    await time.advance(1000);
    expect(polls()).toBe(3);
  });

  test('when it is stopped in its sleep, then nothing is left of it', async () => {
    const { time, polls, consumer } = createHarness();
    const handler = consumer(ON_DEMAND);
    handler.start();
    handler.stop('STOP');
    expect(time.pending()).toBe(0);
    await time.advance(SAFETY_MS);
    expect(polls()).toBe(0);
  });

  test('when it is woken, then it polls at every interval until the group was calm twice', async () => {
    const { time, burrow, polls, consumer } = createHarness();
    const handler = consumer(UNSAFE);
    handler.start();
    handler.wake();
    await time.advance(5 * INTERVAL_MS);
    expect(polls()).toBeGreaterThanOrEqual(4);
    burrow.world.get('local')!.groups.set('billing', lagOf(0));
    const before = polls();
    await time.advance(5 * INTERVAL_MS);
    expect(polls()).toBe(before + 2);
    expect(handler.state()).toBe('asleep');
    handler.wake();
    await time.advance(0);
    expect(polls()).toBe(before + 3);
  });

  test('when lag comes between two calm answers, then they do not add up', async () => {
    const { time, burrow, polls, consumer } = createHarness();
    const { groups } = burrow.world.get('local')!;
    const handler = consumer(UNSAFE);
    handler.start();
    groups.set('billing', lagOf(0));
    handler.wake();
    await time.advance(0);
    groups.set('billing', lagOf(3));
    await time.advance(1.5 * INTERVAL_MS);
    const before = polls();
    groups.set('billing', lagOf(0));
    await time.advance(5 * INTERVAL_MS);
    expect(polls()).toBe(before + 2);
  });
});

describe('given a handler that is told that intervals have changed', () => {
  test.each([5000, 20_000])(
    'when its own has not, %i ms after a poll, then the next poll stays due at its instant',
    async (laterMs) => {
      const { time, polls, handler } = await createSettled();
      await time.advance(laterMs);
      handler.retime();
      await time.advance(INTERVAL_MS - laterMs - 1);
      expect(polls()).toBe(0);
      await time.advance(1);
      expect(polls()).toBe(1);
    },
  );

  test('when an event has asked for a poll, then that one does not wait for the next instant in phase', async () => {
    const { time, polls, handler } = await createSettled();
    handler.wake();
    handler.retime();
    await time.advance(1000);
    expect(polls()).toBe(1);
  });

  test('when it sleeps, then it sleeps on', async () => {
    const { time, polls, consumer } = createHarness();
    const handler = consumer({ afterCalm: 2, safetyMs: 1e9 });
    handler.start();
    handler.retime();
    await time.advance(10 * INTERVAL_MS);
    expect(polls()).toBe(0);
    expect(handler.state()).toBe('asleep');
  });
});

describe('given a first poll', () => {
  async function createFirst() {
    const harness = createHarness();
    const handler = harness.consumer();
    harness.burrow.holding = true;
    handler.start();
    await harness.time.advance(10);
    const release = async (): Promise<void> => {
      harness.burrow.release();
      await harness.time.settle();
    };
    return { ...harness, handler, release };
  }

  test('when it has ended, then the handler has polled, until it is stopped', async () => {
    const { handler, release } = await createFirst();
    expect(handler.hasPolled()).toBe(false);
    await release();
    expect(handler.hasPolled()).toBe(true);
    handler.stop('STOP');
    expect(handler.hasPolled()).toBe(false);
    expect(handler.polls()).toBe(-1);
  });

  test('when it is cancelled, then the handler has not polled', async () => {
    const { server, handler, release } = await createFirst();
    const stopped = server.stop();
    await release();
    await stopped;
    expect(handler.hasPolled()).toBe(false);
    expect(handler.polls()).toBe(1);
  });
});

describe('given a stop', () => {
  test('when a request is in flight, then it is cancelled and its answer is dropped', async () => {
    const { time, burrow, series, exceptions, polls, handler } = await createSettled();
    burrow.holding = true;
    await time.advance(INTERVAL_MS);
    handler.stop('STOP');
    burrow.holding = false;
    await time.advance(10 * INTERVAL_MS);
    expect(burrow.load.now).toBe(0);
    expect(polls()).toBe(1);
    expect(series.calls).toEqual([]);
    expect(exceptions).toEqual([]);
    expect(handler.state()).toBe('stopped');
    expect(time.pending()).toBe(0);
  });

  test('when its request still waits for its turn, then it is never sent', async () => {
    const { time, burrow, server, handler } = await createSettled({ concurrency: 1 });
    burrow.holding = true;
    const signal = new AbortController().signal;
    server.ask('groups', (client, sent) => client.groupLag('local', 'slow', sent), 'regular', signal);
    await time.advance(INTERVAL_MS);
    handler.stop('STOP');
    burrow.release();
    await time.advance(INTERVAL_MS);
    expect(burrow.requests).toEqual(['local/consumer/slow']);
  });

  test('when the group is gone, then its series end and later wakes do nothing', async () => {
    const { time, series, emitted, polls, handler } = await createSettled();
    handler.stop('GONE');
    handler.stop('GONE');
    handler.wake();
    handler.resume();
    await time.advance(INTERVAL_MS);
    expect(series.calls).toMatchObject([{ call: 'gone' }]);
    expect(emitted).toHaveLength(1);
    expect(polls()).toBe(0);
  });

  test('when another process goes on with the group, then nothing is written and its series is let go', async () => {
    const { time, series, emitted, forgotten, polls, handler } = await createSettled();
    handler.stop('RELEASED');
    handler.stop('GONE');
    handler.wake();
    await time.advance(INTERVAL_MS);
    expect(series.calls).toEqual([{ key: 'local/billing', call: 'release' }]);
    expect(emitted).toEqual([]);
    expect(forgotten).toEqual(['local/billing']);
    expect(polls()).toBe(0);
    expect(handler.state()).toBe('stopped');
    expect(time.pending()).toBe(0);
  });

  test('when it is released while a request is in flight, then its answer is dropped', async () => {
    const { time, burrow, series, handler } = await createSettled();
    burrow.holding = true;
    await time.advance(INTERVAL_MS);
    handler.stop('RELEASED');
    burrow.release();
    await time.advance(10 * INTERVAL_MS);
    expect(series.calls).toEqual([{ key: 'local/billing', call: 'release' }]);
    expect(burrow.load.now).toBe(0);
  });
});
