import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';

/** One path of the server, or several that mean the same: one file, and one row in `routes.ts`. */
export interface Route {
  /** As the router has them: `:name` stands for one segment. */
  readonly paths: readonly string[];
  /** Every method that they take, as an `Allow` header lists them. */
  readonly methods: readonly ('GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE')[];
  /** Whether it is answered only with the token, where there is one. Default: yes. */
  readonly needsToken?: () => boolean;
  /** Whether it is answered only to clients with a certificate, where the server asks for one. Default: yes. */
  readonly needsCertificate?: false;
  /** What the OpenAPI document says of it; absent: nothing. */
  readonly operation?: Operation;
  readonly handle: (request: FastifyRequest, reply: FastifyReply) => FastifyReply | Promise<FastifyReply>;
  /** Ends what is open at the end of the server. */
  readonly close?: () => void;
}

/** A path of the API as its OpenAPI document describes it. */
export interface Operation {
  readonly id: string;
  readonly summary: string;
  /** The schema of its answer, which has an id; or what the document says of another kind of answer. */
  readonly answer: z.ZodType | Readonly<Record<string, unknown>>;
  readonly query?: z.ZodObject;
  readonly headers?: readonly Readonly<Record<string, unknown>>[];
  /** By status, why it may refuse; besides 401. */
  readonly refusals?: Readonly<Record<string, string>>;
}

export const GET = ['GET', 'HEAD'] as const;

export const NEVER = (): boolean => false;

/** Finds the route of a path, the `:name` of its pattern standing for any one segment. */
export function routeAt(routes: readonly Route[], path: string): Route | undefined {
  return routes.find(({ paths }) => paths.some((pattern) => fits(pattern, path)));
}

function fits(pattern: string, path: string): boolean {
  if (!pattern.includes(':')) return pattern === path;
  const segments = path.split('/');
  const wanted = pattern.split('/');
  return (
    segments.length === wanted.length &&
    wanted.every((each, index) => (each.startsWith(':') ? segments[index] !== '' : each === segments[index]))
  );
}
