import { describe, expect, test } from 'vitest';
import { connectRaw, parseAnswers, sendRaw, serve, type RawAnswer } from './serve.ts';

const HOST = 'Host: a\r\n';
const CLOSE = 'Connection: close\r\n';

/** What a scanner asks of every answer. */
function expectHardened({ headers, body }: RawAnswer): void {
  expect(Object.fromEntries(headers)).toMatchObject({
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
  });
  for (const name of ['server', 'x-powered-by', 'via', 'x-aspnet-version', 'access-control-allow-origin']) {
    expect(headers.has(name)).toBe(false);
  }
  expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
  expect(() => JSON.parse(body) as unknown).not.toThrow();
  expect(body).not.toMatch(/node_modules|fastify|llhttp|HPE_|FST_|\bat \S+:\d+|\/src\/|passwd|hidden/i);
}

describe('given a request that no client of good will sends', () => {
  test.each([
    ['no HTTP', 'hidden words\r\n\r\n', 400],
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
    ['a bare line feed in a header', `GET /health-check HTTP/1.1\r\n${HOST}A: b\nhidden: c\r\n\r\n`, 400],
    ['a NUL in the path', `GET /hidden\0 HTTP/1.1\r\n${HOST}\r\n`, 400],
    ['a NUL in a header', `GET /health-check HTTP/1.1\r\n${HOST}A: \0\r\n\r\n`, 400],
    ['a method that there is not', `HIDDEN /health-check HTTP/1.1\r\n${HOST}\r\n`, 400],
    ['an empty header name', `GET /health-check HTTP/1.1\r\n${HOST}: hidden\r\n\r\n`, 400],
    ['a continued header', `GET /health-check HTTP/1.1\r\n${HOST}A: b\r\n hidden\r\n\r\n`, 400],
    ['a header of 20 kB', `GET /health-check HTTP/1.1\r\n${HOST}A: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    [
      'headers of 20 kB',
      `GET /health-check HTTP/1.1\r\n${HOST}${`a: ${'b'.repeat(99)}\r\n`.repeat(200)}\r\n`,
      431,
    ],
    ['a path of 20 kB', `GET /${'x'.repeat(20_000)} HTTP/1.1\r\n${HOST}\r\n`, 431],
    ['no host', 'GET /health-check HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
    ['two hosts', `GET /health-check HTTP/1.1\r\n${HOST}Host: b\r\n${CLOSE}\r\n`, 400],
    [
      'an odd expectation',
      `POST /notifier HTTP/1.1\r\n${HOST}Expect: hidden\r\nContent-Length: 9\r\n\r\n`,
      417,
    ],
    ['a wish for a tunnel', `CONNECT hidden:443 HTTP/1.1\r\n${HOST}\r\n`, 405],
    ['a path of half a percent', `GET /hidden%2 HTTP/1.1\r\n${HOST}${CLOSE}\r\n`, 400],
    ['a path of no percent', `GET /%zzhidden HTTP/1.1\r\n${HOST}${CLOSE}\r\n`, 400],
    ['a path of bad UTF-8', `GET /%c0%afhidden HTTP/1.1\r\n${HOST}${CLOSE}\r\n`, 400],
  ])(
    'when it holds %s, then it is refused like everything else, and the connection ends',
    async (...args) => {
      const [, text, status] = args;
      const { port, calls } = await serve();
      const client = await connectRaw(port);
      client.send(text);
      await client.closed;
      const answers = parseAnswers(client.received());
      expect(answers.map((answer) => answer.status)).toEqual([status]);
      for (const answer of answers) expectHardened(answer);
      expect(calls).toEqual([]);
    },
  );

  test.each([
    ['HTTP/1.0 without a host', 'GET /health-check HTTP/1.0\r\n\r\n', 200],
    ['an absolute form', `GET http://hidden/health-check HTTP/1.1\r\n${HOST}${CLOSE}\r\n`, 200],
    ['a wish to upgrade', `GET /health-check HTTP/1.1\r\n${HOST}${CLOSE}Upgrade: websocket\r\n\r\n`, 200],
    ['OPTIONS *', `OPTIONS * HTTP/1.1\r\n${HOST}${CLOSE}\r\n`, 404],
    ['TRACE', `TRACE /health-check HTTP/1.1\r\n${HOST}${CLOSE}\r\n`, 405],
    ['PROPFIND', `PROPFIND /health-check HTTP/1.1\r\n${HOST}${CLOSE}\r\n`, 405],
    ['a way up', `GET /../../hidden/passwd HTTP/1.1\r\n${HOST}${CLOSE}\r\n`, 404],
    ['an encoded way up', `GET /%2e%2e/%2e%2e/hidden HTTP/1.1\r\n${HOST}${CLOSE}\r\n`, 404],
    ['an encoded NUL', `GET /health-check%00 HTTP/1.1\r\n${HOST}${CLOSE}\r\n`, 404],
    ['an encoded line end', `GET /health-check%0d%0aSet-Cookie:hidden HTTP/1.1\r\n${HOST}${CLOSE}\r\n`, 404],
    ['two slashes', `GET //health-check HTTP/1.1\r\n${HOST}${CLOSE}\r\n`, 404],
    ['a prototype', `GET /__proto__ HTTP/1.1\r\n${HOST}${CLOSE}\r\n`, 404],
    ['a path of 15 kB', `GET /${'x'.repeat(15_000)} HTTP/1.1\r\n${HOST}${CLOSE}\r\n`, 404],
  ])('when it holds %s, then it is answered and nothing is given away', async (_, text, status) => {
    const { port } = await serve();
    const answers = parseAnswers(await sendRaw(port, text));
    expect(answers.map((answer) => answer.status)).toEqual([status]);
    for (const answer of answers) expectHardened(answer);
  });

  test('when a client expects to be told to go on, then the refusal comes all the same', async () => {
    const { port } = await serve({}, { token: 'right' });
    const client = await connectRaw(port);
    client.send(
      `POST /notifier HTTP/1.1\r\n${HOST}${CLOSE}Expect: 100-continue\r\nContent-Length: 99999999\r\n\r\n`,
    );
    await client.closed;
    expect(client.received()).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 401 /);
  });
});

describe('given a request that two servers might read differently', () => {
  const own = '{"group":"smuggled"}';
  const smuggled = `POST /notifier HTTP/1.1\r\n${HOST}Content-Length: ${own.length}\r\n\r\n${own}`;

  test.each([
    ['both lengths', 'Content-Length: 4\r\nTransfer-Encoding: chunked', '0\r\n\r\n'],
    ['both lengths, the other first', 'Transfer-Encoding: chunked\r\nContent-Length: 4', '0\r\n\r\n'],
    ['two lengths', 'Content-Length: 0\r\nContent-Length: 44', ''],
    ['a list of lengths', 'Content-Length: 0, 44', ''],
    ['a signed length', 'Content-Length: +0', ''],
    ['a length in hex', 'Content-Length: 0x0', ''],
    ['a negative length', 'Content-Length: -1', ''],
    ['a length past 2^64', 'Content-Length: 18446744073709551616', ''],
    ['a coding that is not the last', 'Transfer-Encoding: chunked, identity', '0\r\n\r\n'],
    ['a coding that there is not', 'Transfer-Encoding: xchunked', '0\r\n\r\n'],
    ['white space before the colon', 'Transfer-Encoding : chunked', '0\r\n\r\n'],
    ['a chunk size that is none', 'Transfer-Encoding: chunked', 'zz\r\n\r\n'],
    ['a chunk size past 2^64', 'Transfer-Encoding: chunked', 'fffffffffffffffff\r\n'],
    ['a chunk that ends late', 'Transfer-Encoding: chunked', '2\r\n{}xx\r\n0\r\n\r\n'],
  ])(
    'when it has %s, then it is refused once, and what hides behind it is never read',
    async (_, header, body) => {
      const { port, calls } = await serve();
      const client = await connectRaw(port);
      client.send(`POST /notifier HTTP/1.1\r\n${HOST}${header}\r\n\r\n${body}${smuggled}`);
      await client.closed;
      const answers = parseAnswers(client.received());
      expect(answers.map(({ status }) => status)).toEqual([400]);
      for (const answer of answers) expectHardened(answer);
      expect(calls.filter((call) => call.startsWith('wake'))).toEqual([]);
    },
  );

  test('when its body looks like a request, then it stays a body', async () => {
    const { port, calls } = await serve();
    const answers = parseAnswers(
      await sendRaw(
        port,
        `POST /notifier HTTP/1.1\r\n${HOST}Content-Length: ${smuggled.length}\r\n\r\n${smuggled}` +
          `GET /health-check HTTP/1.1\r\n${HOST}${CLOSE}\r\n`,
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual([400, 200]);
    expect(calls).toEqual(['count invalid 1', 'failed notifierBody']);
  });

  test('when a body of no known length is refused unread, then the connection ends with it', async () => {
    const { port, calls } = await serve({}, { token: 'right' });
    const client = await connectRaw(port);
    client.send(`POST /notifier HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n`);
    await client.closed;
    expect(parseAnswers(client.received()).map(({ status }) => status)).toEqual([401]);
    expect(calls).toEqual(['failed token']);
  });
});

describe('given many requests on one connection', () => {
  test('when a thousand come at once, then each has its answer, in order', async () => {
    const { port } = await serve();
    const round = ['/health-check', '/nothing', '/metrics', '/notifier'];
    const requests = Array.from(
      { length: 1000 },
      (_, index) => `GET ${round[index % 4]!} HTTP/1.1\r\n${HOST}${index === 999 ? CLOSE : ''}\r\n`,
    );
    const answers = parseAnswers(await sendRaw(port, requests.join('')));
    expect(answers.map(({ status }) => status)).toEqual(
      Array.from({ length: 1000 }, (_, index) => [200, 404, 200, 405][index % 4]),
    );
  });

  test('when rubbish follows an answer that is still being made, then the connection ends and nothing is mixed', async () => {
    let finish: (() => void) | undefined;
    const finished = new Promise<void>((resolve) => (finish = resolve));
    const { port } = await serve({
      exposeMetrics: async () => {
        await finished;
        return { contentType: 'text/plain', body: 'late 1\n' };
      },
    });
    const client = await connectRaw(port);
    client.send(`GET /metrics HTTP/1.1\r\n${HOST}\r\nrubbish\r\n\r\n`);
    await client.closed;
    finish?.();
    const statuses = parseAnswers(client.received()).map(({ status }) => status);
    expect([[], [400]]).toContainEqual(statuses);
  });
});
