import { z } from 'zod';
import { EVENTS_HELP } from './events-help.ts';
import { eventData } from './events.ts';
import { groupDetail, lagPoint, noticeWord, partitionDetail, twinState } from './group.ts';
import { groupList, groupListRow, groupRow, groupsQuery } from './groups.ts';
import { machine, machineRegion } from './machine.ts';
import { clusterSummary, healthSummary, overview } from './overview.ts';
import { outboxState, traffic, trafficMinute } from './traffic.ts';
import { condition, drain, refusal, statusWord } from './words.ts';

/** Every schema with a name of its own in the document. */
const named = {
  Overview: overview,
  ClusterSummary: clusterSummary,
  Health: healthSummary,
  GroupList: groupList,
  GroupListRow: groupListRow,
  GroupRow: groupRow,
  GroupDetail: groupDetail,
  Partition: partitionDetail,
  LagPoint: lagPoint,
  TwinState: twinState,
  Notice: noticeWord,
  Traffic: traffic,
  TrafficMinute: trafficMinute,
  Outbox: outboxState,
  Machine: machine,
  MachineRegion: machineRegion,
  ResetEvent: eventData.reset,
  GroupsEvent: eventData.groups,
  TrafficEvent: eventData.traffic,
  HealthEvent: eventData.health,
  Status: statusWord,
  Drain: drain,
  Condition: condition,
  Refusal: refusal,
} as const;

type Json = Readonly<Record<string, unknown>>;

/** A resource: its path, what it is for, what it takes and answers. */
interface Resource {
  readonly path: string;
  readonly id: string;
  readonly summary: string;
  readonly answer: Json;
  readonly parameters?: readonly Json[];
  readonly refusals?: Readonly<Record<string, string>>;
}

/** Paths of the API; `{…}` is one segment. */
export const API_PATHS = {
  document: '/api/openapi.json',
  overview: '/api/overview',
  groups: '/api/groups',
  group: '/api/groups/{cluster}/{group}',
  traffic: '/api/traffic',
  machine: '/api/machine',
  events: '/api/events',
} as const;

/** The OpenAPI 3.1 document of the API, made from the schemas that its tests hold the answers against. */
export function createOpenApiDocument(version: string): Json {
  return {
    openapi: '3.1.0',
    info: {
      title: 'burrow-rainbow',
      version,
      description:
        'Read-only view of a running sidecar: what its dashboard and `burrow-rainbow top` show. ' +
        'Only GET, and HEAD but for the events. Times are milliseconds since the epoch by the clock of the sidecar, null is unknown and never 0. ' +
        'Where `http.tokenFile` is set, every path under /api wants `Authorization: Bearer …`; a token in a URL is not taken. ' +
        "The dashboard's shell (`/` and `/assets/…`) holds no data and is served without it.",
    },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }, {}],
    paths: Object.fromEntries(resources().map((resource) => [resource.path, { get: operation(resource) }])),
    components: {
      schemas: componentSchemas(),
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description: 'The token of http.tokenFile; wanted only where it is set',
        },
      },
    },
  };
}

function resources(): readonly Resource[] {
  return [
    {
      path: API_PATHS.overview,
      id: 'overview',
      summary: 'What there is, and how it fares',
      answer: json('Overview'),
    },
    {
      path: API_PATHS.groups,
      id: 'groups',
      summary: 'Groups, filtered and sorted, one compact row each',
      parameters: queryParameters(),
      answer: json('GroupList'),
      refusals: { 400: 'A parameter is not what it must be; `faults` says which and why' },
    },
    {
      path: API_PATHS.group,
      id: 'group',
      summary: 'One group in full',
      parameters: [pathParameter('cluster'), pathParameter('group')],
      answer: json('GroupDetail'),
      refusals: { 400: 'A query, which this path does not take', 404: 'No such group has had a sample' },
    },
    { path: API_PATHS.traffic, id: 'traffic', summary: 'What goes in and out', answer: json('Traffic') },
    {
      path: API_PATHS.machine,
      id: 'machine',
      summary: 'The twin machine, and how many series are in each state',
      answer: json('Machine'),
    },
    {
      path: API_PATHS.events,
      id: 'events',
      summary: 'What changes, as it changes',
      parameters: [
        {
          name: 'Last-Event-ID',
          in: 'header',
          required: false,
          description: 'The id of the last event that was seen: what came after it is sent first',
          schema: { type: 'string', pattern: '^[0-9]{1,16}$' },
        },
      ],
      answer: {
        description: EVENTS_HELP,
        content: {
          'text/event-stream': {
            schema: { type: 'string' },
            'x-events': Object.fromEntries(
              Object.keys(eventData).map((kind) => [
                kind,
                { $ref: `#/components/schemas/${kind[0]?.toUpperCase() ?? ''}${kind.slice(1)}Event` },
              ]),
            ),
          },
        },
      },
      refusals: {
        400: 'A query, or a Last-Event-ID that is no number',
        503: 'There are as many streams as there may be, or the sidecar stops',
      },
    },
    {
      path: API_PATHS.document,
      id: 'document',
      summary: 'This document',
      answer: { description: 'OpenAPI 3.1', content: { 'application/json': { schema: { type: 'object' } } } },
    },
  ];
}

function operation({ id, summary, answer, parameters, refusals }: Resource): Json {
  const turnedAway = { 401: 'No token, or a wrong one, where http.tokenFile is set', ...refusals };
  return {
    operationId: id,
    summary,
    ...(parameters && { parameters }),
    responses: {
      200: answer,
      ...Object.fromEntries(
        Object.entries(turnedAway).map(([status, why]) => [status, { ...json('Refusal'), description: why }]),
      ),
    },
  };
}

function json(name: keyof typeof named): Json {
  return {
    description: named[name].description ?? name,
    content: { 'application/json': { schema: { $ref: `#/components/schemas/${name}` } } },
  };
}

function pathParameter(name: string): Json {
  const description = `Name of the ${name}, percent-encoded as one segment`;
  return { name, in: 'path', required: true, description, schema: { type: 'string' } };
}

function queryParameters(): readonly Json[] {
  return Object.entries(groupsQuery.shape).map(([name, schema]) => {
    const written = plain(z.toJSONSchema(schema));
    const { description = '', ...shape } = written;
    // A list is one value with commas between.
    const list = shape['type'] === 'array' ? { style: 'form', explode: false } : {};
    return { name, in: 'query', required: false, description, ...list, schema: shape };
  });
}

function componentSchemas(): Json {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(named)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { uri: (id) => `#/components/schemas/${id}` });
  return Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, plain(schema)]));
}

/** The whole document is one resource of one dialect: its pieces need not name themselves. */
function plain(schema: Json): Json {
  return Object.fromEntries(
    Object.entries(schema).filter(([key]) => !['$schema', '$id', '~standard'].includes(key)),
  );
}
