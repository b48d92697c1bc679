import { request } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { formatFor, takesGzip, type ExpositionFormat } from '../../src/http/metrics-route.ts';
import { pollUntil } from '../stack/poll-until.ts';
import { connectRaw, serve } from './serve.ts';

const OF_PROMETHEUS_2 =
  'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1';
const OF_PROMETHEUS_3 =
  'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1';

describe('given what a reader accepts', () => {
  test.each<[string | undefined, ExpositionFormat]>([
    [undefined, 'text'],
    ['', 'text'],
    ['*/*', 'text'],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'text'],
    ['text/plain;version=0.0.4;q=0.5,*/*;q=0.1', 'text'],
    [OF_PROMETHEUS_2, 'openMetrics'],
    [OF_PROMETHEUS_3, 'openMetrics'],
    ['application/openmetrics-text', 'openMetrics'],
    ['Application/OpenMetrics-Text; Version=1.0.0, text/plain', 'openMetrics'],
    ['application/openmetrics-text;q=0.3,text/plain;q=0.9', 'text'],
    ['application/openmetrics-text;q=0', 'text'],
    ['application/openmetrics-text;q=nonsense', 'text'],
    ['application/openmetrics-textual', 'text'],
  ])('when it is %j, then it gets %s', (accept, format) => {
    expect(formatFor(accept)).toBe(format);
  });

  test.each<[string | string[] | undefined, boolean]>([
    [undefined, false],
    ['', false],
    ['gzip', true],
    ['gzip, deflate, br', true],
    ['deflate;q=1.0, GZIP ; q=0.5', true],
    ['br', false],
    ['gzip;q=0', false],
    ['gzip;q=0, *', false],
    ['*', true],
    ['identity, *;q=0', false],
    ['gzipped', false],
    [['br', 'gzip'], true],
    [`${'a,'.repeat(5000)}gzip`, false],
  ])('when its encodings are %j, then gzip is %s', (encodings, expected) => {
    expect(takesGzip(encodings)).toBe(expected);
  });
});

/** As it comes over the wire: nothing is unpacked on the way. */
function ask(port: number, headers: Record<string, string>, method = 'GET') {
  return new Promise<{ headers: Record<string, unknown>; body: Buffer }>((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path: '/metrics', method, headers }, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.once('end', () => resolve({ headers: response.headers, body: Buffer.concat(pieces) }));
      response.once('error', reject);
    });
    asked.once('error', reject);
    asked.end();
  });
}

/** An exposition of so many pieces, which tells how many were made and whether its reader is done with it. */
function exposing(pieces: number, isWhole = true) {
  const state = { made: 0, ended: false, formats: [] as string[] };
  const piece = Buffer.from(`up{name="${'x'.repeat(50)}"} 1\n`.repeat(1000));
  const rest = {
    async *[Symbol.asyncIterator]() {
      try {
        for (; state.made < pieces; state.made += 1) yield await Promise.resolve(piece);
      } finally {
        state.ended = true;
      }
    },
  };
  const exposeMetrics = (format: ExpositionFormat) => {
    state.formats.push(format);
    const body = Buffer.from('# first\n');
    return Promise.resolve({ contentType: `text/plain; ${format}`, body, rest: pieces === 0 ? null : rest });
  };
  return {
    state,
    exposeMetrics,
    whole: Buffer.concat([Buffer.from('# first\n'), ...Array<Buffer>(isWhole ? pieces : 0).fill(piece)]),
  };
}

describe.each([0, 20])('given metrics with %d pieces after the first', (pieces) => {
  test('when gzip is asked for, then that comes, much smaller, and is the same', async () => {
    const { exposeMetrics, whole } = exposing(pieces);
    const { port } = await serve({ exposeMetrics });
    const { headers, body } = await ask(port, { 'accept-encoding': 'gzip', accept: OF_PROMETHEUS_2 });
    expect(headers).toMatchObject({
      'content-encoding': 'gzip',
      'content-type': 'text/plain; openMetrics',
      vary: 'Accept, Accept-Encoding',
      'cache-control': 'no-store',
    });
    expect(gunzipSync(body).equals(whole)).toBe(true);
    if (pieces > 0) expect(body.length).toBeLessThan(whole.length / 10);
  });

  test('when it is not, then nothing is compressed', async () => {
    const { exposeMetrics, whole, state } = exposing(pieces);
    const { port } = await serve({ exposeMetrics });
    const { headers, body } = await ask(port, {});
    expect(headers).not.toHaveProperty('content-encoding');
    expect(headers).toMatchObject({ vary: 'Accept, Accept-Encoding' });
    expect(body.equals(whole)).toBe(true);
    expect(state.formats).toEqual(['text']);
  });

  test('when HEAD asks for gzip, then its headers come and no piece is made', async () => {
    const { exposeMetrics, state } = exposing(pieces);
    const { port } = await serve({ exposeMetrics });
    const { headers, body } = await ask(port, { 'accept-encoding': 'gzip' }, 'HEAD');
    expect(headers).toMatchObject({ 'content-encoding': 'gzip', 'content-type': 'text/plain; text' });
    expect([body.length, state.made]).toEqual([0, 0]);
  });
});

describe('given a reader of compressed metrics that goes away in the middle', () => {
  test('when it has gone, then no more is made, and the next one is served', async () => {
    const { exposeMetrics, state } = exposing(100_000, false);
    const { port, url, calls } = await serve({ exposeMetrics });
    const client = await connectRaw(port);
    client.send('GET /metrics HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n');
    await pollUntil(() => (client.received().length > 1000 ? true : undefined), {
      what: 'a beginning',
      withinMs: 10_000,
    });
    client.cut();
    await pollUntil(() => (state.ended ? true : undefined), { what: 'an end', withinMs: 10_000 });
    expect(state.made).toBeLessThan(100_000);
    expect((await fetch(`${url}/health-check`)).status).toBe(200);
    expect(calls).toEqual([]);
  });
});
