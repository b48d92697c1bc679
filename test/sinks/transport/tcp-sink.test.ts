import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import type { EncodedSample } from '../../../src/records/encoded-sample.ts';
import { createTcpSink } from '../../../src/sinks/transport/tcp-sink.ts';
import { createManualTime } from '../../outbox/manual-time.ts';
import { linesOf, sampleOf } from '../../outbox/sample-of.ts';
import { pollUntil } from '../../stack/poll-until.ts';
import { createReport, neverAborts } from '../report.ts';
import { startTcpReader } from './tcp-reader.ts';

const TIMEOUT_MS = 10_000;
/** Step by step so little time passes that real sockets, on a busy machine, are not late. */
const SLOWLY_MS = 1;
const CERTIFICATES = new URL('../../burrow/certificates/', import.meta.url);
const pem = (name: string): string => readFileSync(new URL(`${name}.pem`, CERTIFICATES), 'utf8');

function sinkTo(address: string, tls: ConnectionOptions | null = null) {
  const time = createManualTime();
  const log = pino({ level: 'silent' });
  const causes: string[] = [];
  const faults = { began: (cause: string) => void causes.push(cause), ended: () => ({}) };
  const options = {
    reader: 'the reader',
    section: 'lines',
    address,
    timeoutMs: TIMEOUT_MS,
    tls: () => tls,
  };
  const deps = { clock: time, scheduler: time, random: () => 0, log, faults };
  return { sink: createTcpSink(deps, options), time, causes };
}

type Made = ReturnType<typeof sinkTo>;

/** Lets time pass while real sockets do their work, until this holds. */
async function passTime({ time }: Made, what: string, until: () => boolean, stepMs = 50): Promise<void> {
  await pollUntil(
    async () => {
      await time.advance(stepMs);
      return until() ? true : undefined;
    },
    { what, withinMs: 20_000, everyMs: 1 },
  );
}

/** Begins a delivery. */
function begin({ sink }: Made, samples: readonly EncodedSample[], signal = neverAborts) {
  const { report, acknowledged, refused, closed } = createReport();
  const state = { acknowledged, refused, closed, isOver: false };
  const delivered = sink.deliver(samples, report, signal).finally(() => (state.isOver = true));
  delivered.catch(() => undefined);
  return { state, delivered };
}

async function deliver(made: Made, samples: readonly EncodedSample[]): Promise<readonly EncodedSample[]> {
  const { state, delivered } = begin(made, samples);
  await passTime(made, 'the delivery', () => state.isOver);
  await delivered;
  return state.acknowledged;
}

const samplesOf = (count: number, from = 0): EncodedSample[] =>
  Array.from({ length: count }, (_, at) => sampleOf('c/g', [`a ${from + at}`, `b ${from + at}`]));
const all = (samples: readonly EncodedSample[]): string[] => samples.flatMap(linesOf);
/** More than the buffers of two systems hold. */
const largeSamples = (count = 200): EncodedSample[] =>
  Array.from({ length: count }, (_, at) => sampleOf('c/g', [`${at} ${'x'.repeat(200_000)}`]));

describe('given a reader of lines over TCP', () => {
  test('when samples are delivered, then it gets their lines in order, over one connection', async () => {
    const reader = await startTcpReader();
    const made = sinkTo(reader.address);
    const samples = samplesOf(300);
    expect(await deliver(made, samples.slice(0, 200))).toEqual(samples.slice(0, 200));
    expect(await deliver(made, samples.slice(200))).toEqual(samples.slice(200));
    expect(reader.lines()).toEqual(all(samples));
    expect(reader.connections).toHaveLength(1);
    expect(made.sink.condition()).toEqual({ state: 'ok' });
    await made.sink.stop(neverAborts);
  });

  test('when a sample was only just taken, then it is not acknowledged yet', async () => {
    const reader = await startTcpReader();
    const made = sinkTo(reader.address);
    const { state } = begin(made, samplesOf(1));
    await passTime(made, 'the lines', () => reader.lines().length === 2, 0);
    await made.time.advance(199);
    expect(state.acknowledged).toEqual([]);
    await made.time.advance(1);
    expect(state.acknowledged).toHaveLength(1);
    await made.sink.stop(neverAborts);
  });

  test('when it closes an idle connection, then the next delivery takes another one, and nothing was faulty', async () => {
    const reader = await startTcpReader();
    const made = sinkTo(reader.address);
    let isClosed = false;
    let closeFirst = (): void => undefined;
    reader.onConnection = (socket) => {
      if (reader.connections.length > 1) return;
      socket.on('close', () => (isClosed = true));
      closeFirst = () => socket.end();
    };
    await deliver(made, samplesOf(1));
    closeFirst();
    await passTime(made, 'the end of the connection', () => isClosed);
    expect(await deliver(made, samplesOf(1, 1))).toHaveLength(1);
    expect(reader.lines()).toEqual(all(samplesOf(2)));
    expect(made.causes).toEqual([]);
    await made.sink.stop(neverAborts);
  });

  test('when the sink stops, then the reader gets all and learns that no more comes', async () => {
    const reader = await startTcpReader();
    let ended = false;
    reader.onConnection = (socket) => socket.on('end', () => (ended = true));
    const made = sinkTo(reader.address);
    await deliver(made, samplesOf(5));
    await made.sink.stop(neverAborts);
    expect(ended).toBe(true);
    expect(reader.lines()).toEqual(all(samplesOf(5)));
    await made.sink.stop(neverAborts);
  });
});

describe('given a reader that restarts', () => {
  test('when it is away between two deliveries, then the second waits for it, and nothing is lost', async () => {
    const first = await startTcpReader();
    const made = sinkTo(first.address);
    const port = Number(first.address.split(':')[1]);
    await deliver(made, samplesOf(3));
    await first.stop();
    const { state, delivered } = begin(made, samplesOf(3, 3));
    await passTime(made, 'a fault', () => made.causes.includes('unreachable'));
    expect(made.sink.condition()).toMatchObject({
      reason: `nothing listens at ${first.address}: start the reader, or correct lines.address`,
    });
    expect(state.acknowledged).toEqual([]);
    const second = await startTcpReader({ port });
    await passTime(made, 'the delivery', () => state.isOver);
    await delivered;
    expect(state.acknowledged).toEqual(samplesOf(3, 3));
    expect([first.lines(), second.lines()]).toEqual([all(samplesOf(3)), all(samplesOf(3, 3))]);
    expect(made.sink.condition()).toEqual({ state: 'ok' });
    await made.sink.stop(neverAborts);
  });

  test('when it dies with what it was just sent, then that is sent again, each sample from its beginning', async () => {
    const reader = await startTcpReader();
    reader.onConnection = (socket) => {
      if (reader.connections.length === 1) socket.once('data', () => socket.resetAndDestroy());
    };
    const made = sinkTo(reader.address);
    const samples = samplesOf(20);
    const { state, delivered } = begin(made, samples);
    await passTime(made, 'the second connection', () => reader.connections.length === 2);
    expect(state.acknowledged).toEqual([]);
    await passTime(made, 'the delivery', () => state.isOver);
    await delivered;
    expect(reader.connections[1]?.lines()).toEqual(all(samples));
    expect(state.acknowledged).toEqual(samples);
    expect(made.causes).toEqual(['closed']);
    await made.sink.stop(neverAborts);
  });
});

describe('given a reader that is slow', () => {
  test('when it makes no room, then the delivery waits with it, and goes on where it was', async () => {
    const reader = await startTcpReader();
    let resume = (): void => undefined;
    reader.onConnection = (socket) => {
      socket.pause();
      resume = () => void socket.resume();
    };
    const made = sinkTo(reader.address);
    const samples = largeSamples();
    const { state, delivered } = begin(made, samples);
    // Not so long that it would be left.
    for (let step = 0; step < 20; step += 1) {
      await pollUntil(() => made.time.advance(100).then(() => true), { what: 'a step', withinMs: 1000 });
    }
    expect(state.acknowledged.length).toBeLessThan(samples.length);
    resume();
    await passTime(made, 'the delivery', () => state.isOver, SLOWLY_MS);
    await delivered;
    expect(state.acknowledged).toEqual(samples);
    expect(reader.lines()).toEqual(all(samples));
    expect(reader.connections).toHaveLength(1);
    expect(made.causes).toEqual([]);
    await made.sink.stop(neverAborts);
  });

  test('when it takes nothing any more, then the sink says so, leaves it, and sends the rest over another connection', async () => {
    const reader = await startTcpReader();
    reader.onConnection = (socket) => {
      if (reader.connections.length === 1) socket.pause();
    };
    const made = sinkTo(reader.address);
    const samples = largeSamples();
    const { state, delivered } = begin(made, samples);
    await passTime(made, 'a fault', () => made.causes.length > 0);
    expect(made.sink.condition()).toMatchObject({
      reason: `the reader at ${reader.address} has made no room for records for 10 s: see whether it hangs or is overloaded, and check the network`,
    });
    const before = state.acknowledged.length;
    expect(before).toBeLessThan(samples.length);
    await passTime(made, 'the delivery', () => state.isOver, SLOWLY_MS);
    await delivered;
    expect(state.acknowledged).toEqual(samples);
    expect(reader.connections[1]?.lines()).toEqual(all(samples.slice(before)));
    expect(made.causes).toEqual(['silent']);
    await made.sink.stop(neverAborts);
  });

  test('when the delivery is called off, then it ends at once with the reason', async () => {
    const reader = await startTcpReader();
    reader.onConnection = (socket) => void socket.pause();
    const made = sinkTo(reader.address);
    const off = new AbortController();
    const { delivered } = begin(made, largeSamples(), off.signal);
    await passTime(made, 'a connection', () => reader.connections.length === 1);
    off.abort(new Error('called off'));
    await expect(delivered).rejects.toThrow('called off');
    const stopped = made.sink.stop(neverAborts);
    await made.time.advance(1000);
    await stopped;
  });
});

describe('given a reader that wants TLS', () => {
  const tls = { cert: pem('server'), key: pem('server-key') };

  test('when its authority is trusted, then it gets the lines', async () => {
    const reader = await startTcpReader({ tls });
    const made = sinkTo(reader.address, { ca: pem('authority'), checkServerIdentity: () => undefined });
    await deliver(made, samplesOf(2));
    expect(reader.lines()).toEqual(all(samplesOf(2)));
    await made.sink.stop(neverAborts);
  });

  test('when it is not trusted, then the fault says so, and nothing is sent', async () => {
    const reader = await startTcpReader({ tls });
    const made = sinkTo(reader.address, {});
    const off = new AbortController();
    const { delivered } = begin(made, samplesOf(1), off.signal);
    await passTime(made, 'a fault', () => made.causes.length > 0);
    expect(made.causes).toEqual(['certificate']);
    expect(made.sink.condition()).toMatchObject({
      reason: expect.stringContaining('check lines.tls and the certificate there') as string,
    });
    off.abort(new Error('called off'));
    await expect(delivered).rejects.toThrow('called off');
    expect(reader.lines()).toEqual([]);
  });
});
