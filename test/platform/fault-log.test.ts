import { describe, expect, test } from 'vitest';
import { createFaultLog, type FaultLogOptions } from '../../src/platform/fault-log.ts';

function faultLogWith(options: Partial<FaultLogOptions> = {}) {
  const lines: string[] = [];
  const time = { nowMs: 0 };
  const write = (level: string) => (facts: object, message: string) =>
    lines.push(`${level} ${message} ${JSON.stringify(facts)}`);
  const log = { error: write('error'), warn: write('warn'), info: write('info') } as unknown as Parameters<
    typeof createFaultLog
  >[0]['log'];
  const faults = createFaultLog(
    { log, clock: { nowMs: () => time.nowMs } },
    { began: 'Gone', ended: 'Back', ...options },
  );
  return { faults, lines, time };
}

describe('given a fault', () => {
  test('when it repeats and ends, then there is one line at each end, the second with what it cost', () => {
    const { faults, lines, time } = faultLogWith();
    faults.failed('b', { server: 'b', reason: 'refused' });
    time.nowMs = 30_000;
    faults.failed('b', { server: 'b', reason: 'timeout' });
    time.nowMs = 60_000;
    faults.recovered('b');
    faults.recovered('b');
    expect(lines).toEqual([
      'warn Gone {"server":"b","reason":"refused"}',
      'info Back {"server":"b","reason":"refused","lastedSeconds":60,"times":2}',
    ]);
  });

  test('when it comes again after its end, then it is a new one', () => {
    const { faults, lines } = faultLogWith();
    faults.failed('b', {});
    faults.recovered('b');
    faults.failed('b', {});
    expect(lines).toHaveLength(3);
  });

  test('when it flaps within the settling time, then it is one fault until it has settled', () => {
    const { faults, lines, time } = faultLogWith({ settleMs: 60_000 });
    for (let round = 0; round < 100; round++) {
      time.nowMs += 1000;
      faults.failed('b', {});
      faults.recovered('b');
    }
    expect(lines).toEqual(['warn Gone {}']);
    time.nowMs += 60_000;
    faults.recovered('b');
    expect(lines.at(-1)).toBe('info Back {"lastedSeconds":99,"times":100}');
  });

  test('when it is watched for long before it counts as over, then it lasted until the thing worked again', () => {
    const { faults, lines, time } = faultLogWith({ settleMs: 150_000 });
    faults.failed('b', {});
    time.nowMs = 3000;
    faults.succeeded('b');
    time.nowMs = 4000;
    faults.failed('b', {});
    time.nowMs = 5123;
    faults.succeeded('b');
    for (time.nowMs = 10_000; lines.length < 2; time.nowMs += 10_000) faults.recovered('b');
    expect(lines.at(-1)).toBe('info Back {"lastedSeconds":5.12,"times":2}');
    expect(time.nowMs).toBeGreaterThan(150_000);
  });

  test('when a success is all there is, then the fault goes on', () => {
    const { faults, lines, time } = faultLogWith();
    faults.failed('b', {});
    time.nowMs = 3000;
    faults.succeeded('b');
    expect(lines).toEqual(['warn Gone {}']);
    expect(faults.failed('b', {})).toBe(false);
  });

  test.each([0, 60_000])(
    'when the clock was set back meanwhile, then it ends all the same (settling time %i ms)',
    (settleMs) => {
      const { faults, lines, time } = faultLogWith({ settleMs });
      time.nowMs = 3_600_000;
      faults.failed('b', {});
      time.nowMs = 0;
      faults.recovered('b');
      expect(lines).toEqual(['warn Gone {}', 'info Back {"lastedSeconds":0,"times":1}']);
    },
  );

  test('when its subject is forgotten, then no line says that it ended', () => {
    const { faults, lines } = faultLogWith();
    faults.failed('b', {});
    faults.forget('b');
    faults.recovered('b');
    expect(lines).toEqual(['warn Gone {}']);
  });
});

describe('given more faults than are told apart', () => {
  test('when they come, then one line stands for all past the bound, until none is left', () => {
    const { faults, lines } = faultLogWith({ maxKeys: 2 });
    for (const key of ['a', 'b', 'c', 'd', 'c']) faults.failed(key, { key });
    expect(lines).toEqual([
      'warn Gone {"key":"a"}',
      'warn Gone {"key":"b"}',
      'warn Gone (more of them than are logged one by one) {"faults":2}',
    ]);
    faults.recovered('c');
    faults.recovered('a');
    faults.recovered('b');
    for (const key of ['a', 'b', 'c']) faults.failed(key, { key });
    expect(lines.at(-1)).toMatch(/more of them/);
    expect(lines).toHaveLength(8);
  });
});

describe('given a fault with several causes', () => {
  test('when the cause changes, then each is logged once, at the level of the fault', () => {
    const { faults, lines } = faultLogWith({ otherCause: 'Gone in another way', level: 'error' });
    const isNew = ['away', 'refused', 'away', 'refused'].map((cause) => faults.failed('b', { cause }, cause));
    expect(isNew).toEqual([true, true, false, false]);
    faults.recovered('b', () => ({ dropped: 3 }));
    expect(lines).toEqual([
      'error Gone {"cause":"away"}',
      'error Gone in another way {"cause":"refused"}',
      'info Back {"cause":"away","lastedSeconds":0,"times":4,"dropped":3}',
    ]);
  });

  test('when another cause is nothing to log, then the line of the beginning is the only one', () => {
    const { faults, lines } = faultLogWith();
    expect([faults.failed('b', {}, 'away'), faults.failed('b', {}, 'refused')]).toEqual([true, true]);
    expect(lines).toEqual(['warn Gone {}']);
  });
});

describe('given faults that have no end', () => {
  test('when there are more than are told apart, then only the oldest is forgotten, and logged again', () => {
    const { faults, lines } = faultLogWith({ ended: undefined, maxKeys: 2 });
    const isNew = ['a', 'b', 'a', 'c', 'b', 'a'].map((key) => faults.failed(key, { key }));
    expect(isNew).toEqual([true, true, false, true, false, true]);
    expect(lines).toHaveLength(4);
    faults.recovered('a');
    expect(lines).toHaveLength(4);
  });
});
