#!/usr/bin/env node
import { existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Logger } from 'pino';
import { runCheck } from './check.ts';
import { createCheckView } from './check-view.ts';
import { applySpeed } from './config/apply-speed.ts';
import { parseCommandLine, type DemoOptions } from './config/command-line.ts';
import type { Configuration } from './config/configuration.ts';
import { describeForLog } from './config/describe-for-log.ts';
import { formatFaults } from './config/fault.ts';
import { helpText } from './config/help-text.ts';
import { loadConfiguration, type LoadArguments } from './config/load-configuration.ts';
import type { TailOptions } from './config/tail-options.ts';
import type { TopOptions } from './config/top-options.ts';
import { createDemoView } from './demo-view.ts';
import { systemClock, systemScheduler } from './platform/clock.ts';
import type { Part } from './platform/part.ts';
import { createPartGroup } from './platform/part-group.ts';
import { runUntilStopped, type RunOptions } from './run-until-stopped.ts';
import { runTail } from './run-tail.ts';
import { runTop } from './run-top.ts';
import { createSidecar, type SidecarDeps } from './sidecar.ts';
import { createBurrowSimulator } from './simulator/burrow-simulator.ts';
import { createLogger, flushLog } from './telemetry/logger.ts';
import { isUtf8 } from './top/style.ts';

const EXIT_OK = 0;
const EXIT_FAILED = 1;
const EXIT_BAD_CONFIGURATION = 2;

const TRAFFIC_INTERVAL_MS = 60_000;
/** `check` gives up on everything after this. */
const CHECK_DEADLINE_MS = 30_000;
/** So long the last lines of the log are waited for where nobody takes them. */
const LOG_DEADLINE_MS = 500;

async function main(): Promise<number> {
  const commandLine = parseCommandLine(process.argv.slice(2));
  switch (commandLine.kind) {
    case 'help':
      process.stdout.write(helpText(commandLine.command));
      return EXIT_OK;
    case 'version':
      process.stdout.write(`${version()}\n`);
      return EXIT_OK;
    case 'faults':
      process.stderr.write(formatFaults(commandLine.faults));
      return EXIT_BAD_CONFIGURATION;
    case 'run':
      return withConfiguration(commandLine.args, run);
    case 'demo':
      return withConfiguration(commandLine.args, (configuration, log) =>
        demo(configuration, log, commandLine.demo),
      );
    case 'check':
      return withConfiguration(commandLine.args, check);
    case 'tail':
      return withConfiguration(commandLine.args, (configuration, log) =>
        tail(configuration, log, commandLine.tail),
      );
    case 'top':
      return withConfiguration(commandLine.args, (configuration) => top(configuration, commandLine.top));
  }
}

async function withConfiguration(
  args: LoadArguments,
  command: (configuration: Configuration, log: Logger) => Promise<number>,
): Promise<number> {
  const loaded = loadConfiguration({
    args,
    env: process.env,
    cwd: process.cwd(),
    readFile: (path) => readFileSync(path, 'utf8'),
    hostName: hostname(),
  });
  if (loaded.kind === 'faults') {
    process.stderr.write(formatFaults(loaded.faults));
    return EXIT_BAD_CONFIGURATION;
  }
  const { configuration, file } = loaded;
  const log = createLogger(configuration.log);
  crashLoudly(log);
  log.debug({ file, configuration: describeForLog(configuration) }, 'Configuration loaded');
  const exitCode = await command(configuration, log);
  await flushLog(log, LOG_DEADLINE_MS);
  return exitCode;
}

function run(configuration: Configuration, log: Logger): Promise<number> {
  log.info({ version: version(), node: process.version }, 'burrow-rainbow starts');
  const sidecar = createSidecar(configuration, sidecarDeps(log), {
    version: version(),
    trafficIntervalMs: TRAFFIC_INTERVAL_MS,
  });
  return runToTheEnd(sidecar, log, sidecar.closed, configuration.stop);
}

async function demo(configuration: Configuration, log: Logger, options: DemoOptions): Promise<number> {
  const { speed, forMs } = options;
  const simulator = createBurrowSimulator({ clock: systemClock }, options);
  await simulator.start(new AbortController().signal);
  log.info({ speed, burrow: simulator.url }, 'A simulated Burrow runs; made-up groups, nothing is real');
  const simulated: Configuration = {
    ...configuration,
    burrow: { ...configuration.burrow, servers: [{ name: 'simulated', url: simulator.url }] },
  };
  const stdout = isColourful() ? createDemoView(() => process.stdout.columns) : process.stdout;
  if (stdout !== process.stdout) stdout.pipe(process.stdout);
  const sidecar = createSidecar(
    applySpeed(simulated, speed),
    { ...sidecarDeps(log), stdout },
    { version: version(), trafficIntervalMs: TRAFFIC_INTERVAL_MS / speed },
  );
  const both = createPartGroup('demo', [simulator, sidecar]);
  return runToTheEnd(both, log, sidecar.closed, { ...configuration.stop, ...(forMs !== null && { forMs }) });
}

async function check(configuration: Configuration, log: Logger): Promise<number> {
  const signal = AbortSignal.timeout(CHECK_DEADLINE_MS);
  const { stdout } = process;
  const isTerminal = stdout.isTTY && process.env['TERM'] !== 'dumb';
  const view = createCheckView(
    { stdout, scheduler: systemScheduler, monotonicMs: () => performance.now() },
    { isTerminal },
  );
  const deps = { ...sidecarDeps(log), asking: (what: string) => view.asking(what) };
  let isFine = true;
  for await (const finding of runCheck(configuration, deps, signal)) {
    view.found(finding);
    isFine &&= finding.ok;
  }
  view.end();
  return isFine ? EXIT_OK : EXIT_FAILED;
}

async function tail(configuration: Configuration, log: Logger, options: TailOptions): Promise<number> {
  if (configuration.kafka.brokers.length === 0) {
    const rule = 'must list at least one broker for tail';
    const hint = 'set kafka.brokers or RAINBOW_KAFKA_BROKERS, or give --brokers';
    process.stderr.write(formatFaults([{ path: 'kafka.brokers', rule, source: 'configuration', hint }]));
    return EXIT_BAD_CONFIGURATION;
  }
  const { stdout, stderr } = process;
  const isTerminal = stdout.isTTY;
  const endedWell = await runTail(
    configuration,
    { clock: systemClock, log, stdout, stderr },
    { ...options, isTerminal, isColourful: isColourful() },
    stopSignal(),
  );
  return endedWell ? EXIT_OK : EXIT_FAILED;
}

async function top(configuration: Configuration, options: TopOptions): Promise<number> {
  if (options.url === null && configuration.http.port === 0) {
    const rule = 'is any free one, so that top cannot know where the sidecar listens';
    const fault = { path: 'http.port', rule, source: 'configuration', hint: 'give --url' };
    process.stderr.write(formatFaults([fault]));
    return EXIT_BAD_CONFIGURATION;
  }
  const { stdin, stdout, stderr, env } = process;
  const endedWell = await runTop(
    configuration,
    {
      clock: systemClock,
      scheduler: systemScheduler,
      stdin,
      stdout,
      stderr,
      onCrash(restore) {
        // Before anything is said about it, which would go with the screen.
        process.prependListener('uncaughtException', restore);
        process.prependListener('unhandledRejection', restore);
        process.on('exit', restore);
      },
      suspend(onBack) {
        process.once('SIGCONT', onBack);
        // The whole job, as a terminal does it: what started this command, too.
        process.kill(0, 'SIGTSTP');
      },
    },
    {
      ...options,
      isTerminal: stdin.isTTY && stdout.isTTY && env['TERM'] !== 'dumb',
      isColourful: isColourful(),
      isUnicode: isUtf8(env),
    },
    stopSignal(),
  );
  return endedWell ? EXIT_OK : EXIT_FAILED;
}

/** Aborts when the process is asked to stop; asked again, it ends at once. */
function stopSignal(): AbortSignal {
  const asked = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (asked.signal.aborted) process.exit(EXIT_OK);
      asked.abort();
    });
  }
  return asked.signal;
}

function runToTheEnd(
  part: Part,
  log: Logger,
  closed: Promise<Error | null>,
  options: RunOptions,
): Promise<number> {
  return runUntilStopped(
    part,
    {
      log,
      scheduler: systemScheduler,
      closed,
      exitNow: (exitCode) => void flushLog(log, LOG_DEADLINE_MS).then(() => process.exit(exitCode)),
      onStopSignal(stop) {
        process.on('SIGTERM', stop);
        process.on('SIGINT', stop);
      },
    },
    options,
  );
}

function sidecarDeps(log: Logger): SidecarDeps {
  return {
    clock: systemClock,
    scheduler: systemScheduler,
    monotonicMs: () => performance.now(),
    random: Math.random,
    log,
    stdout: process.stdout,
  };
}

function isColourful(): boolean {
  return process.stdout.isTTY && process.env['NO_COLOR'] === undefined && process.env['TERM'] !== 'dumb';
}

/** A fault of ours ends the process, which its supervisor starts anew; but it says so in the log. */
function crashLoudly(log: Logger): void {
  const crash = (error: unknown): void => {
    log.fatal({ err: error }, 'A fault of ours: the process ends');
    log.flush();
    process.exit(EXIT_FAILED);
  };
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);
}

function version(): string {
  const manifest = new URL('../package.json', import.meta.url);
  if (!existsSync(manifest)) return 'unknown';
  const { version: found } = JSON.parse(readFileSync(manifest, 'utf8')) as { version?: unknown };
  return typeof found === 'string' ? found : 'unknown';
}

const exitCode = await main();
// What still holds the process open (a socket that will not close) must not outlive the work.
process.stdout.write('', () => process.exit(exitCode));
