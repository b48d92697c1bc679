import { describe, expect, test } from 'vitest';
import { createToldOnce } from '../../src/telemetry/told-once.ts';

function given() {
  const lines: [object, string][] = [];
  const tell = createToldOnce(
    { warn: (facts: object, message: string) => void lines.push([facts, message]) } as never,
    'Something is odd',
  );
  return { lines, tell };
}

describe('given things to be told once', () => {
  test('when one comes up again, then nothing is said', () => {
    const { lines, tell } = given();
    expect([tell('a', { name: 'a' }), tell('b', { name: 'b' }), tell('a', { name: 'a' })]).toEqual([
      true,
      true,
      false,
    ]);
    expect(lines).toEqual([
      [{ name: 'a' }, 'Something is odd'],
      [{ name: 'b' }, 'Something is odd'],
    ]);
  });

  test('when there are more than are remembered, then only the oldest are forgotten', () => {
    const { tell } = given();
    for (let index = 0; index <= 1000; index++) tell(String(index), {});
    expect([tell('1', {}), tell('1000', {}), tell('0', {})]).toEqual([false, false, true]);
  });
});
