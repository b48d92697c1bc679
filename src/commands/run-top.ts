import type { ReadStream, WriteStream } from 'node:tty';
import type { Writable } from 'node:stream';
import type { Configuration } from '../config/configuration.ts';
import type { TopOptions } from '../config/top-options.ts';
import type { Clock, Scheduler } from '../platform/clock.ts';
import { hasCode } from '../platform/rainbow-error.ts';
import { readTlsFiles } from '../config/setting/tls-options.ts';
import { printGroups } from '../top/print-groups.ts';
import type { TopTls } from '../top/secure-get.ts';
import { createStyle } from '../top/style.ts';
import { createTopApi } from '../top/top-api.ts';
import { watchGroups, type WatchDeps } from '../top/watch-groups.ts';

export interface TopDeps extends Pick<WatchDeps, 'onCrash' | 'suspend'> {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly stdin: ReadStream;
  readonly stdout: WriteStream;
  readonly stderr: Writable;
}

export interface TopTerminal {
  /** Whether there are keys to press and a screen to draw on; else one table is printed. */
  readonly isTerminal: boolean;
  readonly isColourful: boolean;
  readonly isUnicode: boolean;
}

const INTERVAL_MS = 2000;
const TIMEOUT_MS = 5000;

/**
 * Shows the groups of a running sidecar until it is ended, or once. Resolves with whether it ended well; where it did
 * not, standard error says why. On a terminal a sidecar that does not answer is no end: the screen says so.
 */
export async function runTop(
  configuration: Configuration,
  deps: TopDeps,
  options: Omit<TopOptions, 'files'> & TopTerminal & { readonly tls: TopTls | null },
  signal: AbortSignal,
): Promise<boolean> {
  const { port, token, tls: own } = configuration.http;
  const { clock, stdout, stderr } = deps;
  const url = options.url ?? `http${own === null ? '' : 's'}://localhost:${port}`;
  const tls =
    options.url === null && own !== null
      ? { pinned: readTlsFiles(own).cert ?? '', ...options.tls }
      : options.tls;
  const api = createTopApi({
    url,
    timeoutMs: TIMEOUT_MS,
    ...(token !== undefined && { token }),
    ...(tls && { tls }),
  });
  const form = options.form === 'live' && !options.isTerminal ? 'once' : options.form;
  if (form === 'live') {
    const style = createStyle(options);
    await watchGroups({ ...deps, api }, { url, style, intervalMs: INTERVAL_MS }, signal);
    return true;
  }
  // A reader that has left is no failure, and nothing to say.
  stdout.on('error', () => undefined);
  const columns = stdout.isTTY ? stdout.columns : null;
  const style = createStyle({ ...options, isTerminal: stdout.isTTY });
  const given = { url, form: form === 'json' ? 'json' : 'table', columns, style } as const;
  try {
    stdout.write(await printGroups(api, given, clock.nowMs(), signal));
    return true;
  } catch (error) {
    if (signal.aborted) return true;
    if (!hasCode(error, 'API_FAILED', 'API_UNKNOWN_GROUP')) throw error;
    stderr.write(`burrow-rainbow: no data from the sidecar at ${url}: ${error.message}\n`);
    return false;
  }
}
