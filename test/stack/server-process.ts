import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { openSync, closeSync, readFileSync } from 'node:fs';
import { pollUntil } from './poll-until.ts';

/** How to run a server. Restarting it runs the same again. */
export interface ServerCommand {
  /** For messages: `kafka 1`. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** Standard output and error are appended here. */
  readonly logFile: string;
  /** Resolves `true` once the server serves; anything else, rejection included, means "not yet". */
  readonly ready: () => Promise<boolean>;
  readonly readyWithinMs: number;
}

/** One server as a child process. It never outlives this process. */
export interface ServerProcess {
  readonly name: string;
  readonly logFile: string;
  running(): boolean;
  pid(): number | undefined;
  /** Starts it and waits until it serves. Fails with the tail of its log. Does nothing when it runs already. */
  start(): Promise<void>;
  /** Sends a signal (default SIGKILL) and waits for the end, unless it is one that only pauses or resumes. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** SIGTERM, then SIGKILL when it has not ended in 15 s. Safe to call twice. */
  stop(): Promise<void>;
  restart(): Promise<void>;
}

const PAUSING: readonly NodeJS.Signals[] = ['SIGSTOP', 'SIGCONT'];
const GRACE_MS = 15_000;

export function createServerProcess(server: ServerCommand): ServerProcess {
  let child: ChildProcess | undefined;
  let ended: Promise<void> = Promise.resolve();

  const running = (): boolean => child !== undefined;

  async function start(): Promise<void> {
    if (running()) return;
    const log = openSync(server.logFile, 'a');
    const started = spawn(...tied(server.command, server.args), {
      cwd: server.cwd,
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    child = started;
    let ending = '';
    ended = new Promise((resolve) => {
      const end = (reason: string): void => {
        ending = reason;
        children.delete(started);
        child = undefined;
        resolve();
      };
      started.once('error', (error) => end(error.message));
      started.once('exit', (code, signal) => end(`ended with ${signal ?? `exit code ${String(code)}`}`));
    });
    killWithThisProcess(started);
    try {
      await pollUntil(async () => (ending !== '' || (await server.ready()) ? true : undefined), {
        what: `${server.name} to serve`,
        withinMs: server.readyWithinMs,
      });
      if (ending !== '') throw new Error(`${server.name} ${ending} before it served`);
    } catch (error) {
      await kill();
      const message = error instanceof Error ? error.message : String(error);
      throw new Error(`${message}\n--- end of ${server.logFile}\n${logTail(server.logFile)}`, {
        cause: error,
      });
    }
  }

  async function kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    child?.kill(signal);
    if (!PAUSING.includes(signal)) await ended;
  }

  async function stop(): Promise<void> {
    const stopping = child;
    if (stopping === undefined) return;
    stopping.kill('SIGTERM');
    stopping.kill('SIGCONT');
    const timer = setTimeout(() => stopping.kill('SIGKILL'), GRACE_MS);
    await ended;
    clearTimeout(timer);
  }

  return {
    name: server.name,
    logFile: server.logFile,
    running,
    pid: () => child?.pid,
    start,
    kill,
    stop,
    restart: async () => {
      await stop();
      await start();
    },
  };
}

/** The last lines of a log, for an error message. */
export function logTail(logFile: string, lines = 40): string {
  try {
    return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
  } catch {
    return '(no log)';
  }
}

const children = new Set<ChildProcess>();
let watching = false;

function killWithThisProcess(child: ChildProcess): void {
  children.add(child);
  if (watching) return;
  watching = true;
  const killAll = (): void => children.forEach((each) => each.kill('SIGKILL'));
  process.on('exit', killAll);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, function onSignal() {
      // Whoever else listens decides how to stop; alone, this must not swallow the signal.
      if (process.listenerCount(signal) > 1) return;
      killAll();
      process.off(signal, onSignal);
      process.kill(process.pid, signal);
    });
  }
}

let setprivFound: boolean | undefined;

/** Where `setpriv` exists (Linux), the kernel itself ends the server when this process is killed outright. */
function tied(command: string, args: readonly string[]): [string, string[]] {
  setprivFound ??= spawnSync('setpriv', ['--pdeathsig', 'KILL', 'true']).status === 0;
  return setprivFound ? ['setpriv', ['--pdeathsig', 'KILL', command, ...args]] : [command, [...args]];
}
