import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Part } from '../platform/part.ts';
import { RainbowError } from '../platform/rainbow-error.ts';
import type { Answer, AnswerSource } from './answer.ts';

/** Burrow closes an idle connection after this; Node's own 5 s would cut connections that Burrow keeps. */
const IDLE_CONNECTION_MS = 300_000;

/** What Go's server takes by default, and so Burrow; Node's own 16 kB would cut off long names. */
const MAX_HEADER_BYTES = 1024 * 1024;

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;

export interface BurrowHttpOptions {
  /** 0 takes a free port. Once started, a server that is stopped and started again keeps its port. */
  readonly port: number;
  readonly host: string;
}

/** An HTTP server that answers like Burrow. */
export interface BurrowHttp extends Part {
  /** `http://host:port` without a trailing slash. Throws before the first start. */
  readonly url: string;
}

/** `start` rejects where the port is taken; `stop` cuts every connection, also those with a request in flight. */
export function createBurrowHttp(handle: RequestHandler, options: BurrowHttpOptions): BurrowHttp {
  let server: Server | null = null;
  let port = options.port;
  return {
    name: 'simulated Burrow',
    get url() {
      if (port === 0) throw new Error('the simulated Burrow has no address before its first start');
      const host = options.host.includes(':') ? `[${options.host}]` : options.host;
      return `http://${host}:${port}`;
    },
    async start(signal) {
      signal.throwIfAborted();
      if (server !== null) return;
      const starting = createServer({ maxHeaderSize: MAX_HEADER_BYTES }, (request, response) => {
        request.resume();
        handle(request, response);
      });
      starting.keepAliveTimeout = IDLE_CONNECTION_MS;
      await listen(starting, port, options.host);
      const address = starting.address();
      if (address !== null && typeof address === 'object') port = address.port;
      server = starting;
    },
    async stop() {
      const stopping = server;
      server = null;
      if (stopping === null) return;
      await new Promise((resolve) => {
        stopping.close(resolve);
        stopping.closeAllConnections();
      });
    },
  };
}

/** Answers every request at once, without faults. */
export function answerWith(answer: AnswerSource): RequestHandler {
  return (request, response) => {
    sendAnswer(response, answer(request.method ?? 'GET', pathOf(request), 'normal'));
  };
}

/** The path as it stands in the request line, without the query. */
export function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').replace(/\?.*$/su, '');
}

export function sendAnswer(response: ServerResponse, answer: Answer): void {
  writeHead(response, answer);
  response.end(answer.body);
}

export function writeHead(response: ServerResponse, answer: Answer): void {
  response.writeHead(answer.status, {
    'content-type': answer.contentType,
    'content-length': Buffer.byteLength(answer.body),
    ...answer.headers,
  });
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      const what = `the simulated Burrow cannot listen on ${host}:${port}`;
      const remedy = 'choose another port, or 0 for a free one';
      reject(new RainbowError('SIMULATOR_LISTEN', what, { remedy, cause }));
    });
    server.listen(port, host, resolve);
  });
}
