import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { ANSWER_HEADERS, rawRefusal, refusal } from './answer.ts';

export interface RawRefusalOptions {
  readonly maxHeaderBytes: number;
  /** How long a connection stays open after a refusal, so that the client can read why; then it is cut. */
  readonly lingerMs: number;
}

/** Answers, as every other answer is, what comes to no route at all: what Node would answer by itself, or not at all. */
export interface RawRefusals {
  /** For requests that broke off: no HTTP, too large headers, too slow. */
  clientError(error: { readonly code: string }, socket: Duplex): void;
  /** Takes over what the server would otherwise answer in its own words. */
  listen(server: Server): void;
}

/** See {@link RawRefusals}. */
export function createRawRefusals(options: RawRefusalOptions): RawRefusals {
  /** The newest answer on each connection. */
  const answers = new WeakMap<Duplex, ServerResponse>();

  function refuseAndCut(socket: Duplex, status: number, message: string): void {
    socket.end(rawRefusal(status, message));
    // The other side may never close its half: a refusal must not hold the connection for it.
    const timer = setTimeout(() => socket.destroy(), options.lingerMs);
    timer.unref();
    socket.once('close', () => clearTimeout(timer));
  }

  return {
    clientError(error, socket) {
      const answer = answers.get(socket);
      // A second answer in the middle of a first one would be taken for a part of it.
      if (answer?.headersSent === true && !answer.writableFinished) {
        socket.destroy();
        return;
      }
      if (!socket.writable) {
        // Refused already, and lingering; or gone.
        if (socket.writableFinished && !socket.destroyed) return;
        socket.destroy();
        return;
      }
      const { status, message } = explain(error.code, options.maxHeaderBytes);
      refuseAndCut(socket, status, message);
    },
    listen(server) {
      server.on('request', (request: IncomingMessage, response: ServerResponse) => {
        answers.set(request.socket, response);
      });
      server.on('connect', (_request: IncomingMessage, socket: Socket) => {
        // Node hands the socket over as it is; nobody else listens to its errors.
        socket.on('error', () => socket.destroy());
        refuseAndCut(socket, 405, 'this server is no proxy');
      });
      server.on('checkExpectation', (_request: IncomingMessage, response: ServerResponse) => {
        const body = JSON.stringify(refusal(417, "the only expectation that is met is '100-continue'"));
        response.writeHead(417, {
          ...ANSWER_HEADERS,
          'content-type': 'application/json; charset=utf-8',
          'content-length': Buffer.byteLength(body),
          connection: 'close',
        });
        response.end(body);
      });
    },
  };
}

function explain(
  code: string,
  maxHeaderBytes: number,
): { readonly status: number; readonly message: string } {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return { status: 431, message: `the headers may have at most ${maxHeaderBytes} bytes` };
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return { status: 413, message: 'the chunk extensions are too long' };
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return { status: 408, message: 'the request took too long to arrive' };
    default:
      return { status: 400, message: 'this is no HTTP/1.1 request' };
  }
}
