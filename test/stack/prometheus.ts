import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cached } from './cache.ts';
import { runCommand } from './command.ts';
import { unpackDebianPackage } from './debian-package.ts';
import { freePorts } from './free-port.ts';
import { createServerProcess, type ServerProcess } from './server-process.ts';

/** The programs of Debian's package, by path. */
export interface PrometheusRelease {
  readonly prometheus: string;
  readonly promtool: string;
}

/** Debian's Prometheus: fetched once, unpacked into the cache, not installed. */
export async function findPrometheus(): Promise<PrometheusRelease> {
  const directory = await cached('prometheus-debian', async (workspace) => {
    const archive = await unpackDebianPackage('prometheus', workspace);
    await rm(join(workspace, archive));
  });
  const bin = join(directory, 'usr', 'bin');
  return { prometheus: join(bin, 'prometheus'), promtool: join(bin, 'promtool') };
}

/** Gives promtool a text of metrics; fails with what it finds wrong in it, resolves with what else it says. */
export async function promtoolCheckMetrics(text: string): Promise<string> {
  const { promtool: command } = await findPrometheus();
  return runCommand(command, ['check', 'metrics'], { timeoutMs: 60_000, input: text });
}

/** Runs promtool; fails with what it has to say. */
export async function promtool(...args: readonly string[]): Promise<string> {
  return runCommand((await findPrometheus()).promtool, args, { timeoutMs: 60_000 });
}

export interface Prometheus {
  /** `http://127.0.0.1:port` */
  readonly url: string;
  /** What a query gives now: one entry a series, each with its labels and its value. Fails where it is no query. */
  query(expression: string): Promise<readonly QueriedSeries[]>;
  /** Calls one of its read-only API's routes, such as `label/group/values`, and gives the `data` of the answer. */
  ask(route: string, parameters?: Readonly<Record<string, string>>): Promise<unknown>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

export interface QueriedSeries {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Starts Prometheus on a free loopback port with this configuration file. */
export async function startPrometheus(configurationFile: string): Promise<Prometheus> {
  const { prometheus } = await findPrometheus();
  const directory = await mkdtemp(join(tmpdir(), 'rainbow-prometheus-'));
  const [port = 0] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const server: ServerProcess = createServerProcess({
    name: 'Prometheus',
    command: prometheus,
    args: [
      `--config.file=${configurationFile}`,
      `--storage.tsdb.path=${join(directory, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    cwd: directory,
    logFile: join(directory, 'prometheus.log'),
    ready: async () => (await fetch(`${url}/-/ready`, { signal: AbortSignal.timeout(2000) })).ok,
    readyWithinMs: 30_000,
  });
  const stop = async (): Promise<void> => {
    await server.kill();
    await rm(directory, { recursive: true, force: true });
  };
  await server.start().catch(async (error: unknown) => {
    await stop();
    throw error;
  });

  async function ask(route: string, parameters: Readonly<Record<string, string>> = {}): Promise<unknown> {
    const response = await fetch(`${url}/api/v1/${route}?${new URLSearchParams(parameters).toString()}`);
    const answer = (await response.json()) as { status: string; error?: string; data: unknown };
    if (answer.status !== 'success') throw new Error(`${JSON.stringify(parameters)}: ${answer.error ?? ''}`);
    return answer.data;
  }

  return {
    url,
    ask,
    async query(expression) {
      const data = (await ask('query', { query: expression })) as {
        resultType: string;
        result: { metric: Record<string, string>; value: [number, string] }[];
      };
      if (data.resultType !== 'vector') throw new Error(`${expression} gives a ${data.resultType}`);
      return data.result.map(({ metric, value: [, value] }) => ({ metric, value: Number(value) }));
    },
    stop,
  };
}
