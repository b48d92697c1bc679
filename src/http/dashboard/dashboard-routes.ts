import type { FastifyInstance } from 'fastify';
import { refuse } from '../answer.ts';
import type { DashboardFile } from './read-dashboard.ts';

/** The page runs nothing and asks nobody but this server, and nobody frames it. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const FOR_EVER = 'public, max-age=31536000, immutable';

/** The paths that {@link addDashboardRoutes} adds. They hold no data, and are served without a token. */
export function dashboardPaths(files: readonly DashboardFile[]): readonly string[] {
  return ['/', ...files.map(({ path }) => path)];
}

/** Adds one route a file, and `/` in any case: where there is no dashboard it says how to build one. */
export function addDashboardRoutes(app: FastifyInstance, files: readonly DashboardFile[]): void {
  for (const { path, contentType, body, etag, isImmutable } of files) {
    app.get(path, (request, reply) => {
      void reply.header('etag', etag).header('cache-control', isImmutable ? FOR_EVER : 'no-cache');
      if (contentType.startsWith('text/html')) void reply.header('content-security-policy', PAGE_POLICY);
      if (request.headers['if-none-match'] === etag) return reply.code(304).send();
      return reply.type(contentType).send(body);
    });
  }
  if (files.some(({ path }) => path === '/')) return;
  app.get('/', (_request, reply) =>
    refuse(
      reply,
      404,
      "the dashboard is not built: run 'npm run build' and start again; the API is at /api/openapi.json",
    ),
  );
}
