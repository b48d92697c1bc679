import type { ConnectionOptions } from 'node:tls';
import { tlsClientOptions } from '../../config/setting/tls-options.ts';
import { found, type Finding } from '../../platform/finding.ts';
import { abortable } from '../../platform/abortable.ts';
import { sleep } from '../../platform/clock.ts';
import { createConditionTracker } from '../../platform/condition-tracker.ts';
import { retry } from '../../platform/retry.ts';
import type { CheckDeps, SinkDeps } from '../sink-kind.ts';
import type { Sink } from '../sink.ts';
import { connectTcp, type TcpConnection } from './tcp-connection.ts';
import { explainTcpFault, type TcpReader } from './tcp-faults.ts';
import type { TcpConfiguration } from './tcp-settings.ts';

type TcpSinkDeps = Pick<SinkDeps, 'clock' | 'scheduler' | 'monotonicMs' | 'random' | 'log' | 'faults'>;

export interface TcpSinkOptions extends TcpReader {
  /** See `TcpConfiguration`. */
  readonly timeoutMs: number;
  /** Asked for each connection; null: no TLS. */
  readonly tls: () => ConnectionOptions | null;
}

/** A reader that has died refuses what comes for it, within a round trip. What was taken this long ago has arrived. */
const SETTLE_MS = 200;
/** How long a stop waits for the reader to have read everything. */
const MOST_END_MS = 1000;
const RETRY = { initialMs: 250, maxMs: 10_000 };

/**
 * Writes samples over one TCP connection, for readers that answer nothing.
 *
 * A sample is acknowledged when the operating system has taken all of it and the connection has then stayed whole for
 * 200 ms, in which a reader that has died would have refused it. When a connection breaks, all that was not acknowledged
 * by then is sent again over the next one, whole samples each, so the reader may get a sample twice. TCP tells no more
 * than that: what lies in the buffers of a machine or network that falls silent, without a word, is lost.
 *
 * One sample is written at a time, when the one before has been taken: a slow reader slows the delivery down, and nothing
 * is kept but the batch. Where a reader makes no room for `timeoutMs`, its connection is closed and another one is opened.
 *
 * A connection that the reader closes while nothing is sent is no fault: the next delivery opens another one.
 */
export function createTcpSink(deps: TcpSinkDeps, options: TcpSinkOptions): Sink {
  const { scheduler, monotonicMs } = deps;
  const condition = createConditionTracker(deps);
  let connection: TcpConnection | null = null;

  async function connected(signal: AbortSignal): Promise<TcpConnection> {
    if (connection?.broken.aborted === true) disconnect();
    connection ??= await connectTcp(deps, { ...options, tls: options.tls() }, signal);
    return connection;
  }

  function disconnect(): void {
    connection?.destroy();
    connection = null;
  }

  return {
    name: `${options.section} sink`,
    start: () => Promise.resolve(),
    async stop(signal) {
      if (connection !== null) await abortable(connection.end(MOST_END_MS), signal).catch(() => undefined);
      disconnect();
    },
    async deliver(samples, report, signal) {
      let acknowledged = 0;
      await retry(
        deps,
        RETRY,
        signal,
        async (progressed) => {
          const open = await connected(signal);
          /** When each sample that is not acknowledged was taken, in their order. */
          const takenMs: number[] = [];
          const acknowledgeNext = (count: number): void => {
            if (count === 0) return;
            takenMs.splice(0, count);
            report.acknowledged(samples.slice(acknowledged, acknowledged + count));
            acknowledged += count;
            condition.ok();
            progressed();
          };
          for (const { bytes } of samples.slice(acknowledged)) {
            await open.write(bytes, signal);
            const nowMs = monotonicMs();
            takenMs.push(nowMs);
            acknowledgeNext(takenMs.findIndex((atMs) => atMs > nowMs - SETTLE_MS));
          }
          await abortable(sleep(scheduler, SETTLE_MS, signal), open.broken);
          // Whatever the clock says: a timer may be early, and each sample must be named.
          acknowledgeNext(takenMs.length);
        },
        (error) => {
          disconnect();
          const { reason, cause } = explainTcpFault(error, options);
          condition.faulty(reason, cause);
        },
      );
    },
    condition: () => condition.current(),
  };
}

/** The sink of a destination over TCP, which goes on with other TLS files where those change. */
export function createTcpDestination(
  deps: TcpSinkDeps,
  who: Pick<TcpReader, 'reader' | 'section'>,
  configured: TcpConfiguration,
): { readonly createSink: () => Sink; readonly prepare: (next: TcpConfiguration) => () => void } {
  let tls = readTls(configured);
  return {
    createSink: () => createTcpSink(deps, { ...configured, ...who, tls: () => tls }),
    prepare(next) {
      const nextTls = readTls(next);
      return () => {
        tls = nextTls;
      };
    },
  };
}

function readTls({ tls }: TcpConfiguration): ConnectionOptions | null {
  return tls === null ? null : tlsClientOptions(tls);
}

/** Whether a reader takes connections, for `check`. */
export async function checkTcp(
  deps: CheckDeps,
  who: Pick<TcpReader, 'reader' | 'section'>,
  configured: TcpConfiguration,
  signal: AbortSignal,
): Promise<Finding> {
  const options = { ...configured, ...who };
  const { reader, address } = options;
  const subject = `${reader} ${address}`;
  deps.asking(subject);
  try {
    const connection = await connectTcp(deps, { ...options, tls: readTls(configured) }, signal);
    connection.destroy();
    return found('ok', subject, 'takes connections');
  } catch (error) {
    const message = signal.aborted ? 'no answer in time' : explainTcpFault(error, options).reason;
    return found('fail', subject, message);
  }
}
