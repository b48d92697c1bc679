import { EXIT_OK } from './exit-codes.ts';

/** Whether standard output shows colours. */
export function isColourful(): boolean {
  return process.stdout.isTTY && process.env['NO_COLOR'] === undefined && process.env['TERM'] !== 'dumb';
}

/** Aborts when the process is asked to stop; asked again, it ends at once. */
export function stopSignal(): AbortSignal {
  const asked = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (asked.signal.aborted) process.exit(EXIT_OK);
      asked.abort();
    });
  }
  return asked.signal;
}
