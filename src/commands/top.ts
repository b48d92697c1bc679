import { readFileSync } from 'node:fs';
import type { Configuration } from '../config/configuration.ts';
import { formatFaults } from '../config/fault.ts';
import { readTlsFiles } from '../config/setting/tls-options.ts';
import { readTopTls, type TopOptions } from '../config/top-options.ts';
import { systemClock, systemScheduler } from '../platform/clock.ts';
import type { ProcessSignals } from '../platform/process-signals.ts';
import { hasCode } from '../platform/rainbow-error.ts';
import { printGroups, type PrintOptions } from '../top/print-groups.ts';
import type { TopTls } from '../top/secure-get.ts';
import { createStyle } from '../top/style.ts';
import { createTopApi, type TopApi } from '../top/top-api.ts';
import { watchGroups, type WatchOptions } from '../top/watch-groups.ts';
import {
  EXIT_BAD_CONFIGURATION,
  EXIT_FAILED,
  EXIT_OK,
  isColourful,
  isInteractive,
  isUnicode,
  stopSignal,
} from './terminal.ts';

const INTERVAL_MS = 2000;
const TIMEOUT_MS = 5000;
const STOPPED_WITHIN_MS = 250;

/**
 * Shows the groups of a running sidecar until it is ended, or once; resolves with the exit code. On a terminal a sidecar
 * that does not answer does not end it: the screen shows the reason.
 */
export async function top(
  configuration: Configuration,
  options: TopOptions,
  signals: ProcessSignals,
): Promise<number> {
  const { port, tls } = configuration.http;
  if (options.url === null && port === 0) {
    const rule = 'is any free one, so that top cannot know where the sidecar listens';
    const fault = { path: 'http.port', rule, source: 'configuration', hint: 'give --url' };
    process.stderr.write(formatFaults([fault]));
    return EXIT_BAD_CONFIGURATION;
  }
  const given = readTopTls(options.files, (path) => readFileSync(path, 'utf8'));
  if (Array.isArray(given)) {
    process.stderr.write(formatFaults(given));
    return EXIT_BAD_CONFIGURATION;
  }
  const url = options.url ?? `http${tls === null ? '' : 's'}://localhost:${port}`;
  const api = openApi(configuration, { url, isOwn: options.url === null, tls: given });
  const signal = stopSignal(signals);
  if (options.form === 'live' && isInteractive())
    await watchOnTerminal(api, { url, isUtc: options.isUtc }, signal);
  else return print(api, { ...options, url, form: options.form === 'json' ? 'json' : 'table' }, signal);
  return EXIT_OK;
}

/** The API of a sidecar at this URL. `isOwn`: one with the same configuration, so that its certificate is known. */
export function openApi(
  { http: { token, tls: ownTls } }: Configuration,
  { url, isOwn, tls: given }: { readonly url: string; readonly isOwn: boolean; readonly tls: TopTls | null },
): TopApi {
  const tls = isOwn && ownTls !== null ? { pinned: readTlsFiles(ownTls).cert ?? '', ...given } : given;
  return createTopApi({
    url,
    timeoutMs: TIMEOUT_MS,
    ...(token !== undefined && { token }),
    ...(tls && { tls }),
  });
}

/** Shows the live table on this process's terminal until a key or the signal ends it. */
export async function watchOnTerminal(
  api: TopApi,
  { isUtc, ...options }: Pick<WatchOptions, 'url' | 'hint'> & Pick<TopOptions, 'isUtc'>,
  signal: AbortSignal,
): Promise<void> {
  const { stdin, stdout } = process;
  const style = createStyle({ isTerminal: true, isColourful: isColourful(), isUnicode: isUnicode(), isUtc });
  await watchGroups(
    {
      api,
      clock: systemClock,
      scheduler: systemScheduler,
      stdin,
      stdout,
      onCrash(restore) {
        // Before the error is printed, which would vanish with the screen.
        process.prependListener('uncaughtException', restore);
        process.prependListener('unhandledRejection', restore);
        process.on('exit', restore);
      },
      suspend(onBack) {
        // The whole job, as a terminal does it: what started this command, too.
        process.kill(0, 'SIGTSTP');
        // A job that nobody could bring back is not stopped; of one that was, this comes when it goes on.
        systemScheduler.after(STOPPED_WITHIN_MS, onBack);
      },
    },
    { ...options, style, intervalMs: INTERVAL_MS },
    signal,
  );
}

/** Prints the groups once. */
async function print(
  api: TopApi,
  { url, form, isUtc }: Pick<PrintOptions, 'url' | 'form'> & Pick<TopOptions, 'isUtc'>,
  signal: AbortSignal,
): Promise<number> {
  const { stdout, stderr } = process;
  // A reader that has left is no failure, and nothing to say.
  stdout.on('error', () => undefined);
  const columns = stdout.isTTY ? stdout.columns : null;
  const style = createStyle({
    isTerminal: stdout.isTTY,
    isColourful: isColourful(),
    isUnicode: isUnicode(),
    isUtc,
  });
  try {
    stdout.write(await printGroups(api, { url, form, columns, style }, systemClock.nowMs(), signal));
    return EXIT_OK;
  } catch (error) {
    if (signal.aborted) return EXIT_OK;
    if (!hasCode(error, 'API_FAILED', 'API_UNKNOWN_GROUP')) throw error;
    stderr.write(`burrow-rainbow: no data from the sidecar at ${url}: ${error.message}\n`);
    return EXIT_FAILED;
  }
}
