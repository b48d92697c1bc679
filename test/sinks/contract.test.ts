import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { pino } from 'pino';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { EncodedSample } from '../../src/records/encoded-sample.ts';
import { createFileSink } from '../../src/sinks/file/file-sink.ts';
import { createKafkaSink } from '../../src/sinks/kafka/kafka-sink.ts';
import type { Sink } from '../../src/sinks/sink.ts';
import type { SinkDeps } from '../../src/sinks/sink-kind.ts';
import { SINK_TYPES, type SinkType } from '../../src/sinks/sink-kinds.ts';
import { createStdoutSink } from '../../src/sinks/stdout/stdout-sink.ts';
import { createTcpDestination } from '../../src/sinks/transport/tcp-sink.ts';
import { createFakeBrokers, kafkaError } from '../kafka/fake-brokers.ts';
import { createManualTime, type ManualTime } from '../outbox/manual-time.ts';
import { linesOf, sampleOf } from '../outbox/sample-of.ts';
import { pollUntil } from '../stack/poll-until.ts';
import { createReport, neverAborts } from './report.ts';
import { startTcpReader } from './transport/tcp-reader.ts';

/** What must hold of every sink is tested on one of each kind. */
interface OneOfAKind {
  readonly sink: Sink;
  /** The lines of one key that have arrived, in their order. */
  readonly arrived: () => readonly string[] | Promise<readonly string[]>;
  /** From now on the destination takes nothing, until it is mended. */
  readonly breakDown: () => unknown;
  readonly mend: () => unknown;
}

/** Those that are gone for good when they take nothing: that has tests of its own. */
const NEVER_COME_BACK: readonly SinkType[] = ['stdout'];

const KINDS: Readonly<Record<SinkType, (deps: SinkDeps) => Promise<OneOfAKind> | OneOfAKind>> = {
  kafka(deps) {
    const brokers = createFakeBrokers();
    const { createProducer } = brokers;
    const options = { brokers: ['k:9092'], clientId: 'c', topic: 't', linesPerMessage: 2 } as const;
    return {
      sink: createKafkaSink({ ...deps, createProducer }, { ...options, compression: 'none' }),
      arrived: () => [...brokers.logs.values()].flat().flatMap(({ value }) => String(value).split('\n')),
      breakDown: () => {
        const away = kafkaError('KafkaJSConnectionError', { code: 'ECONNREFUSED', broker: 'k:9092' });
        brokers.connectErrors = Array.from({ length: 1000 }, () => away);
      },
      mend: () => (brokers.connectErrors = []),
    };
  },
  stdout({ clock, onClosed }) {
    const stream = new PassThrough();
    let read = '';
    stream.on('data', (bytes: Buffer) => (read += bytes.toString()));
    return {
      sink: createStdoutSink({ stream, clock, onClosed }),
      arrived: () => read.split('\n').slice(0, -1),
      breakDown: () => undefined,
      mend: () => undefined,
    };
  },
  async file(deps) {
    const folder = await mkdtemp(join(tmpdir(), 'rainbow-contract-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const path = join(folder, 'records', 'lag.txt');
    await mkdir(join(folder, 'records'));
    return {
      sink: createFileSink(deps, { path }),
      arrived: async () => (await readFile(path, 'utf8')).split('\n').slice(0, -1),
      breakDown: () => rm(join(folder, 'records'), { recursive: true }),
      mend: () => mkdir(join(folder, 'records')),
    };
  },
  async wavefront(deps) {
    let reader = await startTcpReader();
    const { address } = reader;
    const who = { reader: 'the reader', section: 'wavefront' };
    return {
      sink: createTcpDestination(deps, who, { address, timeoutMs: 10_000, tls: null }).createSink(),
      arrived: () => reader.lines(),
      breakDown: () => reader.stop(),
      mend: async () => (reader = await startTcpReader({ port: Number(address.split(':')[1]) })),
    };
  },
};

const samplesOf = (count: number): EncodedSample[] =>
  Array.from({ length: count }, (_, at) => sampleOf('c/g', [`a ${at}`, `b ${at}`, `c ${at}`]));

describe.each(SINK_TYPES)('given a sink of the kind %s', (type) => {
  async function openSink(): Promise<OneOfAKind & { readonly time: ManualTime }> {
    const time = createManualTime();
    const one = await KINDS[type]({
      clock: time,
      scheduler: time,
      monotonicMs: time.monotonicMs,
      random: () => 0,
      log: pino({ level: 'silent' }),
      faults: { began: () => undefined, ended: () => ({}) },
      stdout: new PassThrough(),
      onClosed: () => undefined,
    });
    onTestFinished(() => one.sink.stop(AbortSignal.abort()));
    return { ...one, time };
  }

  /** Lets time pass while real files and sockets do their work, until this holds. */
  async function passTime({ time }: { readonly time: ManualTime }, what: string, holds: () => boolean) {
    await pollUntil(
      async () => {
        await time.advance(50);
        return holds() ? true : undefined;
      },
      { what, withinMs: 20_000, everyMs: 1 },
    );
  }

  function begin({ sink }: OneOfAKind, samples: readonly EncodedSample[], signal = neverAborts) {
    const told = { ...createReport(), isOver: false };
    const delivered = sink.deliver(samples, told.report, signal).finally(() => (told.isOver = true));
    delivered.catch(() => undefined);
    return { told, delivered };
  }

  test('when batches are delivered, then the lines arrive in order, each sample is named once, and a stop loses none', async () => {
    const one = await openSink();
    await one.sink.start(neverAborts);
    const samples = samplesOf(100);
    const named: EncodedSample[] = [];
    for (const batch of [samples.slice(0, 1), samples.slice(1, 60), samples.slice(60)]) {
      const { told, delivered } = begin(one, batch);
      await passTime(one, 'the delivery', () => told.isOver);
      await delivered;
      named.push(...told.acknowledged);
      expect([told.refused, told.closed()]).toEqual([[], 0]);
    }
    expect(named).toEqual(samples);
    expect(one.sink.condition()).toMatchObject({ state: 'ok' });
    await one.sink.stop(neverAborts);
    await one.sink.stop(neverAborts);
    expect(await one.arrived()).toEqual(samples.flatMap(linesOf));
  });

  test('when the signal has aborted, then the delivery rejects with its reason, and names nothing', async () => {
    const one = await openSink();
    await one.sink.start(neverAborts);
    const { told, delivered } = begin(one, samplesOf(3), AbortSignal.abort(new Error('called off')));
    await expect(delivered).rejects.toThrow('called off');
    expect(told.acknowledged).toEqual([]);
  });

  if (NEVER_COME_BACK.includes(type)) return;

  test('when the signal aborts while the destination is away, then the delivery and the stop end at once', async () => {
    const one = await openSink();
    await one.breakDown();
    await one.sink.start(neverAborts);
    const off = new AbortController();
    const { told, delivered } = begin(one, samplesOf(3), off.signal);
    await passTime(one, 'a fault', () => one.sink.condition().state === 'faulty');
    off.abort(new Error('called off'));
    await expect(delivered).rejects.toThrow('called off');
    await one.sink.stop(off.signal);
    expect([told.acknowledged, told.refused]).toEqual([[], []]);
  });

  test('when the destination is away, then the sink says so since when, and delivers once it is back', async () => {
    const one = await openSink();
    await one.breakDown();
    await one.sink.start(neverAborts);
    const { told, delivered } = begin(one, samplesOf(20));
    const earliestMs = one.time.nowMs();
    await passTime(one, 'a fault', () => one.sink.condition().state === 'faulty');
    const since = one.sink.condition();
    await passTime(one, 'time', () => one.time.nowMs() > earliestMs + 1000);
    expect(one.sink.condition()).toMatchObject({
      state: 'faulty',
      reason: expect.stringMatching(/: ./) as string,
      sinceMs: since.state === 'faulty' ? since.sinceMs : null,
    });
    expect(told.acknowledged).toEqual([]);
    await one.mend();
    await passTime(one, 'the delivery', () => told.isOver);
    await delivered;
    expect(told.acknowledged).toEqual(samplesOf(20));
    expect(one.sink.condition()).toMatchObject({ state: 'ok' });
    await one.sink.stop(neverAborts);
    expect(await one.arrived()).toEqual(samplesOf(20).flatMap(linesOf));
  });
});
