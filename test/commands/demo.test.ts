import { describe, expect, test } from 'vitest';
import { applySpeed } from '../../src/commands/demo.ts';
import { BROKERS, loadGood } from '../config/loading.ts';

describe('given a world that runs faster', () => {
  const configuration = loadGood({ env: BROKERS });

  test('when it is ten times as fast, then intervals are a tenth and all else is as before', () => {
    expect(applySpeed(configuration, 10)).toEqual({
      ...configuration,
      discovery: { ...configuration.discovery, intervalMs: 6000 },
      poll: { ...configuration.poll, intervalMs: 3000, pushSafetyMs: 60_000 },
      health: { burrowSilentMs: 48_000, sinkSilentMs: 30_000 },
    });
  });

  test('when it is a thousand times as fast, then nothing is shorter than 100 ms', () => {
    const { poll, discovery } = applySpeed(configuration, 1000);
    expect([poll.intervalMs, discovery.intervalMs]).toEqual([100, 100]);
  });
});
