import { existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Logger } from 'pino';
import type { ConfigurationSource } from './run.ts';
import { EXIT_BAD_CONFIGURATION, EXIT_FAILED, EXIT_OK } from './terminal.ts';
import { parseCommandLine } from '../config/command-line.ts';
import type { Configuration } from '../config/configuration.ts';
import { describeForLog } from '../config/redact.ts';
import { formatFaults } from '../config/fault.ts';
import { helpText } from '../config/help-text.ts';
import {
  loadConfiguration,
  type LoadArguments,
  type LoadRequest,
  type LoadResult,
} from '../config/load-configuration.ts';
import type { ProcessSignals } from '../platform/process-signals.ts';
import { SUPERVISED } from '../platform/supervise.ts';
import { createLogger, flushLog, LOG_DEADLINE_MS } from '../telemetry/logger.ts';

type Environment = LoadRequest['env'];

/**
 * Runs the command that the arguments name; resolves with the exit code. Each command is loaded when it is wanted:
 * what a sidecar never does takes no memory of it.
 */
export async function main(
  argv: readonly string[],
  env: Environment,
  signals: ProcessSignals,
): Promise<number> {
  // A reader of messages that has left is no failure, and there is nobody to tell.
  process.stderr.on('error', () => undefined);
  const commandLine = parseCommandLine(argv);
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
      return withConfiguration(commandLine.args, env, async (configuration, log, source) => {
        const { run } = await import('./run.ts');
        const isBurrowSupervised = env[SUPERVISED] !== undefined;
        return run(configuration, log, { version: version(), isBurrowSupervised }, signals, source);
      });
    case 'demo':
      return withConfiguration(commandLine.args, env, async (configuration, log, { setLogLevel }) => {
        const { demo } = await import('./demo.ts');
        return demo(configuration, log, version(), commandLine.demo, { signals, setLogLevel });
      });
    case 'check':
      return withConfiguration(commandLine.args, env, async (configuration, log) => {
        const { check } = await import('./check.ts');
        return check(configuration, log, signals);
      });
    case 'tail':
      return withConfiguration(commandLine.args, env, async (configuration, log) => {
        const { tail } = await import('./tail.ts');
        return tail(configuration, log, commandLine.tail, signals);
      });
    case 'top':
      return withConfiguration(commandLine.args, env, async (configuration) => {
        const { top } = await import('./top.ts');
        return top(configuration, commandLine.top, signals);
      });
  }
}

async function withConfiguration(
  args: LoadArguments,
  env: Environment,
  command: (configuration: Configuration, log: Logger, source: ConfigurationSource) => Promise<number>,
): Promise<number> {
  const load = (): LoadResult =>
    loadConfiguration({
      args,
      env,
      cwd: process.cwd(),
      readFile: (path) => readFileSync(path, 'utf8'),
      hostName: hostname(),
    });
  const loaded = load();
  if (loaded.kind === 'faults') {
    process.stderr.write(formatFaults(loaded.faults));
    return EXIT_BAD_CONFIGURATION;
  }
  const { configuration, file, links } = loaded;
  const { log, setLevel } = createLogger(configuration.log);
  crashLoudly(log);
  log.debug({ file, configuration: describeForLog(configuration) }, 'Configuration loaded');
  if (links.length > 0) {
    log.debug(
      { variables: links },
      'Variables that Kubernetes or Docker set for a service are not settings of this program',
    );
  }
  const exitCode = await command(configuration, log, { loaded, load, setLogLevel: setLevel });
  await flushLog(log, LOG_DEADLINE_MS);
  return exitCode;
}

/** A programmer's error ends the process, and its supervisor restarts it; the log says why. */
function crashLoudly(log: Logger): void {
  const crash = (error: unknown): void => {
    log.fatal({ err: error }, 'Internal error: the process ends');
    log.flush();
    process.exit(EXIT_FAILED);
  };
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);
}

function version(): string {
  const manifest = new URL('../../package.json', import.meta.url);
  if (!existsSync(manifest)) return 'unknown';
  const { version: found } = JSON.parse(readFileSync(manifest, 'utf8')) as { version?: unknown };
  return typeof found === 'string' ? found : 'unknown';
}
