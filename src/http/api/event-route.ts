import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { refuse } from '../answer.ts';
import type { Route } from '../route.ts';
import { apiRoute, type ApiDeps } from './api-route.ts';
import { eventData } from './contract/events.ts';
import { refTo } from './contract/words.ts';
import { createEventHub, type EventHub, type EventHubOptions, type EventStream } from './event-hub.ts';

/** The type of a stream of events. */
export const EVENT_STREAM = 'text/event-stream; charset=utf-8';

/** Seconds after which a reader that was turned down may ask again. */
const RETRY_AFTER_SECONDS = '10';

/** What a reader of the event stream must know. */
const EVENTS_HELP = `Server-sent events. Each has an id, a whole number that only grows, over restarts too; \`data\` is one line of JSON \
by the schema that \`x-events\` names for the kind of event.

- \`reset\` is the first event of a stream that does not resume, and comes in between where too much happened at once: load what you show \
anew (GET), then apply what follows.
- \`groups\`, at most once a second: the rows of all groups with a new sample, and the groups that are gone.
- \`traffic\`, once a minute: the minute that ended, and the outbox.
- \`health\`, when it changes.

Send the last id that you saw as \`Last-Event-ID\` to go on where you were; events are kept for some minutes. A comment line comes every 15 \
seconds, so a stream that is silent for longer is dead. A reader that is too slow is cut off, and may resume. An EventSource cannot send a \
token: read the stream with fetch where one is wanted. HEAD is not taken.`;

const LAST_EVENT_ID = {
  name: 'Last-Event-ID',
  in: 'header',
  required: false,
  description: 'The id of the last event that was seen: what came after it is sent first',
  schema: { type: 'string', pattern: '^[0-9]{1,16}$' },
};

/** The stream of events. */
export function eventsRoute(deps: ApiDeps, options: EventHubOptions): Route {
  const hub = createEventHub(deps, options);
  const route = apiRoute(
    '/api/events',
    {
      id: 'events',
      summary: 'What changes, as it changes',
      headers: [LAST_EVENT_ID],
      answer: {
        description: EVENTS_HELP,
        content: {
          'text/event-stream': {
            schema: { type: 'string' },
            'x-events': Object.fromEntries(
              Object.entries(eventData).map(([kind, schema]) => [kind, refTo(schema)]),
            ),
          },
        },
      },
      refusals: {
        400: 'A query, or a Last-Event-ID that is no number',
        503: 'There are as many streams as there may be, or the sidecar stops',
      },
    },
    (reply, _query, request) => answerWith(hub, request, reply),
    ['GET'],
  );
  return { ...route, close: () => hub.close() };
}

function answerWith(hub: EventHub, request: FastifyRequest, reply: FastifyReply): FastifyReply {
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
