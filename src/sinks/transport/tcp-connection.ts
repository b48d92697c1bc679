import { connect as connectPlain } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { abortable, withDeadline } from '../../platform/abortable.ts';
import type { Scheduler } from '../../platform/clock.ts';
import { RainbowError } from '../../platform/rainbow-error.ts';

export interface TcpConnectionOptions {
  /** `host:port`; an IPv6 address stands in brackets. */
  readonly address: string;
  /** Null: no TLS. */
  readonly tls: ConnectionOptions | null;
  /** The longest wait for a connection, and for the other side to make room for the next piece of what is written. */
  readonly timeoutMs: number;
}

/** A connection to someone who takes bytes and answers nothing. What comes back is thrown away. */
export interface TcpConnection {
  /** Aborts when it is of no use any more, for the reason why. */
  readonly broken: AbortSignal;
  /**
   * Resolves when the operating system has taken the bytes: they are on their way, or in the buffers of the two systems.
   * Rejects when the connection breaks, when the other side makes no room in time, or when the signal aborts.
   */
  write(bytes: Uint8Array, signal: AbortSignal): Promise<void>;
  /** Says that no more comes. Resolves when the other side has read all of it and has closed, too, or has not in time. */
  end(timeoutMs: number): Promise<void>;
  destroy(): void;
}

/** How long nothing may go over a connection before the system asks whether the other side is still there. */
const KEEP_ALIVE_MS = 30_000;
/** Bytes handed to the system at once. A side that makes room for so many in time is slow, and not silent. */
const PIECE_BYTES = 64 * 1024;

/** Opens a connection; rejects with why it could not. */
export async function connectTcp(
  { scheduler }: { readonly scheduler: Scheduler },
  { address, tls, timeoutMs }: TcpConnectionOptions,
  signal: AbortSignal,
): Promise<TcpConnection> {
  signal.throwIfAborted();
  const [, host = '', port = ''] = /^\[?(.*?)\]?:(\d+)$/.exec(address) ?? [];
  const at = { host, port: Number(port) };
  const broken = new AbortController();
  const socket = tls === null ? connectPlain(at) : connectTls({ ...at, ...tls });
  const closed = (): void => broken.abort(new RainbowError('TCP_CLOSED', 'the connection was closed'));
  socket.on('error', (error) => broken.abort(error));
  socket.on('end', closed);
  socket.on('close', closed);
  const opened = new Promise<void>((resolve) =>
    socket.once(tls === null ? 'connect' : 'secureConnect', resolve),
  );

  /** What the other side has to do, in time. */
  function inTime(work: Promise<void>, until: AbortSignal, hasNot: string): Promise<void> {
    const late = (): Error => {
      const seconds = timeoutMs / 1000;
      return new RainbowError('TCP_SILENT', `has ${hasNot} for ${seconds} s`, {
        remedy: 'see whether it hangs or is overloaded, and check the network',
      });
    };
    const wanted = abortable(abortable(work, broken.signal), until);
    return withDeadline(wanted, { scheduler, deadlineMs: timeoutMs }, late);
  }

  try {
    await inTime(opened, signal, 'not answered');
  } catch (error) {
    socket.destroy();
    throw error;
  }
  // As an option of `connect` it would have no effect with TLS.
  socket.setKeepAlive(true, KEEP_ALIVE_MS);
  // Only who reads learns that the other side has closed.
  socket.resume();

  return {
    broken: broken.signal,
    async write(bytes, until) {
      for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
        const taken = new Promise<void>((resolve, reject) => {
          socket.write(bytes.subarray(at, at + PIECE_BYTES), (error) => (error ? reject(error) : resolve()));
        });
        await inTime(taken, until, 'made no room for records');
      }
    },
    async end(endTimeoutMs) {
      const gone = new Promise<void>((resolve) => socket.once('close', () => resolve()));
      if (socket.closed) return;
      socket.end();
      await withDeadline(
        gone,
        { scheduler, deadlineMs: endTimeoutMs },
        () => new RainbowError('TCP_SILENT', 'has not closed the connection'),
      ).catch(() => undefined);
    },
    destroy: () => void socket.destroy(),
  };
}
