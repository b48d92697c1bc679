import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { setStdoutScene } from '../faults/support/stdout-scene.ts';
import { pollUntil } from '../stack/poll-until.ts';
import { createCleanups } from './support/cleanups.ts';
import { startCommand } from './support/sidecar-process.ts';

const cleanups = createCleanups();
afterEach(() => cleanups.run());

const dist = (path: string): string => new URL(`../../dist/${path}`, import.meta.url).pathname;
const RUN = ['run', '--sink', 'stdout', '--set', 'http.port=0', '--set', 'ledger.enabled=false'];
const canMakePidNamespace = spawnSync('unshare', ['--pid', '--fork', 'true']).status === 0;
const hasProc = existsSync('/proc/self/status');

/** Sends a signal to the process itself when it comes to load a file whose path ends so. */
function signalWhileLoading(path: string, signal: NodeJS.Signals): Record<string, string> {
  const hooks = `export function load(url, context, next) {
    if (url.endsWith("${path}")) process.kill(process.pid, "${signal}");
    return next(url, context);
  }`;
  const preload = `import { register } from "node:module"; register(${JSON.stringify(toModule(hooks))});`;
  return { NODE_OPTIONS: `--import ${toModule(preload)}` };
}

function toModule(source: string): string {
  return `data:text/javascript;base64,${Buffer.from(source).toString('base64')}`;
}

describe('given a process that still loads its code', () => {
  test.each(['SIGTERM', 'SIGINT', 'SIGQUIT'] as const)(
    'when %s comes at any file, then nothing is started and the exit code is 0',
    async (signal) => {
      for (const path of ['commands/main.js', 'config/schema.js', 'commands/run.js', 'outbox/outbox.js']) {
        const running = startCommand(RUN, signalWhileLoading(path, signal), cleanups.add);
        expect({ path, ...(await running.ended) }).toEqual({ path, exitCode: 0, signal: null });
        expect({ path, stdout: running.stdout(), stderr: running.stderr() }).toEqual({
          path,
          stdout: '',
          stderr: '',
        });
      }
    },
  );

  test('when SIGUSR1 comes, then no debugger opens and it starts', async () => {
    const running = startCommand(RUN, signalWhileLoading('commands/run.js', 'SIGUSR1'), cleanups.add);
    await pollUntil(() => (running.stderr().includes('The HTTP server listens') ? true : undefined), {
      what: 'the start',
      withinMs: 30_000,
    });
    expect(running.stderr()).not.toMatch(/debugger/i);
  });

  test('when SIGHUP comes and there is a file, then it is read anew once all has started', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'rainbow-signals-'));
    cleanups.add(() => rm(directory, { recursive: true, force: true }));
    const file = join(directory, 'rainbow.yaml');
    await writeFile(file, '{}');
    const env = signalWhileLoading('commands/run.js', 'SIGHUP');
    const running = startCommand([...RUN, '--config', file], env, cleanups.add);
    await pollUntil(() => (running.stderr().includes('was read again') ? true : undefined), {
      what: 'the reload',
      withinMs: 30_000,
    });
    expect(running.stderr().indexOf('was read again')).toBeGreaterThan(running.stderr().indexOf('listens'));
    running.send('SIGTERM');
    await expect(running.ended).resolves.toEqual({ exitCode: 0, signal: null });
  });

  test('when a check is stopped, then its exit code is not that of a good one', async () => {
    const env = signalWhileLoading('commands/check.js', 'SIGTERM');
    await expect(startCommand(['check', '--sink', 'stdout'], env, cleanups.add).ended).resolves.toEqual({
      exitCode: 1,
      signal: null,
    });
  });

  test('when SIGTERM comes to the supervisor, then it starts neither program and the exit code is 0', async () => {
    const child = spawn(
      process.execPath,
      [dist('supervisor.js'), 'echo', 'burrow', '--', 'echo', 'sidecar'],
      {
        env: { ...process.env, ...signalWhileLoading('dist/platform/supervise.js', 'SIGTERM') },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    let printed = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (printed += String(text)));
    const exitCode = await new Promise((resolve) => child.on('close', resolve));
    expect({ exitCode, printed }).toEqual({ exitCode: 0, printed: '' });
  });
});

describe.skipIf(!hasProc)('given the first second of a process', () => {
  const moments = Array.from({ length: 15 }, (_, index) => index * 70);

  /**
   * Waits until the process takes signals, as early as Node lets it: SIGUSR2 is the last that it claims. (SIGTERM is
   * claimed by Node itself before that, to reset a terminal and die of it.)
   */
  async function takesSignals(pid: number): Promise<void> {
    await pollUntil(
      () => {
        const caught = /^SigCgt:\s*([0-9a-f]+)$/mu.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
        return (BigInt(`0x${caught ?? '0'}`) >> 11n) & 1n ? true : undefined;
      },
      { what: 'handlers', withinMs: 30_000, everyMs: 1 },
    );
  }

  test('when SIGTERM comes at any moment of it, then the exit code is 0', async () => {
    for (const afterMs of moments) {
      const running = startCommand(RUN, {}, cleanups.add);
      await takesSignals(running.pid);
      await sleep(afterMs);
      running.send('SIGTERM');
      expect({ afterMs, ...(await running.ended) }).toEqual({ afterMs, exitCode: 0, signal: null });
    }
  });

  test.skipIf(!canMakePidNamespace)(
    'when it is the first process of a container, then SIGTERM is not lost and the exit code is 0',
    async () => {
      for (const afterMs of moments) {
        const outside = spawn(
          'unshare',
          ['--pid', '--fork', '--kill-child', process.execPath, dist('cli.js'), ...RUN],
          {
            cwd: tmpdir(),
            stdio: 'ignore',
          },
        );
        cleanups.add(() => void outside.kill('SIGKILL'));
        const ended = new Promise((resolve) => outside.on('close', resolve));
        const pid = await pollUntil(
          () => {
            const children = readFileSync(`/proc/${outside.pid}/task/${outside.pid}/children`, 'utf8').trim();
            return children === '' ? undefined : Number(children);
          },
          { what: 'the first process', withinMs: 30_000, everyMs: 1 },
        );
        await takesSignals(pid);
        await sleep(afterMs);
        process.kill(pid, 'SIGTERM');
        expect({ afterMs, exitCode: await ended }).toEqual({ afterMs, exitCode: 0 });
      }
    },
  );
});

describe('given a demonstration', () => {
  test('when its terminal goes, then it stops as it does upon any signal', async () => {
    const running = startCommand(['demo', '--set', 'http.port=0'], {}, cleanups.add);
    await pollUntil(() => (running.stdout() === '' ? undefined : true), {
      what: 'records',
      withinMs: 60_000,
    });
    running.send('SIGHUP');
    running.send('SIGHUP');
    await expect(running.ended).resolves.toEqual({ exitCode: 0, signal: null });
  });
});

describe('given a sidecar with open series and no configuration file', () => {
  test.each(['SIGHUP', 'SIGQUIT', 'SIGINT'] as const)(
    'when %s comes, then every series ends with 0 and the exit code is 0',
    async (signal) => {
      const scene = await setStdoutScene({}, cleanups.add);
      await scene.flows();
      scene.sidecar.send(signal);
      expect(await scene.sidecar.ended).toEqual({ exitCode: 0, signal: null });
      const series = scene.groupSeries();
      expect(series.length).toBeGreaterThan(0);
      expect(series.filter(({ points }) => points.at(-1)?.value !== 0)).toEqual([]);
    },
  );

  test.each(['SIGUSR1', 'SIGUSR2'] as const)('when %s comes, then nothing happens', async (signal) => {
    const scene = await setStdoutScene({}, cleanups.add);
    await scene.flows(1);
    scene.sidecar.send(signal);
    await scene.flows(1);
    expect(await scene.end()).toMatchObject({ missing: [], danglingSpans: 0, faults: [] });
    expect(scene.sidecar.stderr()).not.toMatch(/debugger/i);
  });
});
