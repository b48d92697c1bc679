import type { Writable } from 'node:stream';
import type { Condition } from '../../platform/condition-tracker.ts';
import type { Finding } from '../../platform/finding.ts';
import type { Sink } from '../sink.ts';
import type { Destination, SinkDeps } from '../sink-kind.ts';
import type { Clock } from '../../platform/clock.ts';

export interface StdoutSinkDeps {
  /** Standard output, or anything that behaves like it. It is never ended: it belongs to the process. */
  readonly stream: Writable;
  readonly clock: Clock;
  /**
   * Called once when nothing can be written any more. Null: the reader has left (`| head`), which is a normal end.
   * A stream that has failed cannot be written to again, so any other error is an end too.
   */
  readonly onClosed: (error: Error | null) => void;
}

const readerLeft = new Set(['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END']);

/**
 * Writes lines to standard output. A sample is acknowledged when the stream has handed it to the operating
 * system; a slow reader slows the delivery down and nothing is buffered beyond one sample.
 */
export function createStdoutSink(deps: StdoutSinkDeps): Sink {
  const { stream } = deps;
  let closed = false;
  let condition: Condition = { state: 'ok', sinceMs: deps.clock.nowMs() };

  function close(error: NodeJS.ErrnoException): void {
    if (closed) return;
    closed = true;
    const reason = readerLeft.has(error.code ?? '')
      ? 'the reader of standard output has gone'
      : `standard output failed: ${error.message}`;
    condition = { state: 'faulty', reason, sinceMs: deps.clock.nowMs() };
    deps.onClosed(readerLeft.has(error.code ?? '') ? null : error);
  }

  /** Resolves when the bytes are written or the stream is closed; rejects when the signal aborts. */
  function write(bytes: Buffer, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => reject(signal.reason as Error);
      signal.addEventListener('abort', onAbort, { once: true });
      const done = (error?: Error | null): void => {
        signal.removeEventListener('abort', onAbort);
        if (error) close(error);
        resolve();
      };
      try {
        stream.write(bytes, done);
      } catch (error) {
        // Standard output redirected to a file is written to synchronously and throws.
        done(error instanceof Error ? error : new Error(String(error)));
      }
    });
  }

  return {
    name: 'stdout sink',
    start() {
      // Stays for good: an error that nobody listens to would end the process with a stack trace.
      stream.on('error', close);
      return Promise.resolve();
    },
    stop: () => Promise.resolve(),
    async deliver(samples, report, signal) {
      for (const sample of samples) {
        signal.throwIfAborted();
        if (!closed) await write(sample.bytes, signal);
        if (closed) {
          report.closed();
          return;
        }
        report.acknowledged([sample]);
      }
    },
    condition: () => condition,
  };
}

/** See `SinkCode`. */
export function create(_configuration: object, deps: SinkDeps): Destination<object> {
  return { createSink: () => createStdoutSink({ ...deps, stream: deps.stdout }) };
}

/** Standard output is always there. */
export function check(): readonly Finding[] {
  return [];
}
