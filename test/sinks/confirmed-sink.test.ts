import { describe, expect, test } from 'vitest';
import type { EncodedSample } from '../../src/records/encoded-sample.ts';
import { createConfirmedSink } from '../../src/sinks/confirmed-sink.ts';
import type { Sink } from '../../src/sinks/sink.ts';
import { sampleOf } from '../outbox/sample-of.ts';
import { createReport, neverAborts } from './report.ts';

function setUp(endedSeconds: number, confirm: () => Promise<void> = () => Promise.resolve()) {
  const delivered: EncodedSample[][] = [];
  const bare: Sink = {
    name: 'bare',
    start: () => Promise.resolve(),
    stop: () => Promise.resolve(),
    deliver(samples, report) {
      delivered.push([...samples]);
      report.acknowledged(samples);
      return Promise.resolve();
    },
    condition: () => ({ state: 'ok', sinceMs: 0 }),
  };
  const sink = createConfirmedSink(bare, { confirm, endedSeconds: () => endedSeconds });
  return { sink, delivered };
}

describe('given a sink of a sidecar that another may take for dead', () => {
  test('when nothing was ended, then samples pass as they are', async () => {
    const { sink, delivered } = setUp(0);
    const { report, acknowledged } = createReport();
    const samples = [sampleOf('a', ['v'], 5000), sampleOf('b', ['v'], 6000)];
    await sink.deliver(samples, report, neverAborts);
    expect(delivered).toEqual([samples]);
    expect(acknowledged).toEqual(samples);
  });

  test('when its series were ended, then samples up to then are refused, and later ones pass', async () => {
    const { sink, delivered } = setUp(5);
    const { report, acknowledged, refused } = createReport();
    const [before, within, after] = [4000, 5999, 6000].map((atMs) => sampleOf('a', ['v'], atMs));
    await sink.deliver([before!, within!, after!], report, neverAborts);
    expect(delivered).toEqual([[after]]);
    expect(acknowledged).toEqual([after]);
    expect(refused.map(({ sample }) => sample)).toEqual([before, within]);
    expect(refused[0]?.reason).toContain('took this one for dead');
  });

  test('when all samples are from before, then nothing is delivered', async () => {
    const { sink, delivered } = setUp(5);
    const { report, refused } = createReport();
    await sink.deliver([sampleOf('a', ['v'], 1000)], report, neverAborts);
    expect(delivered).toEqual([]);
    expect(refused).toHaveLength(1);
  });

  test('when it is not known yet, then nothing is delivered', async () => {
    let known: () => void = () => undefined;
    const { sink, delivered } = setUp(0, () => new Promise((resolve) => (known = resolve)));
    const delivery = sink.deliver([sampleOf('a', ['v'], 1000)], createReport().report, neverAborts);
    await Promise.resolve();
    expect(delivered).toEqual([]);
    known();
    await delivery;
    expect(delivered).toHaveLength(1);
  });

  test('when it is started, asked how it fares and stopped, then that is the business of the bare one', async () => {
    const calls: [string, AbortSignal][] = [];
    const faulty = { state: 'faulty', reason: 'is away', sinceMs: 7 } as const;
    const bare: Sink = {
      name: 'bare',
      start: (signal) => Promise.resolve(void calls.push(['start', signal])),
      stop: (signal) => Promise.resolve(void calls.push(['stop', signal])),
      deliver: () => Promise.resolve(),
      condition: () => faulty,
    };
    const sink = createConfirmedSink(bare, { confirm: () => Promise.resolve(), endedSeconds: () => 0 });
    await sink.start(neverAborts);
    expect(sink.condition()).toBe(faulty);
    await sink.stop(neverAborts);
    expect(calls).toEqual([
      ['start', neverAborts],
      ['stop', neverAborts],
    ]);
  });
});
