import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fencesOf } from '../docs/markdown.ts';
import { pages, readText } from '../docs/pages.ts';
import { makeCleanCopy } from '../support/clean-copy.ts';

/** Longer than `npm ci` takes on a busy machine. */
const WITHIN_MS = 300_000;

/** A block of commands that a page marks: `sh runnable`, or `sh runnable until WORD` for what runs until Ctrl-C. */
interface Block {
  readonly where: string;
  readonly code: string;
  /** Ctrl-C comes when this is in the output; '' where the commands end by themselves. */
  readonly until: string;
}

// The README comes first, and its first block installs what the others need.
const blocks: readonly Block[] = ['README.md', ...pages().filter((path) => path !== 'README.md')].flatMap(
  (path) =>
    fencesOf(readText(path)).flatMap(({ info, code, line }) => {
      const [, until] = /^sh runnable(?: until (\S+))?$/.exec(info) ?? [null];
      return /^sh runnable/.test(info) ? [{ where: `${path}:${line}`, code, until: until ?? '' }] : [];
    }),
);

interface Outcome {
  /** Exit code or signal. */
  readonly ending: number | string;
  readonly output: string;
}

/** What is wrong with how the commands ended; null: nothing. npm and the shell may end by the Ctrl-C that they passed on. */
function faultOf({ until }: Pick<Block, 'until'>, { ending, output }: Outcome): string | null {
  if (!output.includes(until)) return `"${until}" never came:\n${output}`;
  const good = until === '' ? [0] : [0, 'SIGINT'];
  return good.includes(ending) ? null : `ended with ${ending}:\n${output}`;
}

describe('given how commands ended', () => {
  test.each<[Outcome & Pick<Block, 'until'>, string | null]>([
    [{ ending: 0, output: '', until: '' }, null],
    [{ ending: 1, output: '', until: '' }, 'ended with 1:\n'],
    [{ ending: 'SIGINT', output: '', until: '' }, 'ended with SIGINT:\n'],
    [{ ending: 'SIGINT', output: 'a word', until: 'word' }, null],
    [{ ending: 0, output: 'none', until: 'word' }, '"word" never came:\nnone'],
  ])('when it was %j, then what is wrong is: %j', (outcome, fault) => {
    expect(faultOf(outcome, outcome)).toBe(fault);
  });
});

/** The settings of this machine are none of a new user's, and no port of this machine may be taken. */
const environment = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(RAINBOW_|VITEST|NODE_)/.test(name)),
  ),
  RAINBOW_HTTP_HOST: '127.0.0.1',
  RAINBOW_HTTP_PORT: '0',
};

describe('given a clean copy of the repository', () => {
  let copy: Awaited<ReturnType<typeof makeCleanCopy>>;
  beforeAll(async () => (copy = await makeCleanCopy()));
  afterAll(() => copy.remove());

  /** Runs a block as a user would paste it. Resolves with how it ended and what was written. */
  async function run({ code, until }: Block): Promise<Outcome> {
    const shell = spawn('bash', ['-euo', 'pipefail', '-c', code], {
      cwd: copy.path,
      env: environment,
      // A terminal gives Ctrl-C to the whole group.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const group = -(shell.pid ?? 0);
    const deadline = setTimeout(() => process.kill(group, 'SIGKILL'), WITHIN_MS);
    let output = '';
    let isInterrupted = until === '';
    for (const stream of [shell.stdout, shell.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        if (isInterrupted || !output.includes(until)) return;
        isInterrupted = true;
        process.kill(group, 'SIGINT');
      });
    }
    const [exitCode, signal] = (await once(shell, 'close')) as [number | null, string | null];
    clearTimeout(deadline);
    return { ending: exitCode ?? signal ?? 'unknown', output };
  }

  test('when the marks are counted, then the first block is of the README, and there are others', () => {
    expect(blocks[0]?.where).toMatch(/^README/);
    expect(blocks[0]?.code).toContain('npm ci');
    expect(blocks.length).toBeGreaterThan(3);
  });

  test.each(blocks)(
    'when the commands at $where are run, then they end well',
    { timeout: WITHIN_MS + 10_000 },
    async (block) => {
      expect(faultOf(block, await run(block))).toBeNull();
    },
  );
});
