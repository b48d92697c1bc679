import type { Server } from 'node:http';
import { fastify } from 'fastify';
import type { FastifyHttpOptions, FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Clock, Scheduler } from '../platform/clock.ts';
import { ANSWER_HEADERS, refuse } from './answer.ts';
import { boundConnections } from './connection-bound.ts';
import { addApiRoutes, apiMethods } from './api/api-routes.ts';
import type { ApiSource } from './api/api-source.ts';
import type { EventHubOptions } from './api/event-hub.ts';
import { addDashboardRoutes, dashboardPaths } from './dashboard/dashboard-routes.ts';
import type { DashboardFile } from './dashboard/read-dashboard.ts';
import { addGuards, clientOf } from './guards.ts';
import { judgeHealth } from './health.ts';
import type { HealthInputs, HealthLimits, HealthReport } from './health.ts';
import { addMetricsRoute, type ExposedMetrics, type ExpositionFormat } from './metrics-route.ts';
import type { NotifierEvent } from './notifier-body.ts';
import { createNotifierReceiver } from './notifier-receiver.ts';
import type { NotifierOutcome, NotifierReceiver, WakeOutcome } from './notifier-receiver.ts';
import { createRawRefusals } from './raw-refusals.ts';
import { tlsServerOptions, type HttpTls } from './tls-server.ts';

/** What the routes show and do. None of the synchronous ones may do I/O: the health check waits for them. */
export interface AppDeps {
  readonly health: () => HealthInputs;
  readonly exposeMetrics: (format: ExpositionFormat) => Promise<ExposedMetrics>;
  /** See `NotifierReceiverDeps`. */
  readonly wake: (cluster: string | null, group: string) => readonly WakeOutcome[];
  /** See `NotifierReceiverDeps`. */
  readonly countNotifier: (outcome: NotifierOutcome, times: number) => void;
  /** Told of requests that are refused and of the next good one, to log the first and the last of a row. */
  readonly faults: {
    failed(key: 'notifierBody' | 'token' | 'certificate', facts: object): void;
    recovered(key: 'notifierBody' | 'token' | 'certificate'): void;
  };
  /** See `NotifierReceiverDeps`. */
  readonly heard: (event: NotifierEvent, atMs: number) => void;
  /** What the API shows. */
  readonly source: ApiSource;
  /** The built dashboard; none where it was not built. */
  readonly dashboard: readonly DashboardFile[];
  readonly clock: Clock;
  readonly scheduler: Scheduler;
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

const HEALTH_PATHS = ['/health-check', '/health_check'];
const METRICS_PATH = '/metrics';
const NOTIFIER_PATHS = ['/notifier', '/rainbow/lag'];

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
  const pages = dashboardPaths(deps.dashboard);
  const methods = new Map([
    ...[...HEALTH_PATHS, METRICS_PATH, ...pages].map((path) => [path, 'GET, HEAD'] as const),
    ...NOTIFIER_PATHS.map((path) => [path, 'POST, PUT, DELETE'] as const),
  ]);
  const openRoutes = new Set([...HEALTH_PATHS, ...pages]);
  addGuards(app, deps.faults, {
    token: () => live().token,
    maxBodyBytes: MAX_BODY_BYTES,
    needsToken: (route) =>
      !openRoutes.has(route) && (route !== METRICS_PATH || live().protectMetrics === true),
    needsCertificate: (route) => tls?.ca !== undefined && !HEALTH_PATHS.includes(route),
    methodsOf: (path) => methods.get(path) ?? apiMethods(path),
  });
  // The body comes to the routes as it came over the wire: they say better than a general parser what is wrong.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  addErrorHandler(app, deps);

  const receiver = createNotifierReceiver(
    { wake: deps.wake, count: deps.countNotifier, heard: deps.heard, clock: deps.clock },
    { push: options.push },
  );
  const judge = (): HealthReport =>
    judgeHealth(deps.health(), receiver.condition(), live().limits, deps.clock.nowMs());
  for (const path of HEALTH_PATHS) addHealthRoute(app, path, judge, options);
  addMetricsRoute(app, METRICS_PATH, deps.exposeMetrics);
  for (const path of NOTIFIER_PATHS) addNotifierRoute(app, path, deps, receiver);
  addApiRoutes(app, { ...deps, judge, notifier: () => receiver.condition() }, options.events ?? {});
  addDashboardRoutes(app, deps.dashboard);
  return app;
}

function addHealthRoute(
  app: FastifyInstance,
  path: string,
  judge: () => HealthReport,
  { version }: AppOptions,
): void {
  app.get(path, (_request, reply) => {
    const report = judge();
    return reply.code(report.status === 'unavailable' ? 503 : 200).send({ version, ...report });
  });
}

function addNotifierRoute(
  app: FastifyInstance,
  path: string,
  { faults }: AppDeps,
  receiver: NotifierReceiver,
): void {
  app.route({
    method: ['POST', 'PUT', 'DELETE'],
    url: path,
    handler: (request, reply) => {
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      const receipt = receiver.receive(body, request.method);
      switch (receipt.kind) {
        case 'accepted':
          faults.recovered('notifierBody');
          return reply.code(202).send({
            accepted: receipt.accepted,
            woken: receipt.woken,
            deferred: receipt.deferred,
          });
        case 'ignored':
          return reply.code(202).send({ ignored: 'poll.push is off' });
        case 'invalid':
          faults.failed('notifierBody', { from: clientOf(request), faults: receipt.faults });
          return refuse(reply, 400, 'the body is no event of a Burrow notifier', {
            faults: receipt.faults,
          });
      }
    },
  });
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
