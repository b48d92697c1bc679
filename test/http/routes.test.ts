import { describe, expect, test } from 'vitest';
import { createNotifierReceiver } from '../../src/http/notifier-receiver.ts';
import { createRoutes } from '../../src/http/routes.ts';
import { systemScheduler } from '../../src/platform/clock.ts';
import { createApiSource } from './api-source.ts';
import { NOW_MS, serve, WELL } from './serve.ts';

const clock = { nowMs: () => NOW_MS };
const PAGE = {
  contentType: 'text/html; charset=utf-8',
  body: Buffer.from('<p>'),
  etag: '"1"',
  isImmutable: false,
};

function routesOf(areMetricsProtected: boolean) {
  const receiver = createNotifierReceiver(
    { wake: () => [], count: () => undefined, heard: () => undefined, clock },
    { push: 'also' },
  );
  return createRoutes(
    {
      source: createApiSource(),
      health: () => WELL,
      judge: () => ({ status: 'ok', sinceMs: 0, phase: 'running', uptimeSeconds: 1, parts: [] }),
      judgeLive: () => ({ status: 'ok', phase: 'running', reasons: [] }),
      judgeReady: () => ({ status: 'ok', phase: 'running', reasons: [] }),
      notifier: () => receiver.condition(),
      exposeMetrics: () => Promise.resolve({ contentType: 'text/plain', body: '' }),
      areMetricsProtected: () => areMetricsProtected,
      receiver,
      faults: { failed: () => undefined, recovered: () => undefined },
      dashboard: [
        { path: '/', ...PAGE },
        { path: '/assets/app.js', ...PAGE },
      ],
      clock,
      scheduler: systemScheduler,
    },
    { version: '1.2.3', events: {} },
  );
}

describe('given every path of the server', () => {
  test.each([true, false])(
    'when metrics are protected (%s), then what shows or takes data wants the token and a certificate',
    (areMetricsProtected) => {
      const wants = routesOf(areMetricsProtected).flatMap(({ paths, needsToken, needsCertificate }) =>
        paths.map((path) => [path, [needsToken?.() ?? true, needsCertificate ?? true]] as const),
      );
      const both = [true, true];
      expect(Object.fromEntries(wants)).toEqual({
        '/health-check': [false, false],
        '/health_check': [false, false],
        '/live': [false, false],
        '/ready': [false, false],
        '/metrics': [areMetricsProtected, true],
        '/notifier': both,
        '/rainbow/lag': both,
        '/api/overview': both,
        '/api/groups': both,
        '/api/groups/:cluster/:group': both,
        '/api/traffic': both,
        '/api/machine': both,
        '/api/events': both,
        '/api/openapi.json': both,
        '/': [false, true],
        '/assets/app.js': [false, true],
      });
    },
  );

  test.each([
    ['GET', '/api/groups/a/b', 401],
    ['HEAD', '/api/overview', 401],
    ['OPTIONS', '/api/overview', 401],
    ['GET', '/api/events', 401],
    ['POST', '/notifier', 401],
    ['DELETE', '/rainbow/lag/', 401],
    ['GET', '/nothing', 401],
    ['POST', '/metrics', 401],
    ['GET', '/metrics/', 200],
    ['HEAD', '/health-check', 200],
    ['GET', '/live', 200],
    ['GET', '/ready', 200],
  ])(
    'when there is a token and %s %s comes without it, then the answer is %i',
    async (method, path, status) => {
      const { url } = await serve({}, { token: 'T' });
      expect((await fetch(url + path, { method })).status).toBe(status);
    },
  );
});
