import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Scheduler } from '../platform/clock.ts';
import type { Part } from '../platform/part.ts';
import type { Answer } from './answer.ts';
import { createFaultTable, type Faults } from './faults.ts';
import { createRequestCounter, type RequestLog } from './request-log.ts';

/** Burrow closes an idle connection after this; Node's own 5 s would cut connections that Burrow keeps. */
const IDLE_CONNECTION_MS = 300_000;

/** What Go's server takes by default, and so Burrow; Node's own 16 kB would cut off long names. */
const MAX_HEADER_BYTES = 1024 * 1024;

/** Makes the answers, all of a true Burrow. Bodies may be prebuilt: a Buffer is sent as it is. */
export type AnswerSource = (method: string, path: string, condition: 'normal' | 'warming-up') => Answer;

export interface BurrowHttpDeps {
  readonly answer: AnswerSource;
  readonly scheduler: Scheduler;
}

export interface BurrowHttpOptions {
  /** 0 takes a free port. Once started, a server that is stopped and started again keeps its port. */
  readonly port: number;
  readonly host: string;
}

/** An HTTP server that answers like Burrow, and fails on demand. */
export interface BurrowHttp extends Part {
  /** `http://host:port` without a trailing slash. Throws before the first start. */
  readonly url: string;
  readonly faults: Faults;
  readonly requests: RequestLog;
}

/** `start` rejects where the port is taken; `stop` cuts every connection, also those with a request in flight. */
export function createBurrowHttp(deps: BurrowHttpDeps, options: BurrowHttpOptions): BurrowHttp {
  const faults = createFaultTable();
  const requests = createRequestCounter();
  const cancels = new Set<() => void>();
  let server: Server | null = null;
  let port = options.port;

  function take(request: IncomingMessage, response: ServerResponse): void {
    request.resume();
    const method = request.method ?? 'GET';
    const path = (request.url ?? '/').replace(/\?.*$/su, '');
    requests.add(method, path, request.headers);
    const fault = faults.take(path.replace(/\/$/u, ''));
    const truth = (): Answer => deps.answer(method, path, 'normal');
    switch (fault?.kind) {
      case undefined:
        send(response, truth());
        break;
      case 'answer':
        send(response, { contentType: 'application/json', ...fault });
        break;
      case 'empty':
        send(response, deps.answer(method, path, 'warming-up'));
        break;
      case 'delay':
        sendLater(response, truth, fault.delayMs);
        break;
      case 'half':
        sendHalf(response, truth());
        break;
      case 'reset':
        request.socket.destroy();
        break;
      case 'socket':
        fault.answer(request.socket);
        break;
      case 'hang':
        break;
    }
  }

  function sendLater(response: ServerResponse, truth: () => Answer, delayMs: number): void {
    const cancel = deps.scheduler.after(delayMs, () => {
      cancels.delete(cancel);
      send(response, truth());
    });
    cancels.add(cancel);
  }

  return {
    name: 'simulated Burrow',
    faults,
    requests,
    get url() {
      if (port === 0) throw new Error('the simulated Burrow has no address before its first start');
      const host = options.host.includes(':') ? `[${options.host}]` : options.host;
      return `http://${host}:${port}`;
    },
    async start(signal) {
      signal.throwIfAborted();
      if (server !== null) return;
      const starting = createServer({ maxHeaderSize: MAX_HEADER_BYTES }, take);
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
      for (const cancel of cancels) cancel();
      cancels.clear();
      await new Promise((resolve) => {
        stopping.close(resolve);
        stopping.closeAllConnections();
      });
    },
  };
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      const reason = `the simulated Burrow cannot listen on ${host}:${port}; choose another port, or 0 for a free one`;
      reject(new Error(reason, { cause }));
    });
    server.listen(port, host, resolve);
  });
}

function writeHead(response: ServerResponse, answer: Answer): void {
  response.writeHead(answer.status, {
    'content-type': answer.contentType,
    'content-length': Buffer.byteLength(answer.body),
    ...answer.headers,
  });
}

function send(response: ServerResponse, answer: Answer): void {
  writeHead(response, answer);
  response.end(answer.body);
}

function sendHalf(response: ServerResponse, answer: Answer): void {
  writeHead(response, answer);
  const bytes = Buffer.from(answer.body);
  response.write(bytes.subarray(0, bytes.length >> 1), () => response.socket?.destroy());
}
