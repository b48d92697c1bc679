import type { Socket } from 'node:net';
import { buildConnector } from 'undici';

/** As much as Node reads at once by itself. */
const READ_BYTES = 64 * 1024;

/**
 * A connector for undici whose plain sockets all read into one and the same buffer. A socket by itself allocates 64 KB
 * for each read, and after every 64 MB of them the engine collects the whole heap, whatever it holds: with a million
 * series that costs more than reading the answers.
 *
 * undici parses what a socket has while it is told that there is something, and keeps none of it. What it puts off (a
 * paused answer) is copied, and the socket reads no further until it asks for it. Over TLS nothing is different from
 * undici's own connector.
 */
export function connectReusingBuffer(options: buildConnector.BuildOptions): buildConnector.connector {
  const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  const overTls = buildConnector(options);

  function connectPlain(
    target: buildConnector.Options,
    callback: Parameters<buildConnector.connector>[1],
  ): void {
    let arrived: Buffer | null = null;
    let socket: Socket | null = null;
    function take(): Buffer | null {
      const chunk = arrived;
      arrived = null;
      return chunk;
    }
    const onread = {
      buffer,
      callback(byteCount: number): boolean {
        arrived = buffer.subarray(0, byteCount);
        socket?.emit('readable');
        const putOff = take();
        if (putOff === null) return true;
        socket?.push(Buffer.from(putOff));
        return false;
      },
    };
    const connect = buildConnector({ ...options, onread });
    connect(target, (...[error, connected]) => {
      if (error !== null) {
        callback(error, null);
        return;
      }
      const read = connected.read.bind(connected);
      const unshift = connected.unshift.bind(connected);
      connected.read = (size?: number): unknown => take() ?? read(size);
      connected.unshift = (rest: Buffer) => unshift(Buffer.from(rest));
      socket = connected;
      callback(null, connected);
    });
  }

  return (target, callback) => {
    if (target.protocol === 'https:') overTls(target, callback);
    else connectPlain(target, callback);
  };
}
