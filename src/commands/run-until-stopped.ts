import type { Logger } from 'pino';
import type { Scheduler } from '../platform/clock.ts';
import type { Part } from '../platform/part.ts';
import { hasCode, RainbowError } from '../platform/rainbow-error.ts';
import type { ProcessSignal } from '../platform/process-signals.ts';
import { EXIT_BAD_CONFIGURATION, EXIT_FAILED, EXIT_OK } from './terminal.ts';

export interface RunDeps {
  readonly log: Logger;
  readonly scheduler: Scheduler;
  /** Calls back for each signal that asks the process to stop. */
  readonly onStopSignal: (run: (signal: ProcessSignal) => void) => void;
  /** Ends the process at once; for a second signal. */
  readonly exitNow: (exitCode: number) => void;
  /** Resolves when there is no use in going on: null for a normal end, else with what broke. */
  readonly closed: Promise<Error | null>;
}

export interface RunOptions {
  /** How long a stop may take. What is not done by then is dropped and logged. */
  readonly deadlineMs: number;
  /** Stops as by a signal after this time; absent: never. */
  readonly forMs?: number;
}

/**
 * Starts a part, waits until it is asked to stop, and stops it within a deadline. Resolves with the exit code:
 * 0 stopped as asked, 1 failed, 2 cannot listen where it is configured to. A start that fails is logged with its cause.
 */
export async function runUntilStopped(part: Part, deps: RunDeps, options: RunOptions): Promise<number> {
  const { log, scheduler } = deps;
  const starting = new AbortController();
  let signals = 0;
  const asked = new Promise<number>((resolve) => {
    deps.onStopSignal((signal) => {
      // A service manager may send it with SIGTERM, and a terminal that closes sends it twice: it never hurries.
      if (signal === 'SIGHUP' && signals > 0) return;
      signals++;
      if (signals > 1) {
        log.warn({ signal }, 'Asked to stop again: exiting at once');
        deps.exitNow(EXIT_FAILED);
        return;
      }
      log.info({ signal }, 'Asked to stop');
      starting.abort();
      resolve(EXIT_OK);
    });
    void deps.closed.then((error) => {
      if (error !== null) log.error({ err: error }, 'The destination is gone for good');
      resolve(error === null ? EXIT_OK : EXIT_FAILED);
    });
  });

  try {
    await startOrGiveUp(part, starting.signal, deps, options);
  } catch (error) {
    if (hasCode(error, 'START_LATE')) {
      log.error({ err: error }, 'Not everything stopped cleanly');
      return EXIT_FAILED;
    }
    if (starting.signal.aborted) {
      log.info('Stopped before it had started');
      return EXIT_OK;
    }
    if (hasCode(error, 'HTTP_LISTEN')) {
      log.fatal({ code: error.code }, error.message);
      return EXIT_BAD_CONFIGURATION;
    }
    log.fatal({ err: error }, 'The start failed');
    return EXIT_FAILED;
  }
  let cancel = (): void => undefined;
  const timeIsUp =
    options.forMs === undefined
      ? new Promise<number>(() => undefined)
      : new Promise<number>((resolve) => {
          cancel = scheduler.after(options.forMs ?? 0, () => resolve(EXIT_OK));
        });
  const exitCode = await Promise.race([asked, timeIsUp]);
  cancel();
  return (await stopInTime(part, deps, options)) ? exitCode : EXIT_FAILED;
}

/** Starts the part; a start that is cancelled has as long to undo itself as a stop has. */
async function startOrGiveUp(
  part: Part,
  signal: AbortSignal,
  { scheduler }: RunDeps,
  { deadlineMs }: RunOptions,
): Promise<void> {
  let cancel = (): void => undefined;
  let onAbort = (): void => undefined;
  const timeIsUp = new Promise<never>((_resolve, reject) => {
    onAbort = () => {
      cancel = scheduler.after(deadlineMs, () => {
        const what = `the start did not end ${deadlineMs / 1000} s after it was asked to stop`;
        reject(new RainbowError('START_LATE', what));
      });
    };
  });
  signal.addEventListener('abort', onAbort);
  try {
    await Promise.race([part.start(signal), timeIsUp]);
  } finally {
    signal.removeEventListener('abort', onAbort);
    cancel();
  }
}

async function stopInTime(
  part: Part,
  { log, scheduler }: RunDeps,
  { deadlineMs }: RunOptions,
): Promise<boolean> {
  const deadline = new AbortController();
  const cancel = scheduler.after(deadlineMs, () => {
    deadline.abort(
      new RainbowError('STOP_LATE', `not done ${deadlineMs / 1000} s after it was asked to stop`),
    );
  });
  try {
    await part.stop(deadline.signal);
    log.info('Stopped');
    return true;
  } catch (error) {
    log.error({ err: error }, 'Not everything stopped cleanly');
    return false;
  } finally {
    cancel();
  }
}
