import { Writable } from 'node:stream';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { createFirstPolls } from '../../src/poll/first-polls.ts';
import { createSimulatedTime } from '../support/simulated-time.ts';
import { clusterOf } from './fake-burrow.ts';
import { createHarness } from './maintainer-harness.ts';

interface Said {
  readonly msg: string;
  readonly groups?: number;
  readonly polledGroups?: number;
  readonly tookSeconds?: number;
}

function createScene() {
  const time = createSimulatedTime();
  const said: Said[] = [];
  const handlers: { hasPolled: () => boolean }[] = [];
  let polled = 0;
  const log = pino(
    new Writable({
      write(line: Buffer, _, done) {
        said.push(JSON.parse(line.toString()) as Said);
        done();
      },
    }),
  );
  const firstPolls = createFirstPolls({ ...time, log, groups: () => handlers });
  return {
    time,
    said,
    firstPolls,
    add: (count: number): void => {
      for (let index = 0; index < count; index++) {
        const place = handlers.length;
        handlers.push({ hasPolled: () => place < polled });
      }
      firstPolls.discovered();
    },
    poll: (count: number): void => {
      polled += count;
    },
  };
}

describe('given ten thousand groups that are polled for the first time', () => {
  test('when it takes twelve seconds, then the log says how far it is every five, and at last how long it took', async () => {
    const { time, said, firstPolls, add, poll } = createScene();
    add(10_000);
    poll(3200);
    await time.advance(5000);
    expect(firstPolls.progress()).toEqual({ polledGroups: 3200, groups: 10_000 });
    poll(5000);
    await time.advance(6000);
    poll(1800);
    await time.advance(60_000);
    expect(said).toMatchObject([
      { msg: 'first polls are under way', polledGroups: 3200, groups: 10_000 },
      { msg: 'first polls are under way', polledGroups: 8200, groups: 10_000 },
      { msg: 'every group has been polled once', groups: 10_000, tookSeconds: 12 },
    ]);
    expect(firstPolls.progress()).toBeNull();
    expect(time.pending()).toBe(0);
  });

  test('when all are polled and one more is discovered, then nothing is said about it', async () => {
    const { time, said, add, poll } = createScene();
    add(2);
    poll(2);
    await time.advance(5000);
    add(1);
    await time.advance(60_000);
    expect(said).toHaveLength(1);
  });

  test('when thousands are discovered after a few, then it is told of them, too', async () => {
    const { time, said, add, poll } = createScene();
    add(2);
    poll(2);
    await time.advance(5000);
    add(4000);
    poll(4000);
    await time.advance(60_000);
    expect(said.map(({ msg, groups }) => [msg, groups])).toEqual([
      ['every group has been polled once', 2],
      ['every group has been polled once', 4002],
    ]);
  });

  test('when it is stopped meanwhile, then nothing more is said', async () => {
    const { time, said, firstPolls, add } = createScene();
    add(10);
    firstPolls.stop();
    await time.advance(60_000);
    expect(said).toEqual([]);
    expect(time.pending()).toBe(0);
  });
});

describe('given a maintainer with more than a thousand groups', () => {
  test('when it starts, then it says how far the first polls are, and once that all are over', async () => {
    const { time, burrow, maintainer, never, said } = createHarness();
    burrow.world.set('local', clusterOf(Array.from({ length: 1200 }, (_, index) => `group-${index}`)));
    await maintainer.start(never);
    await time.advance(500);
    const early = maintainer.firstPolls();
    expect(early?.groups).toBe(1200);
    expect(early?.polledGroups).toBeLessThan(1200);
    await time.advance(31_000);
    expect(maintainer.firstPolls()).toBeNull();
    expect(said().filter(({ msg }) => msg === 'every group has been polled once')).toHaveLength(1);
  });

  test('when groups are polled only on events, then there is nothing to wait for', async () => {
    const { time, burrow, maintainer, never, said } = createHarness({
      sleep: { afterCalm: 4, safetyMs: 600_000 },
    });
    burrow.world.set('local', clusterOf(['billing']));
    await maintainer.start(never);
    await time.advance(10_000);
    expect(maintainer.firstPolls()).toBeNull();
    expect(said().filter(({ msg }) => msg.includes('first polls'))).toEqual([]);
  });
});
