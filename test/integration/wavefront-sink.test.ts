import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { freePorts } from '../stack/free-port.ts';
import { pollUntil } from '../stack/poll-until.ts';
import { wavefrontReadersArePossible } from '../stack/requirements.ts';
import { createServerProcess, type ServerProcess } from '../stack/server-process.ts';
import { findTelegraf } from '../stack/telegraf.ts';
import { createScriptedBurrow } from '../support/burrow/scripted-burrow.ts';
import { createCleanups } from './support/cleanups.ts';
import { runToTheEnd, startSidecar } from './support/sidecar-process.ts';

/** Says in the log, at the end, how many modules of kafkajs were loaded. */
const COUNT_KAFKAJS = `
  import module from 'node:module';
  process.on('exit', () => {
    const kafkajs = Object.keys(module._cache).filter((file) => file.includes('/kafkajs/')).length;
    process.stderr.write(JSON.stringify({ msg: 'loaded at the end', kafkajs }) + '\\n');
  });
`;

/** A point as Telegraf has read it. */
interface Point {
  readonly name: string;
  readonly fields: { readonly value: number };
  readonly tags: Readonly<Record<string, string>>;
  /** Epoch seconds. */
  readonly timestamp: number;
}

describe.skipIf(!wavefrontReadersArePossible())('given Telegraf as a reader of lines over TCP', () => {
  const cleanups = createCleanups();
  let telegraf: string;
  // The first time it is built, which takes minutes.
  beforeAll(async () => {
    telegraf = await findTelegraf();
  });
  afterAll(() => cleanups.run());

  async function startTelegraf(): Promise<{
    readonly server: ServerProcess;
    readonly address: string;
    readonly points: () => Promise<readonly Point[]>;
  }> {
    const folder = await mkdtemp(join(tmpdir(), 'rainbow-telegraf-'));
    cleanups.add(() => rm(folder, { recursive: true }));
    const [port = 0] = await freePorts(1);
    const file = join(folder, 'points.json');
    await writeFile(
      join(folder, 'telegraf.conf'),
      `
[agent]
  flush_interval = "100ms"
  omit_hostname = true
[[inputs.socket_listener]]
  service_address = "tcp://127.0.0.1:${port}"
  data_format = "wavefront"
[[outputs.file]]
  files = ["${file}"]
  data_format = "json"
`,
    );
    const server = createServerProcess({
      name: 'telegraf',
      command: telegraf,
      args: ['--config', join(folder, 'telegraf.conf')],
      cwd: folder,
      logFile: join(folder, 'telegraf.log'),
      ready: () =>
        new Promise((resolve) => {
          const socket = connect(port, '127.0.0.1', () => {
            socket.destroy();
            resolve(true);
          });
          socket.on('error', () => resolve(false));
        }),
      readyWithinMs: 60_000,
    });
    cleanups.add(() => server.stop());
    await server.start();
    return {
      server,
      address: `127.0.0.1:${port}`,
      points: async () =>
        (await readFile(file, 'utf8').catch(() => ''))
          .split('\n')
          .slice(0, -1)
          .map((line) => JSON.parse(line) as Point),
    };
  }

  test('when it is killed and comes back, then the series goes on with it from its zero-start to its zero-end', async () => {
    const burrow = createScriptedBurrow();
    burrow.world.setOffsets('prod', 'orders', [5000]);
    burrow.world.setLag('prod', 'email sender', 'orders', 0, 500);
    await burrow.start(new AbortController().signal);
    cleanups.add(() => burrow.stop(AbortSignal.abort()));
    const { server, address, points } = await startTelegraf();
    const settings = {
      'burrow.servers': burrow.url,
      'sink.type': 'wavefront',
      'wavefront.address': address,
      'poll.interval': '1s',
    };
    const check = await runToTheEnd('check', settings, cleanups.add);
    expect(check.stdout).toContain(`the Wavefront proxy ${address}: takes connections`);

    const sidecar = await startSidecar(settings, cleanups.add, COUNT_KAFKAJS);
    /** In order of time; what was sent again after the kill counts once. */
    const totals = async (): Promise<readonly number[]> => {
      const own = (await points()).filter(
        ({ name, tags }) => name.endsWith('.totalLag') && tags['consumer'] === 'email sender',
      );
      const byTime = new Map(own.map(({ timestamp, fields }) => [timestamp, fields.value]));
      return [...byTime].sort(([one], [other]) => one - other).map(([, value]) => value);
    };
    const until = (what: string, holds: () => Promise<boolean>): Promise<unknown> =>
      pollUntil(async () => ((await holds()) ? true : undefined), { what, withinMs: 60_000 });
    await until('the first lag', async () => (await totals()).includes(500));

    await server.kill();
    burrow.world.setLag('prod', 'email sender', 'orders', 0, 600);
    const sinkPart = async () => (await sidecar.health()).parts.find(({ name }) => name === 'sink wavefront');
    await until('the fault', async () => (await sinkPart())?.reason?.startsWith('nothing listens') === true);
    expect(await sinkPart()).toMatchObject({
      status: 'degraded',
      reason: `nothing listens at ${address}: start the Wavefront proxy, or correct wavefront.address`,
    });
    const missed = sidecar.metric('burrow_rainbow_outbox_samples');
    expect(await missed).toBeGreaterThan(0);
    await server.start();
    await until('the lag of meanwhile', async () => (await totals()).includes(600));
    await until('a healthy sink', async () => (await sinkPart())?.status === 'ok');

    sidecar.send('SIGTERM');
    expect(await sidecar.ended).toMatchObject({ exitCode: 0 });
    await until('the zero-end', async () => (await totals()).at(-1) === 0);
    const all = await totals();
    expect(all[0]).toBe(0);
    expect(new Set(all.slice(1, -1))).toEqual(new Set([500, 600]));
    expect(sidecar.log().at(-1)).toEqual({ msg: 'loaded at the end', kafkajs: 0 });
  });
});
