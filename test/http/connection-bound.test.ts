import { Agent, get } from 'node:http';
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { describe, expect, onTestFinished, test } from 'vitest';
import { connectionLimit, openFilesLimit } from '../../src/http/connection-bound.ts';
import { pollUntil } from '../stack/poll-until.ts';
import { connectRaw, parseAnswers, serve, type RawClient } from './serve.ts';

const GET_HEALTH = 'GET /health-check HTTP/1.1\r\nHost: a\r\n\r\n';

/** Asks over a connection of its own, as a load balancer does. */
function askHealth(port: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const agent = new Agent({ keepAlive: false });
    get({ host: '127.0.0.1', port, path: '/health-check', agent }, (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode));
      response.once('error', reject);
    }).once('error', reject);
  });
}

/** Until the server has taken notice of the client's request. */
async function answered(client: RawClient): Promise<void> {
  const probe = () => (client.received() === '' ? undefined : true);
  await pollUntil(probe, { what: 'an answer', withinMs: 10_000, everyMs: 5 });
}

async function isOpen({ closed }: RawClient): Promise<boolean> {
  return Promise.race([
    closed.then(() => false),
    new Promise<boolean>((resolve) => setImmediate(() => resolve(true))),
  ]);
}

describe('given a server for four connections', () => {
  test('when five come and send nothing, then the first is closed and the others stay', async () => {
    const { port } = await serve({}, { mostConnections: 4 });
    const clients: RawClient[] = [];
    for (let count = 0; count < 5; count += 1) clients.push(await connectRaw(port));
    await clients[0]!.closed;
    for (const client of clients.slice(1)) {
      client.send(GET_HEALTH);
      await answered(client);
    }
    expect(await isOpen(clients[1]!)).toBe(true);
  });

  test('when one of four has just been answered, then another one is closed, for it is idle longer', async () => {
    const { port } = await serve({}, { mostConnections: 4 });
    const clients: RawClient[] = [];
    for (let count = 0; count < 4; count += 1) clients.push(await connectRaw(port));
    const [first, second] = [clients[0]!, clients[1]!];
    first.send(GET_HEALTH);
    await answered(first);
    expect(await askHealth(port)).toBe(200);
    await second.closed;
    expect(await isOpen(first)).toBe(true);
    expect(await isOpen(clients[2]!)).toBe(true);
  });

  test('when half a request stands on each, then the health check is answered all the same', async () => {
    const { port } = await serve({}, { mostConnections: 4 });
    for (let count = 0; count < 4; count += 1) {
      (await connectRaw(port)).send('GET /health-check HTTP/1.1\r\nHost: a\r\n');
    }
    expect(await askHealth(port)).toBe(200);
  });

  test('when all are being answered, then the next is refused, and those are answered to the end', async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    let asked = 0;
    const exposeMetrics = async () => {
      asked += 1;
      await held;
      return { contentType: 'text/plain', body: 'up 1\n' };
    };
    const { port } = await serve({ exposeMetrics }, { mostConnections: 4 });
    const clients: RawClient[] = [];
    for (let count = 0; count < 4; count += 1) {
      const client = await connectRaw(port);
      client.send('GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
      clients.push(client);
    }
    await pollUntil(() => (asked === 4 ? true : undefined), { what: 'four requests', withinMs: 5000 });
    await (
      await connectRaw(port)
    ).closed;
    release();
    for (const client of clients) {
      await client.closed;
      expect(parseAnswers(client.received()).map(({ status }) => status)).toEqual([200]);
    }
    expect(await askHealth(port)).toBe(200);
  });

  test('when four clients never send their bodies, then the health check is soon answered', async () => {
    const { port } = await serve({}, { mostConnections: 4 });
    const clients: RawClient[] = [];
    for (let count = 0; count < 4; count += 1) {
      const client = await connectRaw(port);
      client.send('POST /notifier HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n{');
      await answered(client);
      clients.push(client);
    }
    const ask = () => askHealth(port).catch(() => undefined);
    expect(await pollUntil(ask, { what: 'an answer', withinMs: 15_000 })).toBe(200);
    await clients[0]!.closed;
  });

  test('when four clients never read their answers, then the health check is soon answered', async () => {
    const piece = Buffer.alloc(64 * 1024, '#\n');
    const exposeMetrics = () =>
      Promise.resolve({
        contentType: 'text/plain',
        body: piece,
        rest: {
          async *[Symbol.asyncIterator]() {
            for (let count = 0; count < 2000; count += 1) yield await Promise.resolve(piece);
          },
        },
      });
    const { port } = await serve({ exposeMetrics }, { mostConnections: 4 });
    for (let count = 0; count < 4; count += 1) {
      const socket = connect(port, '127.0.0.1');
      onTestFinished(() => void socket.destroy());
      socket.pause();
      socket.on('error', () => undefined);
      await once(socket, 'connect');
      socket.write('GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n');
    }
    const ask = () => askHealth(port).catch(() => undefined);
    expect(await pollUntil(ask, { what: 'an answer', withinMs: 15_000 })).toBe(200);
  });
});

describe('given a crowd that connects and stays', () => {
  test('when 10,000 connections were opened and left, then each health check after them is answered', async () => {
    const files = Math.min(openFilesLimit(), 40_000);
    const mostConnections = Math.min(4096, Math.floor(files / 4));
    const { port } = await serve({}, { mostConnections });
    // In parts, so that the queue of the listening socket (511) holds them.
    const sockets: Socket[] = [];
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
    });
    while (sockets.length < 10_000) {
      const part = Array.from({ length: 250 }, () => connect(port, '127.0.0.1').on('error', () => undefined));
      await Promise.all(part.map((socket) => once(socket, 'connect')));
      sockets.push(...part);
    }
    for (let times = 0; times < 20; times += 1) expect(await askHealth(port)).toBe(200);
  });
});

describe('given how many files a process may open', () => {
  test.each([
    [Infinity, 4096],
    [1_048_576, 4096],
    [8192, 4096],
    [1024, 512],
    [256, 128],
    [20, 16],
  ])('when it is %d, then half of them, 16 to 4,096, may be connections', (files, connections) => {
    expect(connectionLimit(files)).toBe(connections);
  });

  test('when this very process is asked, then it knows', () => {
    expect(openFilesLimit()).toBeGreaterThanOrEqual(256);
  });
});
