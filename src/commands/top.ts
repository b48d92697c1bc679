import { readFileSync } from 'node:fs';
import type { Configuration } from '../config/configuration.ts';
import { formatFaults } from '../config/fault.ts';
import { readTopTls, type TopOptions } from '../config/top-options.ts';
import { systemClock, systemScheduler } from '../platform/clock.ts';
import { isUtf8 } from '../top/style.ts';
import type { ProcessSignals } from '../platform/process-signals.ts';
import { EXIT_BAD_CONFIGURATION, EXIT_FAILED, EXIT_OK } from './exit-codes.ts';
import { runTop } from './run-top.ts';
import { isColourful, stopSignal } from './terminal.ts';

/** Shows the groups of a running sidecar; resolves with the exit code. */
export async function top(
  configuration: Configuration,
  options: TopOptions,
  signals: ProcessSignals,
): Promise<number> {
  if (options.url === null && configuration.http.port === 0) {
    const rule = 'is any free one, so that top cannot know where the sidecar listens';
    const fault = { path: 'http.port', rule, source: 'configuration', hint: 'give --url' };
    process.stderr.write(formatFaults([fault]));
    return EXIT_BAD_CONFIGURATION;
  }
  const tls = readTopTls(options.files, (path) => readFileSync(path, 'utf8'));
  if (Array.isArray(tls)) {
    process.stderr.write(formatFaults(tls));
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
      tls,
      isTerminal: stdin.isTTY && stdout.isTTY && env['TERM'] !== 'dumb',
      isColourful: isColourful(),
      isUnicode: isUtf8(env),
    },
    stopSignal(signals),
  );
  return endedWell ? EXIT_OK : EXIT_FAILED;
}
