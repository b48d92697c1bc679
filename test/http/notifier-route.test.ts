import { once } from 'node:events';
import { connect } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { WakeOutcome } from '../../src/http/notifier-receiver.ts';
import { NOW_MS, post, sendRaw, serve } from './serve.ts';

/** Everything that wants the token, in every spelling that some server on the way may take for another. */
const GUARDED = [
  '/api/overview',
  '/api/overview/',
  '/api//overview',
  '//api/overview',
  '/API/overview',
  '/api%2Foverview',
  '/%61pi/overview',
  '/api/./overview',
  '/health-check/../api/overview',
  '/metrics/..%2Fapi/overview',
  '/api/overview?/health-check',
  '/api/overview;/metrics',
  '/health-check%00/../api/overview',
  '/api/groups',
  '/api/events',
  '/api/groups/c/g',
  '/api/traffic',
  '/api/machine',
  '/api/openapi.json',
  '/notifier',
  '/rainbow/lag',
  '/rainbow//lag',
  '//health-check',
  '/health-check//',
  '/metrics%2f',
  '/nothing',
];

const OWN = { source: 'burrow', event: 'open', cluster: 'c', group: 'g', status: 'WARN' };

describe.each(['/notifier', '/rainbow/lag'])('given the notifier receiver at %s', (path) => {
  test.each(['POST', 'PUT', 'DELETE'])(
    'when an event comes by %s, then it is 202 and the group is woken',
    async (method) => {
      const { url, calls } = await serve();
      const response = await post(url + path, OWN, { method });
      expect([response.status, await response.json()]).toEqual([202, { accepted: 1, woken: 1, deferred: 0 }]);
      expect(calls).toEqual(['wake c g', 'count woken 1', 'recovered notifierBody']);
    },
  );
});

describe('given an event of the notifier', () => {
  test('when it names no cluster, then the group is woken in every one', async () => {
    const { url, calls } = await serve();
    await post(`${url}/notifier`, { events: [{ id: '1', event: { group: 'g', severity: 'ERR' } }] });
    expect(calls).toContain('wake * g');
  });

  test('when the group is unknown, then it is 202 all the same and woken is 0', async () => {
    const { url, calls } = await serve();
    const response = await post(`${url}/notifier`, { ...OWN, group: 'unknown' });
    expect([response.status, await response.json()]).toEqual([202, { accepted: 1, woken: 0, deferred: 0 }]);
    expect(calls).toContain('count unknown 1');
  });

  test('when waking it comes to several things, then they are counted by event and told by handler', async () => {
    const outcomes: Record<string, WakeOutcome[]> = {
      now: ['deferred', 'woken', 'merged'],
      anyway: ['deferred', 'merged'],
      later: ['deferred', 'deferred'],
      latest: ['deferred'],
    };
    const { url, calls } = await serve({ wake: (_, group) => outcomes[group] ?? [] });
    const events = [...Object.keys(outcomes), 'nobody'].map((group) => ({ event: { group } }));
    const response = await post(`${url}/notifier`, { events });
    expect(await response.json()).toEqual({ accepted: 5, woken: 3, deferred: 5 });
    expect(calls.filter((call) => call.startsWith('count'))).toEqual([
      'count woken 1',
      'count merged 1',
      'count deferred 2',
      'count unknown 1',
    ]);
  });

  test('when one body names a group twice, then it is woken once', async () => {
    const { url, calls } = await serve();
    const event = { event: { cluster: 'c', group: 'g' } };
    const response = await post(`${url}/rainbow/lag`, { events: [event, event] });
    expect(await response.json()).toEqual({ accepted: 1, woken: 1, deferred: 0 });
    expect(calls.filter((call) => call.startsWith('wake'))).toEqual(['wake c g']);
  });

  test('when others of its list cannot be understood, then it is woken, and those are counted', async () => {
    const { url, calls } = await serve();
    const events = [{ event: { group: 'g' } }, { event: {} }, 7];
    expect((await post(`${url}/notifier`, { events })).status).toBe(202);
    expect(calls).toEqual(['wake * g', 'count woken 1', 'count invalid 2', 'recovered notifierBody']);
  });

  test('when push is off, then it is 202 and comes to nothing', async () => {
    const { url, calls } = await serve({}, { push: 'off' });
    const response = await post(`${url}/notifier`, OWN);
    expect([response.status, await response.json()]).toEqual([202, { ignored: 'poll.push is off' }]);
    expect(calls).toEqual(['count ignored 1']);
  });

  test('when events came, then the health check tells how many and how old the newest is', async () => {
    const { url } = await serve();
    await post(`${url}/notifier`, OWN);
    await post(`${url}/notifier`, '{');
    const body = (await (await fetch(`${url}/health-check`)).json()) as { parts: unknown[] };
    expect(body.parts.at(-1)).toEqual({
      name: 'notifier',
      status: 'ok',
      sinceMs: NOW_MS - 3_600_000,
      acceptedEvents: 1,
      invalidBodies: 1,
      lastEventAgeSeconds: 0,
    });
  });

  test.each([
    'application/json; charset=utf-8',
    'application/json;charset="UTF-8"',
    'Application/JSON',
    'application/vnd.burrow+json',
  ])('when its type is %s, then it is taken', async (type) => {
    const { url } = await serve();
    expect((await post(`${url}/notifier`, OWN, { headers: { 'content-type': type } })).status).toBe(202);
  });

  test('when it has no type at all, then it is taken', async () => {
    const { port } = await serve();
    const body = JSON.stringify(OWN);
    const answer = await sendRaw(
      port,
      `POST /notifier HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 202 /);
  });
});

describe('given a body that is refused', () => {
  test('when it breaks a rule, then it is 400 with path and rule, counted, and nothing is woken', async () => {
    const { url, calls } = await serve();
    const response = await post(`${url}/notifier`, { events: [{ event: { group: 7 } }] });
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({
      error: 'Bad Request',
      message: 'the body is no event of a Burrow notifier',
      faults: [
        {
          path: 'events[0].event.group',
          rule: 'must be a string of 1 to 32767 characters, not a number',
        },
      ],
    });
    expect(calls).toEqual(['count invalid 1', 'failed notifierBody']);
  });

  test.each(['POST', 'DELETE'])('when %s has no body, then it is 400', async (method) => {
    const { url } = await serve();
    const response = await fetch(`${url}/notifier`, { method });
    expect(response.status).toBe(400);
    expect(await response.text()).toMatch(/must not be empty/);
  });

  test.each([
    ['text/plain', {}],
    ['application/x-www-form-urlencoded', {}],
    ['application/json; charset=iso-8859-1', {}],
    ['nonsense', {}],
    ['application/json', { 'content-encoding': 'gzip' }],
  ])('when its type is %s %o, then it is 415', async (type, headers) => {
    const { url, calls } = await serve();
    const response = await post(`${url}/notifier`, OWN, { headers: { 'content-type': type, ...headers } });
    expect(response.status).toBe(415);
    expect(await response.text()).toMatch(/application\/json/);
    expect(calls).toEqual([]);
  });

  test('when it is over 1 MiB, then it is 413', async () => {
    const { url, calls } = await serve();
    const response = await post(`${url}/notifier`, { ...OWN, filler: 'x'.repeat(1024 * 1024) });
    expect(response.status).toBe(413);
    expect(await response.text()).toMatch(/at most 1048576 bytes/);
    expect(calls).toEqual([]);
  });

  test('when it is over 1 MiB in chunks, then it is 413', async () => {
    const { url } = await serve();
    const chunk = new TextEncoder().encode('x'.repeat(64 * 1024));
    let left = 20;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (left-- > 0) controller.enqueue(chunk);
        else controller.close();
      },
    });
    const response = await fetch(`${url}/notifier`, {
      method: 'POST',
      body,
      duplex: 'half',
      headers: { 'content-type': 'application/json' },
    });
    expect(response.status).toBe(413);
  });

  test('when it is nested a hundred thousand deep, then it is read without harm', async () => {
    const { url } = await serve();
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    expect((await post(`${url}/notifier`, deep)).status).toBe(400);
    expect((await post(`${url}/notifier`, `{"group":"g","result":${deep}}`)).status).toBe(202);
  });

  test('when it tries to change prototypes, then nothing is inherited', async () => {
    const { url, calls } = await serve();
    const body = '{"__proto__":{"group":"g"},"constructor":{"prototype":{"group":"g"}}}';
    expect((await post(`${url}/notifier`, body)).status).toBe(400);
    expect(({} as { group?: string }).group).toBeUndefined();
    expect(calls).not.toContain('wake * g');
  });
});

describe('given a token', () => {
  const options = { token: 'correct horse'.replace(' ', '-') };

  test.each([
    ['none', {}],
    ['a wrong one', { authorization: 'Bearer battery-staple' }],
    ['a part of it', { authorization: 'Bearer correct' }],
    ['another scheme', { authorization: 'Basic correct-horse' }],
    ['no word', { authorization: 'Bearer' }],
  ])('when a request has %s, then it is 401 and the body is never looked at', async (_name, headers) => {
    const { url, calls } = await serve({}, options);
    const response = await post(`${url}/notifier`, OWN, { headers: headers as Record<string, string> });
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    expect(await response.text()).not.toContain('correct');
    expect(calls).toEqual(['failed token']);
  });

  test('when the right one comes, then the event is taken', async () => {
    const { url, calls } = await serve({}, options);
    const headers = { authorization: 'bearer correct-horse' };
    expect((await post(`${url}/notifier`, OWN, { headers })).status).toBe(202);
    expect(calls).toContain('recovered token');
  });

  test.each(['/health-check', '/health_check', '/health-check/', '/metrics'])(
    'when %s is asked without it, then it is answered',
    async (path) => {
      const { url } = await serve({}, options);
      expect((await fetch(url + path)).status).toBe(200);
    },
  );

  test.each([
    '/nothing',
    '/',
    '/notifier?a',
    '/%6eotifier',
    '/metrics;/../notifier',
    '/health-check/../notifier',
  ])('when %s is asked without it, then it is 401', async (path) => {
    const { port } = await serve({}, options);
    const answer = await sendRaw(port, `POST ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
  });

  test.each(['GET', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'PROPFIND', 'QUERY'])(
    'when anything that is not open is asked by %s without it, then it is 401, and there is no body to HEAD',
    async (method) => {
      const { port, calls } = await serve({}, options);
      for (const path of GUARDED) {
        const answer = await sendRaw(
          port,
          `${method} ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
        );
        expect(`${path} ${answer}`).toMatch(/ HTTP\/1\.1 401 /);
        if (method === 'HEAD') expect(answer).toMatch(/\r\n\r\n$/);
      }
      expect(new Set(calls)).toEqual(new Set(['failed token']));
    },
  );

  test('when HEAD comes with it, then it is answered as GET is, without the body', async () => {
    const { url } = await serve({}, options);
    const headers = { authorization: 'Bearer correct-horse' };
    const [got, head] = await Promise.all(
      ['GET', 'HEAD'].map((method) => fetch(`${url}/api/overview`, { method, headers })),
    );
    expect([got!.status, head!.status]).toEqual([200, 200]);
    expect(head!.headers.get('content-type')).toBe(got!.headers.get('content-type'));
    expect(await head!.text()).toBe('');
  });

  test('when the body has yet to come, then the answer does not wait for it', async () => {
    const { port } = await serve({}, options);
    const socket = connect(port, '127.0.0.1');
    socket.write('POST /notifier HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 401 /);
    socket.destroy();
  });
});

describe('given any body whatever', () => {
  test('when it is posted, then it is taken or refused, but never a fault of ours', async () => {
    const { url, calls } = await serve();
    const event = fc.record({ group: fc.anything(), cluster: fc.anything() }, { requiredKeys: [] });
    const body = fc.oneof(
      fc.json().map(String),
      fc.string({ unit: 'binary' }),
      fc.anything().map((value) => JSON.stringify({ events: value }) as string | undefined),
      fc.array(fc.record({ event })).map((events) => safeStringify({ events })),
      event.map(safeStringify),
    );
    await fc.assert(
      fc.asyncProperty(body, async (text) => {
        const response = await post(`${url}/notifier`, text ?? '');
        const answer = (await response.json()) as object;
        expect(response.status === 202 ? 'accepted' in answer : 'faults' in answer).toBe(true);
        expect([202, 400]).toContain(response.status);
      }),
      { numRuns: 300 },
    );
    expect(calls.filter((call) => call.startsWith('log'))).toEqual([]);
  });
});

function safeStringify(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? String(item) : item));
}
