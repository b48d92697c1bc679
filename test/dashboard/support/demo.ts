import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import type { Cleanup, LogLine } from '../../integration/support/sidecar-process.ts';
import { pollUntil } from '../../stack/poll-until.ts';

export interface Demo {
  /** `http://127.0.0.1:port` */
  readonly url: string;
  readonly port: number;
}

const CLI = new URL('../../../dist/cli.js', import.meta.url).pathname;

/**
 * Starts `demo` in a process of its own, its records going nowhere; resolves when (nearly) every group has been
 * sampled.
 *
 * @param options.token the token of the API; absent: it needs none
 * @param options.speed by default four times as fast as real time: the groups stay alive during a test
 */
export async function startDemo(
  groups: number,
  cleanup: Cleanup,
  { token, speed = 4 }: { readonly token?: string; readonly speed?: number } = {},
): Promise<Demo> {
  const child = spawn(process.execPath, [CLI, 'demo', '--groups', String(groups), '--speed', String(speed)], {
    cwd: tmpdir(),
    env: {
      PATH: process.env['PATH'],
      RAINBOW_HTTP_HOST: '127.0.0.1',
      RAINBOW_HTTP_PORT: '0',
      RAINBOW_LOG_PRETTY: 'false',
      ...(token !== undefined && { RAINBOW_HTTP_TOKEN: token }),
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  cleanup(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (log += text));
  const port = await pollUntil(
    () => {
      const lines = log.split('\n').slice(0, -1);
      return lines
        .map((line) => JSON.parse(line) as LogLine)
        .find(({ msg }) => msg === 'The HTTP server listens')?.['port'] as number | undefined;
    },
    { what: 'the demo to listen', withinMs: 60_000 },
  );
  const url = `http://127.0.0.1:${port}`;
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  await pollUntil(
    async () => {
      const answer = await fetch(`${url}/api/groups?limit=1`, { headers });
      const { total } = (await answer.json()) as { total: number };
      // Some of many live for a while only.
      return total >= groups * 0.9 ? true : undefined;
    },
    { what: `samples of ${groups} groups`, withinMs: 300_000 },
  );
  return { url, port };
}
