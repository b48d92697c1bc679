import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { describe, expect, test } from 'vitest';
import { faultsOf, toSeries } from './integration/support/series.ts';
import { readWavefrontLine } from './integration/support/wavefront-reader.ts';

const CLI = new URL('../src/cli.ts', import.meta.url).pathname;
const TSX = import.meta.resolve('tsx');

/** Runs the command line from its source, in a folder without a rainbow.yaml, and waits until it has ended. */
function run(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly exitCode: number | null; readonly stdout: string; readonly stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', TSX, CLI, ...args], {
      cwd: tmpdir(),
      env: { PATH: process.env['PATH'], ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.on('error', reject);
    child.on('close', (exitCode) => resolve({ exitCode, stdout, stderr }));
  });
}

describe('given the command line', () => {
  test('when the demo runs for some seconds, then it shows all families, closes every span and exits 0', async () => {
    const { exitCode, stdout, stderr } = await run(['demo', '--for', '12s'], { RAINBOW_HTTP_PORT: '0' });
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    const series = toSeries(stdout.trimEnd().split('\n').map(readWavefrontLine));
    const names = series.map(({ name }) => name);
    expect(names).toContainEqual(expect.stringMatching(/\.\d+\.Lag$/));
    expect(names).toContainEqual(expect.stringMatching(/\.hosts\..*\.\d+$/));
    expect(names).toContainEqual(expect.stringMatching(/\.offsetRate\.\d+$/));
    expect(names).toContainEqual(expect.stringMatching(/\.totalMessage$/));
    expect(series.flatMap((each) => faultsOf(each, false))).toEqual([]);
    expect(stderr).not.toMatch(/warning/i);
  });

  test('when a flag is unknown, then it says so on standard error and exits 2', async () => {
    const { exitCode, stdout, stderr } = await run(['demo', '--speeed', '10']);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain('--speed');
  });

  test.each(['run', 'check'])(
    'when a key does not belong to its certificate, then %s says so and exits 2',
    async (command) => {
      const certificates = new URL('burrow/certificates/', import.meta.url).pathname;
      const { exitCode, stdout, stderr } = await run([command], {
        RAINBOW_KAFKA_BROKERS: 'localhost:1',
        RAINBOW_KAFKA_TLS_ENABLED: 'true',
        RAINBOW_KAFKA_TLS_CERT_FILE: `${certificates}client.pem`,
        RAINBOW_KAFKA_TLS_KEY_FILE: `${certificates}server-key.pem`,
      });
      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
      expect(stderr).toContain('kafka.tls.keyFile does not belong to the certificate in certFile');
      expect(stderr).toContain('server-key.pem');
    },
    30_000,
  );

  test('when it is asked for help or its version, then it answers on standard output and exits 0', async () => {
    const [help, version] = await Promise.all([run(['--help']), run(['--version'])]);
    expect(help).toMatchObject({
      exitCode: 0,
      stderr: '',
      stdout: expect.stringContaining('demo') as string,
    });
    expect(version).toMatchObject({
      exitCode: 0,
      stderr: '',
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) as string,
    });
  });
});
