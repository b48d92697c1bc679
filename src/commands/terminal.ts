import type { ProcessSignals } from '../platform/process-signals.ts';
import { isUtf8 } from '../top/style.ts';

export const EXIT_OK = 0;
export const EXIT_FAILED = 1;
export const EXIT_BAD_CONFIGURATION = 2;

/** Whether standard output shows colours. */
export function isColourful(): boolean {
  return process.stdout.isTTY && process.env['NO_COLOR'] === undefined && process.env['TERM'] !== 'dumb';
}

/** Whether the locale of the terminal has the characters of Unicode. */
export function isUnicode(): boolean {
  return isUtf8(process.env);
}

/** Whether a person sits before a terminal that can be drawn on. */
export function isInteractive(): boolean {
  return process.stdin.isTTY && process.stdout.isTTY && process.env['TERM'] !== 'dumb';
}

/** Aborts when the process is asked to stop or its terminal goes; asked again, it ends at once. */
export function stopSignal(signals: ProcessSignals): AbortSignal {
  const asked = new AbortController();
  signals.listen((signal) => {
    // A terminal that closes says so twice: as itself, and as the shell in it.
    if (asked.signal.aborted && signal !== 'SIGHUP') process.exit(EXIT_OK);
    asked.abort();
  });
  return asked.signal;
}
