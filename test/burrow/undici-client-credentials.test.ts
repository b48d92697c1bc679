import { readFileSync } from 'node:fs';
import { TLSSocket } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { createBurrowClient } from '../../src/burrow/undici-client.ts';
import { clientOf, manualScheduler, NEVER, startServer } from './scripted-server.ts';

const CLUSTERS = '{"error":false,"clusters":["prod"]}';
const OK = { kind: 'ok', value: ['prod'] };

function pem(name: string): string {
  return readFileSync(new URL(`./certificates/${name}.pem`, import.meta.url), 'utf8');
}

function basic(credentials: string): string {
  return `Basic ${Buffer.from(credentials, 'utf8').toString('base64')}`;
}

describe('given basic auth', () => {
  test.each<[string, string, { username?: string; password?: string }, string | undefined]>([
    ['nowhere', '', {}, undefined],
    ['in the options', '', { username: 'alice', password: 'pässwörd:x' }, basic('alice:pässwörd:x')],
    ['in the URL', 'bob:s%40fe@', {}, basic('bob:s@fe')],
    ['in both', 'bob:safe@', { username: 'alice', password: 'other' }, basic('alice:other')],
    ['half in the URL', 'bob@', { password: 'from-a-file' }, basic('bob:from-a-file')],
  ])(
    'when the credentials are %s, then that is what the server gets',
    async (_where, inUrl, options, expected) => {
      const server = await startServer((_request, response) => response.end(CLUSTERS));
      const client = clientOf(`http://${inUrl}127.0.0.1:${server.port}`, options);
      expect(await client.clusters(NEVER)).toEqual(OK);
      expect(server.requests[0]!.headers.authorization).toBe(expected);
      expect(client.name).toBe(`127.0.0.1:${server.port}`);
    },
  );

  test('when they are refused, then the reason says what to check and does not show them', async () => {
    const server = await startServer((_request, response) => {
      response.statusCode = 401;
      response.end('bob:hunter2 is wrong');
    });
    const outcome = await clientOf(`http://bob:hunter2@127.0.0.1:${server.port}`).clusters(NEVER);
    expect(outcome).toMatchObject({
      kind: 'invalid',
      reason: expect.stringContaining('check the username and password') as string,
    });
    expect(JSON.stringify(outcome)).not.toContain('hunter2');
  });

  test('when the server cannot be reached, then no reason shows them', async () => {
    for (const url of ['http://bob:hunter2@127.0.0.1:1', 'https://bob:hunter2@burrow.invalid']) {
      const outcome = await clientOf(url).clusters(NEVER);
      expect(outcome.kind).toBe('unreachable');
      expect(JSON.stringify(outcome)).not.toMatch(/hunter2|bob/);
    }
  });

  test('when a name is configured, then the client has it', () => {
    expect(clientOf('http://bob:hunter2@h', { name: 'east' }).name).toBe('east');
  });
});

describe('given TLS', () => {
  const server = { key: pem('server-key'), cert: pem('server') };

  test('when its authority is given, then the answer comes', async () => {
    const { port } = await startServer((_request, response) => response.end(CLUSTERS), server);
    const client = clientOf(`https://localhost:${port}`, { tls: { ca: Buffer.from(pem('authority')) } });
    expect(await client.clusters(NEVER)).toEqual(OK);
  });

  test('when its authority is not trusted, then it is unreachable and says why', async () => {
    const { port, requests } = await startServer((_request, response) => response.end(CLUSTERS), server);
    for (const tls of [undefined, {}]) {
      expect(await clientOf(`https://localhost:${port}`, { tls }).clusters(NEVER)).toMatchObject({
        kind: 'unreachable',
        reason: expect.stringContaining('certificate is not trusted') as string,
      });
    }
    expect(requests).toEqual([]);
  });

  test('when its certificate is for another host, then it is unreachable and says so', async () => {
    const stranger = { key: pem('stranger-key'), cert: pem('stranger') };
    const { port, requests } = await startServer((_request, response) => response.end(CLUSTERS), stranger);
    const client = clientOf(`https://localhost:${port}`, { tls: { ca: pem('authority') } });
    expect(await client.clusters(NEVER)).toMatchObject({
      kind: 'unreachable',
      reason: expect.stringContaining('for another host') as string,
    });
    expect(requests).toEqual([]);
  });

  test('when it wants our certificate, then it gets it, and without one it is unreachable', async () => {
    const names: unknown[] = [];
    const mutual = { ...server, ca: pem('authority'), requestCert: true, rejectUnauthorized: true };
    const { port } = await startServer((request, response) => {
      if (request.socket instanceof TLSSocket) names.push(request.socket.getPeerCertificate().subject.CN);
      response.end(CLUSTERS);
    }, mutual);
    const ca = pem('authority');
    const ours = clientOf(`https://localhost:${port}`, {
      tls: { ca, cert: pem('client'), key: pem('client-key') },
    });
    expect(await ours.clusters(NEVER)).toEqual(OK);
    expect(await clientOf(`https://localhost:${port}`, { tls: { ca } }).clusters(NEVER)).toMatchObject({
      kind: 'unreachable',
    });
    expect(names).toEqual(['client']);
  });

  test('when the port speaks no TLS, then the reason asks about https', async () => {
    const { port } = await startServer((_request, response) => response.end(CLUSTERS));
    expect(await clientOf(`https://localhost:${port}`).clusters(NEVER)).toMatchObject({
      kind: 'unreachable',
      reason: expect.stringContaining('is it https') as string,
    });
  });

  test('when the key does not belong to the certificate, or is none, then the client is refused at once', () => {
    for (const key of [pem('server-key'), 'not a key']) {
      const options = {
        url: 'https://h',
        timeoutMs: 1000,
        connections: 1,
        tls: { cert: pem('client'), key },
      };
      expect(() => createBurrowClient({ scheduler: manualScheduler() }, options)).toThrow(
        'must be PEM, and belong together',
      );
    }
  });
});

describe('given a client whose access changes', () => {
  const ca = pem('authority');

  test('when it gets another login, then that counts from the next request on', async () => {
    const server = await startServer((_request, response) => response.end(CLUSTERS));
    const client = clientOf(`http://127.0.0.1:${server.port}`, { username: 'alice', password: 'old' });
    const makeCount = client.prepare({ username: 'alice', password: 'new' });
    await client.clusters(NEVER);
    makeCount();
    await client.clusters(NEVER);
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([
      basic('alice:old'),
      basic('alice:new'),
    ]);
  });

  test('when it gets the authority and its own certificate, then connections from then on use them', async () => {
    const mutual = {
      key: pem('server-key'),
      cert: pem('server'),
      ca,
      requestCert: true,
      rejectUnauthorized: true,
    };
    const { port } = await startServer((_request, response) => response.end(CLUSTERS), mutual);
    const client = clientOf(`https://localhost:${port}`, { tls: { ca: pem('stranger') } });
    expect(await client.clusters(NEVER)).toMatchObject({ kind: 'unreachable' });
    client.prepare({ tls: { ca } })();
    expect(await client.clusters(NEVER)).toMatchObject({ kind: 'unreachable' });
    client.prepare({ tls: { ca, cert: pem('client'), key: pem('client-key') } })();
    expect(await client.clusters(NEVER)).toEqual(OK);
  });

  test('when what it is to get cannot be used, then it says so and what it has still counts', async () => {
    const { port } = await startServer((_request, response) => response.end(CLUSTERS), {
      key: pem('server-key'),
      cert: pem('server'),
    });
    const client = clientOf(`https://localhost:${port}`, { tls: { ca } });
    expect(() => client.prepare({ tls: { ca, cert: pem('client'), key: 'none' } })).toThrow('must be PEM');
    expect(await client.clusters(NEVER)).toEqual(OK);
  });
});
