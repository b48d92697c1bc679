import { createPrivateKey } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:https';
import { connect } from 'node:net';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { HttpTls } from '../../src/http/tls-server.ts';
import { pem } from '../config/loading.ts';
import { pollUntil } from '../stack/poll-until.ts';
import { LIMITS, serve } from './serve.ts';

const CA = pem('authority');
const SERVER: HttpTls = { cert: pem('server'), key: pem('server-key') };
const CLIENT = { cert: pem('client'), key: pem('client-key') };
const TOKEN = { authorization: 'Bearer T' };

/** Status of one GET over a connection of its own. */
function get(url: string, tls: ConnectionOptions = {}, headers: Readonly<Record<string, string>> = {}) {
  return new Promise<number>((resolve, reject) => {
    const sent = request(url, { ca: CA, agent: false, headers, ...tls }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0));
    });
    sent.on('error', reject).end();
  });
}

/** A handshake, and the session that another one may go on with. */
async function shakeHands(port: number, tls: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connectTls({ host: '127.0.0.1', port, ca: CA, ...tls });
  onTestFinished(() => void socket.destroy());
  await once(socket, 'secureConnect');
  return socket;
}

async function getResumed(port: number, path: string, tls: ConnectionOptions): Promise<[boolean, string]> {
  const first = connectTls({ host: '127.0.0.1', port, ca: CA, ...tls });
  onTestFinished(() => void first.destroy());
  const sessions = once(first, 'session') as Promise<[Buffer]>;
  await once(first, 'secureConnect');
  // The tickets of TLS 1.3 come with the first answer, those of 1.2 with the handshake.
  first.write('GET /health-check HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n');
  first.resume();
  const [session] = await sessions;
  const second = await shakeHands(port, { ...tls, session });
  const isResumed = second.isSessionReused();
  let answer = '';
  second.on('data', (bytes: Buffer) => (answer += bytes.toString()));
  second.write(`GET ${path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`);
  await once(second, 'close');
  return [isResumed, answer.split('\r\n', 1)[0] ?? ''];
}

describe('given TLS', () => {
  test('when the key is encrypted, then it serves with its passphrase', async () => {
    const passphrase = 'opens it';
    const key = createPrivateKey(pem('server-key'));
    const encrypted = key.export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase,
    }) as string;
    const { url } = await serve({}, { tls: { ...SERVER, key: encrypted, passphrase } });
    expect(await get(`${url}/health-check`)).toBe(200);
  });

  test('when a client speaks less than TLS 1.2, then it is refused, and others are not', async () => {
    const { url, port, server } = await serve({}, { tls: SERVER });
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    await expect(shakeHands(port, old)).rejects.toThrow(/protocol version/i);
    expect((await shakeHands(port, { maxVersion: 'TLSv1.2' })).getProtocol()).toBe('TLSv1.2');
    server.reconfigure({ limits: LIMITS, tls: SERVER });
    await expect(shakeHands(port, old)).rejects.toThrow(/protocol version/i);
    expect(await get(`${url}/health-check`)).toBe(200);
  });

  test.each([
    ['plain HTTP', 'GET /health-check HTTP/1.1\r\nhost: a\r\n\r\n'],
    ['what is nothing', '\u0000'.repeat(5000)],
    ['the beginning of a handshake', '\u0016\u0003\u0001\u0002\u0000\u0001'],
    ['nothing', ''],
  ])('when a client sends %s, then its connection is closed, and that is all', async (_what, text) => {
    const timeouts = { headersMs: 100 };
    const { url, port, calls } = await serve({}, { tls: SERVER, timeouts });
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined).on('data', () => undefined);
    socket.write(text, 'latin1');
    await once(socket, 'close');
    expect(await get(`${url}/health-check`)).toBe(200);
    expect(calls).toEqual([]);
  });

  test('when many break their handshakes off, then others are served, and a stop does not wait for them', async () => {
    const { url, port, server } = await serve(
      {},
      { tls: SERVER, mostConnections: 4, timeouts: { headersMs: 250_000, requestMs: 250_000 } },
    );
    for (let index = 0; index < 20; index++) {
      const socket = connect(port, '127.0.0.1').on('error', () => undefined);
      socket.write(Buffer.from([22, 3, 1, 2]));
      await once(socket, 'connect');
      if (index % 2 === 0) socket.destroy();
    }
    expect(await get(`${url}/health-check`)).toBe(200);
    // Nothing else is to happen before the deadline of a handshake, which is far away.
    await server.stop(AbortSignal.timeout(60_000));
  });

  test('when the bound on connections is reached, then one that is being answered is not taken for an idle one', async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    let asked = 0;
    const exposeMetrics = async () => {
      asked += 1;
      await held;
      return { contentType: 'text/plain', body: 'up 1\n' };
    };
    const { url, port } = await serve({ exposeMetrics }, { tls: SERVER, mostConnections: 3 });
    const answered = get(`${url}/metrics`);
    await pollUntil(() => (asked === 1 ? true : undefined), { what: 'the request', withinMs: 10_000 });
    const idle = [await shakeHands(port), await shakeHands(port)];
    const closed = once(idle[0]!.resume(), 'close');
    expect(await get(`${url}/health-check`)).toBe(200);
    await closed;
    release();
    expect(await answered).toBe(200);
  });

  test('when it is given another certificate, then new connections see that', async () => {
    const { port, server } = await serve({}, { tls: SERVER });
    const shown = async (): Promise<unknown> =>
      (await shakeHands(port, { checkServerIdentity: () => undefined })).getPeerCertificate().subject.CN;
    expect(await shown()).toBe('server');
    const next = { cert: pem('stranger'), key: pem('stranger-key') };
    server.reconfigure({ limits: LIMITS, tls: next });
    expect(await shown()).toBe('stranger');
    for (const [tls, reason] of [
      [{ ...next, key: pem('server-key') }, /key values mismatch/],
      [undefined, /only by a restart/],
      [{ ...SERVER, ca: CA }, /only by a restart/],
    ] as const) {
      expect(() => server.reconfigure({ limits: LIMITS, tls })).toThrow(reason);
    }
    expect(await shown()).toBe('stranger');
  });

  test('when it was started without, then it cannot be switched on', async () => {
    const { server } = await serve();
    expect(() => server.reconfigure({ limits: LIMITS, tls: SERVER })).toThrow(/only by a restart/);
  });
});

describe('given a token and metrics that are protected', () => {
  test.each([
    [true, '/metrics', 401, 200],
    [false, '/metrics', 200, 200],
    [true, '/api/overview', 401, 200],
    [true, '/health-check', 200, 200],
    [true, '/health_check', 200, 200],
  ])('when they are (%s) and %s is asked for, then it is %i without and %i with it', async (...row) => {
    const [protectMetrics, path, without, withToken] = row;
    const { url } = await serve({}, { token: 'T', protectMetrics, tls: SERVER });
    expect(await get(url + path)).toBe(without);
    expect(await get(url + path, {}, TOKEN)).toBe(withToken);
  });

  test('when that is switched on meanwhile, then it holds from the next request on', async () => {
    const { url, server } = await serve({}, { token: 'T' });
    expect((await fetch(`${url}/metrics`)).status).toBe(200);
    server.reconfigure({ limits: LIMITS, token: 'T', protectMetrics: true });
    expect((await fetch(`${url}/metrics`)).status).toBe(401);
  });
});

describe('given an authority of client certificates', () => {
  const tls = { ...SERVER, ca: CA };
  const dashboard = [
    { path: '/', type: 'text/html', body: Buffer.from('<html>'), isImmutable: false },
  ] as unknown as NonNullable<Parameters<typeof serve>[0]>['dashboard'];

  test.each(['/metrics', '/api/overview', '/notifier', '/nothing', '/'])(
    'when a client without one asks for %s, then it is refused, and told of',
    async (path) => {
      const { url, calls } = await serve({ ...(dashboard && { dashboard }) }, { tls });
      expect(await get(url + path)).toBe(403);
      expect(calls).toEqual(['failed certificate']);
    },
  );

  test('when a load balancer without one asks for the health check, then it is answered', async () => {
    const { url, calls } = await serve({}, { tls });
    expect([await get(`${url}/health-check`), await get(`${url}/health_check`)]).toEqual([200, 200]);
    expect(calls).toEqual([]);
  });

  test('when a client has one of it, then it is served, and of another authority, then not', async () => {
    const { url } = await serve({}, { tls });
    expect(await get(`${url}/metrics`, CLIENT)).toBe(200);
    const other = await serve({}, { tls: { ...SERVER, ca: pem('stranger') } });
    expect(await get(`${other.url}/metrics`, CLIENT)).toBe(403);
  });

  test('when there is a token, too, then both are wanted', async () => {
    const { url } = await serve({}, { tls, token: 'T' });
    expect(await get(`${url}/api/overview`, CLIENT)).toBe(401);
    expect(await get(`${url}/api/overview`, {}, TOKEN)).toBe(403);
    expect(await get(`${url}/api/overview`, CLIENT, TOKEN)).toBe(200);
  });

  test.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'when a session of %s is resumed, then who showed none has still none, and who did has it',
    async (version) => {
      const { port } = await serve({}, { tls });
      const only = { minVersion: version, maxVersion: version };
      expect(await getResumed(port, '/metrics', only)).toEqual([true, 'HTTP/1.1 403 Forbidden']);
      const [, answer] = await getResumed(port, '/metrics', { ...only, ...CLIENT });
      expect(answer).toBe('HTTP/1.1 200 OK');
    },
  );
});
