import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { LISTS } from '../../src/poll/answer-record.ts';
import { createBurrowServer } from '../../src/poll/burrow-server.ts';
import { createSimulatedTime } from '../support/simulated-time.ts';
import { clusterOf, createFakeBurrow } from './fake-burrow.ts';

function given() {
  const time = createSimulatedTime();
  const burrow = createFakeBurrow();
  burrow.world.set('local', clusterOf(['billing'], ['orders']));
  const server = createBurrowServer(
    { ...time, client: burrow, log: pino({ level: 'silent' }) },
    { concurrency: 1, settleMs: 60_000 },
  );
  const beganMs = time.clock.nowMs();
  return {
    time,
    burrow,
    server,
    /** Asks about something a second later. */
    async ask(about: string) {
      await time.advance(1000);
      await server.ask(about, (client, signal) => client.clusters(signal), 'regular').settled;
    },
    /** Seconds from the beginning to when the server became as it is. */
    since: () => (server.status().sinceMs - beganMs) / 1000,
  };
}

describe('given a Burrow server', () => {
  test('when it fails and answers again, then its status says since when it does', async () => {
    const { burrow, ask, since } = given();
    await ask(LISTS);
    expect(since()).toBe(0);
    burrow.up = false;
    await ask(LISTS);
    await ask(LISTS);
    await ask('groups');
    expect(since()).toBe(2);
    burrow.up = true;
    await ask(LISTS);
    // About groups it still fails.
    expect(since()).toBe(2);
    await ask('groups');
    await ask('groups');
    expect(since()).toBe(6);
  });

  test('when what failed is not asked for any more, then it has been well since then', async () => {
    const { time, burrow, server, ask, since } = given();
    burrow.up = false;
    await ask('groups');
    await time.advance(1000);
    server.expect([]);
    expect([server.status().lastError, since()]).toEqual([null, 2]);
  });
});
