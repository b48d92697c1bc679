import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { fastify } from 'fastify';
import { pino } from 'pino';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createHttpServer } from '../../src/http/http-server.ts';
import { listenOnFirst } from '../../src/http/listen.ts';
import { systemScheduler } from '../../src/platform/clock.ts';
import { loopbackHasIPv6 } from '../support/ipv6.ts';
import { createApiSource } from './api-source.ts';
import { LIMITS, NOW_MS, sendRaw, serve, WELL } from './serve.ts';

const signal = new AbortController().signal;

describe('given the health check', () => {
  test.each(['/health-check', '/health_check', '/health-check/', '/health-check?from=elb'])(
    'when a healthy sidecar is asked at %s, then it answers 200 and names every part',
    async (path) => {
      const { url } = await serve();
      const response = await fetch(url + path);
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toMatch(/^application\/json/);
      const body = (await response.json()) as { parts: { name: string }[] };
      expect(body).toMatchObject({ status: 'ok', phase: 'running', version: '1.2.3', uptimeSeconds: 3600 });
      expect(body.parts.map(({ name }) => name)).toEqual([
        'burrow local',
        'outbox',
        'sink kafka',
        'notifier',
      ]);
    },
  );

  test('when it is asked with HEAD, then the status comes without a body', async () => {
    const { url } = await serve();
    const response = await fetch(`${url}/health-check`, { method: 'HEAD' });
    expect([response.status, await response.text()]).toEqual([200, '']);
  });

  test('when a GET has the content type of something else, then it is answered all the same', async () => {
    const { url } = await serve();
    const response = await fetch(`${url}/health-check`, { headers: { 'content-type': 'text/html' } });
    expect(response.status).toBe(200);
  });

  test('when no Burrow answers any more, then it is 503 with the reason', async () => {
    const silence = { durationMs: 480_000, about: 'all' } as const;
    const dead = { ...WELL, burrows: [{ ...WELL.burrows[0]!, silence }] };
    const { url } = await serve({ health: () => dead });
    const response = await fetch(`${url}/health-check`);
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({
      status: 'unavailable',
      parts: [{ name: 'burrow local', reason: 'no good answer for 480 s (limit 480 s)' }, {}, {}, {}],
    });
  });

  test('when samples were dropped, then it says degraded with 200', async () => {
    const outbox = { ...WELL.outbox, droppedSamples: 3, lastDropMs: NOW_MS - 1000 };
    const { url } = await serve({ health: () => ({ ...WELL, outbox }) });
    const response = await fetch(`${url}/health-check`);
    expect([response.status, ((await response.json()) as { status: string }).status]).toEqual([
      200,
      'degraded',
    ]);
  });

  test('when metrics hang, then the health check answers none the less', async () => {
    const { url } = await serve({ exposeMetrics: () => new Promise(() => undefined) });
    const controller = new AbortController();
    const hanging = fetch(`${url}/metrics`, { signal: controller.signal }).catch(() => 'given up');
    expect((await fetch(`${url}/health-check`)).status).toBe(200);
    controller.abort();
    expect(await hanging).toBe('given up');
  });
});

describe('given the metrics', () => {
  test('when they are asked for, then text and type come as they were exposed', async () => {
    const { url } = await serve();
    const response = await fetch(`${url}/metrics`);
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4');
    expect(await response.text()).toBe('up 1\n');
  });

  test('when more comes after them, then it follows as it is made, anew for each answer', async () => {
    let runs = 0;
    const rest = {
      async *[Symbol.asyncIterator]() {
        runs += 1;
        for (let piece = 0; piece < 3; piece++) {
          await new Promise((resolve) => setImmediate(resolve));
          yield Buffer.from(`piece{n="${piece}"} ${runs}\n`);
        }
      },
    };
    const { url } = await serve({
      exposeMetrics: () => Promise.resolve({ contentType: 'text/plain', body: 'up 1\n', rest }),
    });
    for (const run of [1, 2]) {
      expect(await (await fetch(`${url}/metrics`)).text()).toBe(
        `up 1\npiece{n="0"} ${run}\npiece{n="1"} ${run}\npiece{n="2"} ${run}\n`,
      );
    }
    expect((await fetch(`${url}/metrics`, { method: 'HEAD' })).status).toBe(200);
    expect(runs).toBe(2);
  });

  test('when the reader of an endless one leaves, then it ends, and the health check answers meanwhile', async () => {
    let ended: (() => void) | undefined;
    const left = new Promise<void>((resolve) => (ended = resolve));
    const rest = {
      async *[Symbol.asyncIterator]() {
        try {
          for (;;) {
            await new Promise((resolve) => setImmediate(resolve));
            yield Buffer.alloc(1000, 'x');
          }
        } finally {
          ended?.();
        }
      },
    };
    const { url } = await serve({
      exposeMetrics: () => Promise.resolve({ contentType: 'text/plain', body: '', rest }),
    });
    const controller = new AbortController();
    const { body } = await fetch(`${url}/metrics`, { signal: controller.signal });
    await body?.getReader().read();
    expect((await fetch(`${url}/health-check`)).status).toBe(200);
    controller.abort();
    await left;
  });

  test('when exposing them fails, then it is a 500 that tells nothing, and the log tells', async () => {
    const { url, calls } = await serve({
      exposeMetrics: () => Promise.reject(new Error('secret place /etc/x')),
    });
    const response = await fetch(`${url}/metrics`);
    expect(response.status).toBe(500);
    expect(await response.text()).not.toMatch(/secret|etc|stack|at /);
    expect(calls).toEqual(['log A request failed with an internal error']);
  });
});

describe('given a request that no route takes', () => {
  test('when the path is unknown, then it is a 404 in JSON that does not repeat the path', async () => {
    const { url } = await serve();
    const response = await fetch(`${url}/hidden/place?x=1`);
    expect(response.status).toBe(404);
    expect(await response.json()).toEqual({ error: 'Not Found', message: 'there is nothing at this path' });
  });

  test.each([
    ['/notifier', 'GET', 'POST, PUT, DELETE'],
    ['/rainbow/lag', 'PATCH', 'POST, PUT, DELETE'],
    ['/health-check', 'POST', 'GET, HEAD'],
    ['/metrics', 'DELETE', 'GET, HEAD'],
  ])('when %s is asked with %s, then it is a 405 that lists %s', async (path, method, allow) => {
    const { url } = await serve();
    const response = await fetch(url + path, { method });
    expect([response.status, response.headers.get('allow')]).toEqual([405, allow]);
  });

  test('when the path is no valid URL, then it is a 400 that does not repeat it', async () => {
    const { port } = await serve();
    const answer = await sendRaw(port, 'GET /%zzhidden HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toMatch(/x-content-type-options: nosniff/);
    expect(answer).not.toMatch(/hidden/);
  });

  test('when it is no HTTP at all, then it is a 400 and the connection ends', async () => {
    const { port } = await serve();
    const answer = await sendRaw(port, 'hello there\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(answer).toMatch(/"this is no HTTP\/1\.1 request"/);
  });

  test('when the headers are huge, then it is a 431', async () => {
    const { port } = await serve();
    const answer = await sendRaw(
      port,
      `GET /health-check HTTP/1.1\r\nHost: a\r\nX-Big: ${'x'.repeat(20_000)}\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
  });
});

describe('given any answer', () => {
  test.each(['/health-check', '/metrics', '/nothing', '/notifier'])(
    'when %s is asked, then its headers forbid guessing, framing and caching, and name no software',
    async (path) => {
      const { url } = await serve();
      const { headers } = await fetch(url + path);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('content-security-policy')).toMatch(/default-src 'none'/);
      expect(headers.get('server')).toBeNull();
      expect(headers.get('x-powered-by')).toBeNull();
    },
  );
});

describe('given the start', () => {
  const deps = {
    health: () => WELL,
    exposeMetrics: () => Promise.resolve({ contentType: 'text/plain', body: '' }),
    wake: () => [],
    countNotifier: () => undefined,
    faults: { failed: () => undefined, recovered: () => undefined },
    heard: () => undefined,
    source: createApiSource(),
    dashboard: [],
    clock: { nowMs: () => NOW_MS },
    scheduler: systemScheduler,
    log: pino({ level: 'silent' }),
  };
  const options = { host: '127.0.0.1', version: '1', push: 'also', limits: LIMITS } as const;

  test('when the port is in use, then the error says so and what to set', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void other.close());
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const error: unknown = await createHttpServer(deps, { ...options, port })
      .start(signal)
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'RainbowError', code: 'HTTP_LISTEN' });
    expect((error as Error).message).toBe(
      `cannot listen on 127.0.0.1:${port}: the port is in use; stop what uses it or set http.port to another one`,
    );
    expect((error as Error).cause).toMatchObject({ code: 'EADDRINUSE' });
  });

  test('when the host is none of this machine, then the error names http.host', async () => {
    const server = createHttpServer(deps, { ...options, host: '192.0.2.1', port: 0 });
    await expect(server.start(signal)).rejects.toThrow(/set http\.host/);
    expect(server.address()).toBeNull();
  });

  test('when it was cancelled before, then nothing listens', async () => {
    const server = createHttpServer(deps, { ...options, port: 0 });
    await expect(server.start(AbortSignal.abort(new Error('no')))).rejects.toThrow('no');
    expect(server.address()).toBeNull();
  });

  test('when it was stopped, then it can start again', async () => {
    const server = createHttpServer(deps, { ...options, port: 0 });
    onTestFinished(() => server.stop(signal));
    await server.start(signal);
    await server.stop(signal);
    await server.start(signal);
    expect((await fetch(`http://127.0.0.1:${server.address()!.port}/health-check`)).status).toBe(200);
  });
});

describe('given the stop', () => {
  test('when a request is in flight, then it is answered first, and others are refused', async () => {
    let release: (() => void) | undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    let asked: (() => void) | undefined;
    const arrived = new Promise<void>((resolve) => (asked = resolve));
    const { server, url } = await serve({
      exposeMetrics: async () => {
        asked?.();
        await released;
        return { contentType: 'text/plain', body: 'late 1\n' };
      },
    });
    const answer = fetch(`${url}/metrics`);
    await arrived;
    const stopped = server.stop(signal);
    await expect(fetch(`${url}/health-check`)).rejects.toThrow();
    release?.();
    expect(await (await answer).text()).toBe('late 1\n');
    await stopped;
  });

  test('when connections stand idle, used or not, then they do not hold it up', async () => {
    const { server, port, url } = await serve();
    const silent = connect(port, '127.0.0.1');
    await once(silent, 'connect');
    await (await fetch(`${url}/health-check`)).text();
    await server.stop(signal);
    silent.destroy();
  });

  test('when a request never ends, then the signal cuts it', async () => {
    const { server, url } = await serve({ exposeMetrics: () => new Promise(() => undefined) });
    const answer = fetch(`${url}/metrics`).catch(() => 'cut');
    await fetch(`${url}/health-check`);
    await server.stop(AbortSignal.timeout(50));
    expect(await answer).toBe('cut');
  });

  test('when it is asked twice, or before any start, then it does nothing', async () => {
    const { server } = await serve();
    await server.stop(signal);
    await server.stop(signal);
    expect(server.address()).toBeNull();
  });
});

describe('given no host to listen on', () => {
  const hosts = ['::', '0.0.0.0'];
  const deny = (code: string) => Object.assign(new Error(code), { code });

  test.each([
    ['has IPv6', {}, ['::'], null],
    ['has none', { '::': 'EAFNOSUPPORT' }, hosts, null],
    ['has none that is switched on', { '::': 'EADDRNOTAVAIL' }, hosts, null],
    ['uses the port', { '::': 'EADDRINUSE' }, ['::'], 'EADDRINUSE'],
    ['does not permit the port', { '::': 'EACCES' }, ['::'], 'EACCES'],
    ['has nothing at all', { '::': 'EAFNOSUPPORT', '0.0.0.0': 'EADDRNOTAVAIL' }, hosts, 'EADDRNOTAVAIL'],
  ])('when the machine %s, then it is listened on what it has', async (_what, codes, tried, error) => {
    const asked: string[] = [];
    const listening = listenOnFirst(hosts, (host) => {
      asked.push(host);
      const code = (codes as Readonly<Record<string, string>>)[host];
      return code === undefined ? Promise.resolve() : Promise.reject(deny(code));
    });
    const outcome = await listening.then(
      () => null,
      (reason: unknown) => (reason as { readonly code: string }).code,
    );
    expect(outcome).toBe(error);
    expect(asked).toEqual(tried);
  });

  test('when a server that could not listen listens on the next, then it serves', async () => {
    const app = fastify();
    onTestFinished(() => app.close());
    app.get('/', () => 'here');
    // From the addresses that are for documentation: no machine has it.
    await listenOnFirst(['192.0.2.1', '127.0.0.1'], (host) => app.listen({ host, port: 0 }));
    const { port } = app.server.address() as AddressInfo;
    expect(await (await fetch(`http://127.0.0.1:${port}`)).text()).toBe('here');
  });

  test('when the machine has IPv6, then clients of both families are served', async () => {
    const refused: unknown[] = [];
    const faults = {
      failed: (_key: string, facts: object) => refused.push(facts),
      recovered: () => undefined,
    };
    const { port, url } = await serve({ faults }, { host: '', token: 'T' });
    expect((await fetch(`${url}/api/overview`)).status).toBe(401);
    expect(refused).toEqual([{ from: '127.0.0.1' }]);
    const families = (await loopbackHasIPv6('HTTP over IPv6')) ? ['127.0.0.1', '[::1]'] : ['127.0.0.1'];
    for (const host of families) {
      expect((await fetch(`http://${host}:${port}/health-check`)).status).toBe(200);
    }
  });
});
