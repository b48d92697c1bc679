import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cached } from './cache.ts';
import { runCommand } from './command.ts';
import { unpackDebianPackage } from './debian-package.ts';
import { pollUntil } from './poll-until.ts';
import { debianIsPossible } from './requirements.ts';

const ARTIFACTS = new URL('../artifacts/terminal', import.meta.url).pathname;

/** tmux, and what of its libraries a machine may not have. */
const PACKAGES = ['tmux', 'libevent-core-2.1-7', 'libutempter0'];

/** A terminal of a known size, with a program in it that believes that a person sits before it. */
export interface TerminalWindow {
  /** What is on the screen, line by line, without spaces at the ends of lines. */
  screen(): Promise<readonly string[]>;
  /** The same with its colours and other attributes, as escape sequences. */
  paintedScreen(): Promise<string>;
  /** Waits until the screen fits, and resolves with it; fails with what was on it instead. */
  waitFor(
    what: string,
    fits: (lines: readonly string[]) => boolean,
    withinMs?: number,
  ): Promise<readonly string[]>;
  /** Keeps what is on the screen for a person to look at: `test/artifacts/terminal/{name}.txt`. */
  keep(name: string): Promise<void>;
  /** Keys by the names that tmux has for them: `Down`, `PageUp`, `Escape`, `C-c`, `q`. */
  press(...keys: readonly string[]): Promise<void>;
  resize(columns: number, rows: number): Promise<void>;
  /** Ends all that runs in it. */
  close(): Promise<void>;
}

export interface TerminalOptions {
  readonly columns: number;
  readonly rows: number;
  /** Replaces the environment of this process, but for PATH and HOME. */
  readonly env: Readonly<Record<string, string>>;
}

/** Whether this machine has tmux, or apt to fetch it with. */
export function terminalIsPossible(): boolean {
  return hasTmux() || debianIsPossible();
}

/** Starts a command of the shell in a terminal of its own. */
export async function openTerminal(
  command: string,
  { columns, rows, env }: TerminalOptions,
): Promise<TerminalWindow> {
  const { program, libraries } = await findTmux();
  const directory = await mkdtemp(join(tmpdir(), 'rainbow-terminal-'));
  const socket = join(directory, 'tmux');
  const tmux = (...args: readonly string[]): Promise<string> =>
    runCommand(program, ['-u', '-f', '/dev/null', '-S', socket, ...args], {
      env: { LC_ALL: 'C.UTF-8', TMUX: '', ...(libraries !== null && { LD_LIBRARY_PATH: libraries }) },
      timeoutMs: 20_000,
    });
  const kept = ['PATH', 'HOME'].map((name) => `${name}=${process.env[name] ?? ''}`);
  const given = Object.entries({ TERM: 'tmux-256color', ...env }).map(([name, value]) => `${name}=${value}`);
  const size = ['-x', String(columns), '-y', String(rows)];
  await tmux('new-session', '-d', ...size, 'env', '-i', ...kept, ...given, 'sh', '-c', command);

  const capture = async (...flags: readonly string[]): Promise<string> =>
    tmux('capture-pane', '-p', ...flags);
  const screen = async (): Promise<readonly string[]> =>
    (await capture()).split('\n').map((line) => line.trimEnd());

  return {
    screen,
    paintedScreen: () => capture('-e'),
    async waitFor(what, fits, withinMs = 20_000) {
      let seen: readonly string[] = [];
      return pollUntil(
        async () => {
          seen = await screen();
          return fits(seen) ? seen : undefined;
        },
        { what, withinMs },
      ).catch((error: unknown) => {
        throw new Error(`${String(error)}; the screen:\n${seen.join('\n')}`, { cause: error });
      });
    },
    async keep(name) {
      await mkdir(ARTIFACTS, { recursive: true });
      await writeFile(join(ARTIFACTS, `${name}.txt`), (await screen()).join('\n'));
    },
    async press(...keys) {
      await tmux('send-keys', ...keys);
    },
    async resize(toColumns, toRows) {
      await tmux('resize-window', '-x', String(toColumns), '-y', String(toRows));
    },
    async close() {
      await tmux('kill-server').catch(() => undefined);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

interface Tmux {
  readonly program: string;
  /** Where its libraries are; null: where the system has them. */
  readonly libraries: string | null;
}

async function findTmux(): Promise<Tmux> {
  if (hasTmux()) return { program: 'tmux', libraries: null };
  const directory = await cached('tmux-debian', async (workspace) => {
    for (const name of PACKAGES) {
      const archive = await unpackDebianPackage(name, workspace);
      await rm(join(workspace, archive));
    }
  });
  const lib = join(directory, 'usr', 'lib');
  const [machine = ''] = await readdir(lib);
  return { program: join(directory, 'usr', 'bin', 'tmux'), libraries: join(lib, machine) };
}

function hasTmux(): boolean {
  return spawnSync('tmux', ['-V']).status === 0;
}
