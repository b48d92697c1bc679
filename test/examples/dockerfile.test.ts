import { spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { validate, ValidationSeverity } from 'dockerfile-utils';
import { describe, expect, test } from 'vitest';
import type { HttpTls } from '../../src/http/tls-server.ts';
import { pem } from '../config/loading.ts';
import { serve, WELL } from '../http/serve.ts';
import { runCommand } from '../stack/command.ts';
import { readText } from './read-example.ts';

const dockerfile = await readText('Dockerfile.burrow');

/** Instructions with their continuation lines joined, comments left out. */
const instructions = dockerfile
  .replace(/^\s*#.*\n/gm, '')
  .replace(/\\\n\s*/g, '')
  .split('\n')
  .filter((line) => line.trim() !== '');

describe('given Dockerfile.burrow', () => {
  test('when it is linted, then there is no finding', () => {
    const strict = ValidationSeverity.ERROR;
    expect(
      validate(dockerfile, {
        deprecatedMaintainer: strict,
        directiveCasing: strict,
        emptyContinuationLine: strict,
        instructionCasing: strict,
        instructionCmdMultiple: strict,
        instructionEntrypointMultiple: strict,
        instructionHealthcheckMultiple: strict,
        instructionJSONInSingleQuotes: strict,
        instructionWorkdirRelative: strict,
      }),
    ).toEqual([]);
  });

  test('when an older builder reads it, then it knows every instruction', () => {
    expect(instructions.filter((line) => /<<-?['"]?\w|--link\b|--exclude\b|--parents\b/.test(line))).toEqual(
      [],
    );
  });

  test('when packages are installed, then no install script of theirs runs', () => {
    const installs = instructions.filter((line) => /\bnpm (ci|install|i)\b/.test(line));
    expect(installs).not.toEqual([]);
    for (const line of installs) expect(line).toContain('--ignore-scripts');
  });

  test('when the image runs, then as a user that is a number other than 0', () => {
    expect(instructions.filter((line) => line.startsWith('USER '))).toEqual([
      expect.stringMatching(/^USER [1-9]\d*:[1-9]\d*$/),
    ]);
  });

  test('when a container is checked, then by whether it works, on the port that it exposes', () => {
    expect(instructions).toContain('EXPOSE 7099');
    const [check] = instructions.filter((line) => line.startsWith('HEALTHCHECK '));
    expect(check).toMatch(/7099.*\/live/);
  });

  test.each<[string, HttpTls | undefined]>([
    ['HTTP', undefined],
    ['TLS', { cert: pem('server'), key: pem('server-key') }],
    ['TLS and client certificates', { cert: pem('server'), key: pem('server-key'), ca: pem('authority') }],
  ])('when the sidecar speaks %s, then the health check learns how it is', async (_what, tls) => {
    let health = WELL;
    const { server, port } = await serve(
      { health: () => health },
      { host: '', token: 'T', ...(tls && { tls }) },
    );
    expect(await checkHealth(port)).toBe(0);
    const silence = { durationMs: 480_000, about: 'all' } as const;
    health = { ...WELL, burrows: [{ ...WELL.burrows[0]!, silence }] };
    expect(await checkHealth(port)).toBe(1);
    await server.stop(AbortSignal.timeout(1000));
    expect(await checkHealth(port)).toBe(1);
  });

  test('when the sidecar listens at one address only, then the health check asks there', async () => {
    const host = '127.0.0.2';
    const { port } = await serve({}, { host });
    expect(await checkHealth(port)).toBe(1);
    expect(await checkHealth(port, { RAINBOW_HTTP_HOST: host })).toBe(0);
  });

  /** Runs the command of the HEALTHCHECK; resolves with its exit code. */
  function checkHealth(port: number, more: Record<string, string> = {}): Promise<number | null> {
    const check = instructions.find((line) => line.startsWith('HEALTHCHECK ')) ?? '';
    const [command = '', ...args] = JSON.parse(/CMD (\[.*\])/.exec(check)?.[1] ?? '[]') as string[];
    const env = { PATH: process.env['PATH'], RAINBOW_HTTP_PORT: String(port), ...more };
    const child = spawn(command, args, { env, stdio: 'ignore' });
    return new Promise((resolve) => child.on('close', resolve));
  }

  test('when Burrow meets a public certificate, then it has the authorities that Node.js brings', async () => {
    const [run = ''] = instructions.filter(
      (line) => line.includes('authorities.pem') && line.startsWith('RUN '),
    );
    const [, script = ''] = /^RUN node -p "(.*)" > authorities\.pem$/.exec(run) ?? [];
    const printed = await runCommand(process.execPath, ['-p', script]);
    const certificates = printed
      .split(/(?<=-----END CERTIFICATE-----)\n/)
      .filter((text) => text.trim() !== '');
    expect(certificates.length).toBeGreaterThan(50);
    for (const text of certificates) expect(new X509Certificate(text).ca).toBe(true);
    expect(instructions).toContain('COPY --from=build /build/authorities.pem /app/');
    expect(instructions.join('\n')).toContain('SSL_CERT_FILE=/app/authorities.pem');
  });

  test('when .dockerignore leaves files out, then everything that the build copies is still there', async () => {
    const ignore = (await readText('.dockerignore')).split('\n');
    const sent = ignore.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
    const copied = instructions
      .filter((line) => line.startsWith('COPY ') && !line.includes('--from='))
      .flatMap((line) => line.split(/\s+/).slice(1, -1));
    expect(ignore).toContain('*');
    expect(new Set(copied)).toEqual(new Set(sent));
  });
});
