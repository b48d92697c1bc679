import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readDashboard } from '../../src/http/dashboard-routes.ts';
import { connectRaw, parseAnswers, serve } from './serve.ts';

const SCRIPT = '/assets/main-4f3a9c1b.js';

async function built(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'rainbow-dashboard-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, 'dashboard', 'assets'), { recursive: true });
  await writeFile(join(folder, 'secret.txt'), 'secret');
  const at = (name: string) => join(folder, 'dashboard', name);
  await writeFile(at('index.html'), '<!doctype html>');
  await writeFile(at('favicon.svg'), '<svg/>');
  await writeFile(at('notes.map'), '{}');
  await writeFile(at(`.${SCRIPT}`), 'go()');
  await writeFile(at('assets/plain.css'), 'p {}');
  await symlink('../secret.txt', at('link.txt'));
  return join(folder, 'dashboard');
}

describe('given a dashboard that was built', () => {
  test('when its page is asked for, then it may run and ask nothing but this server', async () => {
    const { url } = await serve({ dashboard: readDashboard(await built()) }, { token: 'secret' });
    const { status, headers } = await fetch(url);
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    const policy = headers.get('content-security-policy')!.split('; ');
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).toContain("connect-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy.join()).not.toMatch(/unsafe|\*|http/);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('cache-control')).toBe('no-cache');
  });

  test('when a file has its hash in its name, then it may be kept for ever, and no other', async () => {
    const { url } = await serve({ dashboard: readDashboard(await built()) });
    const cacheOf = async (path: string) => (await fetch(url + path)).headers.get('cache-control');
    expect(await cacheOf(SCRIPT)).toBe('public, max-age=31536000, immutable');
    expect(await cacheOf('/assets/plain.css')).toBe('no-cache');
    expect(await cacheOf('/favicon.svg')).toBe('no-cache');
  });

  test('when the reader has the page already, then it is not sent again', async () => {
    const { url } = await serve({ dashboard: readDashboard(await built()) });
    const etag = (await fetch(url)).headers.get('etag')!;
    const again = await fetch(url, { headers: { 'if-none-match': etag } });
    expect([again.status, await again.text()]).toEqual([304, '']);
  });

  test.each([
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    '/assets/%2e%2e%2f%2e%2e%2fsecret.txt',
    '/..\\secret.txt',
    '/link.txt',
    '/notes.map',
    '/assets/',
    '//etc/passwd',
    '/index.html%00',
  ])('when %s is asked for, then it is not found', async (path) => {
    const { port } = await serve({ dashboard: readDashboard(await built()) });
    const client = await connectRaw(port);
    client.send(`GET ${path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`);
    await client.closed;
    const [answer] = parseAnswers(client.received());
    expect(answer!.status).toBeGreaterThanOrEqual(400);
    expect(answer!.body).not.toContain('secret');
  });
});

describe('given no dashboard', () => {
  test('when the page is asked for, then it says how to build it', async () => {
    const { url } = await serve({ dashboard: readDashboard('/nowhere/at/all') });
    const response = await fetch(url);
    expect(response.status).toBe(404);
    expect(((await response.json()) as { message: string }).message).toContain('npm run build');
  });
});
