import { getEventListeners } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { loopbackHasIPv6 } from '../support/ipv6.ts';
import { lagAnswer } from './burrow-bodies.ts';
import { clientOf, manualScheduler, NEVER, startServer, until } from './scripted-server.ts';

const CLUSTERS = '{"error":false,"clusters":["prod"]}';

/** A TCP server that does to every connection what the test says. */
async function startRaw(handle: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    handle(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

describe('given a server that answers too slowly', () => {
  test('when no headers come by the deadline, then it is unreachable and the connection is given up', async () => {
    let hasClosed = false;
    const server = await startServer((_request, response) => response.on('close', () => (hasClosed = true)));
    const scheduler = manualScheduler();
    const outcome = clientOf(`http://127.0.0.1:${server.port}`, {}, { scheduler }).clusters(NEVER);
    await until(() => server.requests.length === 1);
    scheduler.pass();
    expect(await outcome).toEqual({ kind: 'unreachable', reason: 'no complete answer within 20000 ms' });
    await until(() => hasClosed);
  });

  test('when the body drips byte by byte, then it ends at the deadline all the same', async () => {
    let sent = 0;
    const server = await startServer((_request, response) => {
      const drip = (): void => {
        if (response.closed) return;
        response.write('x');
        sent += 1;
        setImmediate(drip);
      };
      drip();
    });
    const scheduler = manualScheduler();
    const outcome = clientOf(`http://127.0.0.1:${server.port}`, {}, { scheduler }).clusters(NEVER);
    await until(() => sent > 20);
    scheduler.pass();
    expect(await outcome).toMatchObject({
      kind: 'unreachable',
      reason: 'no complete answer within 20000 ms',
    });
  });

  test('when the real clock runs out in mid-body, then the request ends', async () => {
    const server = await startServer((_request, response) => {
      const drip = (): void => {
        if (response.closed) return;
        response.write(' ');
        setImmediate(drip);
      };
      drip();
    });
    const client = clientOf(`http://127.0.0.1:${server.port}`, { timeoutMs: 60 });
    expect(await client.clusters(NEVER)).toEqual({
      kind: 'unreachable',
      reason: 'no complete answer within 60 ms',
    });
  });

  test('when every connection is taken, then waiting for one counts against the deadline', async () => {
    const server = await startServer(() => undefined);
    const scheduler = manualScheduler();
    const client = clientOf(`http://127.0.0.1:${server.port}`, { connections: 1 }, { scheduler });
    const outcomes = Promise.all([client.clusters(NEVER), client.clusters(NEVER)]);
    await until(() => server.requests.length === 1);
    scheduler.pass();
    expect((await outcomes).map((outcome) => outcome.kind)).toEqual(['unreachable', 'unreachable']);
    expect(server.requests).toHaveLength(1);
  });

  test('when a request is over, then its deadline is disarmed', async () => {
    const server = await startServer((_request, response) => response.end(CLUSTERS));
    const scheduler = manualScheduler();
    const client = clientOf(`http://127.0.0.1:${server.port}`, {}, { scheduler });
    expect(await client.clusters(NEVER)).toEqual({ kind: 'ok', value: ['prod'] });
    expect(scheduler.armed()).toBe(0);
  });
});

describe('given a caller that gives up', () => {
  test('when it aborts in mid-request, then the outcome is unreachable', async () => {
    const server = await startServer((_request, response) => response.write('{'));
    const giveUp = new AbortController();
    const outcome = clientOf(`http://127.0.0.1:${server.port}`).clusters(giveUp.signal);
    await until(() => server.requests.length === 1);
    giveUp.abort();
    expect(await outcome).toEqual({ kind: 'unreachable', reason: 'the request was cancelled' });
  });

  test('when it has given up already, then nothing is sent', async () => {
    const server = await startServer((_request, response) => response.end(CLUSTERS));
    const outcome = await clientOf(`http://127.0.0.1:${server.port}`).clusters(AbortSignal.abort());
    expect(outcome).toEqual({ kind: 'unreachable', reason: 'the request was cancelled' });
    expect(server.requests).toEqual([]);
  });
});

test('given a signal that outlives its requests, when they are over, then nothing hangs on it', async () => {
  const server = await startServer((_request, response) => response.end(CLUSTERS));
  const client = clientOf(`http://127.0.0.1:${server.port}`);
  const { signal } = new AbortController();
  await Promise.all([client.clusters(signal), client.clusters(signal)]);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

describe('given a connection that fails', () => {
  test('when nothing listens, then it says that the connection was refused', async () => {
    const port = await startRaw(() => undefined);
    const free = createServer();
    await new Promise<void>((resolve) => free.listen(0, '127.0.0.1', resolve));
    const closedPort = (free.address() as AddressInfo).port;
    await new Promise((resolve) => free.close(resolve));
    expect(closedPort).not.toBe(port);
    for (const host of ['127.0.0.1', 'localhost']) {
      expect(await clientOf(`http://${host}:${closedPort}`).clusters(NEVER)).toMatchObject({
        kind: 'unreachable',
        reason: expect.stringContaining('connection refused') as string,
      });
    }
  });

  test('when the host has no address, then it says so', async () => {
    expect(await clientOf('http://burrow.invalid:8000').clusters(NEVER)).toMatchObject({
      kind: 'unreachable',
      reason: expect.stringContaining('host name') as string,
    });
  });

  test.each<[string, (socket: Socket) => void]>([
    ['at once', (socket) => socket.destroy()],
    ['after the headers', (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 35\r\n\r\n')],
    ['in mid-body', (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 35\r\n\r\n{"error":')],
    [
      'by a reset in mid-body',
      (socket) =>
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 35\r\n\r\n{"er', () => socket.resetAndDestroy()),
    ],
    [
      'in mid-chunk',
      (socket) => socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n23\r\n{"error":'),
    ],
  ])('when it is lost %s, then it is unreachable', async (_when, answer) => {
    const port = await startRaw((socket) => socket.once('data', () => answer(socket)));
    expect(await clientOf(`http://127.0.0.1:${port}`).clusters(NEVER)).toEqual({
      kind: 'unreachable',
      reason: 'the connection was lost before the answer was complete',
    });
  });

  test.each(['SSH-2.0-OpenSSH_9.2\r\n', 'HTTP/1.1 200 OK\r\nbad header\r\n\r\n'])(
    'when %j comes back, then the answer is not HTTP',
    async (bytes) => {
      const port = await startRaw((socket) => socket.once('data', () => socket.end(bytes)));
      expect(await clientOf(`http://127.0.0.1:${port}`).clusters(NEVER)).toMatchObject({
        kind: 'invalid',
        reason: expect.stringContaining('is not HTTP') as string,
      });
    },
  );

  test('when the server comes back, then the same client reaches it', async () => {
    let isDown = true;
    const server = await startServer((request, response) => {
      if (isDown) request.socket.destroy();
      else response.end(CLUSTERS);
    });
    const client = clientOf(`http://127.0.0.1:${server.port}`, { connections: 1 });
    expect((await client.clusters(NEVER)).kind).toBe('unreachable');
    isDown = false;
    expect((await client.clusters(NEVER)).kind).toBe('ok');
  });
});

describe('given a pool', () => {
  test('when requests follow one another, then they share one connection, errors included', async () => {
    let status = 200;
    const server = await startServer((_request, response) => {
      response.statusCode = status;
      response.end(CLUSTERS);
    });
    const client = clientOf(`http://127.0.0.1:${server.port}`, { connections: 1 });
    for (status of [200, 500, 404, 301, 200, 200]) await client.clusters(NEVER);
    expect(server.requests).toHaveLength(6);
    expect(server.connections()).toBe(1);
  });

  test('when many run at once under one signal, then no more than allowed are in flight, and all end well', async () => {
    const warnings: string[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning.message);
    process.on('warning', onWarning);
    onTestFinished(() => void process.off('warning', onWarning));
    let inFlight = 0;
    let most = 0;
    const server = await startServer((_request, response) => {
      most = Math.max(most, (inFlight += 1));
      setImmediate(() => {
        inFlight -= 1;
        response.end(JSON.stringify(lagAnswer()));
      });
    });
    const client = clientOf(`http://127.0.0.1:${server.port}`, { connections: 5 });
    const outcomes = await Promise.all(
      Array.from({ length: 100 }, () => client.groupLag('prod', 'billing', NEVER)),
    );
    expect(outcomes.filter((outcome) => outcome.kind === 'ok')).toHaveLength(100);
    expect(most).toBeLessThanOrEqual(5);
    expect(server.connections()).toBeLessThanOrEqual(5);
    await new Promise((resolve) => setImmediate(resolve));
    expect(warnings).toEqual([]);
  });

  test('when it is closed, then requests in flight and later ones end as unreachable, and closing again is no fault', async () => {
    const server = await startServer(() => undefined);
    const client = clientOf(`http://127.0.0.1:${server.port}`);
    const outcome = client.clusters(NEVER);
    await until(() => server.requests.length === 1);
    await client.close();
    const closed = { kind: 'unreachable', reason: 'this client has been closed' };
    expect(await outcome).toEqual(closed);
    expect(await client.clusters(NEVER)).toEqual(closed);
    await client.close();
  });
});

describe.skipIf(!(await loopbackHasIPv6('Burrow over IPv6')))('given a Burrow that listens on ::1', () => {
  test('when its URL has that address, then it answers, and is called as it is written', async () => {
    const server = createHttpServer((_request, response) => response.end(CLUSTERS));
    await new Promise<void>((resolve) => server.listen(0, '::1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const client = clientOf(`http://[::1]:${port}`);
    expect(await client.clusters(NEVER)).toEqual({ kind: 'ok', value: ['prod'] });
    expect(client.name).toBe(`[::1]:${port}`);
  });
});
