import { open } from 'node:fs/promises';
import type { Logger } from 'pino';
import type { Clock, Scheduler } from '../platform/clock.ts';
import { sleep } from '../platform/clock.ts';
import { retryDelayMs } from '../platform/retry-delay.ts';
import { createConditionTracker, type FaultBook } from './condition-tracker.ts';
import { createFilePosition } from './file-position.ts';
import { cutTornLine } from './torn-line.ts';
import type { Sink } from './sink.ts';

export interface FileSinkDeps {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly log: Logger;
  readonly faults?: FaultBook;
}

export interface FileSinkOptions {
  /** Appended to; created when missing, its folder is not. */
  readonly path: string;
}

const retry = { initialMs: 250, maxMs: 10_000 };

/**
 * Appends lines to a file. A sample is acknowledged when the operating system has taken all of it; it is not
 * forced to the disk, so a power cut may lose what a crash of the process would not. The file is opened anew for
 * each batch, so that log rotation by renaming works without a signal. A line that a crash has torn is cut off at the
 * start.
 */
export function createFileSink(deps: FileSinkDeps, options: FileSinkOptions): Sink {
  const { path } = options;
  const condition = createConditionTracker(deps);

  async function tryToOpen(): Promise<void> {
    try {
      const cutBytes = await cutTornLine(path);
      if (cutBytes > 0)
        deps.log.warn({ path, cutBytes }, 'The last line of the file was torn and is cut off');
    } catch (error) {
      condition.faulty(explain(path, error));
    }
  }

  return {
    name: 'file sink',
    // A file that cannot be opened now may be one day: that is a fault to show, not a reason to stay away.
    start: () => tryToOpen(),
    stop: () => Promise.resolve(),
    async deliver(samples, report, signal) {
      const position = createFilePosition(samples);
      for (let failures = 1; ; failures += 1) {
        signal.throwIfAborted();
        try {
          const handle = await open(path, 'a');
          try {
            const { dev, ino } = await handle.stat();
            position.continueIn(`${dev}:${ino}`);
            while (!position.atEnd()) {
              signal.throwIfAborted();
              const { bytesWritten } = await handle.writev(position.next());
              const complete = position.advance(bytesWritten);
              if (complete.length > 0) report.acknowledged(complete);
              failures = 1;
            }
          } finally {
            await handle.close();
          }
          condition.ok();
          return;
        } catch (error) {
          signal.throwIfAborted();
          condition.faulty(explain(path, error));
          await sleep(deps.scheduler, retryDelayMs(failures, retry, 0), signal);
        }
      }
    },
    condition: () => condition.current(),
  };
}

const remedies: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full: free some space',
  EDQUOT: 'the disk quota is used up: free some space',
  EACCES: 'permission denied: let the user of this process write there',
  EPERM: 'permission denied: let the user of this process write there',
  EROFS: 'the file system is read-only: choose another sink.file',
  EISDIR: 'it is a folder: name a file in sink.file',
  ENOENT: 'its folder does not exist: create it, or choose another sink.file',
  ENOTDIR: 'a part of its path is not a folder: choose another sink.file',
  EMFILE: 'too many files are open: raise the limit of open files',
};

function explain(path: string, error: unknown): string {
  if (!(error instanceof Error)) return `cannot write to ${path}: ${String(error)}`;
  const code = 'code' in error ? String(error.code) : '';
  return `cannot write to ${path}: ${remedies[code] ?? error.message}`;
}
