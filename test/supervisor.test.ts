import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const supervisor = new URL('../src/supervisor.ts', import.meta.url).pathname;

/** A program that says its name and pid on standard output, and what it does with SIGTERM. */
function program(name: string, onTerm: string): readonly string[] {
  const script = `
    process.on('SIGTERM', () => { console.log('${name} got SIGTERM'); ${onTerm} });
    setInterval(() => {}, 1000);
    console.log('${name}', process.pid);
  `;
  return [process.execPath, '-e', script];
}
const obedient = (name: string): readonly string[] => program(name, 'process.exit(0)');
const deaf = (name: string): readonly string[] => program(name, '');

interface Running {
  readonly process: ChildProcess;
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
  /** Resolves with the exit code. */
  readonly ended: Promise<number | null>;
  /** The pid that a program has printed. */
  pidOf(name: string): Promise<number>;
  printed(pattern: RegExp): Promise<RegExpExecArray>;
}

function run(
  burrow: readonly string[],
  sidecar: readonly string[],
  env: Record<string, string> = {},
): Running {
  const child = spawn(process.execPath, ['--import', 'tsx', supervisor, ...burrow, '--', ...sidecar], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stdout: string[] = [];
  const stderr: string[] = [];
  const waiting = new Set<() => void>();
  for (const [stream, lines] of [
    [child.stdout, stdout],
    [child.stderr, stderr],
  ] as const) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      for (const look of waiting) look();
    });
  }
  const ended = once(child, 'close').then(([exitCode]) => exitCode as number | null);
  const printed = (pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const match = [...stdout, ...stderr]
          .map((line) => pattern.exec(line))
          .find((found) => found !== null);
        if (match === undefined) return;
        waiting.delete(look);
        resolve(match);
      };
      waiting.add(look);
      look();
      void ended.then(() => {
        reject(new Error(`ended before it printed ${pattern.source}: ${[...stdout, ...stderr].join('\n')}`));
      });
    });
  return {
    process: child,
    stdout,
    stderr,
    ended,
    printed,
    pidOf: async (name) => Number((await printed(new RegExp(`^${name} (\\d+)$`)))[1]),
  };
}

let running: Running | undefined;
afterEach(async () => {
  if (running === undefined) return;
  running.process.kill('SIGTERM');
  running.process.kill('SIGTERM');
  await running.ended;
});

describe('given both programs run', () => {
  test('when SIGTERM comes, then the sidecar ends first, Burrow after it, and the exit code is 0', async () => {
    running = run(obedient('burrow'), program('sidecar', 'setTimeout(() => process.exit(0), 100)'));
    await Promise.all([running.pidOf('burrow'), running.pidOf('sidecar')]);
    running.process.kill('SIGTERM');
    expect(await running.ended).toBe(0);
    expect(running.stdout.at(-1)).toBe('sidecar got SIGTERM');
    expect(running.stderr.at(-1)).toBe('burrow got SIGTERM');
  });

  test('when the sidecar fails to stop cleanly, then its exit code is kept', async () => {
    running = run(obedient('burrow'), program('sidecar', 'process.exit(3)'));
    await Promise.all([running.pidOf('burrow'), running.pidOf('sidecar')]);
    running.process.kill('SIGTERM');
    expect(await running.ended).toBe(3);
  });

  test('when Burrow is killed, then the sidecar is stopped and the exit code names the signal', async () => {
    running = run(obedient('burrow'), obedient('sidecar'));
    const [burrowPid] = await Promise.all([running.pidOf('burrow'), running.pidOf('sidecar')]);
    process.kill(burrowPid, 'SIGKILL');
    expect(await running.ended).toBe(137);
    expect(running.stdout).toContain('sidecar got SIGTERM');
    expect(running.stderr.join('\n')).toContain('Burrow was ended by SIGKILL unasked');
  });

  test('when the sidecar is killed, then Burrow is stopped and the exit code names the signal', async () => {
    running = run(obedient('burrow'), obedient('sidecar'));
    const [, sidecarPid] = await Promise.all([running.pidOf('burrow'), running.pidOf('sidecar')]);
    process.kill(sidecarPid, 'SIGKILL');
    expect(await running.ended).toBe(137);
    expect(running.stderr).toContain('burrow got SIGTERM');
  });

  test('when one ends by itself with exit code 0, then that is a failure all the same', async () => {
    running = run(obedient('burrow'), [process.execPath, '-e', '']);
    expect(await running.ended).toBe(1);
  });

  test('when a second signal comes, then a sidecar that still drains gets it and Burrow is killed', async () => {
    running = run(
      deaf('burrow'),
      program('sidecar', 'if (globalThis.again) process.exit(5); globalThis.again = true'),
    );
    await Promise.all([running.pidOf('burrow'), running.pidOf('sidecar')]);
    running.process.kill('SIGTERM');
    await running.printed(/^sidecar got SIGTERM$/);
    running.process.kill('SIGTERM');
    expect(await running.ended).toBe(5);
  });
});

describe('given a program that cannot be started', () => {
  test('when the supervisor starts, then it stops the other one and says which is missing', async () => {
    running = run(['/nowhere/burrow'], obedient('sidecar'));
    expect(await running.ended).toBe(127);
    expect(running.stderr.join('\n')).toMatch(/Burrow could not be started .*ENOENT/);
  });
});

describe('given standard output', () => {
  test('when both print, then only what the sidecar prints is on it', async () => {
    running = run(obedient('burrow'), obedient('sidecar'));
    await Promise.all([running.pidOf('burrow'), running.pidOf('sidecar')]);
    expect(running.stdout).toEqual([expect.stringMatching(/^sidecar \d+$/)]);
    expect(running.stderr).toEqual([expect.stringMatching(/^burrow \d+$/)]);
  });
});

describe('given a pid file of an earlier run', () => {
  let directory: string;
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'supervisor-'))));
  afterEach(() => rmSync(directory, { recursive: true }));

  test('when the supervisor starts, then it is gone before Burrow looks for it', async () => {
    const pidFile = join(directory, 'burrow.pid');
    writeFileSync(pidFile, String(process.pid));
    running = run(obedient('burrow'), obedient('sidecar'), { BURROW_GENERAL_PIDFILE: pidFile });
    await running.pidOf('burrow');
    expect(existsSync(pidFile)).toBe(false);
  });
});

describe('given no divider between the two command lines', () => {
  test('when the supervisor starts, then it says how to call it and exits with 2', async () => {
    const child = spawn(process.execPath, ['--import', 'tsx', supervisor, 'burrow'], { stdio: 'ignore' });
    const [exitCode] = (await once(child, 'exit')) as [number | null];
    expect(exitCode).toBe(2);
  });
});
