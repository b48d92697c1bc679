import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { PassThrough, Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { createStdoutSink } from '../../../src/sinks/stdout/stdout-sink.ts';
import { settled } from '../../outbox/manual-time.ts';
import { linesOf, sampleOf } from '../../outbox/sample-of.ts';
import { createReport, neverAborts } from '../report.ts';

async function stdoutSink(stream: Writable) {
  const closed: (Error | null)[] = [];
  const sink = createStdoutSink({
    stream,
    clock: { nowMs: () => 7 },
    onClosed: (error) => void closed.push(error),
  });
  await sink.start(neverAborts);
  return { sink, closed };
}

describe('given a reader', () => {
  test('when samples are delivered, then it sees exactly their lines, and all are acknowledged', async () => {
    const stream = new PassThrough();
    const { sink } = await stdoutSink(stream);
    const { report, acknowledged } = createReport();
    const samples = [sampleOf('c/g', ['a', 'b']), sampleOf('c/h', ['c'])];
    await sink.deliver(samples, report, neverAborts);
    expect(String(stream.read())).toBe('a\nb\nc\n');
    expect(acknowledged).toEqual(samples);
  });

  test('when it reads slowly, then a sample is acknowledged only once it is written, and no more is buffered', async () => {
    const written: string[] = [];
    const waiting: (() => void)[] = [];
    const stream = new Writable({
      write(chunk: Buffer, _encoding, done) {
        written.push(chunk.toString());
        waiting.push(done);
      },
    });
    const { sink } = await stdoutSink(stream);
    const { report, acknowledged } = createReport();
    const delivered = sink.deliver([sampleOf('c/g', ['a']), sampleOf('c/g', ['b'])], report, neverAborts);
    await settled();
    expect([written, acknowledged]).toEqual([['a\n'], []]);
    waiting.shift()?.();
    await settled();
    expect(acknowledged.map(linesOf)).toEqual([['a']]);
    waiting.shift()?.();
    await delivered;
    expect(acknowledged).toHaveLength(2);
  });

  test('when the deadline passes while it does not read, then the delivery rejects', async () => {
    const stuck = new Writable({ write: () => undefined });
    const { sink } = await stdoutSink(stuck);
    const deadline = new AbortController();
    const delivered = sink.deliver([sampleOf('c/g', ['a'])], createReport().report, deadline.signal);
    deadline.abort(new Error('deadline'));
    await expect(delivered).rejects.toThrow('deadline');
  });
});

describe('given a reader that leaves', () => {
  test('when more is written, then the sink is closed once, as a normal end, and takes nothing more', async () => {
    const reader = spawn('head', ['-n', '1']);
    const { sink, closed } = await stdoutSink(reader.stdin);
    const { report, acknowledged, closed: reported } = createReport();
    await sink.deliver([sampleOf('c/g', ['first'])], report, neverAborts);
    await once(reader, 'exit');
    await sink.deliver([sampleOf('c/g', ['second'])], report, neverAborts);
    await sink.deliver([sampleOf('c/g', ['third'])], report, neverAborts);
    expect(acknowledged.map(linesOf)).toEqual([['first']]);
    expect(reported()).toBe(2);
    expect(closed).toEqual([null]);
    expect(sink.condition()).toMatchObject({ state: 'faulty', sinceMs: 7 });
  });
});

describe('given an output that fails', () => {
  test('when it is written to, then the sink is closed with the error', async () => {
    const failure = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    const { sink, closed } = await stdoutSink(
      new Writable({ write: (_chunk, _encoding, done) => done(failure) }),
    );
    const { report, acknowledged } = createReport();
    await sink.deliver([sampleOf('c/g', ['a'])], report, neverAborts);
    expect(acknowledged).toEqual([]);
    expect(closed).toEqual([failure]);
  });
});
