import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { freePorts } from './free-port.ts';
import { createServerProcess, type ServerProcess } from './server-process.ts';

const LISTENS = `require('node:http').createServer((_, answer) => answer.end('up')).listen(process.argv[1], '127.0.0.1')`;

describe('given a server as a child process', () => {
  let cwd = '';
  let server: ServerProcess | undefined;
  beforeEach(async () => {
    cwd = await mkdtemp(join(tmpdir(), 'rainbow-process-test-'));
  });
  afterEach(async () => {
    await server?.kill();
    await rm(cwd, { recursive: true });
  });

  async function create(script: string): Promise<ServerProcess> {
    const [port = 0] = await freePorts(1);
    server = createServerProcess({
      name: 'little server',
      command: process.execPath,
      args: ['-e', script, String(port)],
      cwd,
      logFile: join(cwd, 'server.log'),
      ready: async () => (await fetch(`http://127.0.0.1:${port}`)).ok,
      readyWithinMs: 20_000,
    });
    return server;
  }

  test('when it is killed and restarted, then it serves again as another process', async () => {
    const started = await create(LISTENS);
    await started.start();
    const before = started.pid();
    expect(before).toBeDefined();
    await started.kill();
    expect(started.running()).toBe(false);
    await started.restart();
    expect(started.running()).toBe(true);
    expect(started.pid()).not.toBe(before);
  });

  test('when it ends before it serves, then the error says so and shows the end of its log', async () => {
    const failing = await create(`console.error('no such disk'); process.exit(3)`);
    await expect(failing.start()).rejects.toThrow(
      /little server ended with exit code 3 before it served[^]*no such disk/,
    );
    expect(failing.running()).toBe(false);
  });

  test('when it is paused, then stopping it still ends it', async () => {
    const paused = await create(LISTENS);
    await paused.start();
    await paused.kill('SIGSTOP');
    expect(paused.running()).toBe(true);
    await paused.stop();
    expect(paused.running()).toBe(false);
  });
});
