import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { createRefusals } from '../../src/outbox/refusals.ts';

const REASON = 'a line is larger than topic speed-racer allows: raise its max.message.bytes';

function setUp() {
  let nowMs = 5000;
  const told: unknown[] = [];
  const write = (line: string): void => {
    const { samples, zeroBounds } = JSON.parse(line) as Record<string, number>;
    told.push([samples, zeroBounds]);
  };
  const refusals = createRefusals({ clock: { nowMs: () => nowMs }, log: pino({}, { write }) });
  return { refusals, told, passes: (ms: number) => void (nowMs += ms) };
}

describe('given samples that the destination will never take', () => {
  test('when they come at every poll, then the log has one line for those of ten minutes', () => {
    const { refusals, told, passes } = setUp();
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
    const { refusals, passes } = setUp();
    expect(refusals.condition()).toEqual({ state: 'ok' });
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
    expect(refusals.condition()).toEqual({ state: 'ok' });
  });
});
