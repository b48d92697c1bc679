import { describe, expect, test } from 'vitest';
import { createTrafficReporter } from '../../src/poll/traffic-reporter.ts';
import type { SampleRecords } from '../../src/records/record.ts';
import { createTrafficCounters } from '../../src/telemetry/traffic-counters.ts';
import { createSimulatedTime } from '../support/simulated-time.ts';

const MINUTE_MS = 60_000;

async function given() {
  const time = createSimulatedTime();
  const counters = createTrafficCounters();
  const emitted: SampleRecords[] = [];
  const reporter = createTrafficReporter(
    { counters, emit: (records) => emitted.push(records), clock: time.clock, scheduler: time.scheduler },
    { intervalMs: MINUTE_MS, confirmZero: 1 },
  );
  await reporter.start(new AbortController().signal);
  return {
    time,
    counters,
    reporter,
    sent: (metric: string) =>
      emitted
        .flatMap(({ key, records }) => records.map((record) => ({ key, ...record })))
        .filter((record) => record.metric === metric)
        .map(({ key, kind, value }) => `${key} ${kind} ${value}`),
  };
}

describe('given the traffic of clusters', () => {
  test('when minutes pass, then each cluster is told of its own', async () => {
    const { time, counters, sent } = await given();
    counters.countSample('prod', 7);
    counters.countSample('prod', 0);
    counters.countSample('test', null);
    counters.countAcknowledged('prod', 12);
    await time.advance(MINUTE_MS);
    counters.countSample('prod', 0);
    await time.advance(MINUTE_MS);

    expect(sent('totalMessage')).toEqual([
      'prod/traffic start 0',
      'prod/traffic value 2',
      'test/traffic start 0',
      'test/traffic value 1',
      'prod/traffic value 1',
    ]);
    expect(sent('validMessage')).toEqual(['prod/traffic start 0', 'prod/traffic value 1']);
    expect(sent('metricsSent')).toEqual(['prod/traffic start 0', 'prod/traffic value 12']);
  });

  test('when a cluster is forgotten, then its series end', async () => {
    const { time, counters, sent } = await given();
    counters.countSample('prod', 0);
    await time.advance(MINUTE_MS);
    counters.countSample('prod', 0);
    counters.forget('prod');
    await time.advance(2 * MINUTE_MS);
    expect(sent('totalMessage').at(-1)).toBe('prod/traffic end 0');
  });

  test('when the sidecar stops, then every series ends and nothing more is told', async () => {
    const { time, counters, reporter, sent } = await given();
    counters.countSample('prod', 0);
    await time.advance(MINUTE_MS);
    await reporter.stop(new AbortController().signal);
    reporter.closeAll(time.clock.nowMs());
    counters.countSample('prod', 0);
    await time.advance(5 * MINUTE_MS);
    expect(sent('totalMessage')).toEqual([
      'prod/traffic start 0',
      'prod/traffic value 1',
      'prod/traffic end 0',
    ]);
    expect(time.pending()).toBe(0);
  });
});
