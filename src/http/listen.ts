import { once } from 'node:events';
import { createServer } from 'node:net';
import { RainbowError } from '../platform/rainbow-error.ts';

export interface ListenOptions {
  /** Address to listen on; '' and `::` are every address of the machine, `0.0.0.0` is every IPv4 address. */
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
}

/** Of both families in one; and where the machine has no IPv6, of the one that it has. */
const EVERY_ADDRESS = ['::', '0.0.0.0'];

/** Listens where the options say, by `listen`; rejects with HTTP_LISTEN, whose message says what to do. */
export async function listenOn(
  options: ListenOptions,
  listen: (host: string) => Promise<unknown>,
): Promise<void> {
  try {
    await listenOnFirst(options.host === '' ? EVERY_ADDRESS : [options.host], listen);
  } catch (error) {
    throw new RainbowError('HTTP_LISTEN', explain(error, options), { cause: error });
  }
}

/** Whether one could listen there: rejects as {@link listenOn} does, and listens no more when it resolves. */
export async function tryToListen(options: ListenOptions): Promise<void> {
  await listenOn(options, async (host) => {
    const server = createServer();
    server.listen({ host, port: options.port });
    await once(server, 'listening');
    server.close();
    await once(server, 'close');
  });
}

/**
 * Listens on the first of these hosts that this machine has. A port that is in use, or not permitted, is so on the
 * next one too, and that one would hide it. Exported for the test: machines without IPv6 are rare.
 */
export async function listenOnFirst(
  hosts: readonly string[],
  listen: (host: string) => Promise<unknown>,
): Promise<void> {
  for (const [index, host] of hosts.entries()) {
    try {
      await listen(host);
      return;
    } catch (error) {
      const code = codeOf(error);
      if (index === hosts.length - 1 || code === 'EADDRINUSE' || code === 'EACCES') throw error;
    }
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

function explain(error: unknown, { host, port }: ListenOptions): string {
  const where = `cannot listen on ${host.includes(':') ? `[${host}]` : host || 'any address'}:${port}`;
  switch (codeOf(error)) {
    case 'EADDRINUSE':
      return `${where}: the port is in use; stop what uses it or set http.port to another one`;
    case 'EACCES':
      return `${where}: not permitted; set http.port to one above 1023`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `${where}: this machine has no such address; set http.host to one of its own, or remove it`;
    default:
      return `${where}: ${error instanceof Error ? error.message : 'for an unknown reason'}`;
  }
}
