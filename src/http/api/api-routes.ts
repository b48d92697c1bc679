import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Clock, Scheduler } from '../../platform/clock.ts';
import { refuse } from '../answer.ts';
import type { HealthInputs, HealthReport, NotifierHealth } from '../health.ts';
import type { ApiSource } from './api-source.ts';
import { groupsQuery } from './contract/groups.ts';
import { API_PATHS, createOpenApiDocument } from './contract/open-api-document.ts';
import { createEventHub, type EventHubOptions } from './event-hub.ts';
import { addEventRoute } from './event-route.ts';
import { listGroups } from './group-list.ts';
import { describeGroup } from './group-page.ts';
import { createMachinePage } from './machine-page.ts';
import { describeOverview } from './overview-page.ts';
import { queryFaults } from './query-faults.ts';
import { describeTraffic } from './traffic-page.ts';

export interface ApiDeps {
  readonly source: ApiSource;
  readonly health: () => HealthInputs;
  readonly judge: () => HealthReport;
  readonly notifier: () => NotifierHealth;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
}

const GROUP_PATH = /^\/api\/groups\/[^/]+\/[^/]+$/;

/** The methods that a path of the API takes, as an `Allow` header lists them; undefined where there is no such path. */
export function apiMethods(path: string): string | undefined {
  if (path === API_PATHS.events) return 'GET';
  return GROUP_PATH.test(path) || Object.values<string>(API_PATHS).includes(path) ? 'GET, HEAD' : undefined;
}

/** Adds every path of the API. All of them only read. */
export function addApiRoutes(app: FastifyInstance, deps: ApiDeps, options: EventHubOptions): void {
  const { source, clock } = deps;
  const machinePage = createMachinePage(source);
  const document = JSON.stringify(createOpenApiDocument(source.about.version));
  const hub = createEventHub(deps, options);
  app.addHook('preClose', (done) => {
    hub.close();
    done();
  });

  addPage(app, API_PATHS.document, (reply) => reply.type(JSON_TYPE).send(document));
  addPage(app, API_PATHS.overview, (reply) =>
    reply.send(describeOverview(source, deps.judge(), deps.health().startedAtMs, clock.nowMs())),
  );
  addPage(app, API_PATHS.traffic, (reply) =>
    reply.send(describeTraffic(source, deps.health(), deps.notifier(), clock.nowMs())),
  );
  addPage(app, API_PATHS.machine, (reply) => reply.send(machinePage(clock.nowMs())));
  app.get(API_PATHS.groups, async (request, reply) => {
    const query = parseQuery(request, reply, groupsQuery);
    if (query === null) return reply;
    const list = await listGroups(source, query, clock.nowMs(), nextTurn);
    return reply.type(JSON_TYPE).send(list);
  });
  app.get<{ Params: { cluster: string; group: string } }>('/api/groups/:cluster/:group', (request, reply) => {
    if (parseQuery(request, reply, NO_QUERY) === null) return reply;
    const nowMs = clock.nowMs();
    const { cluster, group } = request.params;
    const look = source.look(cluster, group, nowMs);
    if (look === null) return refuse(reply, 404, 'no group of that name in that cluster has had a sample');
    return reply.send(describeGroup(source, look, nowMs));
  });
  addEventRoute(
    app,
    API_PATHS.events,
    hub,
    (request, reply) => parseQuery(request, reply, NO_QUERY) !== null,
  );
}

const JSON_TYPE = 'application/json; charset=utf-8';
const NO_QUERY = z.strictObject({});

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function addPage(app: FastifyInstance, path: string, answer: (reply: FastifyReply) => FastifyReply): void {
  app.get(path, (request, reply) => (parseQuery(request, reply, NO_QUERY) === null ? reply : answer(reply)));
}

/** The query by its schema; null where it was refused. */
function parseQuery<S extends z.ZodObject>(
  request: FastifyRequest,
  reply: FastifyReply,
  schema: S,
): z.output<S> | null {
  const parsed = schema.safeParse(request.query);
  if (parsed.success) return parsed.data;
  const faults = queryFaults(parsed.error, Object.keys(schema.shape));
  void refuse(reply, 400, 'a parameter is not what it must be', { faults });
  return null;
}
