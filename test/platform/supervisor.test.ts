import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { commands } from '../../src/config/flags.ts';
import { pollUntil } from '../stack/poll-until.ts';

const supervisor = new URL('../../src/supervisor.ts', import.meta.url).pathname;

/** A program that says its name and pid on standard output, and what it does with SIGTERM and SIGHUP. */
function program(name: string, onTerm: string, onHangUp = ''): readonly string[] {
  const script = `
    process.on('SIGTERM', () => { console.log('${name} got SIGTERM'); ${onTerm} });
    process.on('SIGHUP', () => { console.log('${name} got SIGHUP'); ${onHangUp} });
    process.on('SIGUSR2', () => console.log('${name} is there'));
    setInterval(() => {}, 1000);
    console.log('${name}', process.pid);
  `;
  return [process.execPath, '-e', script];
}
const obedient = (name: string): readonly string[] => program(name, 'process.exit(0)');
const deaf = (name: string): readonly string[] => program(name, '');
/** One whose handlers are not there yet: a signal ends it. */
const loading = (name: string): readonly string[] => [
  process.execPath,
  '-e',
  `setInterval(() => {}, 1000); console.log('${name}', process.pid)`,
];

interface Running {
  readonly process: ChildProcess;
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
  /** Resolves with the exit code. */
  readonly ended: Promise<number | null>;
  /** The pid that a program has printed. */
  pidOf(name: string): Promise<number>;
  /** Resolves when so many lines (default 1) match, with the last match. */
  printed(pattern: RegExp, times?: number): Promise<RegExpExecArray>;
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
  const printed = (pattern: RegExp, times = 1): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const match = [...stdout, ...stderr]
          .map((line) => pattern.exec(line))
          .filter((found) => found !== null)[times - 1];
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
  if (running !== undefined) await signalUntilEnded(running);
});

/** Signals that follow one another at once are one. */
async function signalUntilEnded({ process, ended }: Running): Promise<number | null> {
  const again = setInterval(() => process.kill('SIGTERM'), 100);
  process.kill('SIGTERM');
  try {
    return await ended;
  } finally {
    clearInterval(again);
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

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
    // No further than the second: one that comes while the supervisor exits would end it as any other process.
    const again = setInterval(() => running?.process.kill('SIGTERM'), 100);
    await running.printed(/^sidecar got SIGTERM$/, 2);
    clearInterval(again);
    expect(await running.ended).toBe(5);
  });

  test('when SIGTERM comes, then Burrow is left alone until the sidecar is done', async () => {
    running = run(obedient('burrow'), program('sidecar', "process.on('SIGUSR2', () => process.exit(0))"));
    const [burrowPid, sidecarPid] = await Promise.all([running.pidOf('burrow'), running.pidOf('sidecar')]);
    running.process.kill('SIGTERM');
    await running.printed(/^sidecar got SIGTERM$/);
    // What was sent to Burrow with it would have been taken before the second answer.
    for (const answers of [1, 2]) {
      process.kill(burrowPid, 'SIGUSR2');
      await running.printed(/^burrow is there$/, answers);
    }
    expect(running.stderr).not.toContain('burrow got SIGTERM');
    process.kill(sidecarPid, 'SIGUSR2');
    expect(await running.ended).toBe(0);
    expect(running.stderr).toContain('burrow got SIGTERM');
  });

  test('when SIGQUIT comes, then it stops both in order as SIGTERM does', async () => {
    running = run(obedient('burrow'), obedient('sidecar'));
    await Promise.all([running.pidOf('burrow'), running.pidOf('sidecar')]);
    running.process.kill('SIGQUIT');
    expect(await running.ended).toBe(0);
    expect(running.stdout).toContain('sidecar got SIGTERM');
    expect(running.stderr).toContain('burrow got SIGTERM');
  });

  test('when SIGTERM comes while the sidecar loads and dies of it, then that is no failure', async () => {
    running = run(obedient('burrow'), loading('sidecar'));
    await Promise.all([running.pidOf('burrow'), running.pidOf('sidecar')]);
    running.process.kill('SIGTERM');
    expect(await running.ended).toBe(0);
    expect(running.stderr).toContain('burrow got SIGTERM');
  });

  test('when SIGTERM comes while the sidecar stops because Burrow is gone, then it may finish', async () => {
    running = run(
      obedient('burrow'),
      program('sidecar', "process.on('SIGUSR2', () => process.exit(globalThis.again ?? 0)); again = 7"),
    );
    const [burrowPid, sidecarPid] = await Promise.all([running.pidOf('burrow'), running.pidOf('sidecar')]);
    process.kill(burrowPid, 'SIGKILL');
    await running.printed(/^sidecar got SIGTERM$/);
    running.process.kill('SIGTERM');
    process.kill(sidecarPid, 'SIGUSR2');
    expect(await running.ended).toBe(137);
    expect(running.stdout.filter((line) => line === 'sidecar got SIGTERM')).toHaveLength(1);
  });
});

describe('given SIGHUP', () => {
  test('when both run, then the sidecar gets it, Burrow does not, and both go on', async () => {
    running = run(obedient('burrow'), obedient('sidecar'));
    await Promise.all([running.pidOf('burrow'), running.pidOf('sidecar')]);
    running.process.kill('SIGHUP');
    await running.printed(/^sidecar got SIGHUP$/);
    running.process.kill('SIGTERM');
    expect(await running.ended).toBe(0);
    expect(running.stderr).toContain('burrow got SIGTERM');
    expect(running.stderr).not.toContain('burrow got SIGHUP');
  });

  test('when the sidecar stops upon it, then so does Burrow, and the exit code is 0', async () => {
    running = run(obedient('burrow'), program('sidecar', '', 'process.exit(0)'));
    await Promise.all([running.pidOf('burrow'), running.pidOf('sidecar')]);
    running.process.kill('SIGHUP');
    expect(await running.ended).toBe(0);
    expect(running.stderr).toContain('burrow got SIGTERM');
  });

  test('when SIGTERM follows at once and the sidecar, still loading, dies of the first, then that is no failure', async () => {
    running = run(obedient('burrow'), loading('sidecar'));
    await Promise.all([running.pidOf('burrow'), running.pidOf('sidecar')]);
    running.process.kill('SIGHUP');
    running.process.kill('SIGTERM');
    expect(await running.ended).toBe(0);
  });

  test('when the sidecar is still loading and dies of it, then it is started anew', async () => {
    running = run(obedient('burrow'), loading('sidecar'));
    const [, sidecarPid] = await Promise.all([running.pidOf('burrow'), running.pidOf('sidecar')]);
    running.process.kill('SIGHUP');
    await running.printed(/^sidecar \d+$/, 2);
    expect(isAlive(sidecarPid)).toBe(false);
    expect(running.stderr).not.toContain('burrow got SIGTERM');
  });
});

describe('given a supervisor that breaks', () => {
  test('when it ends with an error, then it leaves neither program behind', async () => {
    const preload = `if (process.argv[1]?.endsWith('supervisor.ts')) {
      process.on('SIGWINCH', () => { throw new Error('broken'); });
    }`;
    running = run(deaf('burrow'), deaf('sidecar'), {
      NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(preload)}`,
    });
    const pids = await Promise.all([running.pidOf('burrow'), running.pidOf('sidecar')]);
    running.process.kill('SIGWINCH');
    expect(await running.ended).not.toBe(0);
    await pollUntil(() => (pids.some(isAlive) ? undefined : true), { what: 'the end', withinMs: 10_000 });
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

describe('given arguments that ask the sidecar for something else than to run', () => {
  const others = Object.keys(commands).filter((command) => command !== 'run');
  test.each<[readonly string[], number]>([
    [['--version'], 0],
    [['-v'], 0],
    [['-h'], 0],
    [['check', '--help'], 0],
    [['top', '--url', 'http://127.0.0.1:9', '--once'], 1],
    [['chekc'], 2],
    // Flags may come first.
    ...others.map((command): [string[], number] => [['--config', '/no/such/file.yaml', command], 2]),
  ])(
    'when the supervisor starts with %j, then it does that alone, and Burrow is not started',
    async (args, expected) => {
      running = run(obedient('burrow'), ['burrow-rainbow', ...args]);
      const exitCode = await running.ended;
      expect(exitCode).toBe(expected);
      expect([...running.stdout, ...running.stderr].filter((line) => /^burrow \d+$/.test(line))).toEqual([]);
    },
  );
});

describe('given the path of a script in place of the name of the program', () => {
  test.each([[['--version']], [['check', '--help']]])(
    'when the supervisor starts with %j, then it does that alone',
    async (args) => {
      running = run(obedient('burrow'), [process.execPath, '/app/dist/cli.js', ...args]);
      expect(await running.ended).toBe(0);
      expect([...running.stdout, ...running.stderr].filter((line) => /^burrow \d+$/.test(line))).toEqual([]);
    },
  );

  test('when the supervisor starts with run, then both programs run', async () => {
    const script = join(mkdtempSync(join(tmpdir(), 'supervisor-')), 'cli.mjs');
    writeFileSync(script, "console.log('sidecar', ...process.argv.slice(2)); setInterval(() => {}, 1000);");
    running = run(obedient('burrow'), [process.execPath, script, 'run']);
    await Promise.all([running.pidOf('burrow'), running.printed(/^sidecar run$/)]);
    running.process.kill('SIGTERM');
    await running.ended;
    rmSync(script);
  });
});

describe('given a sidecar under a supervisor', () => {
  test('when it looks at its environment, then it sees that Burrow is restarted with it', async () => {
    const look = ['-e', 'console.log(`supervised ${process.env.BURROW_RAINBOW_SUPERVISED}`)'];
    running = run(obedient('burrow'), [process.execPath, ...look]);
    await running.printed(/^supervised 1$/);
    await running.ended;
  });
});
