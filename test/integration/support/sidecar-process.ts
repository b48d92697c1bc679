import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { pollUntil } from '../../stack/poll-until.ts';

/** Settings by path, as `--set` takes them; `config` is the configuration file itself. */
export type Settings = Readonly<Record<string, string>>;

/** How a process ended. */
export interface Ending {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** One line of the log. */
export interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly [fact: string]: unknown;
}

/** The command as a user starts it. */
export interface CommandProcess {
  readonly pid: number;
  /** Resolves when it has ended and all that it wrote is here. */
  readonly ended: Promise<Ending>;
  stdout(): string;
  stderr(): string;
  send(signal: NodeJS.Signals): void;
}

/** A sidecar in a process of its own. */
export interface SidecarProcess extends CommandProcess {
  /** `http://127.0.0.1:port` */
  readonly url: string;
  /** Its log so far; a line that is no JSON fails. */
  log(): readonly LogLine[];
  health(): Promise<HealthAnswer>;
  /** The value of one series of `/metrics`, labels included: `name{label="value"}`; 0 where it is not there (yet). */
  metric(series: string): Promise<number>;
}

export interface HealthAnswer {
  readonly httpStatus: number;
  readonly status: string;
  readonly parts: readonly { readonly name: string; readonly status: string; readonly reason?: string }[];
}

/** Runs when the test ends, however it ends. */
export type Cleanup = (run: () => void | Promise<void>) => void;

const CLI = new URL('../../../dist/cli.js', import.meta.url).pathname;
/** The settings of a test come from the test alone. */
const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith('RAINBOW_') && name !== 'NODE_OPTIONS'),
);

/** Short intervals and a port of its own; what a test sets comes on top. */
const QUICK: Settings = {
  'http.host': '127.0.0.1',
  'http.port': '0',
  'poll.interval': '2s',
  'discovery.interval': '2s',
};

/** Runs the command line with these arguments. It is killed when the test ends, should it run then. */
export function startCommand(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  cleanup: Cleanup,
): CommandProcess {
  const child = spawn(process.execPath, [CLI, ...args], {
    // A folder without a rainbow.yaml.
    cwd: tmpdir(),
    env: { ...environment, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<Ending>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exitCode, signal) => resolve({ exitCode, signal }));
  });
  cleanup(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return {
    pid: child.pid ?? 0,
    ended,
    stdout: () => stdout,
    stderr: () => stderr,
    send: (signal) => void child.kill(signal),
  };
}

/** Runs a command to its end, with half of the settings on the command line and half in the environment. */
export async function runToTheEnd(
  command: string,
  settings: Settings,
  cleanup: Cleanup,
): Promise<Ending & { readonly stdout: string; readonly stderr: string }> {
  const { args, env } = spell(settings);
  const running = startCommand([command, ...args], env, cleanup);
  const ending = await running.ended;
  return { ...ending, stdout: running.stdout(), stderr: running.stderr() };
}

/**
 * Starts `run` and resolves when its HTTP server listens.
 *
 * @param preload a module of JavaScript that is loaded before it
 */
export async function startSidecar(
  settings: Settings,
  cleanup: Cleanup,
  preload?: string,
): Promise<SidecarProcess> {
  const { args, env } = spell({ ...QUICK, ...settings });
  const preloaded = preload && {
    NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(preload)}`,
  };
  const running = startCommand(['run', ...args], { ...env, ...preloaded }, cleanup);
  const log = (): readonly LogLine[] =>
    running
      .stderr()
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as LogLine);
  const listening = pollUntil(() => log().find(({ msg }) => msg === 'The HTTP server listens')?.['port'], {
    what: 'the sidecar to listen',
    withinMs: 60_000,
  });
  const port = await Promise.race([listening, running.ended.then(() => undefined)]).catch(() => undefined);
  if (typeof port !== 'number') throw new Error(`the sidecar did not start; it says:\n${running.stderr()}`);
  const url = `http://127.0.0.1:${port}`;
  return {
    ...running,
    url,
    log,
    async health() {
      const response = await fetch(`${url}/health-check`);
      return {
        httpStatus: response.status,
        ...((await response.json()) as Omit<HealthAnswer, 'httpStatus'>),
      };
    },
    async metric(series) {
      const text = await (await fetch(`${url}/metrics`)).text();
      const line = text.split('\n').find((each) => each.startsWith(`${series} `));
      return Number(line?.slice(series.length + 1) ?? 0);
    },
  };
}

/** Every other setting goes by the environment, the rest by `--set`: both ways are a user's. */
function spell(settings: Settings): { readonly args: string[]; readonly env: Record<string, string> } {
  const args: string[] = [];
  const env: Record<string, string> = {};
  for (const [index, [path, value]] of Object.entries(settings).entries()) {
    if (path === 'config') args.push('--config', value);
    else if (index % 2 === 0) args.push('--set', `${path}=${value}`);
    else env[environmentName(path)] = value;
  }
  return { args, env };
}

function environmentName(path: string): string {
  return `RAINBOW_${path.replaceAll('.', '_').replace(/[A-Z]/g, '_$&').toUpperCase()}`;
}
