import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Clock, Scheduler } from '../../platform/clock.ts';
import { refuse } from '../answer.ts';
import type { HealthInputs, NotifierHealth } from '../health-inputs.ts';
import type { DatedHealth } from '../health-since.ts';
import { GET, type Operation, type Route } from '../route.ts';
import type { ApiSource } from './api-source.ts';

/** What the pages of the API are made from. */
export interface ApiDeps {
  readonly source: ApiSource;
  readonly health: () => HealthInputs;
  readonly judge: () => DatedHealth;
  readonly notifier: () => NotifierHealth;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
}

export const JSON_TYPE = 'application/json; charset=utf-8';

const NO_QUERY = z.strictObject({});

/**
 * A path of the API, which only reads: what it is described with, and what it answers. A query that is not what the
 * schema says is refused before that; without a schema every query is.
 */
export function apiRoute<Query extends z.ZodObject = typeof NO_QUERY>(
  path: string,
  operation: Operation & { readonly query?: Query },
  answer: (
    reply: FastifyReply,
    query: z.output<Query>,
    request: FastifyRequest,
  ) => FastifyReply | Promise<FastifyReply>,
  methods: Route['methods'] = GET,
): Route {
  const schema: z.ZodObject = operation.query ?? NO_QUERY;
  return {
    paths: [path],
    methods,
    operation,
    handle(request, reply) {
      const parsed = schema.safeParse(request.query);
      if (parsed.success) return answer(reply, parsed.data as z.output<Query>, request);
      const faults = queryFaults(parsed.error, Object.keys(schema.shape));
      return refuse(reply, 400, 'a parameter is not what it must be', { faults });
    },
  };
}

/** One thing wrong with a request's parameters. */
interface QueryFault {
  readonly path: string;
  readonly rule: string;
}

/** What is wrong, in terms of the parameters' names. Never quotes a value. */
function queryFaults(error: z.ZodError, known: readonly string[]): QueryFault[] {
  return error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') {
      const rule = known.length === 0 ? 'this path takes no parameters' : `is not one of ${known.join(', ')}`;
      return issue.keys.slice(0, 10).map((key) => ({ path: key.slice(0, 100), rule }));
    }
    return [{ path: String(issue.path[0] ?? ''), rule: issue.message }];
  });
}
