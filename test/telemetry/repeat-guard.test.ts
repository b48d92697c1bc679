import { describe, expect, test } from 'vitest';
import { createRepeatGuard } from '../../src/telemetry/repeat-guard.ts';

function guardWith(options: { settleMs?: number; maxKeys?: number } = {}) {
  const lines: string[] = [];
  const clock = { nowMs: 0 };
  const write = (level: string) => (facts: object, message: string) =>
    lines.push(`${level} ${message} ${JSON.stringify(facts)}`);
  const log = { warn: write('warn'), info: write('info') } as unknown as Parameters<
    typeof createRepeatGuard
  >[0]['log'];
  const guard = createRepeatGuard(
    { log, nowMs: () => clock.nowMs },
    { began: 'Gone', ended: 'Back', ...options },
  );
  return { guard, lines, clock };
}

describe('given a fault', () => {
  test('when it repeats and ends, then there is one line at each end, the second with what it cost', () => {
    const { guard, lines, clock } = guardWith();
    guard.failed('b', { server: 'b', reason: 'refused' });
    clock.nowMs = 30_000;
    guard.failed('b', { server: 'b', reason: 'timeout' });
    clock.nowMs = 60_000;
    guard.recovered('b');
    guard.recovered('b');
    expect(lines).toEqual([
      'warn Gone {"server":"b","reason":"refused"}',
      'info Back {"server":"b","reason":"refused","lastedSeconds":60,"times":2}',
    ]);
  });

  test('when it comes again after its end, then it is a new one', () => {
    const { guard, lines } = guardWith();
    guard.failed('b', {});
    guard.recovered('b');
    guard.failed('b', {});
    expect(lines).toHaveLength(3);
  });

  test('when it flaps within the settling time, then it is one fault until it has settled', () => {
    const { guard, lines, clock } = guardWith({ settleMs: 60_000 });
    for (let round = 0; round < 10; round++) {
      clock.nowMs += 1000;
      guard.failed('b', {});
      guard.recovered('b');
    }
    expect(lines).toEqual(['warn Gone {}']);
    clock.nowMs += 60_000;
    guard.recovered('b');
    expect(lines.at(-1)).toBe('info Back {"lastedSeconds":69,"times":10}');
  });

  test('when its subject is forgotten, then no line says that it ended', () => {
    const { guard, lines } = guardWith();
    guard.failed('b', {});
    guard.forget('b');
    guard.recovered('b');
    expect(lines).toEqual(['warn Gone {}']);
  });
});

describe('given more faults than are told apart', () => {
  test('when they come, then one line stands for all past the bound, until none is left', () => {
    const { guard, lines } = guardWith({ maxKeys: 2 });
    for (const key of ['a', 'b', 'c', 'd', 'c']) guard.failed(key, { key });
    expect(lines).toEqual([
      'warn Gone {"key":"a"}',
      'warn Gone {"key":"b"}',
      'warn Gone (more of them than are logged one by one) {"faults":2}',
    ]);
    guard.recovered('c');
    guard.recovered('a');
    guard.recovered('b');
    for (const key of ['a', 'b', 'c']) guard.failed(key, { key });
    expect(lines.at(-1)).toMatch(/more of them/);
    expect(lines).toHaveLength(8);
  });
});
