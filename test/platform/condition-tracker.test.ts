import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { createConditionTracker } from '../../src/platform/condition-tracker.ts';

function tracked() {
  let nowMs = 1000;
  const lines: { msg: string; reason?: string; lastedSeconds?: number; droppedSamples?: number }[] = [];
  const causes: string[] = [];
  const log = pino(
    { base: null, timestamp: false },
    { write: (line) => void lines.push(JSON.parse(line) as never) },
  );
  const tracker = createConditionTracker({
    clock: { nowMs: () => nowMs },
    log,
    faults: { began: (cause) => void causes.push(cause), ended: () => ({ droppedSamples: 7 }) },
  });
  return { tracker, lines, causes, passes: (ms: number) => void (nowMs += ms) };
}

describe('given a destination that fails', () => {
  test('when it works again, then one line told of the beginning and one of the end with what it has cost', () => {
    const { tracker, lines, causes, passes } = tracked();
    tracker.faulty('broker 1 is away', 'unreachable');
    passes(500);
    tracker.faulty('broker 2 is away', 'unreachable');
    tracker.faulty('broker 1 is away', 'unreachable');
    expect(tracker.current()).toEqual({ state: 'faulty', reason: 'broker 1 is away', sinceMs: 1000 });
    passes(500);
    tracker.ok();
    tracker.ok();
    expect(lines).toEqual([
      { level: 40, reason: 'broker 1 is away', msg: 'The sink does not work; it is tried again' },
      {
        level: 30,
        reason: 'broker 1 is away',
        lastedSeconds: 1,
        times: 3,
        droppedSamples: 7,
        msg: 'The sink works again',
      },
    ]);
    expect(causes).toEqual(['unreachable']);
  });

  test('when the cause changes to and fro, then each is told and counted once', () => {
    const { tracker, lines, causes } = tracked();
    for (const cause of ['unreachable', 'credentials', 'unreachable', 'credentials'])
      tracker.faulty(`is ${cause}`, cause);
    expect(tracker.current()).toMatchObject({ reason: 'is credentials', sinceMs: 1000 });
    expect(lines.map(({ msg, reason }) => [msg, reason])).toEqual([
      ['The sink does not work; it is tried again', 'is unreachable'],
      ['The sink fails for another reason now', 'is credentials'],
    ]);
    expect(causes).toEqual(['unreachable', 'credentials']);
  });

  test('when it fails once more after it worked, then that is told and counted anew', () => {
    const { tracker, lines, causes } = tracked();
    tracker.faulty('is away', 'unreachable');
    tracker.ok();
    tracker.faulty('is away', 'unreachable');
    expect(lines).toHaveLength(3);
    expect(causes).toEqual(['unreachable', 'unreachable']);
  });
});
