import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { createDropReport, createRefusalReport } from '../../src/outbox/outbox-reports.ts';

function setUpDrops() {
  let nowMs = 5000;
  const lines: unknown[] = [];
  const write = (line: string): void => void lines.push(JSON.parse(line));
  const log = pino({ base: null, timestamp: false }, { write });
  const drops = createDropReport({ clock: { nowMs: () => nowMs }, log }, { remedy: 'outbox.memory' });
  return { drops, lines, passes: (ms: number) => void (nowMs += ms) };
}

const BEGAN = {
  level: 50,
  msg: 'The outbox is full: the oldest samples are dropped, all but their zero bounds',
};

describe('given an outbox that may be full', () => {
  test('when it never was, then all is well, and its end is nothing to tell', () => {
    const { drops, lines } = setUpDrops();
    drops.end();
    expect([drops.condition(), lines]).toMatchObject([{ state: 'ok' }, []]);
  });

  test('when it drops, then that is told once, and the condition says how much went and what to do', () => {
    const { drops, lines, passes } = setUpDrops();
    drops.dropped(3);
    passes(1000);
    drops.dropped(4);
    expect(lines).toEqual([BEGAN]);
    expect(drops.condition()).toEqual({
      state: 'faulty',
      reason:
        'the outbox is full and has dropped 7 records of 2 samples: repair or speed up the sink, or raise outbox.memory',
      sinceMs: 5000,
    });
  });

  test('when it is over, then that is told with what it has cost, and the next one counts anew', () => {
    const { drops, lines, passes } = setUpDrops();
    drops.dropped(3);
    passes(1000);
    drops.end();
    drops.end();
    expect(drops.condition()).toMatchObject({ state: 'ok' });
    drops.dropped(5);
    expect(drops.condition()).toMatchObject({
      reason: expect.stringContaining('5 records of 1 samples') as string,
      sinceMs: 6000,
    });
    const over = 'The outbox has delivered all that waited; no more samples are dropped';
    expect(lines).toEqual([
      BEGAN,
      { level: 40, samples: 1, records: 3, zeroBounds: 0, lastedSeconds: 1, msg: over },
      BEGAN,
    ]);
  });

  test('when zero bounds go, too, then that is told by itself, and the condition and the end say how many', () => {
    const { drops, lines, passes } = setUpDrops();
    drops.droppedBounds(2);
    passes(1000);
    drops.droppedBounds(3);
    drops.dropped(1);
    expect(drops.condition()).toMatchObject({
      reason: expect.stringContaining('1 records of 1 samples and 5 zero bounds: ') as string,
      sinceMs: 5000,
    });
    drops.end();
    expect(drops.condition()).toMatchObject({ state: 'ok' });
    drops.droppedBounds(4);
    const full = { level: 50, msg: expect.stringMatching(/^The outbox is full of zero bounds:/) as string };
    expect(lines).toEqual([
      full,
      expect.objectContaining({ level: 40, zeroBounds: 5, lastedSeconds: 1 }),
      full,
    ]);
  });
});

const REASON = 'a line is larger than topic speed-racer allows: raise its max.message.bytes';

function setUpRefusals() {
  let nowMs = 5000;
  const told: unknown[] = [];
  const write = (line: string): void => {
    const { samples, zeroBounds } = JSON.parse(line) as Record<string, number>;
    told.push([samples, zeroBounds]);
  };
  const refusals = createRefusalReport({ clock: { nowMs: () => nowMs }, log: pino({}, { write }) });
  return { refusals, told, passes: (ms: number) => void (nowMs += ms) };
}

describe('given samples that the destination will never take', () => {
  test('when they come at every poll, then the log has one line for those of ten minutes', () => {
    const { refusals, told, passes } = setUpRefusals();
    for (let poll = 0; poll < 41; poll += 1) {
      refusals.refused({ samples: 2, zeroBounds: 1 }, REASON);
      passes(30_000);
    }
    expect(told).toEqual([
      [2, 1],
      [40, 20],
      [40, 20],
    ]);
  });

  test('when one was refused, then the condition says why, and forgets it after ten minutes', () => {
    const { refusals, passes } = setUpRefusals();
    expect(refusals.condition()).toMatchObject({ state: 'ok' });
    refusals.refused({ samples: 1, zeroBounds: 0 }, REASON);
    expect(refusals.condition()).toMatchObject({
      reason: `the destination has refused 1 samples: ${REASON}`,
    });
    passes(1000);
    refusals.refused({ samples: 2, zeroBounds: 3 }, REASON);
    expect(refusals.condition()).toEqual({
      state: 'faulty',
      reason: `the destination has refused 3 samples, so that 3 begins and ends of series are missing: ${REASON}`,
      sinceMs: 5000,
    });
    passes(600_000);
    expect(refusals.condition()).toMatchObject({ state: 'ok' });
  });
});
