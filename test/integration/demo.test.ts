import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { runCommand } from '../stack/command.ts';
import { freePorts } from '../stack/free-port.ts';
import { openTerminal, terminalIsPossible, type TerminalWindow } from '../stack/tmux.ts';
import { createCleanups } from './support/cleanups.ts';
import { faultsOf, toSeries } from './support/series.ts';
import { startCommand } from './support/sidecar-process.ts';
import { readWavefrontLine } from './support/wavefront-reader.ts';

const CLI = new URL('../../dist/cli.js', import.meta.url).pathname;
const ROOT = new URL('../..', import.meta.url).pathname;

const cleanups = createCleanups();
afterEach(() => cleanups.run());

/** `demo` in a terminal; what it said before and after the table is on the screen when it has ended. */
async function startDemo(args: string): Promise<TerminalWindow> {
  const command = `cd ${tmpdir()}; ${process.execPath} ${CLI} demo ${args}; echo "exit=$?"; cat`;
  const window = await openTerminal(command, { columns: 80, rows: 24, env: { LANG: 'C.UTF-8' } });
  cleanups.add(() => window.close());
  return window;
}

const isOver = (code: number) => (lines: readonly string[]) => lines.includes(`exit=${code}`);

describe.skipIf(!terminalIsPossible())('given a demo on a terminal', () => {
  test('when it is started, then it opens with the table, says where the dashboard is, and Ctrl-C closes every span', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rainbow-demo-'));
    cleanups.add(() => rm(folder, { recursive: true }));
    const [port = 0] = await freePorts(1);
    const file = join(folder, 'records');
    const window = await startDemo(`--speed 30 --sink file --set sink.file=${file} --set http.port=${port}`);
    const lines = await window.waitFor('the table', (seen) => /^>\w+ .* (ERR|WARN|OK) /.test(seen[5] ?? ''));
    await window.keep('demo-80x24');
    expect(lines[2]).toBe(`Demo: made-up groups, 30 times as fast. Dashboard: http://localhost:${port}/`);
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200);
    await window.waitFor('a lag', (seen) => /[1-9]\d* lagging/.test(seen[1] ?? ''));
    await window.press('C-c');
    const after = await window.waitFor('the end', isOver(0));
    expect(after[0]).toBe(`Dashboard: http://localhost:${port}/  Ctrl-C ends the demo.`);
    expect(after.slice(1).filter((line) => line !== '')).toEqual(['exit=0']);
    const records = (await readFile(file, 'utf8')).trimEnd().split('\n').map(readWavefrontLine);
    expect(records.length).toBeGreaterThan(20);
    expect(toSeries(records).flatMap((series) => faultsOf(series, false))).toEqual([]);
  });

  test('when it is asked for records, then they scroll by, below the address of the dashboard', async () => {
    const window = await startDemo('--records --for 4s --set http.port=0');
    const first = await window.waitFor('the address', (seen) => (seen[0] ?? '') !== '');
    expect(first[0]).toMatch(/^Dashboard: http:\/\/localhost:\d+\/ {2}Ctrl-C ends the demo\.$/);
    await window.waitFor('records', (seen) =>
      seen.some((line) =>
        /^\d\d:\d\d:\d\d (orders|payments)\S* .* (offset|startOffset) +\d+,\d{3}/.test(line),
      ),
    );
    await window.waitFor('the end', isOver(0));
  });
});

describe('given a demo without a terminal', () => {
  test('when it is started as the README says, then it builds nothing that is built, and writes records', async () => {
    const startedMs = performance.now();
    const output = await runCommand('npm', ['run', 'demo', '--', '--for', '3s', '--set', 'http.port=0'], {
      cwd: ROOT,
      env: { RAINBOW_LOG_PRETTY: 'false' },
    });
    expect(output).not.toContain('Building');
    expect(output).toMatch(/^\S+\.totalLag \d+ \d+ /m);
    expect(output).toContain('"host":"127.0.0.1"');
    expect(output).toMatch(/"dashboard":"http:\/\/localhost:\d+"/);
    console.log(
      `npm run demo, nothing to build: ${Math.round(performance.now() - startedMs)} ms, 3 s of them running`,
    );
  });
});

describe('given a port that is in use', () => {
  test.each([['run', '--sink', 'stdout', '--set', 'http.host=127.0.0.1'], ['demo']])(
    'when %s wants it, too, then it says so in one sentence and exits 2',
    async (...args) => {
      const server = createServer();
      await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
      cleanups.add(() => void server.close());
      const { port } = server.address() as { port: number };
      const command = startCommand([...args, '--set', `http.port=${port}`], {}, cleanups.add);
      expect((await command.ended).exitCode).toBe(2);
      const last = command.stderr().trimEnd().split('\n').at(-1) ?? '';
      expect(JSON.parse(last)).toMatchObject({
        level: 'fatal',
        msg: `cannot listen on 127.0.0.1:${port}: the port is in use; stop what uses it or set http.port to another one`,
      });
      expect(command.stderr()).not.toContain('stack');
    },
  );
});
