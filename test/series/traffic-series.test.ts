import { describe, expect, test } from 'vitest';
import { createTrafficSeries } from '../../src/series/traffic-series.ts';
import { NONE_RECOVERED, START_MS } from './history.ts';

const START = START_MS / 1000;

describe('given the traffic of a cluster', () => {
  test('when counts come minute by minute, then each kind is a series from 0 to 0', () => {
    const series = createTrafficSeries('prod', { intervalMs: 60_000, confirmZero: 1 }, NONE_RECOVERED);
    const minutes = [
      { totalMessage: 4, validMessage: 1, metricsSent: 30, exceptions: new Map([['offsetRewind', 2]]) },
      { totalMessage: 4, validMessage: 0, metricsSent: 20, exceptions: new Map<string, number>() },
      { totalMessage: 4, validMessage: 0, metricsSent: 20, exceptions: new Map([['burrowInvalid', 1]]) },
    ];
    const records = minutes.flatMap(
      (counts, minute) => series.take({ takenAtMs: START_MS + minute * 60_000, ...counts })?.records ?? [],
    );
    records.push(...(series.gone(START_MS + 170_000)?.records ?? []));
    const sent = (metric: string): string[] =>
      records
        .filter((r) => r.metric === metric)
        .map((r) => `${r.timestampSeconds - START} ${r.value} ${r.kind}`);

    expect(sent('totalMessage')).toEqual(['-60 0 start', '0 4 value', '120 4 value', '170 0 end']);
    expect(sent('validMessage')).toEqual(['-60 0 start', '0 1 value', '60 0 end']);
    expect(sent('exceptionCount')).toEqual(['-60 0 start', '0 2 value', '120 1 value', '170 0 end']);
    expect(sent('exception.offsetRewind')).toEqual(['-60 0 start', '0 2 value', '60 0 end']);
    expect(sent('exception.burrowInvalid')).toEqual(['60 0 start', '120 1 value', '170 0 end']);
  });
});
