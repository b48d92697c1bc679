import { spawn, type ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import { constants } from 'node:os';
import type { ProcessSignal, ProcessSignals } from './process-signals.ts';

/** Longer than any container runtime waits by default; what ends a sidecar that hangs after Burrow has died. */
const SIDECAR_GRACE_MS = 60_000;
/** Set for the sidecar, so that it knows that a restart of its container is one of Burrow, too. */
export const SUPERVISED = 'BURROW_RAINBOW_SUPERVISED';

/** Burrow has nothing to save. */
const BURROW_GRACE_MS = 5_000;

type Environment = Readonly<Record<string, string | undefined>>;

interface ProgramOptions {
  readonly env: Environment;
  readonly graceMs: number;
  readonly standardOutput: 1 | 2;
}

interface Ending {
  /** 128 + the signal's number where a signal ended it, 127 where it could not be started, as shells have it. */
  readonly exitCode: number;
  /** What ended it; null where it ended by itself. */
  readonly signal: NodeJS.Signals | null;
  readonly reason: string;
}

interface Program {
  readonly name: string;
  readonly child: ChildProcess;
  readonly graceMs: number;
  readonly ended: Promise<Ending>;
}

/** Runs the two command lines with `--` between them to their end; resolves with the exit code for the container. */
export async function superviseCommandLine(
  commandLines: readonly string[],
  env: Environment,
  signals: ProcessSignals,
): Promise<number> {
  // Nobody reads it any more, which is no reason to leave two programs behind.
  process.stderr.on('error', () => undefined);
  const divider = commandLines.indexOf('--');
  if (divider < 1 || divider === commandLines.length - 1) {
    process.stderr.write(
      'Usage: node supervisor.js <Burrow and its arguments> -- <the sidecar and its arguments>\n',
    );
    return 2;
  }
  // A pid file that a killed container left behind may name a process of today, and then Burrow would refuse to start.
  const pidFile = env['BURROW_GENERAL_PIDFILE'];
  if (pidFile !== undefined && pidFile !== '') rmSync(pidFile, { force: true });
  return supervise(commandLines.slice(0, divider), commandLines.slice(divider + 1), env, signals);
}

async function supervise(
  burrowCommand: readonly string[],
  sidecarCommand: readonly string[],
  env: Environment,
  signals: ProcessSignals,
): Promise<number> {
  let asks = 0;
  let isEnding = false;
  let hungUpAtMs = -Infinity;
  const burrow = start('Burrow', burrowCommand, { env, graceMs: BURROW_GRACE_MS, standardOutput: 2 });
  const startSidecar = (): Program =>
    start('The sidecar', sidecarCommand, {
      env: { ...env, [SUPERVISED]: '1' },
      graceMs: SIDECAR_GRACE_MS,
      standardOutput: 1,
    });
  let sidecar = startSidecar();
  const onSignal = (signal: ProcessSignal): void => {
    if (signal === 'SIGHUP') {
      // A terminal that closes sends it while what it asked for is under way; then it hurries nobody.
      if (asks > 0 || isEnding) return;
      hungUpAtMs = performance.now();
      sidecar.child.kill('SIGHUP');
    } else if (++asks === 1) {
      if (!isEnding) void stop(sidecar);
    } else {
      sidecar.child.kill(signal);
      burrow.child.kill('SIGKILL');
    }
  };
  signals.listen(onSignal);

  for (;;) {
    const first = await Promise.race(
      [burrow, sidecar].map(async (program) => ({ program, ending: await program.ended })),
    );
    // Burrow may go first after a signal too.
    if (asks > 0) {
      const ending = await sidecar.ended;
      await stop(burrow);
      // It takes both as soon as it runs: one that died of them had not begun, and has nothing to put in order.
      return ending.signal === 'SIGTERM' || ending.signal === 'SIGHUP' ? 0 : ending.exitCode;
    }
    const { program, ending } = first;
    const isHungUp = program === sidecar && performance.now() - hungUpAtMs < SIDECAR_GRACE_MS;
    if (isHungUp && ending.signal === 'SIGHUP') {
      // It was still loading: started again, it reads the new configuration.
      sidecar = startSidecar();
    } else if (isHungUp && ending.exitCode === 0) {
      await stop(burrow);
      return 0;
    } else {
      isEnding = true;
      report('error', `${program.name} ${ending.reason} unasked; the container stops`);
      await stop(program === burrow ? sidecar : burrow);
      return ending.exitCode === 0 ? 1 : ending.exitCode;
    }
  }
}

function start(
  name: string,
  commandLine: readonly string[],
  { env, graceMs, standardOutput }: ProgramOptions,
): Program {
  const [command = '', ...args] = commandLine;
  // Out of the terminal's job: Ctrl-C would reach the three of them at once, and what comes second ends the sidecar
  // in the middle of its stop.
  const child = spawn(command, args, {
    stdio: ['ignore', standardOutput, 2],
    detached: true,
    env,
  });
  const killWithMe = (): void => void child.kill('SIGKILL');
  process.on('exit', killWithMe);
  const ended = new Promise<Ending>((resolve) => {
    child.on('error', (error) => {
      if (child.pid === undefined) {
        resolve({ exitCode: 127, signal: null, reason: `could not be started (${error.message})` });
      }
    });
    child.on('exit', (exitCode, signal) => {
      process.off('exit', killWithMe);
      const reason = signal === null ? `ended with exit code ${exitCode ?? 1}` : `was ended by ${signal}`;
      resolve({
        exitCode: signal === null ? (exitCode ?? 1) : 128 + constants.signals[signal],
        signal,
        reason,
      });
    });
  });
  return { name, child, graceMs, ended };
}

/** Asks a program to end, makes it end when its grace is over, and waits until it has. */
async function stop(program: Program): Promise<Ending> {
  program.child.kill('SIGTERM');
  const grace = setTimeout(() => {
    report('warn', `${program.name} did not stop within ${program.graceMs / 1000} s and is killed`);
    program.child.kill('SIGKILL');
  }, program.graceMs);
  const ending = await program.ended;
  clearTimeout(grace);
  return ending;
}

function report(level: 'warn' | 'error', message: string): void {
  const line = { level: level === 'warn' ? 40 : 50, time: Date.now(), part: 'supervisor', msg: message };
  process.stderr.write(`${JSON.stringify(line)}\n`);
}
