import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/platform/clock.ts';
import { createBurrowSimulator } from '../../src/simulator/burrow-simulator.ts';
import { SEVERITY, type Status } from '../../src/words/statuses.ts';
import { GROUP_COLUMNS } from '../../src/http/api/contract/groups.ts';
import { runCommand } from '../stack/command.ts';
import { freePorts } from '../stack/free-port.ts';
import { pollUntil } from '../stack/poll-until.ts';
import { openTerminal, terminalIsPossible, type TerminalWindow } from '../stack/tmux.ts';
import { listOf, overviewOf, rowOf } from '../top/api-answers.ts';
import { createCleanups } from './support/cleanups.ts';
import { startCommand, startSidecar, type CommandProcess } from './support/sidecar-process.ts';

const CLI = new URL('../../dist/cli.js', import.meta.url).pathname;
const UTF8 = { LANG: 'C.UTF-8' };
const SMALL = { columns: 80, rows: 24 };

const cleanups = createCleanups();
afterEach(() => cleanups.run());

/** A sidecar with made-up groups in a process of its own. */
async function startDemo(
  groups: number,
  port = 0,
  ...more: readonly string[]
): Promise<{ readonly url: string; readonly process: CommandProcess }> {
  const args = [
    'demo',
    '--groups',
    String(groups),
    '--set',
    `http.port=${port}`,
    '--set',
    'log.pretty=false',
    ...more,
  ];
  const process = startCommand(args, {}, cleanups.add);
  const url = await pollUntil(() => /"port":(\d+).*The HTTP server listens/.exec(process.stderr())?.[1], {
    what: 'the demo to listen',
    withinMs: 60_000,
  });
  return { url: `http://127.0.0.1:${url}`, process };
}

/** `top` in a terminal whose screen says `before` until it starts, and its exit code when it is over. */
async function startTop(
  args: string,
  { env = UTF8, ...size }: Partial<typeof SMALL> & { readonly env?: Record<string, string> } = {},
): Promise<TerminalWindow> {
  const command = `echo before; ${process.execPath} ${CLI} top ${args}; echo "exit=$?"; cat`;
  const window = await openTerminal(command, { ...SMALL, ...size, env });
  cleanups.add(() => window.close());
  return window;
}

const isOver = (code: number) => (lines: readonly string[]) =>
  lines[0] === 'before' && lines.includes(`exit=${code}`);
const hasRows = (lines: readonly string[]): boolean => /^>\w/.test(lines[5] ?? '');

describe.skipIf(!terminalIsPossible())('given a demo of forty groups and a terminal', () => {
  test('when top is started on 80 by 24, then the table fills the screen, and q gives the terminal back', async () => {
    const { url } = await startDemo(40);
    const window = await startTop(`--url ${url}`);
    const lines = await window.waitFor(
      'the groups',
      // On a slow machine the first groups are there before the rest, and before the start is over.
      (seen) => hasRows(seen) && / 1-18 of \d\d$/.test(seen[23] ?? '') && / ok {2}up /.test(seen[0] ?? ''),
    );
    expect(lines[0]).toMatch(/^burrow-rainbow {2}\d+\.\d+\.\d+ {2}\S+ {2}up .* \d\d:\d\d:\d\d UTC$/);
    expect(lines[1]).toMatch(/^\d+ groups {2}\d+ lagging {2}lag /);
    expect(lines[4]).toMatch(/^ CLUSTER +GROUP +STATUS +SINCE +LAG TIME LAG +DRAIN TIME HISTORY$/);
    expect(lines[23]).toMatch(/^q quit .* 1-18 of \d+$/);
    expect(await window.paintedScreen()).toContain('\u001b[32m');
    await window.press('q');
    const after = await window.waitFor('the end', isOver(0));
    expect(after.join('\n')).not.toContain('CLUSTER');
  });

  test('when keys are pressed, then it moves, searches, filters, opens a group, helps, and Ctrl-C ends it', async () => {
    const { url } = await startDemo(40);
    const window = await startTop(`--url ${url}`);
    await window.waitFor('many groups', (seen) => Number(/of (\d+)$/.exec(seen[23] ?? '')?.[1] ?? 0) > 30);
    await window.press('Down', 'Down');
    await window.waitFor(
      'the cursor two below',
      (seen) => seen.slice(5, 23).some((line) => line.startsWith('>')) && !(seen[5] ?? '').startsWith('>'),
    );
    await window.press('End');
    await window.waitFor('the end of the list', (seen) => /(\d+) of \1$/.test(seen[23] ?? ''));
    await window.press('Home', 's');
    await window.waitFor(
      'the order of clusters',
      (seen) => (seen[3] ?? '').startsWith('sort: cluster ▲') && hasRows(seen),
    );
    await window.press('/');
    await window.press('-l', 'indexer');
    await window.waitFor(
      'what was searched',
      (seen) => seen[3] === 'Search: indexer_' && (seen[5] ?? '').includes('search-indexer'),
    );
    await window.press('Enter', 'Enter');
    const group = await window.waitFor('the partitions', (seen) =>
      /^ TOPIC[^]*\n \S+ +\d+ (OK|WARN|ERR|STOP|STALL|REWIND) /m.test(seen.join('\n')),
    );
    expect(group[3]).toMatch(/^orders \/ search-indexer/);
    expect(group.find((line) => line.startsWith(' TOPIC'))).toMatch(
      /^ TOPIC +PARTITION STATUS +LAG TIME LAG OWNER +HISTORY$/,
    );
    await window.press('Escape');
    await window.waitFor('the list', (seen) => (seen[3] ?? '').includes('search: indexer'));
    await window.press('Escape', '?');
    await window.waitFor('the help', (seen) =>
      seen.some((line) => line.includes('Ctrl-Z: to the background')),
    );
    await window.press('x', 'p');
    await window.waitFor('the pause', (seen) => /PAUSED$/.test(seen[0] ?? ''));
    await window.press('C-c');
    await window.waitFor('the end', isOver(0));
  });

  test('when the window is made larger and smaller, then it is filled anew each time, and given back as it was', async () => {
    const { url } = await startDemo(40);
    const window = await startTop(`--url ${url}`);
    await window.waitFor('the groups', hasRows);
    await window.resize(200, 50);
    const large = await window.waitFor(
      'the large table',
      (seen) => hasRows(seen) && /^q quit.*c cluster.* of \d+$/.test(seen[49] ?? ''),
    );
    expect(large[4]).toMatch(/CONSUMED\/S PRODUCED\/S LAST 6 MIN/);
    await window.resize(50, 12);
    await window.waitFor(
      'the small table',
      (seen) => hasRows(seen) && /^q quit.* of \d+$/.test(seen[11] ?? ''),
    );
    await window.resize(20, 5);
    await window.waitFor('a word about the size', (seen) => (seen[0] ?? '').startsWith('Too small: 20x5'));
    await window.resize(80, 24);
    await window.waitFor('the table again', hasRows);
    await window.press('q');
    await window.waitFor('the end', isOver(0));
  });

  test('when the sidecar goes away and comes back, then it says since when, and goes on by itself', async () => {
    const [port = 0] = await freePorts(1);
    const window = await startTop(`--url http://127.0.0.1:${port}`);
    await window.waitFor('a word about it', (seen) =>
      /^No answer since .*: nothing listens there; trying again$/.test(seen[2] ?? ''),
    );
    const { process } = await startDemo(8, port);
    await window.waitFor('the groups', (seen) => hasRows(seen) && (seen[2] ?? '') === '');
    process.send('SIGKILL');
    const lost = await window.waitFor('a word about it', (seen) => (seen[0] ?? '').includes('NO ANSWER'));
    expect(hasRows(lost)).toBe(true);
    await window.press('q');
    await window.waitFor('the end', isOver(0));
  });

  test('when it is asked to end, or fails by a fault of ours, then the terminal is given back first', async () => {
    const { url } = await startDemo(8);
    const crash = 'setTimeout(() => { throw new Error("a fault made for this test") }, 4000)';
    const crashing = { ...UTF8, NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(crash)}` };
    const failed = await startTop(`--url ${url} --set log.pretty=false`, { env: crashing });
    await failed.waitFor('the groups', hasRows);
    const after = await failed.waitFor('the end', isOver(1));
    expect(after.join('')).toContain('a fault made for this test');
    const asked = await openTerminal(
      `echo before; timeout --foreground -s TERM 4 ${process.execPath} ${CLI} top --url ${url}; echo "exit=$?"; cat`,
      { ...SMALL, env: UTF8 },
    );
    cleanups.add(() => asked.close());
    await asked.waitFor('the groups', hasRows);
    // What `timeout` ends with where it had to end the command.
    await asked.waitFor('the end', isOver(124));
    // Typed letters are seen again, line by line.
    await asked.press('-l', 'typed');
    await asked.press('Enter');
    await asked.waitFor('what was typed', (seen) => seen.filter((line) => line === 'typed').length === 2);
  });

  test('when it is put into the background, then the shell has the terminal until the job goes on; without a shell it stays', async () => {
    const { url } = await startDemo(8);
    const isPrompt = (seen: readonly string[]): boolean => seen.findLast((line) => line !== '') === '$';
    const shell = await openTerminal("PS1='$ ' exec bash --norc --noprofile -i", { ...SMALL, env: UTF8 });
    cleanups.add(() => shell.close());
    await shell.waitFor('the shell', isPrompt);
    await shell.press('-l', `${process.execPath} ${CLI} top --url ${url}`);
    await shell.press('Enter');
    await shell.waitFor('the groups', hasRows);
    await shell.press('C-z');
    const stopped = await shell.waitFor('the prompt', isPrompt);
    expect(stopped.join('\n')).not.toContain('GROUP');
    await shell.press('-l', 'fg');
    await shell.press('Enter');
    await shell.waitFor('the groups', hasRows);
    await shell.press('q');
    await shell.waitFor('the prompt', isPrompt);

    const alone = await openTerminal(`exec ${process.execPath} ${CLI} top --url ${url}`, {
      ...SMALL,
      env: UTF8,
    });
    cleanups.add(() => alone.close());
    await alone.waitFor('the groups', hasRows);
    await alone.press('C-z');
    await alone.press('p');
    await alone.waitFor('a key', (seen) => hasRows(seen) && /PAUSED$/.test(seen[0] ?? ''));
  });

  test('when neither colours nor Unicode are to be had, then it does without', async () => {
    const { url } = await startDemo(8);
    const window = await startTop(`--url ${url}`, { env: { LC_ALL: 'C', NO_COLOR: '1' } });
    await window.waitFor('the groups', hasRows);
    const painted = await window.paintedScreen();
    expect(painted).toMatch(/sort: worst v/);
    expect(painted.replaceAll('\u001b', '')).toMatch(/^[\x20-\x7e\n\u000e\u000f]*$/);
    const colour = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*3[0-7]m`);
    expect(painted).not.toMatch(colour);
  });
});

/** Columns of a row of groups by the titles above them. */
function columnOf(lines: readonly string[], title: string, row: string): string {
  const head = lines[4] ?? '';
  const from = head.indexOf(title);
  const isRight = title === 'LAG' || title === 'TIME LAG';
  const text = isRight ? row.slice(0, from + title.length) : row.slice(from);
  return (isRight ? text.trimEnd().split(' ').at(-1) : text.trimStart().split(' ')[0]) ?? '';
}

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Rows below one that is not as bad: by status, then by time lag as far as it is shown. */
function rowsOutOfOrder(lines: readonly string[]): readonly string[] {
  const rows = lines.slice(5, -1).filter((line) => / (OK|UNKNOWN|NOTFOUND|WARN|ERR) /.test(line));
  const worth = rows.map((row) => {
    const parts = columnOf(lines, 'TIME LAG', row).matchAll(/([\d.]+)([smhd])/g);
    const seconds = [...parts].reduce(
      (sum, [, value, unit = '']) => sum + Number(value) * (SECONDS[unit] ?? 0),
      0,
    );
    return SEVERITY[columnOf(lines, 'STATUS', row) as Status] * 1e9 + seconds;
  });
  return rows.filter((_, index) => index > 0 && (worth[index] ?? 0) > (worth[index - 1] ?? 0));
}

describe.skipIf(!terminalIsPossible())('given two thousand groups whose figures move', () => {
  test('when the screen is read forty times, then it is in order each time; moving holds the order and says so', async () => {
    const { url } = await startDemo(2000, 0, '--speed', '20');
    const window = await startTop(`--url ${url}`, { columns: 120, rows: 40 });
    await window.waitFor(
      'most groups',
      (seen) => Number(/of ([\d,]+)$/.exec(seen[39] ?? '')?.[1]?.replace(',', '')) > 1500,
    );
    const seen = new Set<string>();
    for (let read = 0; read < 40; read++) {
      const lines = await window.screen();
      expect(rowsOutOfOrder(lines)).toEqual([]);
      expect(lines.slice(5, 39).filter((line) => / (WARN|ERR) /.test(line)).length).toBeGreaterThan(0);
      seen.add(lines.slice(5, 39).join('\n'));
      await sleep(500);
    }
    expect(seen.size).toBeGreaterThan(5);
    await window.keep('top-2000-groups-120x40');
    for (const [columns, rows] of [
      [80, 24],
      [40, 20],
    ] as const) {
      await window.resize(columns, rows);
      await window.waitFor(
        'a table of that size',
        (lines) => hasRows(lines) && / of [\d,]+$/.test(lines[rows - 1] ?? ''),
      );
      await window.keep(`top-2000-groups-${columns}x${rows}`);
    }
    await window.resize(120, 40);
    await window.waitFor('the large table', (lines) => / of [\d,]+$/.test(lines[39] ?? ''));

    await window.press('Down');
    const held = await window.waitFor('the hold', (lines) => /order held$/.test(lines[0] ?? ''));
    const names = (lines: readonly string[]) => lines.slice(5, 39).map((line) => line.slice(1, 40));
    await sleep(3500);
    expect(names(await window.screen())).toEqual(names(held));
    await window.waitFor(
      'other rows',
      (lines) => / UTC$/.test(lines[0] ?? '') && names(lines).join() !== names(held).join(),
    );
    await window.press('q');
    await window.waitFor('the end', isOver(0));
  });
});

describe.skipIf(!terminalIsPossible())('given a sidecar that hangs', () => {
  test('when a group is open, then its age goes on, and the screen says since when there is no answer', async () => {
    const { url, process } = await startDemo(8);
    const window = await startTop(`--url ${url}`);
    await window.waitFor('the groups', hasRows);
    await window.press('Enter');
    await window.waitFor('the group', (seen) => seen.some((line) => /polled \ds ago/.test(line)));
    process.send('SIGSTOP');
    const lost = await window.waitFor(
      'ages that go on',
      (seen) =>
        /NO ANSWER/.test(seen[0] ?? '') &&
        seen.some((line) => Number(/polled (\d+)s ago/.exec(line)?.[1] ?? 0) > 14),
      40_000,
    );
    await window.keep('top-group-hung-sidecar-80x24');
    expect(lost[2]).toMatch(
      /^No answer since \d\d:\d\d:\d\d UTC \(1\d s\): no answer within 5 s; trying again$/,
    );
    process.send('SIGCONT');
    await window.waitFor('the answer', (seen) => / ok {2}up /.test(seen[0] ?? ''));
    await window.press('q');
    await window.waitFor('the end', isOver(0));
  });
});

describe.skipIf(!terminalIsPossible())('given a sidecar whose Burrow is down', () => {
  test('when top is shown, then its header says what is wrong and since when, and the time goes on', async () => {
    const burrow = createBurrowSimulator(systemClock, { speed: 10 });
    const forever = new AbortController().signal;
    await burrow.start(forever);
    cleanups.add(() => burrow.stop(forever));
    const sidecar = await startSidecar(
      { 'burrow.servers': burrow.url, 'sink.type': 'file', 'sink.file': '/dev/null', 'poll.interval': '1s' },
      cleanups.add,
    );
    const window = await startTop(`--url ${sidecar.url}`);
    await window.waitFor('the groups', (seen) => hasRows(seen) && / ok {2}up /.test(seen[0] ?? ''));
    await burrow.stop(forever);
    const down = await window.waitFor('the fault', (seen) => / DEGRADED \d+ s /.test(seen[0] ?? ''));
    expect(down[2]).toMatch(/^burrow \S+, since \d\d:\d\d:\d\d UTC \(\d+ s\): /);
    expect(down.find((line) => line.startsWith('>'))).toMatch(/ (OK|WARN|ERR) /);
    await window.keep('top-burrow-down-80x24');
    const begin = /since (\S+) UTC/.exec(down[2] ?? '')?.[1] ?? '';
    await window.resize(40, 20);
    await window.waitFor(
      'a longer time',
      (seen) => /DEGRADED ([6-9]|\d\d) s /.test(seen[0] ?? '') && seen.slice(2, 5).join(' ').includes(begin),
    );
    await window.keep('top-burrow-down-40x20');
    await window.press('q');
    await window.waitFor('the end', isOver(0));
  });
});

describe.skipIf(!terminalIsPossible())('given a terminal of 40 columns in another zone', () => {
  const small = { columns: 40, rows: 20, env: { ...UTF8, TZ: 'Asia/Tokyo' } };

  test('when top is shown, then group, status, lag, time lag and the labelled time fit, on each screen', async () => {
    const { url } = await startDemo(40);
    const window = await startTop(`--url ${url}`, small);
    const lines = await window.waitFor('the groups', hasRows);
    expect(lines[0]).toMatch(/^burrow-rainbow {2}ok +\d\d:\d\d:\d\d \+09:00$/);
    expect(lines[4]).toBe(' GROUP            STATUS    LAG TIME LAG');
    expect(lines[5]).toMatch(/^>\S+ +(ERR|WARN|OK) +\S+ +\S+s$/);
    await window.press('Enter');
    const group = await window.waitFor('the group', (seen) => seen.some((line) => /^ TOPIC/.test(line)));
    await window.keep('top-group-40x20');
    expect(group.find((line) => line.startsWith(' TOPIC'))).toMatch(/^ TOPIC +PARTITION STATUS +LAG$/);
    expect(group.join(' ')).toMatch(/ for .* lag .* time lag .*consumed\/s .*produced\/s .*polled \S+ ago/);
    await window.press('?');
    await window.waitFor('the help', (seen) => seen[18]?.trim() === '?          not known; blank: no sample');
    await window.press('q');
    await window.waitFor('the end', isOver(0));
    const utc = await startTop(`--utc --url ${url}`, small);
    await utc.waitFor('the groups', (seen) => hasRows(seen) && / UTC$/.test(seen[0] ?? ''));
    await utc.press('q');
    await utc.waitFor('the end', isOver(0));
  });
});

describe.skipIf(!terminalIsPossible())(
  'given a sidecar with ten thousand groups, some of them with hostile names',
  () => {
    test('when they are gone through, then every row is where it belongs', async () => {
      const hostile = [
        '\u001b[2J\u001b[1;1Howned',
        'line\r\nbreak',
        '日本語の消費者グループ',
        '\u202egnp.exe',
        '👩‍👩‍👧‍👦👍🇩🇪',
        `a${'\u0301'.repeat(50)}`,
      ];
      const names = [
        ...hostile,
        ...Array.from({ length: 9994 }, (_, index) => `group-${String(index).padStart(4, '0')}`),
      ];
      const server = createServer((request, response) => {
        const url = new URL(request.url ?? '', 'http://sidecar');
        const offset = Number(url.searchParams.get('offset'));
        const rows = names.slice(offset, offset + Number(url.searchParams.get('limit')));
        const body =
          url.pathname === '/api/overview'
            ? overviewOf(['cluster'], 10_000)
            : listOf(
                rows.map((name) => rowOf('cluster', name, 'ERR')),
                10_000,
                offset,
              );
        response.end(JSON.stringify(body));
      });
      await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
      cleanups.add(() => void server.close());
      const { port } = server.address() as { port: number };
      const window = await startTop(`--url http://127.0.0.1:${port}`);
      const lines = await window.waitFor('the groups', (seen) => (seen[22] ?? '').includes('group-0011'));
      const statusAt = (lines[4] ?? '').indexOf('STATUS');
      expect(statusAt).toBeGreaterThan(0);
      // By columns of the screen, since a wide letter is one character of two columns.
      for (const line of lines.slice(5, 23)) {
        const before = line.slice(0, line.indexOf(' ERR '));
        expect(columnsOf(before)).toBe(statusAt - 1);
      }
      await window.press('End');
      await window.waitFor(
        'the last of them',
        (seen) => (seen[22] ?? '').startsWith('>group-9993') && /10,000 of 10,000$/.test(seen[23] ?? ''),
      );
      await window.press('q');
      await window.waitFor('the end', isOver(0));
    });
  },
);

describe('given no terminal', () => {
  test('when top is run, then it prints one table or a line of JSON a group, and ends', async () => {
    const { url } = await startDemo(8);
    const run = async (...args: string[]) => {
      const command = startCommand(['top', '--url', url, ...args], UTF8, cleanups.add);
      const { exitCode } = await command.ended;
      return { exitCode, stdout: command.stdout(), stderr: command.stderr() };
    };
    await pollUntil(async () => ((await run('--json')).stdout.split('\n').length > 6 ? true : undefined), {
      what: 'groups',
      withinMs: 60_000,
    });
    const table = await run();
    expect(table).toMatchObject({ exitCode: 0, stderr: '' });
    expect(table.stdout).toMatch(
      /^\d+ groups {2}.*\n(?:First polls.*\n)? CLUSTER +GROUP .*\n (?:orders|payments) /,
    );
    expect(table.stdout).not.toContain('\u001b');
    const json = await run('--json');
    expect(json.exitCode).toBe(0);
    for (const line of json.stdout.trimEnd().split('\n')) {
      expect(Object.keys(JSON.parse(line) as object)).toEqual([...GROUP_COLUMNS]);
    }
  });

  test('when the sidecar hangs and the reader of both outputs has left, then it ends all the same', async () => {
    const server = createServer(() => undefined);
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    cleanups.add(() => void server.close());
    const { port } = server.address() as { port: number };
    const top = `timeout -k 1 12 ${process.execPath} ${CLI} top --url http://127.0.0.1:${port}`;
    const output = await runCommand('sh', ['-c', `{ { ${top}; echo $? >&3; } 2>&1 | true; } 3>&1`]);
    expect(output.trim()).toBe('1');
  });

  test('when the sidecar is away, then it says so and exits 1', async () => {
    const [port = 0] = await freePorts(1);
    const command = startCommand(['top', '--url', `http://127.0.0.1:${port}`], UTF8, cleanups.add);
    expect((await command.ended).exitCode).toBe(1);
    expect(command.stdout()).toBe('');
    expect(command.stderr()).toBe(
      `burrow-rainbow: no data from the sidecar at http://127.0.0.1:${port}: nothing listens there\n`,
    );
  });
});

function columnsOf(text: string): number {
  return [...new Intl.Segmenter().segment(text)].reduce(
    (sum, { segment }) => sum + (/^[\p{Emoji_Presentation}\u3000-\u9fff]/u.test(segment) ? 2 : 1),
    0,
  );
}
