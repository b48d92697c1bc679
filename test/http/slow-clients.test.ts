import { describe, expect, test } from 'vitest';
import { pollUntil } from '../stack/poll-until.ts';
import { connectRaw, parseAnswers, serve, type RawClient } from './serve.ts';

const SHORT = { headersMs: 60, requestMs: 120, checkMs: 20, lingerMs: 30, keepAliveMs: 60 };
const HEAD = 'POST /notifier HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n';

/** Sends one byte now and then until it is cut. */
async function drip(client: RawClient, character: string): Promise<void> {
  let isOpen = true;
  void client.closed.then(() => (isOpen = false));
  await pollUntil(
    () => {
      if (!isOpen) return true;
      client.send(character);
      return undefined;
    },
    { what: 'the server to cut a slow client', withinMs: 10_000, everyMs: 5 },
  );
}

describe('given a client that takes its time', () => {
  test.each([
    ['nothing at all', '', null],
    ['half a request line', 'GET /health', null],
    ['headers without an end', 'GET /health-check HTTP/1.1\r\nHost: a\r\n', null],
    ['headers, byte by byte', 'GET /health-check HTTP/1.1\r\nHost: a\r\nX: ', 'x'],
    ['a body without an end', `${HEAD}{"group":`, null],
    ['a body, byte by byte', HEAD, ' '],
    ['chunks, byte by byte', HEAD.replace('Content-Length: 1000', 'Transfer-Encoding: chunked'), '0'],
  ])('when it sends %s, then it is refused with 408 and cut', async (_, start, more) => {
    const { port, calls } = await serve({}, { timeouts: SHORT });
    const client = await connectRaw(port);
    if (start !== '') client.send(start);
    if (more === null) await client.closed;
    else await drip(client, more);
    expect(parseAnswers(client.received()).map(({ status }) => status)).toEqual([408]);
    expect(calls).toEqual([]);
  });

  test('when it keeps its own half open after a refusal, then the connection ends none the less', async () => {
    const { port } = await serve({}, { timeouts: SHORT });
    const client = await connectRaw(port, { stays: true });
    client.send('no HTTP\r\n\r\n');
    await drip(client, 'x');
    expect(parseAnswers(client.received()).map(({ status }) => status)).toEqual([400]);
  });

  test('when it has had its answer and asks for no more, then the connection ends', async () => {
    const { port } = await serve({}, { timeouts: SHORT });
    const client = await connectRaw(port);
    client.send('GET /health-check HTTP/1.1\r\nHost: a\r\n\r\n');
    await client.closed;
    expect(parseAnswers(client.received()).map(({ status }) => status)).toEqual([200]);
  });

  test('when it was refused before its body and never sends that, then the connection ends', async () => {
    const { port, calls } = await serve({}, { token: 'right', timeouts: SHORT });
    const client = await connectRaw(port);
    client.send(HEAD);
    await client.closed;
    expect(client.received()).toMatch(/^HTTP\/1\.1 401 /);
    expect(calls).toEqual(['failed token']);
  });
});

describe('given a crowd', () => {
  /** In parts, so that the queue of the listening socket (511) holds them. */
  async function connectMany(port: number, count: number): Promise<RawClient[]> {
    const clients: RawClient[] = [];
    while (clients.length < count) {
      clients.push(...(await Promise.all(Array.from({ length: 250 }, () => connectRaw(port)))));
    }
    return clients;
  }

  test('when 2,000 stand in the middle of a request, then the health check answers, and then all of them are', async () => {
    const { port, url } = await serve();
    const clients = await connectMany(port, 2000);
    for (const client of clients) client.send('GET /health-check HTTP/1.1\r\nHost: a\r\n');
    const response = await fetch(`${url}/health-check`);
    expect(response.status).toBe(200);
    for (const client of clients) client.send('Connection: close\r\n\r\n');
    await Promise.all(clients.map(({ closed }) => closed));
    const statuses = clients.map((client) => parseAnswers(client.received())[0]?.status);
    expect(new Set(statuses)).toEqual(new Set([200]));
  });

  test('when 2,000 slow ones are cut, then each was told why and the next one is served', async () => {
    const { port, url } = await serve({}, { timeouts: { ...SHORT, headersMs: 500, requestMs: 1000 } });
    const clients = await connectMany(port, 2000);
    for (const client of clients) client.send('POST /notifier HTTP/1.1\r\n');
    await Promise.all(clients.map(({ closed }) => closed));
    expect((await fetch(`${url}/health-check`)).status).toBe(200);
    const statuses = clients.map((client) => parseAnswers(client.received())[0]?.status);
    expect(new Set(statuses)).toEqual(new Set([408]));
  });
});
