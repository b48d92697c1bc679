import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { systemScheduler } from '../../src/platform/clock.ts';
import type { BurrowClient } from '../../src/burrow/burrow-client.ts';
import {
  createBurrowClient,
  type BurrowClientDeps,
  type BurrowClientOptions,
  type BurrowClientWithAccess,
} from '../../src/burrow/undici-client.ts';

/** An HTTP server on a free port that answers as a test tells it, and remembers what it was asked. */
export interface ScriptedServer {
  readonly port: number;
  readonly requests: {
    readonly method: string;
    readonly target: string;
    readonly headers: IncomingHttpHeaders;
  }[];
  /** Connections accepted so far. */
  connections(): number;
}

/** Starts a server that lives until the end of the test. */
export async function startServer(answer: RequestListener, tls?: ServerOptions): Promise<ScriptedServer> {
  const requests: ScriptedServer['requests'] = [];
  let connections = 0;
  const listener: RequestListener = (request, response) => {
    requests.push({ method: request.method ?? '', target: request.url ?? '', headers: request.headers });
    answer(request, response);
  };
  const limits = { maxHeaderSize: 256 * 1024 };
  const server: Server =
    tls === undefined ? createServer(limits, listener) : createTlsServer({ ...limits, ...tls }, listener);
  server.on('connection', () => (connections += 1));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { port: (server.address() as AddressInfo).port, requests, connections: () => connections };
}

/** A client of `url` that is closed at the end of the test. */
export function clientOf(
  url: string,
  options: Partial<BurrowClientOptions> = {},
  deps: BurrowClientDeps = { scheduler: systemScheduler },
): BurrowClientWithAccess {
  const client = createBurrowClient(deps, { url, timeoutMs: 20_000, connections: 4, ...options });
  onTestFinished(() => client.close());
  return client;
}

/** A client of a server that gives every request this one answer. */
export async function clientOfAnswer(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = { 'content-type': 'application/json' },
): Promise<BurrowClient> {
  const server = await startServer((_request, response) => {
    response.writeHead(status, headers);
    response.end(typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body));
  });
  return clientOf(`http://127.0.0.1:${server.port}`);
}

/** A scheduler whose deadlines pass when the test says so. */
export function manualScheduler(): BurrowClientDeps['scheduler'] & { pass(): void; armed(): number } {
  const waiting = new Set<() => void>();
  return {
    after(_delayMs, run) {
      waiting.add(run);
      return () => waiting.delete(run);
    },
    pass() {
      for (const run of [...waiting]) run();
    },
    armed: () => waiting.size,
  };
}

/** Resolves when `isTrue` does; the test's own timeout is the deadline. */
export async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setImmediate(resolve));
}

/** A signal that never aborts. */
export const NEVER = new AbortController().signal;
