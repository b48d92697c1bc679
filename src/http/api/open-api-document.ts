import { z } from 'zod';
import type { Operation, Route } from '../route.ts';
import { apiRoute, JSON_TYPE } from './api-route.ts';
import { refTo, refusal } from './contract/words.ts';

type Json = Readonly<Record<string, unknown>>;

/** The OpenAPI document of these routes and of itself, written once. */
export function documentRoute(version: string, routes: readonly Route[]): Route {
  let document = '';
  const route: Route = apiRoute(
    '/api/openapi.json',
    {
      id: 'document',
      summary: 'This document',
      answer: { description: 'OpenAPI 3.1', content: { 'application/json': { schema: { type: 'object' } } } },
    },
    (reply) => reply.type(JSON_TYPE).send(document),
  );
  document = JSON.stringify(createOpenApiDocument(version, [...routes, route]));
  return route;
}

/** OpenAPI 3.1, made from the routes and from the schemas that the tests of the API hold its answers against. */
export function createOpenApiDocument(version: string, routes: readonly Route[]): Json {
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
    paths: Object.fromEntries(
      routes.flatMap(({ paths, operation }) =>
        operation === undefined
          ? []
          : paths.map((path) => [path.replace(/:(\w+)/g, '{$1}'), { get: describe(path, operation) }]),
      ),
    ),
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

function describe(path: string, { id, summary, answer, query, headers = [], refusals }: Operation): Json {
  const parameters = [
    ...[...path.matchAll(/:(\w+)/g)].map(([, name = '']) => pathParameter(name)),
    ...(query === undefined ? [] : queryParameters(query)),
    ...headers,
  ];
  const turnedAway = { 401: 'No token, or a wrong one, where http.tokenFile is set', ...refusals };
  return {
    operationId: id,
    summary,
    ...(parameters.length > 0 && { parameters }),
    responses: {
      200: answer instanceof z.ZodType ? json(answer) : answer,
      ...Object.fromEntries(
        Object.entries(turnedAway).map(([status, why]) => [status, { ...json(refusal), description: why }]),
      ),
    },
  };
}

function json(schema: z.ZodType): Json {
  return { description: schema.description, content: { 'application/json': { schema: refTo(schema) } } };
}

function pathParameter(name: string): Json {
  const description = `Name of the ${name}, percent-encoded as one segment`;
  return { name, in: 'path', required: true, description, schema: { type: 'string' } };
}

function queryParameters(query: z.ZodObject): readonly Json[] {
  return Object.entries(query.shape).map(([name, schema]) => {
    const { description = '', ...shape } = plain(z.toJSONSchema(schema));
    // A list is one value with commas between.
    const list = shape['type'] === 'array' ? { style: 'form', explode: false } : {};
    return { name, in: 'query', required: false, description, ...list, schema: shape };
  });
}

/** Every schema with an id. */
function componentSchemas(): Json {
  const { schemas } = z.toJSONSchema(z.globalRegistry, { uri: (id) => `#/components/schemas/${id}` });
  return Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, plain(schema)]));
}

/** The whole document is one resource of one dialect: its pieces need not name themselves. */
function plain(schema: Json): Json {
  return Object.fromEntries(
    Object.entries(schema).filter(([key]) => !['$schema', '$id', 'id', '~standard'].includes(key)),
  );
}
