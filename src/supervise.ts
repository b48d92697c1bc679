/**
 * Runs Burrow and the sidecar as one, as the first process of the container:
 *
 *     node supervisor.js <Burrow and its arguments> -- <the sidecar and its arguments>
 *
 * - If either ends unasked, the other is stopped and the exit code is not 0, so that the container is replaced.
 * - SIGTERM or SIGINT stops the sidecar first, while Burrow still answers, then Burrow; the exit code is the sidecar's.
 *   A second signal ends both at once.
 * - Standard output belongs to the sidecar's records; what Burrow prints goes to standard error.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import { constants } from 'node:os';

/** Longer than any container runtime waits by default; what ends a sidecar that hangs after Burrow has died. */
const sidecarGraceMs = 60_000;
/** Burrow has nothing to save. */
const burrowGraceMs = 5_000;

interface Ending {
  /** 128 + the signal's number where a signal ended it, 127 where it could not be started, as shells have it. */
  readonly exitCode: number;
  readonly reason: string;
}

interface Program {
  readonly name: string;
  readonly child: ChildProcess;
  readonly graceMs: number;
  readonly ended: Promise<Ending>;
}

function start(
  name: string,
  commandLine: readonly string[],
  graceMs: number,
  standardOutput: 1 | 2,
): Program {
  const [command = '', ...args] = commandLine;
  const child = spawn(command, args, { stdio: ['ignore', standardOutput, 2] });
  const ended = new Promise<Ending>((resolve) => {
    child.on('error', (error) => {
      if (child.pid === undefined) {
        resolve({ exitCode: 127, reason: `could not be started (${error.message})` });
      }
    });
    child.on('exit', (exitCode, signal) => {
      if (signal === null)
        resolve({ exitCode: exitCode ?? 1, reason: `ended with exit code ${exitCode ?? 1}` });
      else resolve({ exitCode: 128 + constants.signals[signal], reason: `was ended by ${signal}` });
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

/** Runs both to their end; resolves with the exit code for the container. */
async function supervise(
  burrowCommand: readonly string[],
  sidecarCommand: readonly string[],
): Promise<number> {
  const burrow = start('Burrow', burrowCommand, burrowGraceMs, 2);
  const sidecar = start('The sidecar', sidecarCommand, sidecarGraceMs, 1);
  const signals: NodeJS.Signals[] = [];
  const onSignal = (signal: NodeJS.Signals): void => {
    signals.push(signal);
    if (signals.length === 1) {
      void stop(sidecar);
    } else {
      sidecar.child.kill(signal);
      burrow.child.kill('SIGKILL');
    }
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);

  const first = await Promise.race(
    [burrow, sidecar].map(async (program) => ({ program, ending: await program.ended })),
  );
  // Burrow may go first after a signal too: Ctrl-C in a terminal reaches the whole process group.
  if (signals.length > 0) {
    const { exitCode } = await sidecar.ended;
    await stop(burrow);
    return exitCode;
  }
  report('error', `${first.program.name} ${first.ending.reason} unasked; the container stops`);
  await stop(first.program === burrow ? sidecar : burrow);
  return first.ending.exitCode === 0 ? 1 : first.ending.exitCode;
}

function report(level: 'warn' | 'error', message: string): void {
  const line = { level: level === 'warn' ? 40 : 50, time: Date.now(), part: 'supervisor', msg: message };
  process.stderr.write(`${JSON.stringify(line)}\n`);
}

const commandLines = process.argv.slice(2);
const divider = commandLines.indexOf('--');
if (divider < 1 || divider === commandLines.length - 1) {
  process.stderr.write(
    'Usage: node supervisor.js <Burrow and its arguments> -- <the sidecar and its arguments>\n',
  );
  process.exitCode = 2;
} else {
  // A pid file that a killed container left behind may name a process of today, and then Burrow would refuse to start.
  const pidFile = process.env['BURROW_GENERAL_PIDFILE'];
  if (pidFile !== undefined && pidFile !== '') rmSync(pidFile, { force: true });
  process.exitCode = await supervise(commandLines.slice(0, divider), commandLines.slice(divider + 1));
}
