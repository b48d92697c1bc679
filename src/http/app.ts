import type { Server } from 'node:http';
import { fastify } from 'fastify';
import type { FastifyHttpOptions, FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { ANSWER_HEADERS, refuse } from './answer.ts';
import { boundConnections } from './connection-bound.ts';
import type { EventHubOptions } from './api/event-hub.ts';
import { addGuards, type TokenFaults } from './guards.ts';
import { judgeHealth } from './health.ts';
import { createHealthDating } from './health-since.ts';
import { judgeLive, judgeReady } from './probes.ts';
import type { HealthLimits } from './health-inputs.ts';
import type { NotifierEvent } from './notifier-body.ts';
import { createNotifierReceiver } from './notifier-receiver.ts';
import type { BodyFaults } from './notifier-route.ts';
import type { NotifierOutcome, WakeOutcome } from './notifier-receiver.ts';
import { createRawRefusals } from './raw-refusals.ts';
import { createRoutes, type RouteDeps } from './routes.ts';
import { tlsServerOptions, type HttpTls } from './tls-server.ts';

/** None of the synchronous ones may do I/O: the health check waits for them. */
export interface AppDeps extends Pick<
  RouteDeps,
  'health' | 'exposeMetrics' | 'source' | 'dashboard' | 'clock' | 'scheduler'
> {
  /** See `NotifierReceiverDeps`. */
  readonly wake: (cluster: string | null, group: string) => readonly WakeOutcome[];
  /** See `NotifierReceiverDeps`. */
  readonly countNotifier: (outcome: NotifierOutcome, times: number) => void;
  /** See `NotifierReceiverDeps`. */
  readonly heard: (event: NotifierEvent, atMs: number) => void;
  /** Told of requests that are refused and of the next good one, to log the first and the last of a row. */
  readonly faults: BodyFaults & TokenFaults;
  readonly log: Logger;
}

/** What may change while the server runs. */
export interface LiveAppOptions {
  /** When set, everything but the health check, the metrics and the dashboard's files wants `Authorization: Bearer {token}`. */
  readonly token?: string | undefined;
  /** The metrics want the token, too. */
  readonly protectMetrics?: boolean;
  /** Absent: no TLS. */
  readonly tls?: HttpTls | undefined;
  readonly limits: HealthLimits;
}

export interface AppOptions extends LiveAppOptions {
  readonly version: string;
  readonly push: 'also' | 'only' | 'off';
  /** Default: see {@link HttpTimeouts}. */
  readonly timeouts?: Partial<HttpTimeouts>;
  /** Connections at the same time, see `boundConnections`. */
  readonly mostConnections: number;
  /** Of `/api/events`. */
  readonly events?: EventHubOptions;
}

/** How long a client may take, milliseconds. Checked every `checkMs`, so each may last so much longer. */
export interface HttpTimeouts {
  /** From the connection, or the request before, to the end of the headers. Default 10 s. */
  readonly headersMs: number;
  /** To the end of the body. Burrow itself gives up after 5 s. Default 20 s. */
  readonly requestMs: number;
  /** Default 2 s. */
  readonly checkMs: number;
  /**
   * Between two requests. Default 75 s, longer than the 60 s after which AWS load balancers drop an idle
   * connection: the client must be first.
   */
  readonly keepAliveMs: number;
  /** See `RawRefusalOptions`. Default 1 s. */
  readonly lingerMs: number;
}

/** Far above what one group's event needs, far below what would hurt. */
const MAX_BODY_BYTES = 1024 * 1024;
const MAX_HEADER_BYTES = 16 * 1024;

const TIMEOUTS: HttpTimeouts = {
  headersMs: 10_000,
  requestMs: 20_000,
  checkMs: 2_000,
  keepAliveMs: 75_000,
  lingerMs: 1_000,
};

/** See `ConnectionBoundOptions`. */
const CONNECTION_GRACE_MS = 1000;

/**
 * Builds the routes, not yet listening.
 *
 * @param live what holds now, in place of what `options` say of it
 */
export function createApp(
  deps: AppDeps,
  options: AppOptions,
  live: () => LiveAppOptions = () => options,
): FastifyInstance {
  const timeouts = { ...TIMEOUTS, ...options.timeouts };
  const raw = createRawRefusals({ maxHeaderBytes: MAX_HEADER_BYTES, lingerMs: timeouts.lingerMs });
  const http = {
    headersTimeout: timeouts.headersMs,
    connectionsCheckingInterval: timeouts.checkMs,
    maxHeaderSize: MAX_HEADER_BYTES,
    // The guards see to it: what Node itself answers lacks the headers of every other answer.
    requireHostHeader: false,
  };
  const { tls } = options;
  const serverOptions: FastifyHttpOptions<Server> = {
    logger: false,
    bodyLimit: MAX_BODY_BYTES,
    keepAliveTimeout: timeouts.keepAliveMs,
    requestTimeout: timeouts.requestMs,
    http,
    // While it closes, what comes on an open connection is still answered in earnest.
    return503OnClosing: false,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: MAX_HEADER_BYTES },
    frameworkErrors: (_error, _request, reply) => {
      void reply.headers({ ...ANSWER_HEADERS, connection: 'close' });
      void refuse(reply, 400, 'the path of the request is not a valid URL path');
    },
    clientErrorHandler: (error, socket) => raw.clientError(error, socket),
  };
  const overTls = tls && { ...serverOptions, https: tlsServerOptions(tls, http) };
  // Both kinds of server have the same members as far as they are used here.
  const app = fastify<Server>(overTls ?? serverOptions);
  raw.listen(app.server);
  boundConnections(app.server, { most: options.mostConnections, graceMs: CONNECTION_GRACE_MS });

  app.addHook('onRequest', (_request, reply, done) => {
    void reply.headers(ANSWER_HEADERS);
    done();
  });
  const receiver = createNotifierReceiver(
    { wake: deps.wake, count: deps.countNotifier, heard: deps.heard, clock: deps.clock },
    { push: options.push },
  );
  const date = createHealthDating();
  const routes = createRoutes(
    {
      ...deps,
      judge() {
        const inputs = deps.health();
        const nowMs = deps.clock.nowMs();
        return date(
          judgeHealth(inputs, receiver.condition(), live().limits, nowMs),
          inputs.startedAtMs,
          nowMs,
        );
      },
      judgeLive: () => judgeLive(deps.health(), live().limits, deps.clock.nowMs()),
      judgeReady: () => judgeReady(deps.health()),
      notifier: () => receiver.condition(),
      areMetricsProtected: () => live().protectMetrics === true,
      receiver,
    },
    { version: options.version, events: options.events ?? {} },
  );
  addGuards(app, routes, deps.faults, {
    token: () => live().token,
    maxBodyBytes: MAX_BODY_BYTES,
    wantsCertificates: tls?.ca !== undefined,
  });
  // The body comes to the routes as it came over the wire: they say better than a general parser what is wrong.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  addErrorHandler(app, deps);

  for (const { paths, methods, handle, close } of routes) {
    const method = methods.filter((each) => each !== 'HEAD');
    const exposeHeadRoute = methods.includes('HEAD');
    for (const url of paths) app.route({ method, url, exposeHeadRoute, handler: handle });
    if (close === undefined) continue;
    app.addHook('preClose', (done) => {
      close();
      done();
    });
  }
  return app;
}

function addErrorHandler(app: FastifyInstance, { log }: AppDeps): void {
  app.setErrorHandler((error, _request, reply) => {
    const status = statusOf(error);
    if (status >= 500) {
      log.error({ err: error }, 'A request failed with an internal error');
      return refuse(reply, 500, 'an internal error, which the log describes');
    }
    if (status === 413) return refuse(reply, 413, `the body may have at most ${MAX_BODY_BYTES} bytes`);
    if (status === 415) return refuse(reply, 415, "send the body as 'Content-Type: application/json'");
    return refuse(reply, status, 'the request could not be read');
  });
}

function statusOf(error: unknown): number {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : 500;
}
