import type { ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Part } from '../platform/part.ts';
import { RainbowError } from '../platform/rainbow-error.ts';
import { EVENT_STREAM } from './api/event-route.ts';
import { createApp } from './app.ts';
import { connectionLimit, openFilesLimit } from './connection-bound.ts';
import { listenOn, type ListenOptions } from './listen.ts';
import { renewTls } from './tls-server.ts';
import type { AppDeps, AppOptions, LiveAppOptions } from './app.ts';

export interface HttpServerDeps extends AppDeps {
  readonly log: Logger;
}

export interface HttpServerOptions extends Omit<AppOptions, 'mostConnections'>, ListenOptions {
  /** Connections at the same time. Default: 4096, or half of the files that the process may open. */
  readonly mostConnections?: number;
}

/**
 * The server on 7099: health check, metrics, notifier receiver. Start it first and stop it last, so that it
 * answers while all else starts and drains.
 */
export interface HttpServer extends Part {
  /**
   * These hold from the next request on, and what it shows for TLS from the next connection on. Throws, and changes
   * nothing, where TLS cannot be used, or would be switched on or off.
   */
  reconfigure(options: LiveAppOptions): void;
  /** Where it listens; null before `start` and after `stop`. */
  address(): { readonly host: string; readonly port: number } | null;
}

interface Running {
  readonly app: FastifyInstance;
  readonly inFlight: InFlight;
  /** Connections as they were accepted, where something is between them and HTTP. */
  readonly accepted: ReadonlySet<Socket>;
}

const NONE: ReadonlySet<Socket> = new Set();

/**
 * See {@link HttpServer}. `start` rejects with HTTP_LISTEN where it cannot listen. `stop` answers what is in flight; when
 * its signal aborts it cuts what is left.
 */
export function createHttpServer(deps: HttpServerDeps, options: HttpServerOptions): HttpServer {
  const { log } = deps;
  let live: LiveAppOptions = options;
  let running: Running | null = null;

  return {
    name: 'http',
    reconfigure(next) {
      if (kindOfTls(next) !== kindOfTls(live)) {
        throw new RainbowError(
          'RESTART_NEEDED',
          'http.tls, and its caFile, can be switched on or off only by a restart',
        );
      }
      if (next.tls !== undefined && running !== null) renewTls(running.app.server, next.tls);
      const isOtherToken = next.token !== live.token;
      live = next;
      // What is open was let in by the former token; who has the new one comes again.
      if (isOtherToken) running?.inFlight.cut(EVENT_STREAM);
    },
    async start(signal) {
      signal.throwIfAborted();
      const mostConnections = options.mostConnections ?? connectionLimit(openFilesLimit());
      const app = createApp(deps, { ...options, mostConnections }, () => live);
      const inFlight = trackInFlight(app);
      const accepted = options.tls === undefined ? NONE : trackAccepted(app);
      try {
        await listenOn(options, (host) => app.listen({ host, port: options.port }));
      } catch (error) {
        await app.close();
        throw error;
      }
      if (signal.aborted) {
        await app.close();
        signal.throwIfAborted();
      }
      running = { app, inFlight, accepted };
      const { address: host, port } = addressOf(app);
      log.info({ host, port, mostConnections }, 'The HTTP server listens');
    },
    async stop(signal) {
      if (running === null) return;
      const { app, inFlight, accepted } = running;
      running = null;
      const cut = (): void => {
        app.server.closeAllConnections();
        // It knows of none whose handshake is not done.
        for (const socket of [...accepted]) socket.destroy();
      };
      signal.addEventListener('abort', cut, { once: true });
      try {
        const closed = app.close();
        if (signal.aborted) cut();
        // What is open and asks for nothing (a connection made ahead of need) would hold the close up.
        inFlight.whenNone(cut);
        await closed;
      } finally {
        signal.removeEventListener('abort', cut);
      }
      log.info('The HTTP server has stopped');
    },
    address() {
      if (running === null) return null;
      const { address, port } = addressOf(running.app);
      return { host: address, port };
    },
  };
}

function kindOfTls({ tls }: LiveAppOptions): string {
  return tls === undefined ? 'none' : tls.ca === undefined ? 'of the server' : 'of both sides';
}

function addressOf(app: FastifyInstance): AddressInfo {
  const address = app.server.address();
  if (address === null || typeof address === 'string') throw new Error('the HTTP server has no port');
  return address;
}

function trackAccepted(app: FastifyInstance): ReadonlySet<Socket> {
  const accepted = new Set<Socket>();
  app.server.on('connection', (socket: Socket) => {
    accepted.add(socket);
    socket.once('close', () => accepted.delete(socket));
  });
  return accepted;
}

interface InFlight {
  /** Runs once, as soon as no request is in flight. */
  whenNone(run: () => void): void;
  /** Ends the answers of this type that are under way. */
  cut(contentType: string): void;
}

function trackInFlight(app: FastifyInstance): InFlight {
  const answers = new Set<ServerResponse>();
  let waiting: (() => void) | null = null;
  app.server.on('request', (_request, response) => {
    answers.add(response);
    response.once('close', () => {
      answers.delete(response);
      if (answers.size === 0) waiting?.();
    });
  });
  return {
    whenNone(run) {
      if (answers.size === 0) run();
      else waiting = run;
    },
    cut(contentType) {
      for (const answer of answers) if (answer.getHeader('content-type') === contentType) answer.destroy();
    },
  };
}
