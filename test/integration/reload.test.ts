import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startTickingBurrow, type TickingBurrow } from '../faults/support/ticking-burrow.ts';
import { pollUntil } from '../stack/poll-until.ts';
import { createCleanups } from './support/cleanups.ts';
import { toSeries, type ReadSeries } from './support/series.ts';
import { startCommand, type CommandProcess, type LogLine } from './support/sidecar-process.ts';
import { readWavefrontLine } from './support/wavefront-reader.ts';

const cleanups = createCleanups();
const CLI = new URL('../../dist/cli.js', import.meta.url).pathname;
const certificate = (name: string): string =>
  new URL(`../burrow/certificates/${name}.pem`, import.meta.url).pathname;
const SUPERVISOR = new URL('../../dist/supervisor.js', import.meta.url).pathname;
let directory: string;
let burrow: TickingBurrow;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'rainbow-reload-'));
  cleanups.add(() => rm(directory, { recursive: true, force: true }));
  burrow = await startTickingBurrow(cleanups.add, { groups: 3 });
});
afterEach(() => cleanups.run());

/** What every configuration of these tests has; sections that a test gives replace those of the same name. */
function configuration(sections: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    burrow: { servers: [burrow.url] },
    sink: { type: 'stdout' },
    discovery: { interval: '2s' },
    poll: { interval: '2s' },
    http: { host: '127.0.0.1', port: 0 },
    ...sections,
  };
}

const file = (name = 'rainbow.yaml'): string => join(directory, name);
/** JSON is YAML. */
const write = (sections?: Readonly<Record<string, unknown>>): Promise<void> =>
  writeFile(file(), JSON.stringify(configuration(sections)));

function logOf(running: Pick<CommandProcess, 'stderr'>): readonly LogLine[] {
  return running
    .stderr()
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as LogLine);
}

async function until<T>(what: string, probe: () => T | undefined | Promise<T | undefined>): Promise<T> {
  return pollUntil(probe, { what, withinMs: 60_000 });
}

const linesAbout = (running: Pick<CommandProcess, 'stderr'>): readonly LogLine[] =>
  logOf(running).filter(({ msg }) => msg.startsWith('The configuration was'));

/** Sends SIGHUP and gives what the log says came of it. */
async function reload(running: Pick<CommandProcess, 'stderr' | 'send'>): Promise<LogLine> {
  const before = linesAbout(running).length;
  running.send('SIGHUP');
  return until('the reload', () => linesAbout(running)[before]);
}

/** Each group has been asked about so many times more. */
async function flows(groups: readonly string[] = burrow.groups, times = 3): Promise<void> {
  const before = groups.map((group) => burrow.answered(group).length);
  await until('more samples', () =>
    groups.every((group, index) => burrow.answered(group).length >= (before[index] ?? 0) + times)
      ? true
      : undefined,
  );
}

async function start(sections?: Readonly<Record<string, unknown>>) {
  await write(sections);
  const running = startCommand(['run', '--config', file()], {}, cleanups.add);
  const port = await until(
    'the start',
    () => logOf(running).find(({ port: found }) => found !== undefined)?.['port'],
  );
  await flows();
  return { ...running, url: `http://127.0.0.1:${String(port)}` };
}

function seriesOf(running: CommandProcess): readonly ReadSeries[] {
  return toSeries(running.stdout().split('\n').slice(0, -1).map(readWavefrontLine));
}

/** The lag of the partition whose lag never is 0, of one group: all series that there are of it. */
function risingLags(running: CommandProcess, group: string): readonly ReadSeries[] {
  return seriesOf(running).filter(({ name }) => name.endsWith(`.${group}.orders.0.Lag`));
}

/** Where the series of a group begins and ends: `0…0` is one span, `0…00…0` two. */
function spans({ points }: ReadSeries): string {
  return points
    .map(({ value }) => (value === 0 ? '0' : '…'))
    .join('')
    .replace(/…+/g, '…');
}

async function stop(running: CommandProcess): Promise<void> {
  running.send('SIGTERM');
  expect(await running.ended).toEqual({ exitCode: 0, signal: null });
}

describe('given a sidecar with a configuration file', () => {
  test('when live keys change and SIGHUP comes, then they take effect and no series that stays is cut', async () => {
    await writeFile(file('token'), 'one');
    const http = { host: '127.0.0.1', port: 0, tokenFile: file('token') };
    const running = await start({ http });
    const status = async (token: string) =>
      (await fetch(`${running.url}/api/overview`, { headers: { authorization: `Bearer ${token}` } })).status;
    expect(await status('one')).toBe(200);

    // A token, by what its file holds alone.
    await writeFile(file('token'), 'two');
    expect(await reload(running)).toMatchObject({ level: 'info', changes: ['http.tokenFile'] });
    expect([await status('one'), await status('two')]).toEqual([401, 200]);

    // The level of the log.
    await write({ http, log: { level: 'debug' } });
    expect(await reload(running)).toMatchObject({ changes: ['log.level: info → debug'] });
    await until('a line of that level', () => logOf(running).find(({ level }) => level === 'debug'));

    // Filters: one group is denied, and later another one alone allowed.
    await write({ http, discovery: { interval: '2s', groups: { deny: 'group-1' } } });
    expect(await reload(running)).toMatchObject({ level: 'info' });
    await until('the end of the denied group', () =>
      risingLags(running, 'group-1').every(({ points }) => points.at(-1)?.value === 0) ? true : undefined,
    );
    await flows(['group-0', 'group-2']);
    expect(risingLags(running, 'group-1').map(spans)).toEqual(['0…0']);
    await write({ http });
    await reload(running);
    await flows();

    // Intervals.
    await write({ http, discovery: { interval: '5s' }, poll: { interval: '3s' } });
    expect(await reload(running)).toMatchObject({
      changes: ['discovery.interval: 2s → 5s', 'poll.interval: 2s → 3s'],
    });
    await flows();

    await stop(running);
    expect(risingLags(running, 'group-0').map(spans)).toEqual(['0…0']);
    expect(risingLags(running, 'group-2').map(spans)).toEqual(['0…0']);
    expect(risingLags(running, 'group-1').map(spans)).toEqual(['0…00…0']);
    expect(running.stderr()).not.toMatch(/"(one|two)"/);
  });

  test('when the file is broken, or a key needs a restart, then nothing at all changes', async () => {
    const running = await start();
    await writeFile(file(), 'log: {level: debug');
    expect(await reload(running)).toMatchObject({
      level: 'error',
      faults: [expect.stringContaining('YAML')],
    });
    await write({ log: { level: 'loud' } });
    expect(await reload(running)).toMatchObject({ faults: [expect.stringContaining('log.level must be')] });
    await write({ log: { level: 'debug' }, http: { host: '127.0.0.1', port: 1234 } });
    expect(await reload(running)).toMatchObject({ level: 'error', keys: ['http.port'] });
    // Only when it is tried it is seen that this cannot be: all else must not have been changed by then.
    const tls = { certFile: certificate('server'), keyFile: certificate('server-key') };
    await write({ series: { tags: { dc: 'x' } }, http: { host: '127.0.0.1', port: 0, tls } });
    expect(await reload(running)).toMatchObject({ level: 'error' });
    await rm(file());
    expect(await reload(running)).toMatchObject({ level: 'error' });
    await flows();
    expect(logOf(running).filter(({ level }) => level === 'debug')).toEqual([]);
    await stop(running);
    for (const group of burrow.groups) expect(risingLags(running, group).map(spans)).toEqual(['0…0']);
  });
});

describe('given a sidecar whose tags change', () => {
  const ledger = () => ({ path: file('ledger') });
  const tagged = (dc: string) => ({ series: { source: 'here', tags: { dc } }, ledger: ledger() });
  const bySpans = (all: readonly ReadSeries[], dc: string): readonly string[] => [
    ...new Set(
      all.filter(({ tags }) => tags['dc'] === dc).map((series) => (isEnded(series) ? 'ended' : 'open')),
    ),
  ];
  const isEnded = ({ points }: ReadSeries): boolean => points.at(-1)?.value === 0;

  test('when SIGHUP comes, then every series ends, and begins anew with the new tags', async () => {
    const running = await start(tagged('one'));
    await write(tagged('two'));
    expect(await reload(running)).toMatchObject({ changes: ['series.tags: {"dc":"one"} → {"dc":"two"}'] });
    await flows();
    await stop(running);
    const all = seriesOf(running);
    for (const group of burrow.groups) {
      expect(risingLags(running, group).map((series) => [series.tags['dc'], spans(series)])).toEqual([
        ['one', '0…0'],
        ['two', '0…0'],
      ]);
    }
    expect([bySpans(all, 'one'), bySpans(all, 'two')]).toEqual([['ended'], ['ended']]);
    expect(
      all.filter(({ points }) =>
        points.some(({ timestamp }, index) => timestamp <= (points[index - 1]?.timestamp ?? 0)),
      ),
    ).toEqual([]);
  });

  test('when it is killed after that, then the next start ends or goes on with the series of the new tags alone', async () => {
    const running = await start(tagged('one'));
    await write(tagged('two'));
    await reload(running);
    await flows();
    running.send('SIGKILL');
    await running.ended;
    // Under tags that are others again, so that what was open is to be ended under its own.
    const next = await start(tagged('three'));
    await stop(next);
    const lines = [running, next].flatMap((each) => each.stdout().split('\n').slice(0, -1));
    const all = toSeries(lines.filter((line) => line.includes('source=')).map(readWavefrontLine));
    expect(all.filter((series) => !isEnded(series))).toEqual([]);
    const endedByNext = toSeries(next.stdout().split('\n').slice(0, -1).map(readWavefrontLine)).filter(
      ({ tags }) => tags['dc'] !== 'three',
    );
    expect([...new Set(endedByNext.map(({ tags }) => tags['dc']))]).toEqual(['two']);
    expect(endedByNext.every(({ points }) => points.length === 1)).toBe(true);
  });
});

describe('given the supervisor of a container', () => {
  test('when SIGHUP comes to it, then the sidecar reloads and neither program ends', async () => {
    await write();
    const child = spawn(
      process.execPath,
      [
        SUPERVISOR,
        ...[process.execPath, '-e', 'setInterval(() => {}, 1000)'],
        '--',
        ...[process.execPath, CLI, 'run', '--config', file()],
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    cleanups.add(() => void child.kill('SIGTERM'));
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.stdout.resume();
    const ended = new Promise((resolve) => child.on('close', resolve));
    const running = { stderr: () => stderr, send: (signal: NodeJS.Signals) => child.kill(signal) };
    await flows();
    await write({ log: { level: 'debug' } });
    expect(await reload(running)).toMatchObject({ changes: ['log.level: info → debug'] });
    await flows();
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(stderr).not.toContain('unasked');
  });
});
