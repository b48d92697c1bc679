import { brotliCompressSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BurrowClient } from '../../src/burrow/burrow-client.ts';
import { describeForeignBody } from '../../src/burrow/foreign-body.ts';
import type { Outcome } from '../../src/burrow/outcome.ts';
import {
  commit,
  lagAnswer,
  partition,
  REQUEST,
  UNKNOWN_GROUP,
  UNKNOWN_NAME,
  UNKNOWN_PATH,
} from './burrow-bodies.ts';
import { clientOf, clientOfAnswer, NEVER, startServer } from './scripted-server.ts';

const groupLag = (client: BurrowClient): Promise<Outcome<unknown>> =>
  client.groupLag('prod', 'billing', NEVER);

describe('given a Burrow that knows what it is asked for', () => {
  test('when every endpoint is asked, then each is one GET of its own path, and its answer comes back', async () => {
    const bodies: Readonly<Record<string, unknown>> = {
      '/v3/kafka': { clusters: ['prod', 'test'] },
      '/v3/kafka/prod/consumer': { consumers: ['billing', 'billing'] },
      '/v3/kafka/prod/topic': { topics: ['orders'] },
      '/v3/kafka/prod/topic/orders': { offsets: [10, -1] },
      '/v3/kafka/prod/consumer/billing/lag': lagAnswer(),
    };
    const server = await startServer((request, response) => {
      response.end(
        JSON.stringify({
          error: false,
          message: '',
          request: REQUEST,
          ...(bodies[request.url ?? ''] as object),
        }),
      );
    });
    const client = clientOf(`http://127.0.0.1:${server.port}`);
    expect(await client.clusters(NEVER)).toEqual({ kind: 'ok', value: ['prod', 'test'] });
    expect(await client.groups('prod', NEVER)).toEqual({ kind: 'ok', value: ['billing'] });
    expect(await client.topics('prod', NEVER)).toEqual({ kind: 'ok', value: ['orders'] });
    expect(await client.topicOffsets('prod', 'orders', NEVER)).toEqual({
      kind: 'ok',
      value: { offsets: [10, null], unsafeIntegers: 0 },
    });
    expect(await groupLag(client)).toMatchObject({
      kind: 'ok',
      value: { totalLagRecords: 4, partitions: [{ topic: 'orders' }] },
    });
    expect(server.requests.map(({ method, target }) => `${method} ${target}`)).toEqual(
      Object.keys(bodies).map((path) => `GET ${path}`),
    );
  });

  test('when it is older and calls its JSON text/plain, then that is no matter', async () => {
    const headers = { 'content-type': 'text/plain; charset=utf-8' };
    expect(await groupLag(await clientOfAnswer(200, lagAnswer(), headers))).toMatchObject({ kind: 'ok' });
    expect(await groupLag(await clientOfAnswer(404, UNKNOWN_GROUP, headers))).toEqual({ kind: 'notFound' });
  });

  test('when no commit is stored, then the lag is unknown though Burrow says 0', async () => {
    const client = await clientOfAnswer(
      200,
      lagAnswer([partition({ start: null, end: null, current_lag: 0 })]),
    );
    expect(await groupLag(client)).toMatchObject({
      kind: 'ok',
      value: { partitions: [{ currentLagRecords: null }] },
    });
  });

  test('when names hold control characters, markup or __proto__, then they come through as they are', async () => {
    const topics = ['__proto__', 'a\nb\u0000', '"quoted"', 'ünï', 'x'.repeat(10_240)];
    const client = await clientOfAnswer(
      200,
      lagAnswer(topics.map((topic) => partition({ topic, start: commit(1, null) }))),
    );
    expect(await groupLag(client)).toMatchObject({
      kind: 'ok',
      value: { partitions: topics.map((topic) => ({ topic })) },
    });
  });
});

describe('given a Burrow that does not know the name', () => {
  test('when it answers 404 with error: false, then the group is not found', async () => {
    expect(await groupLag(await clientOfAnswer(404, UNKNOWN_GROUP))).toEqual({ kind: 'notFound' });
  });

  test('when it answers 404 with error: true, then cluster and topic are not found', async () => {
    const client = await clientOfAnswer(404, UNKNOWN_NAME);
    expect(await client.groups('nope', NEVER)).toEqual({ kind: 'notFound' });
    expect(await client.topics('nope', NEVER)).toEqual({ kind: 'notFound' });
    expect(await client.topicOffsets('nope', 'nope', NEVER)).toEqual({ kind: 'notFound' });
  });
});

describe('given an answer that is not what was asked for', () => {
  test('when the base URL is wrong, then the 404 is invalid for every endpoint and says what to check', async () => {
    const client = await clientOfAnswer(404, UNKNOWN_PATH, { 'content-type': 'text/plain; charset=utf-8' });
    const wrong = {
      kind: 'invalid',
      reason: expect.stringContaining('check that the URL of this server') as string,
    };
    expect(await client.clusters(NEVER)).toMatchObject(wrong);
    expect(await client.groups('prod', NEVER)).toMatchObject(wrong);
    expect(await groupLag(client)).toMatchObject(wrong);
  });

  test('when it redirects, then the redirect is not followed', async () => {
    const elsewhere = await startServer((_request, response) => response.end());
    const client = await clientOfAnswer(301, '', { location: `http://127.0.0.1:${elsewhere.port}/v3/kafka` });
    expect(await client.clusters(NEVER)).toMatchObject({
      kind: 'invalid',
      reason: expect.stringContaining('HTTP 301') as string,
    });
    expect(elsewhere.requests).toEqual([]);
  });

  test('when the method is refused, then it is invalid', async () => {
    const client = await clientOfAnswer(405, 'Method Not Allowed\n', { 'content-type': 'text/plain' });
    expect(await client.clusters(NEVER)).toMatchObject({
      kind: 'invalid',
      reason: expect.stringContaining('405') as string,
    });
  });

  test.each([500, 503])('when Burrow fails with %i, then it is unreachable', async (status) => {
    const client = await clientOfAnswer(
      status,
      '{"error":true,"message":"could not encode JSON","result":{}}',
    );
    expect(await groupLag(client)).toEqual({
      kind: 'unreachable',
      reason: `the server answered HTTP ${status}`,
    });
  });

  test.each<[string, string, string]>([
    ['an error under 200', '{"error":true,"message":"oops"}', 'error: true, saying "oops"'],
    ['no JSON', 'GOOD', 'the answer is not whole JSON'],
    ['cut off', JSON.stringify(lagAnswer()).slice(0, -30), 'the answer is not whole JSON'],
    [
      'a lag of another group',
      JSON.stringify(lagAnswer([], { group: 'x' })),
      'status.group is not the group',
    ],
    [
      'of a wrong type',
      JSON.stringify(lagAnswer([partition({ topic: 7 })])),
      'status.partitions[0].topic is not a string',
    ],
  ])('when it is %s, then it is invalid and names the place', async (_what, body, reason) => {
    const outcome = await groupLag(await clientOfAnswer(200, body));
    expect(outcome).toMatchObject({ kind: 'invalid', reason: expect.stringContaining(reason) as string });
  });

  const PAGE = '<!DOCTYPE html>\n<html><head><title>Sign in \u2014 <b>';
  const CLUSTERS = '{"error":false,"clusters":[]}';

  test.each<[string, string | Buffer, Record<string, string>, string]>([
    [
      'a page',
      PAGE,
      { 'content-type': 'text/html; charset=utf-8' },
      'the answer is an HTML page titled "Sign in", content-type text/html: does the URL',
    ],
    ['a page after a byte order mark', `\ufeff\n <html>`, {}, 'the answer is an HTML page: does the URL'],
    [
      'a page with scripts for its title and its type',
      `<html><title>"\u202e\u0007<script>alert(1)</script>`,
      { 'content-type': 'text/"html"<script>' },
      'the answer is an HTML page: does the URL',
    ],
    [
      'XML',
      '<?xml version="1.0"?><Error/>',
      { 'content-type': 'application/xml' },
      'an XML document, content-type',
    ],
    ['nothing', '', {}, 'the answer is empty: does the URL'],
    [
      'compressed',
      gzipSync(CLUSTERS),
      { 'content-encoding': 'gzip' },
      'the answer is a gzip-compressed body, though none was asked for: a proxy on the way must not compress',
    ],
    ['compressed without a word', gzipSync(CLUSTERS), {}, 'the answer is a gzip-compressed body'],
    [
      'compressed by Brotli',
      brotliCompressSync(CLUSTERS),
      { 'content-encoding': 'br' },
      'a Brotli-compressed body',
    ],
    ['compressed strangely', 'x', { 'content-encoding': '<script>' }, 'a strangely-compressed body'],
  ])(
    'when it is %s, then every request is invalid and says what came',
    async (_what, body, headers, reason) => {
      const client = await clientOfAnswer(200, body, headers);
      for (const outcome of [
        await client.clusters(NEVER),
        await client.groups('prod', NEVER),
        await groupLag(client),
      ]) {
        expect(outcome).toMatchObject({ kind: 'invalid', reason: expect.stringContaining(reason) as string });
        expect(JSON.stringify(outcome)).not.toMatch(/script>|[^ -~]/);
      }
    },
  );

  test('when a proxy answers for Burrow with a page, then the status is what counts, and the page is named', async () => {
    const page = '<html>\n<head><title>502 Bad Gateway</title></head>';
    expect(await groupLag(await clientOfAnswer(502, page, { 'content-type': 'text/html' }))).toEqual({
      kind: 'unreachable',
      reason:
        'the server answered HTTP 502 (the answer is an HTML page titled "502 Bad Gateway", content-type text/html)',
    });
    expect(await groupLag(await clientOfAnswer(404, page, {}))).toMatchObject({
      kind: 'invalid',
      reason: expect.stringMatching(
        /^HTTP 404 .* \(the answer is an HTML page titled "502 Bad Gateway"\)$/,
      ) as string,
    });
    expect(await groupLag(await clientOfAnswer(404, ''))).toMatchObject({
      kind: 'invalid',
      reason: expect.stringMatching(/ends before \/v3$/) as string,
    });
  });

  test('when any bytes come under any type, then what is said of them is short and plain', () => {
    const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), fc.string({ maxLength: 300 }));
    const beginning = fc.constantFrom('', '<', '<html>', '<title>', '<html><title>', '\u001f\u008b', '<?xml');
    fc.assert(
      fc.property(beginning, text, text, text, (first, rest, type, encoding) => {
        const body = Buffer.from(first + rest, 'latin1');
        const foreign = describeForeignBody(body, { 'content-type': type, 'content-encoding': encoding });
        if (foreign === null) return;
        expect(foreign.shown).toMatch(/^[ !"'(),./0-9:;?A-Z_a-z+\u2026-]{1,220}$/);
        expect(foreign.shown).not.toContain('<');
      }),
      { numRuns: 500 },
    );
  });

  test('when it is larger than allowed, then it is invalid and the client still works', async () => {
    const server = await startServer((request, response) => {
      const isLarge = request.url === '/v3/kafka/prod/consumer';
      // No content-length, so that only reading tells the size.
      response.write('{"error":false,"clusters":["a"],"consumers":["');
      response.end(isLarge ? `${'x'.repeat(5000)}"]}` : '"]}');
    });
    const client = clientOf(`http://127.0.0.1:${server.port}`, { maxAnswerBytes: 4096 });
    expect(await client.groups('prod', NEVER)).toEqual({
      kind: 'invalid',
      reason: 'the answer is larger than 4096 bytes',
    });
    expect(await client.clusters(NEVER)).toEqual({ kind: 'ok', value: ['a'] });
  });

  test('when it never ends, then reading stops at the bound', async () => {
    let isGone = false;
    const server = await startServer((_request, response) => {
      response.on('close', () => (isGone = true));
      const more = (): void => {
        while (!isGone && response.write('x'.repeat(16_384)));
        if (!isGone) response.once('drain', more);
      };
      more();
    });
    const client = clientOf(`http://127.0.0.1:${server.port}`, { maxAnswerBytes: 1_000_000 });
    expect(await client.clusters(NEVER)).toMatchObject({ kind: 'invalid' });
  });
});

describe('given names that need care in a URL', () => {
  test('when they are asked for, then the server sees each segment encoded once, dots included', async () => {
    const server = await startServer((_request, response) => {
      response.statusCode = 404;
      response.end(JSON.stringify(UNKNOWN_NAME));
    });
    const client = clientOf(`http://127.0.0.1:${server.port}`);
    await client.groupLag('..', '.', NEVER);
    await client.topicOffsets('a b', '50%?#&=+', NEVER);
    await client.topicOffsets('ü', '%2e%2e', NEVER);
    await client.groups('\n\u0000', NEVER);
    expect(server.requests.map((request) => request.target)).toEqual([
      '/v3/kafka/%2E%2E/consumer/%2E/lag',
      '/v3/kafka/a%20b/topic/50%25%3F%23%26%3D%2B',
      '/v3/kafka/%C3%BC/topic/%252e%252e',
      '/v3/kafka/%0A%00/consumer',
    ]);
  });

  test('when a name has 10 kB, then it is asked for like any other', async () => {
    const group = 'ü'.repeat(5_120);
    const server = await startServer((_request, response) =>
      response.end(JSON.stringify(lagAnswer([], { group }))),
    );
    const client = clientOf(`http://127.0.0.1:${server.port}`);
    expect(await client.groupLag('prod', group, NEVER)).toMatchObject({ kind: 'ok' });
    expect(server.requests[0]!.target).toBe(`/v3/kafka/prod/consumer/${encodeURIComponent(group)}/lag`);
  });

  test('when a name has a slash, then nothing is sent, for it would reach another endpoint', async () => {
    const server = await startServer((_request, response) => response.end('{}'));
    const client = clientOf(`http://127.0.0.1:${server.port}`);
    const outcomes = [
      await client.groupLag('prod', 'a/lag', NEVER),
      await client.topicOffsets('prod', 'a/consumers', NEVER),
      await client.groups('', NEVER),
    ];
    expect(outcomes.map((outcome) => outcome.kind)).toEqual(['invalid', 'invalid', 'invalid']);
    expect(server.requests).toEqual([]);
  });

  test('when the base URL has a path, then every request begins with it', async () => {
    const server = await startServer((_request, response) => response.end('{"error":false,"clusters":[]}'));
    await clientOf(`http://127.0.0.1:${server.port}/team a/burrow/`).clusters(NEVER);
    expect(server.requests[0]!.target).toBe('/team%20a/burrow/v3/kafka');
  });
});
