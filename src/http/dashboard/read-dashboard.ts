import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';

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
