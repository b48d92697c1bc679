import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { describe, expect, onTestFinished, test } from 'vitest';
import { check, createFileSink } from '../../../src/sinks/file/file-sink.ts';
import type { EncodedSample } from '../../../src/records/encoded-sample.ts';
import { createManualTime } from '../../outbox/manual-time.ts';
import { sampleOf } from '../../outbox/sample-of.ts';
import { pollUntil } from '../../stack/poll-until.ts';
import { createReport, neverAborts } from '../report.ts';
import { skipsAsRoot } from '../../support/as-root.ts';

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'rainbow-file-sink-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

function fileSink(path: string) {
  const time = createManualTime();
  const sink = createFileSink({ clock: time, scheduler: time, log: pino({ level: 'silent' }) }, { path });
  return { sink, time };
}

/** Waits, over real file operations, until the sink has said that it is faulty. */
function faultOf(sink: ReturnType<typeof fileSink>['sink']) {
  return pollUntil(
    () => {
      const condition = sink.condition();
      return condition.state === 'faulty' ? condition : undefined;
    },
    { what: 'a faulty condition', withinMs: 5000, everyMs: 5 },
  );
}

describe('given a file that can be written', () => {
  test('when samples are delivered, then their lines are appended in order and each is acknowledged', async () => {
    const path = join(await folder(), 'out.txt');
    const { sink } = fileSink(path);
    const { report, acknowledged } = createReport();
    const many = Array.from({ length: 1500 }, (_, index) => sampleOf('c/g', [`a ${index}`, `b ${index}`]));
    await sink.deliver(many.slice(0, 2), report, neverAborts);
    await sink.deliver(many.slice(2), report, neverAborts);
    expect(await readFile(path, 'utf8')).toBe(many.map(({ bytes }) => bytes.toString()).join(''));
    expect(acknowledged).toEqual(many);
    expect(sink.condition()).toMatchObject({ state: 'ok' });
  });

  test('when it is renamed between two batches, then the second goes into a new file', async () => {
    const path = join(await folder(), 'out.txt');
    const { sink } = fileSink(path);
    await sink.deliver([sampleOf('c/g', ['old'])], createReport().report, neverAborts);
    await rename(path, `${path}.1`);
    await sink.deliver([sampleOf('c/g', ['new'])], createReport().report, neverAborts);
    expect(await readFile(path, 'utf8')).toBe('new\n');
  });
});

describe('given a path that is checked', () => {
  const finding = async (path: string): Promise<unknown> => (await check({ file: { path } }).next()).value;

  test('when it can be appended to, then the finding says so', async () => {
    const path = join(await folder(), 'out.txt');
    expect(await finding(path)).toEqual({
      verdict: 'ok',
      subject: `file ${path}`,
      message: 'can be appended to',
    });
  });

  test('when it is a pipe that nobody reads, then the check ends, and says what to do', async () => {
    const path = join(await folder(), 'pipe');
    execFileSync('mkfifo', [path]);
    const message = `cannot write to ${path}: it is a pipe that nobody reads: start its reader`;
    expect(await finding(path)).toEqual({ verdict: 'fail', subject: `file ${path}`, message });
  });
});

describe('given a pipe with a name', () => {
  async function pipe(): Promise<string> {
    const path = join(await folder(), 'pipe');
    execFileSync('mkfifo', [path]);
    return path;
  }

  /** Lets the sink's time pass while real files do their work, until it has delivered. */
  async function deliver(
    { sink, time }: ReturnType<typeof fileSink>,
    samples: readonly EncodedSample[],
    until: () => boolean = () => false,
  ) {
    const { report, acknowledged } = createReport();
    const deadline = new AbortController();
    const over = new AbortController();
    const delivered = sink.deliver(samples, report, deadline.signal).finally(() => over.abort());
    delivered.catch(() => undefined);
    await pollUntil(
      async () => {
        await time.advance(50);
        return over.signal.aborted || until() ? true : undefined;
      },
      { what: 'the delivery', withinMs: 20_000, everyMs: 1 },
    );
    return { delivered, acknowledged, abort: () => deadline.abort(new Error('deadline')) };
  }

  test('when nobody reads it, then the start ends, the fault says so, and the delivery can be given up', async () => {
    const made = fileSink(await pipe());
    await made.sink.start(neverAborts);
    expect(made.sink.condition()).toMatchObject({
      reason: expect.stringContaining('a pipe that nobody reads: start its reader') as string,
    });
    let rounds = 0;
    const { delivered, abort } = await deliver(made, [sampleOf('c/g', ['a'])], () => (rounds += 1) > 50);
    abort();
    await expect(delivered).rejects.toThrow('deadline');
  });

  test('when its reader comes late and reads slowly, then it gets every line', async () => {
    const path = await pipe();
    const made = fileSink(path);
    await made.sink.start(neverAborts);
    // More than a pipe holds.
    const samples = Array.from({ length: 3000 }, (_, at) => sampleOf('c/g', [`${at} ${'x'.repeat(100)}`]));
    const reader = spawn('sh', ['-c', 'sleep 0.3; exec < "$0"; sleep 0.3; cat', path]);
    const closed = once(reader, 'close');
    let read = '';
    reader.stdout.on('data', (piece: Buffer) => (read += piece.toString()));
    const { acknowledged } = await deliver(made, samples);
    await closed;
    expect(acknowledged).toHaveLength(samples.length);
    expect(read).toBe(samples.map(({ bytes }) => bytes.toString()).join(''));
    expect(made.sink.condition()).toMatchObject({ state: 'ok' });
  });

  test('when its reader stops reading, then the delivery can be given up', async () => {
    const path = await pipe();
    const reader = spawn('sh', ['-c', 'exec < "$0"; sleep 60', path]);
    onTestFinished(() => void reader.kill('SIGKILL'));
    const made = fileSink(path);
    await pollUntil(
      async () => {
        await made.sink.start(neverAborts);
        return made.sink.condition().state === 'ok' ? true : undefined;
      },
      { what: 'a reader', withinMs: 10_000, everyMs: 20 },
    ).catch(() => undefined);
    const samples = Array.from({ length: 3000 }, (_, at) => sampleOf('c/g', [`${at} ${'x'.repeat(100)}`]));
    const { delivered, acknowledged, abort } = await deliver(
      made,
      samples,
      () =>
        made.sink.condition().state === 'faulty' &&
        JSON.stringify(made.sink.condition()).includes('takes nothing'),
    );
    expect(acknowledged.length).toBeLessThan(samples.length);
    abort();
    await expect(delivered).rejects.toThrow('deadline');
  });
});

describe('given a file whose folder is missing', () => {
  test('when the sink starts, then it starts, faulty, and says what to do', async () => {
    const { sink } = fileSink(join(await folder(), 'none', 'out.txt'));
    await sink.start(neverAborts);
    expect(sink.condition()).toMatchObject({
      state: 'faulty',
      reason: expect.stringContaining('create it') as string,
    });
  });

  test('when the folder is created later, then the waiting samples are written and the sink is healthy', async () => {
    const parent = await folder();
    const path = join(parent, 'none', 'out.txt');
    const { sink, time } = fileSink(path);
    const { report, acknowledged } = createReport();
    const delivered = sink.deliver([sampleOf('c/g', ['a'])], report, neverAborts);
    await faultOf(sink);
    expect(acknowledged).toEqual([]);
    await mkdir(join(parent, 'none'));
    await time.advance(10_000);
    await delivered;
    expect(await readFile(path, 'utf8')).toBe('a\n');
    expect(sink.condition()).toMatchObject({ state: 'ok' });
  });

  test('when the signal aborts meanwhile, then the delivery rejects with its reason', async () => {
    const { sink } = fileSink(join(await folder(), 'none', 'out.txt'));
    const deadline = new AbortController();
    const delivered = sink.deliver([sampleOf('c/g', ['a'])], createReport().report, deadline.signal);
    const outcome = expect(delivered).rejects.toThrow('deadline');
    await faultOf(sink);
    deadline.abort(new Error('deadline'));
    await outcome;
  });
});

describe.skipIf(skipsAsRoot('a file without write permission'))(
  'given a file without write permission',
  () => {
    test('when samples are delivered, then the reason is the permission', async () => {
      const parent = await folder();
      await chmod(parent, 0o500);
      const { sink } = fileSink(join(parent, 'out.txt'));
      await sink.start(neverAborts);
      expect(sink.condition()).toMatchObject({
        reason: expect.stringContaining('permission denied') as string,
      });
    });
  },
);

describe('given a device that is always full', () => {
  test('when samples are delivered, then nothing is acknowledged and the reason is the full disk', async () => {
    const { sink } = fileSink('/dev/full');
    const { report, acknowledged } = createReport();
    const deadline = new AbortController();
    const delivered = sink.deliver([sampleOf('c/g', ['a'])], report, deadline.signal);
    const outcome = expect(delivered).rejects.toThrow();
    expect(await faultOf(sink)).toMatchObject({ reason: expect.stringContaining('disk is full') as string });
    deadline.abort(new Error('deadline'));
    await outcome;
    expect(acknowledged).toEqual([]);
  });
});
