import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pollUntil } from '../stack/poll-until.ts';
import type { ContainerTools } from './container-tools.ts';

/** A process of a container as the machine outside sees it. */
export interface ContainerProcess {
  /** Outside the container. */
  readonly pid: number;
  readonly commandLine: string;
  /** Fields of `/proc/<pid>/status`, such as `Uid` and `CapEff`. */
  readonly status: ReadonlyMap<string, string>;
}

export interface Container {
  readonly name: string;
  /** The first process, then its children. */
  processes(): Promise<readonly ContainerProcess[]>;
  running(): Promise<boolean>;
  /** Runs a script in the container's Node; resolves with what it printed. */
  node(script: string): Promise<string>;
  /** Calls the image's HEALTHCHECK; resolves `true` when it says healthy. */
  healthy(): Promise<boolean>;
  /** Lines that the container has written so far. */
  lines(stream: 'stdout' | 'stderr'): Promise<readonly string[]>;
  signal(signal: NodeJS.Signals): Promise<void>;
  /** Waits for the container's end and resolves with its exit code. */
  exitCode(): Promise<number>;
  remove(): Promise<void>;
}

export interface ContainerOptions {
  /** Mounted at /etc/burrow. Its parent gets the container's log. */
  readonly configurationDirectory: string;
  readonly env: Readonly<Record<string, string>>;
}

const STRICT = [
  ...['--read-only', '--read-only-tmpfs=false', '--cap-drop', 'ALL'],
  ...['--security-opt', 'no-new-privileges', '--network', 'host'],
  // podman's default asks for more than a small machine may give.
  ...['--ulimit', 'nofile=8192:8192', '--ulimit', 'nproc=8192:8192'],
];

/** Runs the image with other arguments than its own, to its end; resolves with what it printed. */
export async function runOnce(
  tools: ContainerTools,
  image: string,
  args: readonly string[],
): Promise<string> {
  return tools.podman('run', '--rm', '--no-healthcheck', ...STRICT, image, ...args);
}

/** Starts the image as strictly as a careful operator would: nothing writable, no capability, nothing to gain. */
export async function startContainer(
  tools: ContainerTools,
  image: string,
  { configurationDirectory, env }: ContainerOptions,
): Promise<Container> {
  const name = `rainbow-${randomBytes(4).toString('hex')}`;
  const logFile = join(configurationDirectory, '..', `${name}.log`);
  await tools.podman(
    ...['run', '--detach', '--name', name],
    ...STRICT,
    // Called by hand below; podman's own timer would want systemd.
    ...['--health-interval', 'disable'],
    ...['--log-driver', 'k8s-file', '--log-opt', `path=${logFile}`],
    ...['--volume', `${configurationDirectory}:/etc/burrow:ro`],
    ...Object.entries(env).flatMap(([key, value]) => ['--env', `${key}=${value}`]),
    image,
  );
  const inspect = async (format: string): Promise<string> =>
    (await tools.podman('inspect', '--type', 'container', '--format', format, name)).trim();
  return {
    name,
    processes: async () => {
      const first = Number(await inspect('{{.State.Pid}}'));
      const children = await readFile(`/proc/${first}/task/${first}/children`, 'utf8');
      const pids = [first, ...children.split(' ').filter(Boolean).map(Number)];
      return Promise.all(pids.map(describeProcess));
    },
    running: async () => (await inspect('{{.State.Status}}')) === 'running',
    node: (script) => tools.podman('exec', name, 'node', '-e', script),
    healthy: () =>
      tools.podman('healthcheck', 'run', name).then(
        () => true,
        () => false,
      ),
    lines: async (stream) => {
      const log = await readFile(logFile, 'utf8');
      const pattern = new RegExp(`^\\S+ ${stream} [FP] (.*)$`);
      return log.split('\n').flatMap((line) => pattern.exec(line)?.[1] ?? []);
    },
    signal: async (signal) => {
      await tools.podman('kill', '--signal', signal, name);
    },
    exitCode: async () => {
      const state = await pollUntil(
        async () => {
          const answer = await inspect('{{.State.Status}} {{.State.ExitCode}}');
          return answer.startsWith('exited') ? answer : undefined;
        },
        { what: 'the end of the container', withinMs: 60_000 },
      );
      return Number(state.split(' ')[1]);
    },
    remove: async () => {
      await tools.podman('rm', '--force', '--time', '0', name);
    },
  };
}

async function describeProcess(pid: number): Promise<ContainerProcess> {
  const [commandLine, status] = await Promise.all([
    readFile(`/proc/${pid}/cmdline`, 'utf8'),
    readFile(`/proc/${pid}/status`, 'utf8'),
  ]);
  const fields = status.split('\n').flatMap((line) => {
    const match = /^(\w+):\s*(.*)$/.exec(line);
    return match === null ? [] : [[match[1] ?? '', match[2] ?? ''] as const];
  });
  return { pid, commandLine: commandLine.replaceAll('\0', ' ').trim(), status: new Map(fields) };
}
