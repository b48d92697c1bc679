/**
 * Why: a socket by itself allocates 64 KB for each read, and after every 64 MB of them the engine collects the whole
 * heap, whatever it holds: with a million series that costs more than reading the answers.
 *
 * Relies on: undici hands unknown options on to `net.connect`. It listens for `readable`, takes with `read()` what there
 * is before that event is over, and its parser and our handler keep none of it. What it puts off (a paused answer) is copied,
 * and the socket reads no further until undici asks for it.
 *
 * How it knows that undici has changed: by the version, and at the first bytes of each socket by who listens to it.
 *
 * Then: undici's own connector is used, and a socket that is open already copies what it reads. It is slower, and
 * nothing else.
 */
import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import { buildConnector } from 'undici';

/** Of undici, for which the above is known to be true. */
const VERSIONS: readonly string[] = ['7.30.2'];
/** As much as Node reads at once by itself. */
const READ_BYTES = 64 * 1024;

export interface ConnectorDeps {
  readonly log: Pick<Logger, 'warn'>;
  /** Default: that of the undici that is installed. */
  readonly undiciVersion?: string;
}

/** Loggers that have had the warning. */
const warned = new WeakSet<object>();

/**
 * A connector for undici whose plain sockets all read into one and the same buffer. Over TLS nothing is different from
 * undici's own connector.
 */
export function connectReusingBuffer(
  { log, undiciVersion = installedVersion() }: ConnectorDeps,
  options: buildConnector.BuildOptions,
): buildConnector.connector {
  const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  const undicis = buildConnector(options);
  let isKnown = true;
  if (!VERSIONS.includes(undiciVersion)) standAside(`it is for ${VERSIONS.join(', ')}`);

  function standAside(reason: string): void {
    isKnown = false;
    if (warned.has(log)) return;
    warned.add(log);
    log.warn(
      { undiciVersion, reason },
      'Answers of Burrow are read without reusing memory, because this undici is not the one that it was made for: install the version in package-lock.json',
    );
  }

  function connectPlain(
    target: buildConnector.Options,
    callback: Parameters<buildConnector.connector>[1],
  ): void {
    let arrived: Buffer | null = null;
    let socket: Socket | null = null;
    let isChecked = false;
    function take(): Buffer | null {
      const chunk = arrived;
      arrived = null;
      return chunk;
    }
    const onread = {
      buffer,
      callback(byteCount: number): boolean {
        arrived = buffer.subarray(0, byteCount);
        if (isKnown && !isChecked && socket !== null) {
          isChecked = true;
          if (!isReadAsExpected(socket)) standAside('it reads its sockets in another way');
        }
        if (isKnown) socket?.emit('readable');
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
    if (target.protocol === 'https:' || !isKnown) undicis(target, callback);
    else connectPlain(target, callback);
  };
}

function isReadAsExpected(socket: Socket): boolean {
  return socket.listenerCount('readable') > 0 && socket.listenerCount('data') === 0;
}

function installedVersion(): string {
  const require = createRequire(import.meta.url);
  return (require('undici/package.json') as { readonly version: string }).version;
}
