import { describe, expect, test } from 'vitest';
import { createTrafficCounters } from '../../src/telemetry/traffic-counters.ts';

const ZERO = { samples: 0, laggingSamples: 0, acknowledgedRecords: 0, exceptions: new Map() };

describe('given traffic of two clusters', () => {
  test('when the minute is taken, then each has its own counts, sorted, and starts again at 0', () => {
    const counters = createTrafficCounters();
    counters.countSample('b', 7);
    counters.countSample('b', 0);
    counters.countSample('b', null);
    counters.countAcknowledged('b', 40);
    counters.countAcknowledged('b', 2);
    counters.countException('a', 'burrowInvalid', 1);
    counters.countException('a', 'burrowInvalid', 2);
    counters.countException('a', 'offsetRewind', 1);
    expect(counters.takeMinute()).toEqual([
      {
        ...ZERO,
        cluster: 'a',
        exceptions: new Map([
          ['burrowInvalid', 3],
          ['offsetRewind', 1],
        ]),
      },
      { cluster: 'b', samples: 3, laggingSamples: 1, acknowledgedRecords: 42, exceptions: new Map() },
    ]);
    expect(counters.takeMinute()).toEqual([
      { ...ZERO, cluster: 'a' },
      { ...ZERO, cluster: 'b' },
    ]);
  });

  test('when the next minute counts, then what was taken does not change', () => {
    const counters = createTrafficCounters();
    counters.countException('a', 'offsetRewind', 1);
    const taken = counters.takeMinute();
    counters.countException('a', 'offsetRewind', 1);
    expect(taken[0]?.exceptions.get('offsetRewind')).toBe(1);
  });
});

describe('given a cluster that is only known', () => {
  test('when the minute is taken, then it is there with zeroes', () => {
    const counters = createTrafficCounters();
    counters.know('a');
    expect(counters.takeMinute()).toEqual([{ ...ZERO, cluster: 'a' }]);
  });
});

describe('given a cluster that is forgotten', () => {
  test('when it had counts, then they are given once and it is left out', () => {
    const counters = createTrafficCounters();
    counters.countSample('a', 1);
    counters.forget('a');
    counters.forget('never known');
    expect(counters.takeMinute()).toEqual([{ ...ZERO, cluster: 'a', samples: 1, laggingSamples: 1 }]);
    expect(counters.takeMinute()).toEqual([]);
  });

  test('when it is known again before the take, then it stays', () => {
    const counters = createTrafficCounters();
    counters.know('a');
    counters.forget('a');
    counters.know('a');
    counters.takeMinute();
    expect(counters.takeMinute()).toHaveLength(1);
  });
});

describe('given an exception of no one cluster', () => {
  test('when the minute is taken, then no cluster has it', () => {
    const counters = createTrafficCounters();
    counters.countException('', 'notifierInvalid', 1);
    expect(counters.takeMinute()).toEqual([]);
  });
});
