import { pipeline, Readable } from 'node:stream';
import { constants, createGzip } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { GET, type Route } from './route.ts';

/** Prometheus' own text format, or OpenMetrics. */
export type ExpositionFormat = 'text' | 'openMetrics';

/** An exposition for Prometheus. */
export interface ExposedMetrics {
  readonly contentType: string;
  readonly body: Buffer | string;
  /** What follows `body`, made while it is sent and for each answer separately; null: nothing. */
  readonly rest?: AsyncIterable<Buffer> | null;
}

/**
 * Answers in the format that the reader likes best, and compressed where it takes that. Neither is ever whole in memory
 * beyond what comes first, and compressing is done beside the event loop.
 */
export function metricsRoute(
  expose: (format: ExpositionFormat) => Promise<ExposedMetrics>,
  needsToken: () => boolean,
): Route {
  async function handle(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const { accept, 'accept-encoding': encodings } = request.headers;
    const { contentType, body, rest = null } = await expose(formatFor(accept));
    void reply.type(contentType).header('vary', 'Accept, Accept-Encoding');
    const isCompressed = takesGzip(encodings);
    if (isCompressed) void reply.header('content-encoding', 'gzip');
    if (rest === null && !isCompressed) return reply.send(body);
    // Who asks for the headers alone gets no more made.
    if (request.method === 'HEAD') return reply.send(Readable.from([]));
    const pieces = Readable.from(inTurn<Buffer | string>(body, rest ?? []));
    if (!isCompressed) return reply.send(pieces);
    // Seventeen times smaller at the least cost already: there is little but repetition.
    const gzip = createGzip({ level: constants.Z_BEST_SPEED });
    // When one of the two ends, so does the other; the stream that is sent has the error.
    pipeline(pieces, gzip, () => undefined);
    return reply.send(gzip);
  }

  return { paths: ['/metrics'], methods: GET, needsToken, handle };
}

async function* inTurn<T>(
  first: T,
  rest: AsyncIterable<T> | Iterable<T>,
): AsyncGenerator<T, void, undefined> {
  yield first;
  yield* rest;
}

/** OpenMetrics where the reader names it and likes nothing else better. Source: RFC 9110, section 12.5.1. */
export function formatFor(accept: string | undefined): ExpositionFormat {
  let open = 0;
  let text = 0;
  for (const { value, quality } of preferences(accept)) {
    if (value === 'application/openmetrics-text') open = Math.max(open, quality);
    else if (value === 'text/plain' || value === 'text/*' || value === '*/*') text = Math.max(text, quality);
  }
  return open > 0 && open >= text ? 'openMetrics' : 'text';
}

/** Whether gzip is among the encodings that a reader takes. Source: RFC 9110, section 12.5.3. */
export function takesGzip(acceptEncoding: string | string[] | undefined): boolean {
  const all = preferences(Array.isArray(acceptEncoding) ? acceptEncoding.join(',') : acceptEncoding);
  const named = all.filter(({ value }) => value === 'gzip' || value === 'x-gzip');
  const meant = named.length > 0 ? named : all.filter(({ value }) => value === '*');
  return meant.some(({ quality }) => quality > 0);
}

/** No real client sends more. */
const MOST_PREFERENCES = 50;

function preferences(header = ''): { readonly value: string; readonly quality: number }[] {
  return header
    .toLowerCase()
    .split(',', MOST_PREFERENCES)
    .map((item) => {
      const [value = '', ...parameters] = item.split(';').map((part) => part.trim());
      const given = parameters.find((parameter) => /^q\s*=/.test(parameter));
      const quality = given === undefined ? 1 : Number(given.slice(given.indexOf('=') + 1).trim());
      return { value, quality: quality >= 0 && quality <= 1 ? quality : 0 };
    });
}
