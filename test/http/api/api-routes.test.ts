import { describe, expect, test } from 'vitest';
import { serve } from '../serve.ts';
import { faultsBy } from './document-check.ts';
import { readEvents } from './event-reader.ts';

describe('given hostile parameters', () => {
  test.each([
    ['limit=0', 'limit'],
    ['limit=20001', 'limit'],
    ['limit=-1', 'limit'],
    ['limit=1e3', 'limit'],
    ['limit=', 'limit'],
    ['limit=1&limit=2', 'limit'],
    ['offset=99999999999999999999', 'offset'],
    ['status=FINE', 'status'],
    ['status=OK&status=ERR', 'status'],
    ['sort=__proto__', 'sort'],
    ['order=up', 'order'],
    [`search=${'x'.repeat(1001)}`, 'search'],
    ['search[a]=1', 'search[a]'],
    ['nothing=1', 'nothing'],
    ['__proto__=1', null],
  ])('when groups are asked for with %s, then it is 400 and says what is wrong', async (query, path) => {
    const { url } = await serve();
    const response = await fetch(`${url}/api/groups?${query}`);
    const body = (await response.json()) as { faults: { path: string; rule: string }[] };
    expect(response.status).toBe(400);
    expect(faultsBy('Refusal', body)).toEqual([]);
    if (path !== null) expect(body.faults.map((fault) => fault.path)).toContain(path);
  });

  test.each(['/api/overview', '/api/traffic', '/api/machine', '/api/events', '/api/groups/a/b'])(
    'when %s is given any, then it is 400',
    async (path) => {
      const { url } = await serve();
      expect((await fetch(`${url}${path}?verbose=1`)).status).toBe(400);
    },
  );

  test('when a stream is to resume from what is no id, then it is 400', async () => {
    const { url } = await serve();
    for (const id of ['abc', '-1', '1.5', '12345678901234567']) {
      const response = await fetch(`${url}/api/events`, { headers: { 'last-event-id': id } });
      expect([id, response.status]).toEqual([id, 400]);
    }
  });
});

describe('given methods that change things', () => {
  test.each(['/api/groups', '/api/groups/a/b', '/api/overview', '/'])(
    'when %s is sent one, then it is 405 with what is taken',
    async (path) => {
      const { url } = await serve();
      for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
        const response = await fetch(url + path, { method });
        expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
      }
    },
  );

  test('when HEAD is sent, then there is no body, and events take none', async () => {
    const { url } = await serve();
    const head = await fetch(`${url}/api/overview`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    const events = await fetch(`${url}/api/events`, { method: 'HEAD' });
    expect([events.status, events.headers.get('allow')]).toEqual([405, 'GET']);
  });

  test('when a group is not known, however it is written, then it is 404', async () => {
    const { url } = await serve();
    for (const group of ['x', 'a%2Fb', '%00', 'x'.repeat(5000), '%F0%9F%8C%88', '..%2f..']) {
      const response = await fetch(`${url}/api/groups/c/${group}`);
      expect([group.slice(0, 9), response.status]).toEqual([group.slice(0, 9), 404]);
      expect(faultsBy('Refusal', await response.json())).toEqual([]);
    }
  });
});

describe('given open streams', () => {
  test('when the server stops, then they end and hold nothing up', async () => {
    const { url, server } = await serve();
    const readers = [await readEvents(`${url}/api/events`), await readEvents(`${url}/api/events`)];
    for (const reader of readers) await reader.next();
    // Never aborted: only an end of the streams lets the stop come to its own.
    await server.stop(new AbortController().signal);
    await Promise.all(readers.map(({ ended }) => ended));
  });

  test('when there are as many as there may be, then one more is 503 until one leaves', async () => {
    const { url } = await serve({}, { events: { mostStreams: 1 } });
    const reader = await readEvents(`${url}/api/events`);
    await reader.next();
    const refused = await fetch(`${url}/api/events`);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '10']);
    expect(faultsBy('Refusal', await refused.json())).toEqual([]);
  });
});
