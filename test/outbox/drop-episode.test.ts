import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { createDropEpisode } from '../../src/outbox/drop-episode.ts';

function setUp() {
  let nowMs = 5000;
  const lines: unknown[] = [];
  const write = (line: string): void => void lines.push(JSON.parse(line));
  const log = pino({ base: null, timestamp: false }, { write });
  const episode = createDropEpisode({ clock: { nowMs: () => nowMs }, log }, { remedy: 'outbox.memory' });
  return { episode, lines, passes: (ms: number) => void (nowMs += ms) };
}

const BEGAN = {
  level: 50,
  msg: 'The outbox is full: the oldest samples are dropped, all but their zero bounds',
};

describe('given an outbox that may be full', () => {
  test('when it never was, then all is well, and its end is nothing to tell', () => {
    const { episode, lines } = setUp();
    episode.end();
    expect([episode.condition(), lines]).toEqual([{ state: 'ok' }, []]);
  });

  test('when it drops, then that is told once, and the condition says how much went and what to do', () => {
    const { episode, lines, passes } = setUp();
    episode.dropped(3);
    passes(1000);
    episode.dropped(4);
    expect(lines).toEqual([BEGAN]);
    expect(episode.condition()).toEqual({
      state: 'faulty',
      reason:
        'the outbox is full and has dropped 7 records of 2 samples: mend or speed up the sink, or raise outbox.memory',
      sinceMs: 5000,
    });
  });

  test('when it is over, then that is told with what it has cost, and the next one counts anew', () => {
    const { episode, lines, passes } = setUp();
    episode.dropped(3);
    passes(1000);
    episode.end();
    episode.end();
    expect(episode.condition()).toEqual({ state: 'ok' });
    episode.dropped(5);
    expect(episode.condition()).toMatchObject({
      reason: expect.stringContaining('5 records of 1 samples') as string,
      sinceMs: 6000,
    });
    const over = 'The outbox has delivered all that waited; no more samples are dropped';
    expect(lines).toEqual([
      BEGAN,
      { level: 40, samples: 1, records: 3, zeroBounds: 0, durationMs: 1000, msg: over },
      BEGAN,
    ]);
  });

  test('when zero bounds go, too, then that is told by itself, and the condition and the end say how many', () => {
    const { episode, lines, passes } = setUp();
    episode.droppedBounds(2);
    passes(1000);
    episode.droppedBounds(3);
    episode.dropped(1);
    expect(episode.condition()).toMatchObject({
      reason: expect.stringContaining('1 records of 1 samples and 5 zero bounds: ') as string,
      sinceMs: 5000,
    });
    episode.end();
    expect(episode.condition()).toEqual({ state: 'ok' });
    episode.droppedBounds(4);
    const full = { level: 50, msg: expect.stringMatching(/^The outbox is full of zero bounds:/) as string };
    expect(lines).toEqual([
      full,
      expect.objectContaining({ level: 40, zeroBounds: 5, durationMs: 1000 }),
      full,
    ]);
  });
});
