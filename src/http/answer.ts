import { STATUS_CODES } from 'node:http';
import type { FastifyReply } from 'fastify';

/**
 * Headers of every answer. Nothing here is a page, may be framed, guessed to be another type, or kept by a cache.
 */
export const ANSWER_HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

/** Body of every answer that is an error: what happened and what to change; never a path, a stack or a secret. */
export interface Refusal {
  readonly error: string;
  readonly message: string;
  readonly [detail: string]: unknown;
}

/** @param status 400 or above */
export function refusal(status: number, message: string, details: Record<string, unknown> = {}): Refusal {
  return { error: STATUS_CODES[status] ?? 'Error', message, ...details };
}

/** Sends a {@link Refusal}. */
export function refuse(
  reply: FastifyReply,
  status: number,
  message: string,
  details?: Record<string, unknown>,
): FastifyReply {
  return reply.code(status).send(refusal(status, message, details));
}

/** A whole HTTP/1.1 answer for a request that broke off before it had a route. The connection ends with it. */
export function rawRefusal(status: number, message: string): string {
  const body = JSON.stringify(refusal(status, message));
  const headers = Object.entries({
    ...ANSWER_HEADERS,
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  });
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Error'}\r\n${lines}\r\n${body}`;
}
