import { describe, expect, test } from 'vitest';
import { parseCommandLine } from '../../src/config/command-line.ts';
import { readTopTls } from '../../src/config/top-options.ts';
import type { TopTls } from '../../src/top/secure-get.ts';
import { createTopApi } from '../../src/top/top-api.ts';
import { pem } from '../config/loading.ts';
import { serve } from '../http/serve.ts';

const forever = new AbortController().signal;
const CA = pem('authority');
const CLIENT = { cert: pem('client'), key: pem('client-key') };

const certificate = (name: 'server' | 'stranger') => ({ cert: pem(name), key: pem(`${name}-key`) });

/** What comes of asking a sidecar that shows this certificate. */
async function ask(url: string, tls?: TopTls): Promise<string> {
  const api = createTopApi({ url, token: 'T', timeoutMs: 20_000, ...(tls && { tls }) });
  return api.overview(forever).then(
    () => 'answers',
    (error: unknown) => (error as Error).message,
  );
}

describe('given a sidecar that speaks TLS', () => {
  test.each<[string, 'server' | 'stranger', TopTls | undefined, string]>([
    ['its authority is given', 'server', { ca: CA }, 'answers'],
    ['nothing is given', 'server', undefined, 'not trusted: give its authority with --ca-file'],
    [
      'only a client certificate is given',
      'server',
      CLIENT,
      'not trusted: give its authority with --ca-file',
    ],
    ['its certificate is for another host', 'stranger', { ca: CA }, 'is for another host'],
    ['it is the very certificate of the configuration', 'stranger', { pinned: pem('stranger') }, 'answers'],
    // Of the same authority, and for this host.
    ['it is another one', 'server', { pinned: pem('stranger') }, 'not trusted'],
    ['an authority goes before the configuration', 'server', { pinned: pem('stranger'), ca: CA }, 'answers'],
  ])('when %s, then that decides', async (_what, shown, tls, outcome) => {
    const { url } = await serve({}, { token: 'T', tls: certificate(shown) });
    expect(await ask(url, tls)).toContain(outcome);
  });

  test('when it needs a client certificate, then top says so, or shows it', async () => {
    const { url } = await serve({}, { token: 'T', tls: { ...certificate('server'), ca: CA } });
    expect(await ask(url, { ca: CA })).toContain('give --cert-file and --key-file');
    expect(await ask(url, { ca: CA, ...CLIENT })).toBe('answers');
  });

  test('when the token is wrong, then the message is the same as without TLS', async () => {
    const { url } = await serve({}, { token: 'other', tls: certificate('server') });
    expect(await ask(url, { ca: CA })).toBe('it refuses the token');
  });

  test('when it does not speak TLS, or is not there, then the message says so', async () => {
    const { port, server } = await serve();
    expect(await ask(`https://127.0.0.1:${port}`, { ca: CA })).toContain('does it speak https?');
    await server.stop(AbortSignal.timeout(1000));
    expect(await ask(`https://127.0.0.1:${port}`, { ca: CA })).toBe('nothing listens there');
  });
});

describe('given the flags of top', () => {
  const top = (...flags: readonly string[]) => parseCommandLine(['top', ...flags]);
  const messagesFor = (...flags: readonly string[]): unknown => {
    const line = top(...flags);
    return line.kind === 'faults' ? line.faults.map(({ path, rule }) => `${path} ${rule}`) : [];
  };
  const files: Readonly<Record<string, string>> = {
    ca: CA,
    cert: CLIENT.cert,
    key: CLIENT.key,
    other: pem('server-key'),
    text: 'x',
  };
  const read = (given: object): unknown =>
    readTopTls(given, (path) => {
      const text = files[path];
      if (text === undefined) throw Object.assign(new Error(path), { code: 'ENOENT', syscall: 'open' });
      return text;
    });

  test('when files for TLS are given, then top has them', () => {
    const flags = ['--ca-file', 'ca', '--cert-file', 'cert', '--key-file', 'key'];
    const line = top('--url', 'https://sidecar:7099', ...flags);
    const given = { 'ca-file': 'ca', 'cert-file': 'cert', 'key-file': 'key' };
    expect(line).toMatchObject({ kind: 'top', top: { url: 'https://sidecar:7099', files: given } });
    expect(read(given)).toEqual({ ca: CA, ...CLIENT });
    expect(read({})).toBeNull();
  });

  test('when they do not belong together, then that is a fault', () => {
    expect(messagesFor('--cert-file', 'x')).toEqual(['--cert-file needs --key-file']);
    expect(messagesFor('--key-file', 'x')).toEqual(['--key-file needs --cert-file']);
    expect(messagesFor('--url', 'http://a:1', '--ca-file', 'x')).toEqual([
      '--url must begin with https:// where a file for TLS is given',
    ]);
  });

  test.each([
    [{ 'ca-file': 'none' }, '--ca-file', 'names a file that does not exist'],
    [{ 'ca-file': 'text' }, '--ca-file', 'names a file that holds nothing of the kind'],
    [{ 'cert-file': 'key', 'key-file': 'key' }, '--cert-file', 'names a file that holds nothing of the kind'],
    [
      { 'cert-file': 'cert', 'key-file': 'text' },
      '--key-file',
      'names a file that holds nothing of the kind',
    ],
    [{ 'cert-file': 'cert', 'key-file': 'other' }, '--key-file', 'does not belong to --cert-file'],
  ])('when they are %o, then %s %s', (given, path, rule) => {
    expect(read(given)).toEqual([
      expect.objectContaining({ path, rule: expect.stringContaining(rule) as string }),
    ]);
  });
});
