import { setMaxListeners } from 'node:events';
import type { Dispatcher, Pool } from 'undici';
import type { AnswerBuffers } from './answer-buffers.ts';
import type { AnswerHeaders } from './foreign-body.ts';
import type { LargeAnswers } from './large-answers.ts';
import { RainbowError } from '../platform/rainbow-error.ts';

/** What more of an answer there is waits for its turn. The groups with ten thousand partitions are below. */
const LARGE_BYTES = 4 * 1024 * 1024;

export interface PooledGetDeps {
  readonly pool: Pool;
  readonly buffers: AnswerBuffers;
  readonly large: LargeAnswers;
  /** Arms the deadline; the returned function disarms it. */
  readonly scheduler: { after(delayMs: number, run: () => void): () => void };
}

/**
 * One GET over the pool. It goes through the pool's `dispatch`, because a stream for each answer (which `request`
 * makes) costs more than all the rest of a poll. Rejects with undici's error, with the signal's reason when that
 * aborts, or with BURROW_TIMEOUT.
 *
 * @param timeoutMs from the call to the last byte of the answer; waiting for a free connection counts
 * @param read makes of a whole answer what is wanted; must not throw, and must not keep the body
 */
export function pooledGet<T>(
  { pool, buffers, large, scheduler }: PooledGetDeps,
  options: Pick<Dispatcher.DispatchOptions, 'path' | 'headers'>,
  timeoutMs: number,
  signal: AbortSignal,
  read: (statusCode: number, body: Buffer, headers: AnswerHeaders) => T,
): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason as Error);
      return;
    }
    let statusCode = 0;
    let headers: AnswerHeaders = NO_HEADERS;
    let endedBy: Error | null = null;
    let controller: Dispatcher.DispatchController | null = null;
    const body = buffers.take();
    let endTurn: (() => void) | null = null;

    function end(reason: Error): void {
      endedBy = reason;
      settle();
      reject(reason);
      controller?.abort(reason);
    }
    const abort = (): void => end(signal.reason as Error);
    function settle(): void {
      disarm();
      signal.removeEventListener('abort', abort);
      body.release();
      endTurn?.();
      // Whatever still comes gets no turn that nobody would end.
      endTurn = () => undefined;
    }

    const disarm = scheduler.after(timeoutMs, () =>
      end(new RainbowError('BURROW_TIMEOUT', 'no complete answer in time')),
    );
    // One signal may serve all requests in flight; more than ten listeners are no leak here, and no warning.
    setMaxListeners(0, signal);
    signal.addEventListener('abort', abort, ONCE);
    pool.dispatch(
      // The deadline above covers these.
      { method: 'GET', headersTimeout: 0, bodyTimeout: 0, ...options },
      {
        onRequestStart(started) {
          controller = started;
          // Ended while it waited for a connection.
          if (endedBy !== null) started.abort(endedBy);
        },
        onResponseStart(_controller, status, given) {
          statusCode = status;
          headers = given;
        },
        onResponseData(started, chunk) {
          if (endedBy !== null) return;
          body.add(chunk);
          if (body.length <= LARGE_BYTES || endTurn !== null) return;
          started.pause();
          // Not at once: a turn may begin within the parser of the answer before, which is not re-entrant.
          endTurn = large.waitForTurn(() => setImmediate(() => started.resume()));
        },
        onResponseEnd() {
          if (endedBy !== null) return;
          resolve(read(statusCode, body.whole(), headers));
          settle();
        },
        onResponseError(_controller, error) {
          if (endedBy !== null) return;
          settle();
          reject(error);
        },
      },
    );
  });
}

const ONCE = { once: true };
const NO_HEADERS: AnswerHeaders = {};
