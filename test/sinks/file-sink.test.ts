import { chmod, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createFileSink } from '../../src/sinks/file-sink.ts';
import { createManualTime } from '../outbox/manual-time.ts';
import { sampleOf } from '../outbox/sample-of.ts';
import { pollUntil } from '../stack/poll-until.ts';
import { createReport, neverAborts } from './report.ts';
import { skipsAsRoot } from '../support/as-root.ts';

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
    expect(sink.condition()).toEqual({ state: 'ok' });
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

describe('given a file whose folder is missing', () => {
  test('when the sink starts, then it starts, faulty, and says what to do', async () => {
    const { sink } = fileSink(join(await folder(), 'none', 'out.txt'));
    await sink.start(neverAborts);
    expect(sink.condition()).toMatchObject({
      state: 'faulty',
      reason: expect.stringContaining('create it') as string,
    });
  });

  test('when the folder is created later, then the waiting samples are written and the sink is well', async () => {
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
    expect(sink.condition()).toEqual({ state: 'ok' });
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
