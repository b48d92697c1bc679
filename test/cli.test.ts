import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { describe, expect, onTestFinished, test } from 'vitest';
import { faultsOf, toSeries } from './integration/support/series.ts';
import { readWavefrontLine } from './integration/support/wavefront-reader.ts';
import { createScriptedBurrow } from './support/burrow/scripted-burrow.ts';

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

describe('given a Burrow with a group and a tool', () => {
  async function check(port: number) {
    const burrow = createScriptedBurrow();
    burrow.world.setOffsets('prod', 'orders', [1]);
    for (const group of ['billing', 'burrow-prod']) burrow.world.setLag('prod', group, 'orders', 0, 1);
    await burrow.start(new AbortController().signal);
    onTestFinished(() => burrow.stop(AbortSignal.abort()));
    const settings = [`burrow.servers=${burrow.url}`, 'http.host=127.0.0.1', `http.port=${port}`];
    return run(['check', '--sink', 'stdout', ...settings.flatMap((setting) => ['--set', setting])]);
  }

  test('when check finds nothing worse than what to look at, then it sums up and exits 0', async () => {
    const { exitCode, stdout, stderr } = await check(0);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout.split('\n').slice(2)).toEqual([
      expect.stringMatching(/^ok {3}Burrow 127\.0\.0\.1:\d+: answers, 1 cluster$/),
      'ok   cluster prod: 2 groups, 1 topic',
      'WARN cluster prod: discovery.groups leaves out 1 of 2 groups, which are not followed: burrow-prod',
      '',
      '4 ok, 1 warning, 0 failures: run does its work; look at what is marked WARN.',
      '',
    ]);
  });

  test('when what it is piped into has had enough, then check says nothing of it', async () => {
    const args = [
      '--import',
      TSX,
      CLI,
      'check',
      '--sink',
      'stdout',
      '--set',
      'burrow.servers=http://127.0.0.1:1',
    ];
    const script = '"$@" | head -n 1; echo "${PIPESTATUS[0]}"';
    const shell = spawn('bash', ['-c', script, 'bash', process.execPath, ...args, '--set', 'http.port=0'], {
      cwd: tmpdir(),
      env: { PATH: process.env['PATH'] },
      // A bash whose input is a socket believes to be remote, and reads its start file.
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    shell.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    shell.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    await once(shell, 'close');
    expect({ stdout, stderr }).toEqual({ stdout: 'ok   configuration: is valid\n1\n', stderr: '' });
  });

  test('when the port is in use, then check says what to do and exits 1', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => void other.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void other.close());
    const { port } = other.address() as AddressInfo;
    const { exitCode, stdout } = await check(port);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^FAIL HTTP port \d+: .*the port is in use; .* set http\.port to another one$/m);
    expect(stdout).toMatch(/, 1 failure: run would not do its work: mend what is marked FAIL\.\n$/);
  });
});

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

  test.each([
    [['run', '--port', '8080'], {}, '--port is not a known flag', 'write --set http.port=…'],
    [['top', '--sink', 'stdout'], {}, '--sink is only for run, demo, check', 'leave it out'],
    [
      ['tail'],
      {},
      'kafka.brokers must list at least one broker for tail',
      'set kafka.brokers or RAINBOW_KAFKA_BROKERS',
    ],
    [
      ['check', '--sink', 'stdout'],
      { RAINBOW_BURROW_SERVERS: '' },
      'burrow.servers must be a list',
      'it is empty',
    ],
  ] as const)(
    'when it is %j with %j, then it says what to write and exits 2',
    async (args, env, what, hint) => {
      const { exitCode, stdout, stderr } = await run(args, env);
      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
      expect(stderr).toContain(what);
      expect(stderr).toContain(`→ ${hint}`);
    },
  );

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
