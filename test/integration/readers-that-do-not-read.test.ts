import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { startTickingBurrow } from '../faults/support/ticking-burrow.ts';
import { pollUntil } from '../stack/poll-until.ts';
import { createCleanups } from './support/cleanups.ts';
import { startSidecar } from './support/sidecar-process.ts';

const cleanups = createCleanups();
afterEach(() => cleanups.run());

const CLI = new URL('../../dist/cli.js', import.meta.url).pathname;

describe('given a file sink whose file is a pipe', () => {
  test('when nobody reads it, then the sidecar starts, says so, and stops when it is asked to', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rainbow-pipe-'));
    cleanups.add(() => rm(folder, { recursive: true, force: true }));
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const burrow = await startTickingBurrow(cleanups.add);
    const sidecar = await startSidecar(
      { 'burrow.servers': burrow.url, 'sink.type': 'file', 'sink.file': pipe, 'ledger.enabled': 'false' },
      cleanups.add,
    );
    const { parts } = await sidecar.health();
    expect(JSON.stringify(parts)).toContain('a pipe that nobody reads: start its reader');
    sidecar.send('SIGTERM');
    await expect(sidecar.ended).resolves.toEqual({ exitCode: 0, signal: null });
  });
});

describe('given a standard output that nobody reads', () => {
  test('when the sidecar has stopped, then its process ends at once', async () => {
    const burrow = await startTickingBurrow(cleanups.add, { groups: 300 });
    const settings = {
      'burrow.servers': burrow.url,
      'http.port': '0',
      'poll.interval': '1s',
      'discovery.interval': '1s',
      'ledger.enabled': 'false',
    };
    const args = Object.entries(settings).flatMap(([key, value]) => ['--set', `${key}=${value}`]);
    const child = spawn(process.execPath, [CLI, 'run', '--sink', 'stdout', ...args], {
      cwd: tmpdir(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    cleanups.add(() => void child.kill('SIGKILL'));
    const ended = once(child, 'exit');
    let log = '';
    // Its standard output is never looked at.
    child.stderr.on('data', (text: Buffer) => (log += text.toString()));
    const port = await pollUntil(() => /"port":(\d+)/.exec(log)?.[1], {
      what: 'the start',
      withinMs: 60_000,
    });
    await pollUntil(
      async () => {
        const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
        const waiting = Number(/^burrow_rainbow_outbox_samples (\d+)/m.exec(text)?.[1] ?? 0);
        return waiting > 400 ? true : undefined;
      },
      { what: 'the pipe to be full', withinMs: 120_000, everyMs: 500 },
    );
    child.kill('SIGTERM');
    await pollUntil(() => (log.includes('"msg":"Stopped"') ? true : undefined), {
      what: 'the stop',
      withinMs: 60_000,
    });
    // Half a second is what it gives a reader; the rest is for a slow machine.
    const isOver = await Promise.race([
      ended.then(() => true),
      new Promise((resolve) => {
        setTimeout(resolve, 10_000, false);
      }),
    ]);
    expect(isOver).toBe(true);
  });
});
