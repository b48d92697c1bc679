import type { FileHandle } from 'node:fs/promises';
import type { Logger } from 'pino';
import type { Clock, Scheduler } from '../../platform/clock.ts';
import { sleep } from '../../platform/clock.ts';
import { retry } from '../../platform/retry.ts';
import { createConditionTracker, type FaultBook } from '../../platform/condition-tracker.ts';
import { createFilePosition } from './file-position.ts';
import { abortable, settledOrLate } from '../../platform/abortable.ts';
import { cutTornLine, openToAppend } from './torn-line.ts';
import { found, type Finding } from '../../platform/finding.ts';
import type { Sink } from '../sink.ts';
import type { Destination, SinkDeps } from '../sink-kind.ts';
import type { FileConfiguration } from './file-settings.ts';

export interface FileSinkDeps {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly log: Logger;
  readonly faults?: FaultBook;
}

/** A disk that has not answered for this long hangs. */
const PATIENCE_MS = 10_000;
/** How often to check whether the reader of a pipe has made room. */
const PIPE_LOOK_MS = 20;
const delays = { initialMs: 250, maxMs: 10_000 };

/**
 * Appends lines to a file, which is created when it is missing; its folder is not. A sample is acknowledged when the operating system has taken all of it; it is not
 * forced to the disk, so a power cut may lose what a crash of the process would not. The file is opened anew for
 * each batch, so that log rotation by renaming works without a signal. A line that a crash has torn is cut off at the
 * start. A pipe that nobody reads is tried again; each new reader begins with a whole line.
 */
export function createFileSink(deps: FileSinkDeps, options: FileConfiguration): Sink {
  const { path } = options;
  const condition = createConditionTracker(deps);

  /** The search for a torn line. Nothing may be appended before it is over. */
  let opening: Promise<void> = Promise.resolve();
  let opened = 0;

  /** Tells when the disk hangs. What it may still write or read must stay as it is, so it is waited for. */
  async function patiently<T>(work: Promise<T>): Promise<T> {
    const cancel = deps.scheduler.after(PATIENCE_MS, () => {
      condition.faulty(
        `cannot write to ${path}: the disk has not answered for ${PATIENCE_MS / 1000} s: look after it, or choose another sink.file`,
        'silent',
      );
    });
    try {
      return await work;
    } finally {
      cancel();
    }
  }

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
    // The sink starts, too, where the file cannot be opened yet, or its disk hangs: the condition shows that.
    start() {
      opening = patiently(tryToOpen());
      const late = AbortSignal.abort();
      return settledOrLate(opening, late, { scheduler: deps.scheduler, graceMs: PATIENCE_MS });
    },
    stop: () => Promise.resolve(),
    async deliver(samples, report, signal) {
      await abortable(opening, signal);
      const position = createFilePosition(samples);
      const attempt = async (progressed: () => void): Promise<void> => {
        const handle = await abortable(patiently(openToAppend(path)), signal);
        try {
          await writeAll(handle, progressed);
        } finally {
          // Where the disk hangs, this waits for it in the background.
          const closing = patiently(handle.close());
          await abortable(closing, signal).catch(() => undefined);
        }
        condition.ok();
      };
      await retry({ ...deps, random: () => 0 }, delays, signal, attempt, (error) => {
        condition.faulty(explain(path, error));
      });

      async function writeAll(handle: FileHandle, progressed: () => void): Promise<void> {
        const stats = await abortable(patiently(handle.stat()), signal);
        opened += 1;
        // What went into a pipe before was for another reader.
        position.continueIn(stats.isFile() ? `${stats.dev}:${stats.ino}` : `pipe ${opened}`);
        let fullMs = 0;
        while (!position.atEnd()) {
          signal.throwIfAborted();
          const bytesWritten = await abortable(patiently(write(handle, position.next())), signal);
          if (bytesWritten === 0) {
            fullMs += PIPE_LOOK_MS;
            if (fullMs >= PATIENCE_MS) condition.faulty(`cannot write to ${path}: its reader takes nothing`);
            await sleep(deps.scheduler, PIPE_LOOK_MS, signal);
            continue;
          }
          fullMs = 0;
          const complete = position.advance(bytesWritten);
          if (complete.length > 0) report.acknowledged(complete);
          progressed();
        }
      }
    },
    condition: () => condition.current(),
  };
}

/** How many bytes were written; 0 where a pipe is full. */
async function write(handle: FileHandle, buffers: readonly Buffer[]): Promise<number> {
  try {
    return (await handle.writev(buffers)).bytesWritten;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return 0;
    throw error;
  }
}

const remedies: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full: free some space',
  EDQUOT: 'the disk quota is used up: free some space',
  EACCES: 'permission denied: let the user of this process write there',
  EPERM: 'permission denied: let the user of this process write there',
  EROFS: 'the file system is read-only: choose another sink.file',
  EISDIR: 'it is a folder: name a file in sink.file',
  ENXIO: 'it is a pipe that nobody reads: start its reader',
  EPIPE: 'it is a pipe whose reader has gone: start it again',
  ENOENT: 'its folder does not exist: create it, or choose another sink.file',
  ENOTDIR: 'a part of its path is not a folder: choose another sink.file',
  EMFILE: 'too many files are open: raise the limit of open files',
};

function explain(path: string, error: unknown): string {
  if (!(error instanceof Error)) return `cannot write to ${path}: ${String(error)}`;
  const code = 'code' in error ? String(error.code) : '';
  return `cannot write to ${path}: ${remedies[code] ?? error.message}`;
}

interface Given {
  readonly file: FileConfiguration;
}

/** See `SinkCode`. */
export function create({ file }: Given, deps: SinkDeps): Destination<Given> {
  return { createSink: () => createFileSink(deps, file) };
}

/** Whether a file can be appended to; it is made where it is missing, as `run` would. */
export async function* check({ file: { path } }: Given): AsyncGenerator<Finding> {
  const subject = `file ${path}`;
  try {
    await (await openToAppend(path)).close();
    yield found('ok', subject, 'can be appended to');
  } catch (error) {
    yield found('fail', subject, explain(path, error));
  }
}
