import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { startChild } from './child.ts';
import type { EventLoopDelay, ProbeAsk, Usage } from './probe.ts';
import { stripTypes } from './strip-types.ts';

/** Settings by path, as `--set` takes them. */
export type Settings = Readonly<Record<string, string>>;

/** The built sidecar as a user starts it, in a process of its own, with a probe in it. */
export interface MeasuredSidecar {
  usage(): Promise<Usage>;
  /** Records, samples and failures since the start, from `/metrics`. */
  counts(): Promise<SidecarCounts>;
  /** Milliseconds from the request to the whole answer; rejects unless it is a 200. */
  healthCheckMs(): Promise<number>;
  watchEventLoop(): Promise<void>;
  eventLoop(): Promise<EventLoopDelay>;
  startProfile(): Promise<void>;
  writeProfile(path: string): Promise<void>;
  stop(): Promise<void>;
  /** Ends it with SIGKILL. */
  kill(): Promise<void>;
}

export interface SidecarCounts {
  readonly samples: number;
  readonly acknowledgedRecords: number;
  readonly droppedRecords: number;
  readonly waitingRecords: number;
  readonly failedPolls: number;
}

export interface SidecarProcessOptions {
  /** `dist/cli.js` or what else was built. */
  readonly cli: string;
  readonly settings: Settings;
  readonly nodeFlags: readonly string[];
  /** How many times as fast its time runs. Default 1. */
  readonly timeSpeed?: number;
}

const STARTING_MS = 30_000;
const SHOWN_LOG_LINES = 30;

const PROBE = new URL('./probe.ts', import.meta.url);

/** What every measured sidecar is started with: the probe, and nothing that changes how Node runs. */
export function sidecarArguments({ cli, settings, nodeFlags }: SidecarProcessOptions): readonly string[] {
  const sets = Object.entries(settings).flatMap(([path, value]) => ['--set', `${path}=${value}`]);
  return [...nodeFlags, '--import', pathToFileURL(stripTypes(PROBE)).href, cli, 'run', ...sets];
}

/** Resolves when its HTTP server listens. Standard output goes to the null device. */
export async function startMeasuredSidecar(options: SidecarProcessOptions): Promise<MeasuredSidecar> {
  const child = startChild<ProbeAsk>({
    args: sidecarArguments({
      ...options,
      settings: { 'http.host': '127.0.0.1', 'http.port': '0', ...options.settings },
    }),
    stderr: 'pipe',
    environment: { BENCH_TIME_SPEED: String(options.timeSpeed ?? 1) },
  });
  const log: string[] = [];
  const listens = new Promise<number>((resolve, reject) => {
    const fail = (): void => reject(new Error(`the sidecar did not start; it says:\n${log.join('\n')}`));
    const timer = setTimeout(fail, STARTING_MS);
    child.process.once('exit', fail);
    if (child.process.stderr === null) throw new Error('the log of the sidecar is not read');
    createInterface({ input: child.process.stderr }).on('line', (line) => {
      log.push(line);
      if (log.length > SHOWN_LOG_LINES) log.shift();
      const port = /"port":(\d+).*The HTTP server listens/u.exec(line)?.[1];
      if (port === undefined) return;
      clearTimeout(timer);
      resolve(Number(port));
    });
  });
  let url: string;
  try {
    url = `http://127.0.0.1:${await listens}`;
  } catch (error) {
    await child.stop();
    throw error;
  }

  return {
    usage: () => child.ask({ kind: 'usage' }),
    async counts() {
      const text = await (await fetch(`${url}/metrics`)).text();
      return {
        samples: sumOf(text, 'samples_total'),
        acknowledgedRecords: sumOf(text, 'records_acknowledged_total'),
        droppedRecords: sumOf(text, 'records_dropped_total'),
        waitingRecords: sumOf(text, 'outbox_records'),
        failedPolls: sumOf(text, 'polls_total') - sumOf(text, 'polls_total', 'outcome="ok"'),
      };
    },
    async healthCheckMs() {
      const sentAtMs = performance.now();
      const response = await fetch(`${url}/health-check`);
      await response.arrayBuffer();
      if (!response.ok) throw new Error(`/health-check answered HTTP ${response.status}`);
      return performance.now() - sentAtMs;
    },
    watchEventLoop: () => child.ask({ kind: 'watch event loop' }),
    eventLoop: () => child.ask({ kind: 'event loop' }),
    startProfile: () => child.ask({ kind: 'start profile' }),
    writeProfile: (path) => child.ask({ kind: 'write profile', path }),
    stop: () => child.stop(),
    kill: () => child.kill(),
  };
}

/** The sum over all label values of one of the sidecar's metrics; 0 where it is not there (yet). */
function sumOf(text: string, name: string, label = ''): number {
  let sum = 0;
  for (const line of text.split('\n')) {
    if (!line.startsWith(`burrow_rainbow_${name}{`) && !line.startsWith(`burrow_rainbow_${name} `)) continue;
    if (line.includes(label)) sum += Number(line.slice(line.lastIndexOf(' ') + 1));
  }
  return sum;
}
