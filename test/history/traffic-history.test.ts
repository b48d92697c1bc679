import { describe, expect, test } from 'vitest';
import { createTrafficHistory } from '../../src/history/traffic-history.ts';
import type { Metric } from '../../src/records/metrics.ts';
import type { SampleRecords, Subject } from '../../src/records/record.ts';

function sample(kind: Subject['kind'], ...metrics: Metric[]): SampleRecords {
  const subject: Subject = { kind, cluster: 'c' };
  const records = metrics.map(
    (metric) => ({ subject, metric, kind: 'value', value: 1, timestampSeconds: 1 }) as const,
  );
  return { key: 'c', cluster: 'c', takenAtMs: 1000, records };
}

describe('given a minute of traffic', () => {
  test('when it ends, then its records are told by family and the next one begins at 0', () => {
    const history = createTrafficHistory();
    history.countRecords(sample('group', 'totalLag', 'status', 'Lag', 'hosts'));
    history.countRecords(sample('topicPartition', 'offset', 'offsetRate'));
    history.countRecords(sample('cluster', 'totalMessage'));
    history.countException('offsetRewind', 2);
    history.minute([], 60_000);
    history.minute([], 120_000);
    expect(history.minutes()).toEqual([
      {
        number: 1,
        endedAtMs: 60_000,
        records: { lag: 3, consumer: 1, producer: 2, traffic: 1 },
        exceptions: new Map([['offsetRewind', 2]]),
        clusters: [],
      },
      {
        number: 2,
        endedAtMs: 120_000,
        records: { lag: 0, consumer: 0, producer: 0, traffic: 0 },
        exceptions: new Map(),
        clusters: [],
      },
    ]);
    expect(history.exceptionsOf('offsetRewind')).toEqual({ lastHour: 2, sinceStart: 2 });
  });

  test('when exceptions occur, then within the first hour they are those since the start, and later the old ones are not', () => {
    const history = createTrafficHistory();
    history.countException('offsetRewind', 2);
    for (let minute = 1; minute <= 59; minute++) history.minute([], minute * 60_000);
    history.countException('offsetRewind', 3);
    expect(history.exceptionsOf('offsetRewind')).toEqual({ lastHour: 5, sinceStart: 5 });
    history.minute([], 3_600_000);
    expect(history.exceptionsOf('offsetRewind')).toEqual({ lastHour: 3, sinceStart: 5 });
    expect(history.exceptionsOf('clockSetBack')).toEqual({ lastHour: 0, sinceStart: 0 });
  });

  test('when 61 have ended, then 60 are kept', () => {
    const history = createTrafficHistory();
    for (let minute = 1; minute <= 61; minute++) history.minute([], minute);
    expect(history.minutes().map(({ number }) => number)).toEqual(
      Array.from({ length: 60 }, (_, index) => index + 2),
    );
  });
});
