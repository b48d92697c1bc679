import { existsSync, readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import type { EncodedSample } from '../../../src/records/encoded-sample.ts';
import { createTcpDestination, createTcpSink } from '../../../src/sinks/transport/tcp-sink.ts';
import { createManualTime, type ManualTime } from '../../outbox/manual-time.ts';
import { linesOf, sampleOf } from '../../outbox/sample-of.ts';
import { pollUntil } from '../../stack/poll-until.ts';
import { createReport, neverAborts } from '../report.ts';
import { startTcpReader } from './tcp-reader.ts';

const TIMEOUT_MS = 10_000;
/** Step by step so little time passes that real sockets, on a busy machine, are not late. */
const SLOWLY_MS = 1;
const CERTIFICATES = new URL('../../burrow/certificates/', import.meta.url);
const pemFile = (name: string): string => fileURLToPath(new URL(`${name}.pem`, CERTIFICATES));
const pem = (name: string): string => readFileSync(pemFile(name), 'utf8');

function sinkTo(
  address: string,
  tls: ConnectionOptions | null = null,
  monotonicOf: (time: ManualTime) => () => number = (time) => time.monotonicMs,
) {
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
  const monotonicMs = monotonicOf(time);
  const deps = { clock: time, scheduler: time, monotonicMs, random: () => 0, log, faults };
  return { sink: createTcpSink(deps, options), time, causes, deps };
}

type Made = Pick<ReturnType<typeof sinkTo>, 'sink' | 'time' | 'causes'>;

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
    expect(made.sink.condition()).toMatchObject({ state: 'ok' });
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

  test('when timers are earlier than the clock, then every sample is acknowledged', async () => {
    const reader = await startTcpReader();
    const made = sinkTo(reader.address, null, (time) => () => Math.floor(time.monotonicMs() * 0.9));
    expect(await deliver(made, samplesOf(3))).toEqual(samplesOf(3));
    expect(reader.lines()).toEqual(all(samplesOf(3)));
    await made.sink.stop(neverAborts);
  });

  test('when the system clock is set forward, then nothing is acknowledged earlier', async () => {
    const reader = await startTcpReader();
    const sockets: Socket[] = [];
    reader.onConnection = (socket) => void sockets.push(socket.pause());
    const made = sinkTo(reader.address);
    const samples = largeSamples(50);
    const { state, delivered } = begin(made, samples);
    await passTime(made, 'the connection', () => sockets.length === 1, 0);
    made.time.setClock(3_600_000);
    sockets[0]?.resume();
    await passTime(made, 'the lines', () => reader.lines().length === samples.length, 0);
    expect(state.acknowledged).toEqual([]);
    await passTime(made, 'the delivery', () => state.isOver);
    await delivered;
    expect(state.acknowledged).toEqual(samples);
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
    expect(made.sink.condition()).toMatchObject({ state: 'ok' });
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

  test('when a single sample takes it longer than the deadline, then it is waited for as long as it reads', async () => {
    const reader = await startTcpReader();
    const sockets: Socket[] = [];
    reader.onConnection = (socket) => void sockets.push(socket.pause());
    const made = sinkTo(reader.address);
    const sample = sampleOf('c/g', [`large ${'x'.repeat(64_000_000)}`]);
    const { state, delivered } = begin(made, [sample]);
    await passTime(made, 'the connection', () => sockets.length === 1, 0);
    const readBytes = (): number => sockets[0]?.bytesRead ?? 0;
    for (let wantedBytes = 16_000_000; wantedBytes <= 48_000_000; wantedBytes += 16_000_000) {
      sockets[0]?.resume();
      await passTime(made, 'reading', () => readBytes() >= wantedBytes, 0);
      sockets[0]?.pause();
      await made.time.advance(TIMEOUT_MS * 0.6);
    }
    expect(state.acknowledged).toEqual([]);
    sockets[0]?.resume();
    await passTime(made, 'the delivery', () => state.isOver, SLOWLY_MS);
    await delivered;
    expect([made.causes, state.acknowledged.length, reader.connections.length]).toEqual([[], 1, 1]);
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

  test('when the deadline of a stop is over, then it is not waited for', async () => {
    const reader = await startTcpReader();
    reader.onConnection = (socket) => void socket.pause();
    const made = sinkTo(reader.address);
    const off = new AbortController();
    const { delivered } = begin(made, largeSamples(), off.signal);
    await passTime(made, 'a connection', () => reader.connections.length === 1);
    off.abort(new Error('called off'));
    await expect(delivered).rejects.toThrow('called off');
    await made.sink.stop(off.signal);
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

describe('given a reader that speaks TLS, and files of another authority', () => {
  test('when other files are taken over, then the next connection is made with them', async () => {
    const reader = await startTcpReader({ tls: { cert: pem('server'), key: pem('server-key') } });
    const { deps, time, causes } = sinkTo(reader.address);
    const configured = (authority: string) => ({
      address: reader.address,
      timeoutMs: TIMEOUT_MS,
      tls: { caFile: pemFile(authority), verifyHostname: false },
    });
    const who = { reader: 'the reader', section: 'lines' };
    const { createSink, prepare } = createTcpDestination(deps, who, configured('stranger'));
    const made = { sink: createSink(), time, causes };
    const { state, delivered } = begin(made, samplesOf(2));
    await passTime(made, 'a fault', () => causes.includes('certificate'));
    expect(() => prepare(configured('missing'))).toThrow('ENOENT');
    prepare(configured('authority'))();
    await passTime(made, 'the delivery', () => state.isOver);
    await delivered;
    expect(reader.lines()).toEqual(all(samplesOf(2)));
    await made.sink.stop(neverAborts);
  });
});

describe('given a server that takes connections and never answers', () => {
  test('when TLS is asked for, then the fault says so at the deadline, and the connection is closed', async () => {
    const reader = await startTcpReader();
    let closed = 0;
    reader.onConnection = (socket) => socket.on('close', () => (closed += 1));
    const made = sinkTo(reader.address, {});
    const off = new AbortController();
    const { delivered } = begin(made, samplesOf(1), off.signal);
    await passTime(made, 'the connection', () => reader.connections.length === 1, 0);
    await made.time.advance(TIMEOUT_MS - 1);
    expect(made.sink.condition()).toMatchObject({ state: 'ok' });
    await made.time.advance(1);
    expect(made.sink.condition()).toMatchObject({
      reason: `the reader at ${reader.address} has not answered for 10 s: see whether it hangs or is overloaded, and check the network`,
    });
    expect(made.causes).toEqual(['silent']);
    off.abort(new Error('called off'));
    await expect(delivered).rejects.toThrow('called off');
    await passTime(made, 'the end of the connection', () => closed === 1, 0);
  });
});

const SOCKETS = '/proc/net/tcp';
const KEEP_ALIVE_TIMER = '02:';

/** Whether the system tells of its sockets; says so where it does not. */
function hidesSockets(what: string): boolean {
  if (existsSync(SOCKETS)) return false;
  console.log(`Skipped, because this system has no ${SOCKETS}: ${what}`);
  return true;
}

describe.skipIf(hidesSockets('keep-alive over TCP'))('given a connection that is idle', () => {
  /** The timer of each connection to this address. */
  function timersOf(address: string): readonly string[] {
    const port = Number(address.split(':')[1]).toString(16).toUpperCase().padStart(4, '0');
    const rows = readFileSync(SOCKETS, 'utf8').split('\n').slice(1, -1);
    return rows.flatMap((row) => {
      const [, , remote, , , timer = ''] = row.trim().split(/\s+/);
      return remote?.endsWith(`:${port}`) === true ? [timer] : [];
    });
  }

  test.each([
    ['plain', undefined, null],
    [
      'over TLS',
      { cert: pem('server'), key: pem('server-key') },
      { ca: pem('authority'), checkServerIdentity: () => undefined },
    ],
  ])('when it is %s, then the system asks whether the reader is still there', async (_, served, trusted) => {
    const reader = await startTcpReader(served === undefined ? {} : { tls: served });
    const made = sinkTo(reader.address, trusted);
    await deliver(made, samplesOf(1));
    await pollUntil(
      () => timersOf(reader.address).some((timer) => timer.startsWith(KEEP_ALIVE_TIMER)) || undefined,
      { what: 'the timer of keep-alive', withinMs: 5000 },
    );
    await made.sink.stop(neverAborts);
  });
});
