import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { refuse } from '../answer.ts';
import type { EventHub, EventStream } from './event-hub.ts';

/** The type of a stream of events. */
export const EVENT_STREAM = 'text/event-stream; charset=utf-8';

/** Seconds after which a reader that was turned down may ask again. */
const RETRY_AFTER_SECONDS = '10';

/** The stream of events. @param isFine refuses a request with a query, and says false */
export function addEventRoute(
  app: FastifyInstance,
  path: string,
  hub: EventHub,
  isFine: (request: FastifyRequest, reply: FastifyReply) => boolean,
): void {
  app.get(path, { exposeHeadRoute: false }, (request, reply) => {
    if (!isFine(request, reply)) return reply;
    const given = request.headers['last-event-id'] ?? '';
    if (Array.isArray(given) || !/^\d{0,16}$/.test(given)) {
      return refuse(reply, 400, "'Last-Event-ID' must be the id of an event, a whole number");
    }
    if (hub.isFull) {
      void reply.header('retry-after', RETRY_AFTER_SECONDS);
      return refuse(reply, 503, 'there are as many event streams as there may be; try again later');
    }
    void reply.hijack();
    // Set, and not handed to writeHead, so that the server can tell which answers are such streams.
    reply.raw.setHeader('content-type', EVENT_STREAM);
    reply.raw.writeHead(200, {
      ...(reply.getHeaders() as OutgoingHttpHeaders),
      // A proxy that gathers what it passes on would make live events late ones.
      'x-accel-buffering': 'no',
    });
    const stream = streamTo(reply.raw);
    reply.raw.on('close', () => hub.leave(stream));
    reply.raw.on('error', () => reply.raw.destroy());
    if (!hub.join(stream, given === '' ? null : Number(given))) stream.end();
    return reply;
  });
}

function streamTo(response: ServerResponse): EventStream {
  return {
    write: (bytes) => void response.write(bytes),
    waitingBytes: () => response.writableLength,
    end() {
      // Whoever does not take what is there already would hold the end up.
      if (response.writableLength > 0) response.destroy();
      else response.end();
    },
    cut: () => void response.destroy(),
  };
}
