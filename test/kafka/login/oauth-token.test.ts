import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { explainKafkaError } from '../../../src/kafka/faults/kafka-fault.ts';
import { createTokenSource, type OauthClient } from '../../../src/kafka/login/oauth-token.ts';
import { pem } from '../../config/loading.ts';

interface Asked {
  readonly method: string | undefined;
  readonly authorization: string | undefined;
  readonly form: Readonly<Record<string, string>>;
}

type Answer = (response: ServerResponse, count: number) => void;

/** A token endpoint that answers as it is told. */
async function startEndpoint(answer: Answer, { isTls = false } = {}) {
  const asked: Asked[] = [];
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      asked.push({
        method: request.method,
        authorization: request.headers.authorization,
        form: Object.fromEntries(new URLSearchParams(body)),
      });
      answer(response, asked.length);
    });
  };
  const server = isTls
    ? createTlsServer({ cert: pem('server'), key: pem('server-key') }, listener)
    : createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `${isTls ? 'https' : 'http'}://localhost:${port}/token?tenant=hidden`, asked };
}

const gives =
  (token: object): Answer =>
  (response, count) =>
    response.end(JSON.stringify({ access_token: `token-${count}`, token_type: 'Bearer', ...token }));

function createTokens(url: string, more: Partial<OauthClient> = {}) {
  let nowMs = 0;
  const client = { clientId: 'rain:bow', clientSecret: 'hunter 2%', timeoutMs: 20_000, ...more };
  const tokens = createTokenSource({ monotonicMs: () => nowMs }, { tokenEndpoint: url, ...client });
  return { tokens, passes: (ms: number) => void (nowMs += ms) };
}

async function faultOf(promise: Promise<string>): Promise<string> {
  const error: unknown = await promise.catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'KAFKA_TOKEN_ENDPOINT' });
  const fault = explainKafkaError(error, { brokers: ['a:1'], topic: 't' });
  expect(fault).toMatchObject({ action: 'retry', cause: 'credentials' });
  expect(fault.reason).not.toMatch(/hunter|rain|hidden/);
  return fault.reason;
}

describe('given a token endpoint', () => {
  test('when a token is asked for, then the client shows its credentials in a header, encoded, and the scope', async () => {
    const { url, asked } = await startEndpoint(gives({ expires_in: 3600 }));
    expect(await createTokens(url, { scope: 'kafka write' }).tokens.token()).toBe('token-1');
    const authorization = `Basic ${Buffer.from('rain%3Abow:hunter+2%25').toString('base64')}`;
    const form = { grant_type: 'client_credentials', scope: 'kafka write' };
    expect(asked).toEqual([{ method: 'POST', authorization, form }]);
  });

  test('when there is no scope, then none is asked for', async () => {
    const { url, asked } = await startEndpoint(gives({}));
    await createTokens(url).tokens.token();
    expect(asked[0]?.form).toEqual({ grant_type: 'client_credentials' });
  });

  const jwt = (claims: object) => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.`;
  test.each([
    ['says how long', { expires_in: 3600 }, 3_540_000],
    ['says so as text', { expires_in: '3600' }, 3_540_000],
    ['is of two minutes', { expires_in: 120 }, 60_000],
    ['is of one', { expires_in: 60 }, 30_000],
    ['is short-lived', { expires_in: 20 }, 5_000],
    ['says so in the token', { access_token: jwt({ iat: 1000, exp: 1600 }) }, 540_000],
    ['says nothing', {}, 240_000],
    ['says nothing true', { expires_in: -1 }, 240_000],
  ])('when the answer %s, then the token is kept until shortly before', async (_what, answer, keptMs) => {
    const { url, asked } = await startEndpoint(gives(answer));
    const { tokens, passes } = createTokens(url);
    const first = await tokens.token();
    passes(keptMs - 1);
    expect(await tokens.token()).toBe(first);
    expect(asked).toHaveLength(1);
    passes(1);
    await tokens.token();
    expect(asked).toHaveLength(2);
  });

  test('when many ask at once, then there is one request', async () => {
    const { url, asked } = await startEndpoint(gives({ expires_in: 3600 }));
    const { tokens } = createTokens(url);
    expect(await Promise.all([1, 2, 3].map(() => tokens.token()))).toEqual(['token-1', 'token-1', 'token-1']);
    expect(asked).toHaveLength(1);
  });

  test('when a token was refused, then the next is another, unless there is one already', async () => {
    const { url } = await startEndpoint(gives({ expires_in: 3600 }));
    const { tokens } = createTokens(url);
    tokens.refused(await tokens.token());
    expect(await tokens.token()).toBe('token-2');
    tokens.refused('token-1');
    expect(await tokens.token()).toBe('token-2');
  });

  test('when it fails later, then what is still valid serves on until it expires', async () => {
    const { url } = await startEndpoint((response, count) => {
      response.statusCode = count === 1 ? 200 : 503;
      gives({ expires_in: 100 })(response, count);
    });
    const { tokens, passes } = createTokens(url);
    await tokens.token();
    passes(99_999);
    expect(await tokens.token()).toBe('token-1');
    passes(1);
    expect(await faultOf(tokens.token())).toContain('gives no token (503)');
  });

  test.each<[string, Answer, string]>([
    [
      'refuses the client',
      says(401, { error: 'invalid_client' }),
      'refused the client (401 invalid_client): check',
    ],
    [
      'refuses it in another way',
      says(400, { error: 'unauthorized_client' }),
      'refused the client (400 unauth',
    ],
    [
      'refuses it without words',
      says(403, 'rain hunter'),
      'refused the client (403): check kafka.sasl.clientId',
    ],
    [
      'refuses the scope',
      says(400, { error: 'invalid_scope' }),
      'refused the scope (400 invalid_scope): check',
    ],
    [
      'repeats what it got',
      says(500, { error: 'hunter 2 of rain' }),
      'gives no token (500): look at its log',
    ],
    ['leads elsewhere', says(302, ''), 'leads elsewhere (302): set kafka.sasl.tokenEndpoint'],
    ['is none', says(404, 'nothing'), 'is none (404): check kafka.sasl.tokenEndpoint'],
    ['answers with a page', says(200, '<html>'), 'answered without a token: check'],
    ['answers with nothing', says(200, 'null'), 'answered without a token: check'],
    ['gives what no token is', says(200, { access_token: 'a\u0001b' }), 'answered without a token: check'],
    [
      'gives another kind',
      says(200, { access_token: 'a', token_type: 'mac' }),
      'of another kind than bearer',
    ],
    ['does not end', (response) => void response.write('x'.repeat(300_000)), 'its answer is too large'],
    [
      'cuts',
      (response) => response.destroy(),
      'cannot be reached (ECONNRESET): check kafka.sasl.tokenEndpoint',
    ],
  ])('when it %s, then that is said, without what was sent', async (_what, answer, reason) => {
    const { url } = await startEndpoint(answer);
    const told = await faultOf(createTokens(url).tokens.token());
    expect(told).toContain(reason);
    expect(told).toContain(`the token endpoint ${url.split('?', 1)[0] ?? ''} `);
  });

  test('when it does not answer, then it is given up at the deadline', async () => {
    const { url } = await startEndpoint(() => undefined);
    const told = await faultOf(createTokens(url, { timeoutMs: 50 }).tokens.token());
    expect(told).toContain('did not answer within 0.05 s');
  });

  test('when nothing listens there, then that is said', async () => {
    const told = await faultOf(createTokens('http://127.0.0.1:1/token').tokens.token());
    expect(told).toContain('cannot be reached (ECONNREFUSED)');
  });

  test('when its authority is given, then it is trusted, and else not', async () => {
    const { url, asked } = await startEndpoint(gives({}), { isTls: true });
    expect(await createTokens(url, { ca: pem('authority') }).tokens.token()).toBe('token-1');
    const told = await faultOf(createTokens(url).tokens.token());
    expect(told).toContain('not trusted: set kafka.sasl.tokenEndpointCaFile');
    expect(asked).toHaveLength(1);
  });
});

function says(status: number, body: object | string): Answer {
  return (response) => {
    response.statusCode = status;
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
}
