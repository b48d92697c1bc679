import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { refuse } from './answer.ts';
import { GET, NEVER, type Route } from './route.ts';

/** One file of the dashboard, ready to send. */
export interface DashboardFile {
  /** As in a URL: `/`, `/assets/main-4f3a9c1b.js`. */
  readonly path: string;
  readonly contentType: string;
  readonly body: Buffer;
  /** Strong: of the bytes. */
  readonly etag: string;
  /** Its name changes with its bytes, so that it may be kept for ever. */
  readonly isImmutable: boolean;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
};

/** What a bundler puts into a name: a dash or dot, and eight characters or more of a hash. */
const HASHED = /[-.][A-Za-z0-9_-]{8,}\.[a-z0-9]+$/;

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

/**
 * Reads the built dashboard: the files of `folder` and those of its folder `assets`, of the types that a page needs.
 * They are few and small, and nothing that a request names ever reaches the file system.
 *
 * @returns none where the folder is not there: the dashboard was not built
 */
export function readDashboard(folder: string): readonly DashboardFile[] {
  return [...readFolder(folder, '/'), ...readFolder(join(folder, 'assets'), '/assets/')];
}

function readFolder(folder: string, prefix: string): DashboardFile[] {
  return namesIn(folder).flatMap((name) => {
    const contentType = TYPES[extname(name)];
    if (contentType === undefined) return [];
    const body = readFileSync(join(folder, name));
    return {
      path: name === 'index.html' ? prefix : `${prefix}${name}`,
      contentType,
      body,
      etag: `"${createHash('sha256').update(body).digest('base64url')}"`,
      isImmutable: prefix === '/assets/' && HASHED.test(name),
    };
  });
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => name);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

/**
 * One route a file, and `/` in any case: where there is no dashboard it says how to build one. They hold no data, and
 * are served without a token.
 */
export function dashboardRoutes(files: readonly DashboardFile[]): readonly Route[] {
  const routes = files.map(({ path, contentType, body, etag, isImmutable }): Route => ({
    paths: [path],
    methods: GET,
    needsToken: NEVER,
    handle(request, reply) {
      void reply.header('etag', etag).header('cache-control', isImmutable ? FOR_EVER : 'no-cache');
      if (contentType.startsWith('text/html')) void reply.header('content-security-policy', PAGE_POLICY);
      if (request.headers['if-none-match'] === etag) return reply.code(304).send();
      return reply.type(contentType).send(body);
    },
  }));
  return files.some(({ path }) => path === '/') ? routes : [...routes, noDashboard];
}

const noDashboard: Route = {
  paths: ['/'],
  methods: GET,
  needsToken: NEVER,
  handle: (_request, reply) =>
    refuse(
      reply,
      404,
      "the dashboard is not built: run 'npm run build' and start again; the API is at /api/openapi.json",
    ),
};
