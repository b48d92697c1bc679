import { pino } from 'pino';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { OutboxSink } from '../../src/outbox/delivery.ts';
import { createOutbox } from '../../src/outbox/outbox.ts';
import type { Drop, OutboxOptions } from '../../src/outbox/outbox.ts';
import type { EncodedSample } from '../../src/records/encoded-sample.ts';
import { createFakeSink } from './fake-sink.ts';
import { createManualTime, settled } from './manual-time.ts';
import { linesOf, sampleOf } from './sample-of.ts';

async function startOutbox(options: Partial<OutboxOptions> = {}) {
  const time = createManualTime();
  const sink = createFakeSink();
  const dropped: Drop[] = [];
  const acknowledged: EncodedSample[] = [];
  const logged: Record<string, unknown>[] = [];
  const outbox = createOutbox(
    {
      sink,
      clock: time,
      monotonicMs: time.monotonicMs,
      scheduler: time,
      log: pino(
        {},
        { write: (line: string) => void logged.push(JSON.parse(line) as Record<string, unknown>) },
      ),
      onAcknowledged: (samples) => void acknowledged.push(...samples),
      onDropped: (drop) => void dropped.push(drop),
    },
    { memoryBytes: 1_000_000, ...options },
  );
  await outbox.start(new AbortController().signal);
  onTestFinished(() => outbox.stop(AbortSignal.abort()));
  return { outbox, time, sink, dropped, acknowledged, logged };
}

function offerLines(outbox: { offer(sample: EncodedSample): void }, ...lines: string[]): EncodedSample[] {
  return lines.map((line) => {
    const sample = sampleOf('c/g', [line]);
    outbox.offer(sample);
    return sample;
  });
}

describe('given an idle outbox', () => {
  test('when samples come within the linger, then they leave as one batch, in order', async () => {
    const { outbox, time, sink } = await startOutbox({ lingerMs: 20 });
    const samples = offerLines(outbox, 'a', 'b', 'c');
    await settled();
    expect(sink.batches).toEqual([]);
    await time.advance(20);
    expect(sink.batches).toEqual([samples]);
  });

  test('when a whole batch has come, then it leaves without lingering', async () => {
    const { outbox, sink } = await startOutbox({ lingerMs: 20, batchBytes: 4 });
    offerLines(outbox, 'a', 'b', 'c');
    await settled();
    expect(sink.batches).toHaveLength(1);
  });

  test('when nothing waits, then no timer is armed', async () => {
    const { outbox, time, sink } = await startOutbox();
    offerLines(outbox, 'a');
    await time.advance(20);
    sink.acknowledge();
    await settled();
    expect(time.armed()).toBe(0);
    expect(outbox.silentMs()).toBe(0);
  });
});

describe('given a sink at work', () => {
  test('when samples come meanwhile, then the next batch holds them all', async () => {
    const { outbox, time, sink } = await startOutbox({ lingerMs: 20 });
    offerLines(outbox, 'a');
    await time.advance(20);
    const later = offerLines(outbox, 'b', 'c');
    await time.advance(20);
    sink.acknowledge();
    await settled();
    expect(sink.batches[1]).toEqual(later);
  });

  test('when the oldest of them has waited for less than the linger, then it waits for company until then', async () => {
    const { outbox, time, sink } = await startOutbox({ lingerMs: 20 });
    offerLines(outbox, 'a');
    await time.advance(20);
    offerLines(outbox, 'b');
    await time.advance(15);
    sink.acknowledge();
    await time.advance(4);
    offerLines(outbox, 'c');
    expect(sink.batches).toHaveLength(1);
    await time.advance(1);
    expect(sink.batches[1]?.map(linesOf)).toEqual([['b'], ['c']]);
  });

  test('when a part of the batch is acknowledged, then that part is reported and no longer counted', async () => {
    const { outbox, time, sink, acknowledged } = await startOutbox();
    const [first] = offerLines(outbox, 'a', 'b');
    await time.advance(20);
    sink.acknowledge(1);
    expect(acknowledged).toEqual([first]);
    expect(outbox.depth()).toMatchObject({ samples: 1, records: 1 });
    expect(outbox.lastAcknowledgedMs()).toBe(time.nowMs());
  });

  test('when it says nothing for a while, then the silence is counted from when samples began to wait', async () => {
    const { outbox, time, sink } = await startOutbox();
    await time.advance(60_000);
    offerLines(outbox, 'a', 'b');
    await time.advance(30_000);
    expect(outbox.silentMs()).toBe(30_000);
    expect(outbox.oldestWaitingMs()).toBe(30_000);
    sink.acknowledge(1);
    await time.advance(10_000);
    expect(outbox.silentMs()).toBe(10_000);
    expect(outbox.oldestWaitingMs()).toBe(40_000);
  });

  test('when it refuses a sample and then says nothing, then it is unanswered since, and silent since before', async () => {
    const { outbox, time, sink } = await startOutbox();
    expect(outbox.unansweredMs()).toBe(0);
    offerLines(outbox, 'a', 'b');
    await time.advance(30_000);
    expect(outbox.unansweredMs()).toBe(30_000);
    sink.refuse(1, 'too large');
    await time.advance(5000);
    expect([outbox.silentMs(), outbox.unansweredMs()]).toEqual([35_000, 5000]);
    offerLines(outbox, 'c');
    sink.acknowledge(1);
    await time.advance(1000);
    expect(outbox.unansweredMs()).toBe(1000);
  });

  test.each([3_600_000, -3_600_000])(
    'when the system clock is set by %i ms while samples wait, then that is no silence',
    async (byMs) => {
      const { outbox, time } = await startOutbox();
      offerLines(outbox, 'a');
      await time.advance(1000);
      time.setClock(byMs);
      expect(outbox.silentMs()).toBe(1000);
    },
  );

  test('when it refuses a sample, then that is counted as a drop with its cause and the others go on', async () => {
    const { outbox, time, sink, dropped } = await startOutbox();
    offerLines(outbox, 'a', 'b');
    await time.advance(20);
    sink.refuse(1, 'too large');
    sink.acknowledge();
    expect(dropped).toEqual([{ cluster: 'c', samples: 1, records: 1, cause: 'refused' }]);
    expect(outbox.depth().samples).toBe(0);
  });

  test('when it fails unexpectedly, then the rest of its batch is tried again after a pause', async () => {
    const { outbox, time, sink, logged } = await startOutbox();
    const [, second] = offerLines(outbox, 'a', 'b');
    await time.advance(20);
    sink.acknowledge(1);
    sink.fail(new Error('a fault in the sink'));
    await time.advance(2000);
    expect(sink.batches[1]).toEqual([second]);
    expect(logged.map(({ msg }) => msg)).toContain('The sink failed unexpectedly; the batch is tried again');
  });
});

describe('given an outbox whose bound is reached', () => {
  async function startFull() {
    const started = await startOutbox({ memoryBytes: 5000 });
    const { outbox, time } = started;
    outbox.offer(sampleOf('c/g', ['flying']));
    await time.advance(20);
    const value = '5'.repeat(1000);
    for (const name of ['a', 'b', 'c', 'd']) outbox.offer(sampleOf('d/g', [`0 ${name}`, `${name} ${value}`]));
    return started;
  }

  test('when more comes, then the oldest waiting sample keeps its place and only its bounds', async () => {
    const { sink, dropped, time } = await startFull();
    sink.acknowledge();
    await time.advance(20);
    const lines = sink.batches[1]?.map(linesOf);
    expect(lines?.map(([bound]) => bound)).toEqual(['0 a', '0 b', '0 c', '0 d']);
    expect(lines?.map(({ length }) => length)).toEqual([1, 1, 2, 2]);
    expect(dropped[0]).toEqual({ cluster: 'd', samples: 1, records: 1, cause: 'full' });
  });

  test('when samples are dropped, then the condition says so, once in the log, until all is delivered', async () => {
    const { outbox, sink, logged, time } = await startFull();
    expect(outbox.condition()).toMatchObject({ state: 'faulty' });
    sink.acknowledge();
    await time.advance(20);
    expect(outbox.condition()).toMatchObject({ state: 'faulty' });
    sink.acknowledge();
    await settled();
    expect(outbox.condition()).toMatchObject({ state: 'ok' });
    expect(logged.map(({ level }) => level)).toEqual([50, 40]);
  });
});

describe('given samples that wait', () => {
  test('when it stops and the sink keeps up, then all are delivered first', async () => {
    const { outbox, sink, acknowledged } = await startOutbox({ batchBytes: 2 });
    offerLines(outbox, 'a', 'b');
    const stopped = outbox.stop(new AbortController().signal);
    await settled();
    sink.acknowledge();
    await settled();
    sink.acknowledge();
    await stopped;
    expect(acknowledged).toHaveLength(2);
    expect(outbox.depth().samples).toBe(0);
  });

  test('when its deadline passes while it stops, then it says how much was left', async () => {
    const { outbox, time, logged } = await startOutbox();
    offerLines(outbox, 'a', 'b', 'c');
    await time.advance(20);
    const deadline = new AbortController();
    const stopped = outbox.stop(deadline.signal);
    deadline.abort();
    await stopped;
    expect(logged.at(-1)).toMatchObject({ samples: 3, records: 3, level: 50 });
    expect(outbox.depth().samples).toBe(3);
  });

  test('when what waits takes its time while it stops, then it says every two seconds what still waits, and at last what came of it', async () => {
    const { outbox, time, sink, logged } = await startOutbox({ batchBytes: 1 });
    offerLines(outbox, '1', '2', '3');
    await time.advance(20);
    const stopped = outbox.stop(new AbortController().signal);
    await time.advance(2000);
    sink.acknowledge();
    await time.advance(2000);
    sink.acknowledge();
    await settled();
    sink.acknowledge();
    await stopped;
    expect(logged).toMatchObject([
      {
        waitingSamples: 3,
        waitingRecords: 3,
        deliveredSamples: 0,
        msg: 'Waiting samples are being delivered',
      },
      { waitingSamples: 2, waitingRecords: 2, deliveredSamples: 1, deliveredRecords: 1 },
      { deliveredSamples: 3, deliveredRecords: 3, waitingSamples: 0, waitingRecords: 0, tookSeconds: 4 },
    ]);
    expect(time.armed()).toBe(0);
  });

  test('when nothing waits while it stops, then there is nothing to say', async () => {
    const { outbox, logged } = await startOutbox();
    await outbox.stop(new AbortController().signal);
    expect(logged).toEqual([]);
  });

  test('when it is stopped twice, then both calls end', async () => {
    const { outbox } = await startOutbox();
    await Promise.all([outbox.stop(AbortSignal.abort()), outbox.stop(AbortSignal.abort())]);
    expect(outbox.depth().samples).toBe(0);
  });

  test('when the destination is gone for good, then it stops at once and in silence', async () => {
    const { outbox, time, sink, logged } = await startOutbox();
    offerLines(outbox, 'a', 'b');
    await time.advance(20);
    sink.close();
    await outbox.stop(new AbortController().signal);
    expect(logged).toEqual([]);
  });

  test('when a sample comes after the stop, then it is counted as dropped', async () => {
    const { outbox, dropped } = await startOutbox();
    await outbox.stop(new AbortController().signal);
    offerLines(outbox, 'a');
    expect(dropped).toEqual([{ cluster: 'c', samples: 1, records: 1, cause: 'stopped' }]);
  });
});

describe('given a sink that names samples more than once', () => {
  test('when it does, then each counts as acknowledged or refused once', async () => {
    const time = createManualTime();
    const acknowledged: EncodedSample[] = [];
    const dropped: Drop[] = [];
    const outbox = createOutbox(
      {
        sink: {
          deliver(samples, report) {
            report.acknowledged(samples.slice(0, 1));
            report.acknowledged(samples.slice(0, 2));
            report.refused(samples.slice(1), 'no');
            report.refused(samples, 'no');
            return Promise.resolve();
          },
        },
        clock: time,
        monotonicMs: time.monotonicMs,
        scheduler: time,
        log: pino({ level: 'silent' }),
        onAcknowledged: (samples) => void acknowledged.push(...samples),
        onDropped: (drop) => void dropped.push(drop),
      },
      { memoryBytes: 1_000_000 },
    );
    await outbox.start(new AbortController().signal);
    const samples = offerLines(outbox, 'a', 'b', 'c');
    await time.advance(20);
    expect(acknowledged).toEqual(samples.slice(0, 2));
    expect(dropped).toHaveLength(1);
    await outbox.stop(AbortSignal.abort());
  });
});

describe('given a sink that has failed unexpectedly and says more before it is tried again', () => {
  async function failed() {
    const time = createManualTime();
    const reports: Parameters<OutboxSink['deliver']>[1][] = [];
    const outbox = createOutbox(
      {
        sink: {
          deliver(_samples, report) {
            reports.push(report);
            return Promise.reject(new Error('a fault in the sink'));
          },
        },
        clock: time,
        monotonicMs: time.monotonicMs,
        scheduler: time,
        log: pino({ level: 'silent' }),
        onAcknowledged: () => undefined,
        onDropped: () => undefined,
      },
      { memoryBytes: 1_000_000 },
    );
    await outbox.start(new AbortController().signal);
    onTestFinished(() => outbox.stop(AbortSignal.abort()));
    const samples = offerLines(outbox, 'a');
    await time.advance(20);
    return { outbox, time, reports, samples };
  }

  test('when it is gone for good, then nothing is delivered to it any more', async () => {
    const { outbox, time, reports } = await failed();
    reports[0]?.closed();
    await time.advance(60_000);
    expect(reports).toHaveLength(1);
    await outbox.stop(new AbortController().signal);
  });

  test('when all has arrived after all, then it is not given an empty batch', async () => {
    const { outbox, time, reports, samples } = await failed();
    reports[0]?.acknowledged(samples);
    await time.advance(60_000);
    expect(reports).toHaveLength(1);
    offerLines(outbox, 'b');
    await time.advance(20);
    expect(reports).toHaveLength(2);
  });
});

describe('given a sink that hangs, whatever it is told', () => {
  test('when the outbox is stopped, then it ends at the deadline', async () => {
    const time = createManualTime();
    const outbox = createOutbox(
      {
        sink: { deliver: () => new Promise(() => undefined) },
        clock: time,
        monotonicMs: time.monotonicMs,
        scheduler: time,
        log: pino({ level: 'silent' }),
        onAcknowledged: () => undefined,
        onDropped: () => undefined,
      },
      { memoryBytes: 1_000_000 },
    );
    await outbox.start(new AbortController().signal);
    offerLines(outbox, 'a');
    await time.advance(20);
    const deadline = new AbortController();
    const stopped = outbox.stop(deadline.signal);
    deadline.abort(new Error('deadline'));
    await time.advance(0);
    await stopped;
    expect(outbox.depth().samples).toBe(1);
  });
});
