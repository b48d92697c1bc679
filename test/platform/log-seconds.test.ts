import { describe, expect, test } from 'vitest';
import { logSeconds } from '../../src/platform/log-seconds.ts';

describe('given a duration in milliseconds', () => {
  test.each([
    [0, 0],
    [-5, 0],
    [0.123_456, 0.000123],
    [12.3456, 0.0123],
    [1234, 1.23],
    [59_999, 60],
    [159_000, 159],
    [86_400_000, 86_400],
    [4_567_890, 4570],
  ])('when it is %d, then the log has %d s', (durationMs, seconds) => {
    expect(logSeconds(durationMs)).toBe(seconds);
  });
});
