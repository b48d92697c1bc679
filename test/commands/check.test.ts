import { pino } from 'pino';
import { createServer } from 'node:http';
import { PassThrough } from 'node:stream';
import { describe, expect, onTestFinished, test } from 'vitest';
import { runCheck } from '../../src/commands/run-check.ts';
import { createCheckView } from '../../src/commands/check.ts';
import { systemClock, systemScheduler } from '../../src/platform/clock.ts';
import { createScriptedBurrow } from '../support/burrow/scripted-burrow.ts';
import { loadGood } from '../config/loading.ts';
import { createSimulatedTime } from '../support/simulated-time.ts';

/** A Burrow with two clusters that answers about the second only when it is told to. */
async function startBurrow() {
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    const list =
      path === '/v3/kafka'
        ? { clusters: ['first', 'second'] }
        : path.endsWith('/topic')
          ? { topics: ['orders'] }
          : { consumers: ['billing', 'search'] };
    const answer = { error: false, message: '', request: { url: path, host: 'burrow' }, ...list };
    const send = (): void => void response.end(JSON.stringify(answer));
    response.setHeader('content-type', 'application/json');
    if (path.includes('second')) void released.then(send);
    else send();
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as { port: number };
  return { url: `http://127.0.0.1:${port}`, release };
}

function createView(isTerminal: boolean) {
  const time = createSimulatedTime();
  const stdout = new PassThrough({ encoding: 'utf8' });
  const view = createCheckView({ stdout, ...time }, { isTerminal });
  return { time, view, written: () => String(stdout.read() ?? '') };
}

describe('given a Burrow that takes its time about one cluster', () => {
  test('when it is checked, then what is found is told before it has answered, and what is asked', async () => {
    const { url, release } = await startBurrow();
    const asked: string[] = [];
    const steps = runCheck(
      loadGood({ set: ['sink.type=stdout', 'http.port=0', `burrow.servers=${url}`] }),
      {
        clock: systemClock,
        scheduler: systemScheduler,
        log: pino({ level: 'silent' }),
        asking: (what) => void asked.push(what),
      },
      AbortSignal.timeout(20_000),
    );
    const next = async () => {
      const result = await steps.next();
      return result.done === true ? null : `${result.value.subject}: ${result.value.message}`;
    };
    expect(await next()).toBe('configuration: is valid');
    expect(await next()).toBe('HTTP port 0: is any free one');
    expect(await next()).toMatch(/^Burrow 127.*: answers, 2 clusters$/);
    expect(await next()).toBe('cluster first: 2 groups, 1 topic');
    const last = next();
    await expect.poll(() => asked.at(-1)).toBe('cluster second');
    release();
    expect(await last).toBe('cluster second: 2 groups, 1 topic');
    expect(await next()).toBeNull();
  });
});

/** The findings of one check, each on a line. */
async function checked(yaml: string, set: readonly string[] = []): Promise<string[]> {
  const deps = { clock: systemClock, scheduler: systemScheduler, log: pino({ level: 'silent' }) };
  const configuration = loadGood({ yaml, set: ['sink.type=stdout', 'http.port=0', ...set] });
  const steps = runCheck(configuration, { ...deps, asking: () => undefined }, AbortSignal.timeout(20_000));
  const lines: string[] = [];
  for await (const { verdict, subject, message } of steps) lines.push(`${verdict} ${subject}: ${message}`);
  return lines;
}

const marked = (verdict: string, lines: readonly string[]): string[] =>
  lines.filter((line) => line.startsWith(`${verdict} `));

async function burrowWith(cluster: string, groups: readonly string[]): Promise<string> {
  const burrow = createScriptedBurrow();
  burrow.world.setOffsets(cluster, 'orders', [1]);
  for (const group of groups) burrow.world.setLag(cluster, group, 'orders', 0, 1);
  await burrow.start(new AbortController().signal);
  onTestFinished(() => burrow.stop(AbortSignal.abort()));
  return burrow.url;
}

describe('given a port', () => {
  const onPort = async (port: number, set: readonly string[] = []): Promise<string[]> => {
    const burrow = await burrowWith('prod', ['billing']);
    return checked(`burrow: {servers: ["${burrow}"]}`, [`http.port=${port}`, 'http.host=127.0.0.1', ...set]);
  };
  async function listening(answer: string): Promise<number> {
    const server = createServer((_request, response) => void response.end(answer));
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    return (server.address() as { port: number }).port;
  }

  test('when something else listens there, then run would fail, and the line says what to do', async () => {
    const port = await listening('hello');
    expect(marked('fail', await onPort(port))).toEqual([
      `fail HTTP port ${port}: cannot listen on 127.0.0.1:${port}: the port is in use; stop what uses it or set http.port to another one`,
    ]);
  });

  test('when a sidecar listens there already, then that is a warning', async () => {
    const port = await listening(JSON.stringify({ version: '1.0.0', status: 'ok', phase: 'running' }));
    const lines = await onPort(port);
    expect(marked('fail', lines)).toEqual([]);
    expect(marked('warn', lines)).toEqual([
      `warn HTTP port ${port}: is in use by a sidecar that runs here; a second one needs another http.port`,
    ]);
  });

  test('when nothing listens there, then it is free, and so it is afterwards', async () => {
    const port = await listening('');
    const gone = await listening('');
    expect(gone).not.toBe(port);
    const free = createServer();
    await new Promise<void>((resolve) => void free.listen(0, '127.0.0.1', resolve));
    const { port: freePort } = free.address() as { port: number };
    await new Promise((resolve) => void free.close(resolve));
    for (let round = 0; round < 2; round += 1) {
      expect(marked('ok', await onPort(freePort))).toContain(`ok HTTP port ${freePort}: is free`);
    }
  });
});

describe('given a Burrow whose groups are not all followed', () => {
  test('when a filter leaves some out, then a warning says how many and names a few', async () => {
    const tools = Array.from({ length: 12 }, (_, index) => `console-consumer-${10 + index}`);
    const burrow = await burrowWith('prod', ['billing', ...tools]);
    expect(marked('warn', await checked(`burrow: {servers: ["${burrow}"]}`))).toEqual([
      'warn cluster prod: discovery.groups leaves out 12 of 13 groups, which are not followed: console-consumer-10, console-consumer-11, console-consumer-12, console-consumer-13, console-consumer-14 and 7 more',
    ]);
  });

  test('when it leaves all of them out, then the warning says so', async () => {
    const burrow = await burrowWith('prod', ['billing', 'search']);
    const lines = await checked(`burrow: {servers: ["${burrow}"]}`, ['discovery.groups.allow=^x']);
    expect(marked('warn', lines)).toEqual([
      'warn cluster prod: discovery.groups leaves out all 2 of 2 groups, which are not followed: billing, search',
    ]);
  });

  test('when there are none, then a warning says why that may be', async () => {
    const burrow = await burrowWith('prod', []);
    expect(marked('warn', await checked(`burrow: {servers: ["${burrow}"]}`))).toEqual([
      expect.stringMatching(/^warn cluster prod: 0 groups, 1 topic: none has committed yet, /),
    ]);
  });

  test('when no cluster passes the filter, then a warning says that nothing is followed', async () => {
    const burrow = await burrowWith('prod', ['billing']);
    const lines = await checked(`burrow: {servers: ["${burrow}"]}`, ['discovery.clusters.allow=^x']);
    expect(marked('warn', lines)).toEqual([
      'warn discovery.clusters: leaves out every cluster, so that nothing is followed: prod',
    ]);
  });
});

describe('given clusters whose names differ', () => {
  test('when the configuration names one that the server does not have, then a warning says which it has', async () => {
    const burrow = await burrowWith('prod', ['billing']);
    const lines = await checked(`burrow: {servers: [{url: "${burrow}", name: a, clusters: {Prod: eu}}]}`);
    expect(marked('warn', lines)).toEqual([
      'warn burrow.servers[].clusters of a: names Prod, which this server does not have: it has prod',
    ]);
  });

  test.each([
    ['their names differ in upper and lower case', 'Prod', []],
    ['they have the same groups', 'local', ['billing', 'search']],
  ])('when %s on two servers, then a warning says that both are followed', async (_, other, groups) => {
    const urls = [await burrowWith('prod', ['billing', 'search']), await burrowWith(other, groups)];
    const lines = await checked(
      `burrow: {servers: [{url: "${urls[0]!}", name: a}, {url: "${urls[1]!}", name: b}]}`,
    );
    expect(marked('fail', lines)).toEqual([]);
    expect(marked('warn', lines)).toContainEqual(
      `warn cluster ${other} of b: a has a cluster prod that looks the same, and both are followed: if they are one cluster, give both the same name with burrow.servers[].clusters`,
    );
  });

  test('when neither cluster has groups yet, then they are not taken for one', async () => {
    const urls = [await burrowWith('eu', []), await burrowWith('us', [])];
    const lines = await checked(`burrow: {servers: ["${urls[0]!}", "${urls[1]!}"]}`);
    expect(lines.filter((line) => line.includes('looks the same'))).toEqual([]);
  });

  test('when two clusters have other groups, then nothing is wrong', async () => {
    const urls = [await burrowWith('eu', ['billing', 'search']), await burrowWith('us', ['orders'])];
    const lines = await checked(`burrow: {servers: ["${urls[0]!}", "${urls[1]!}"]}`);
    expect(lines.filter((line) => !line.startsWith('ok '))).toEqual([]);
  });
});

describe('given two Burrows with a cluster of one name', () => {
  async function check(first: readonly string[], second: readonly string[], clusters: string) {
    const urls = [await burrowWith('prod', first), await burrowWith('prod', second)];
    return checked(
      `burrow: {servers: [{url: "${urls[0]!}", name: a}, {url: "${urls[1]!}", name: b${clusters}}]}`,
    );
  }
  const LISTS = ['eu-1', 'eu-2'];
  const OTHERS = ['us-1', 'us-2', 'us-3'];

  test('when they list different groups, then that is a finding, with both counts and what to do', async () => {
    const found = await check(LISTS, OTHERS, '');
    expect(marked('fail', found)).toEqual([
      expect.stringMatching(
        /^fail cluster prod: a lists 2 groups, b 3, and not the same ones; .*burrow\.servers\[\]\.clusters$/,
      ),
    ]);
  });

  test('when one of them has another name here, then nothing is wrong', async () => {
    const found = await check(LISTS, OTHERS, ', clusters: {prod: prod-us}');
    expect(found).toContain('ok cluster prod: 2 groups, 1 topic');
    expect(found).toContain('ok cluster prod-us: 3 groups, 1 topic');
    expect(marked('fail', found)).toEqual([]);
  });

  test.each([
    ['the same', LISTS],
    ['fewer of them', LISTS.slice(1)],
    ['the same and what is denied', [...LISTS, 'burrow-b', 'burrow-c']],
  ])('when the second lists %s, then nothing is wrong', async (_, second) => {
    expect(marked('fail', await check(LISTS, second, ''))).toEqual([]);
  });
});

describe('given a check on a terminal', () => {
  test('when it waits, then it says for what and for how long, on a line that the finding takes over', async () => {
    const { time, view, written } = createView(true);
    view.asking('broker kafka-1:9092');
    expect(written()).toBe('\r\u001b[K\r\u001b[K...  broker kafka-1:9092');
    await time.advance(3000);
    expect(written()).toContain('\r\u001b[K...  broker kafka-1:9092 (3 s)');
    view.found({ verdict: 'fail', subject: 'broker kafka-1:9092', message: 'is away' });
    expect(written()).toBe('\r\u001b[KFAIL broker kafka-1:9092: is away\n');
    expect(time.pending()).toBe(0);
    expect(view.end()).toBe(1);
    expect(written()).toContain('0 ok, 0 warnings, 1 failure: run would not do its work');
  });

  test('when a name holds what a terminal obeys, then it does not get it', () => {
    const { view, written } = createView(true);
    view.asking('cluster a\u001b[2Jb');
    view.found({ verdict: 'ok', subject: 'cluster a\u001b[2Jb', message: '1 group' });
    view.end();
    expect(written().replaceAll('\r\u001b[K', '')).toBe(
      '...  cluster a_[2Jbok   cluster a_[2Jb: 1 group\n\n1 ok, 0 warnings, 0 failures: run can start.\n',
    );
  });
});

describe('given a check whose output is read by a program', () => {
  test('when it waits, then there is nothing but the findings', async () => {
    const { time, view, written } = createView(false);
    view.asking('broker kafka-1:9092');
    await time.advance(5000);
    view.found({ verdict: 'ok', subject: 'broker kafka-1:9092', message: 'answers' });
    view.found({ verdict: 'warn', subject: 'certificate', message: 'expired' });
    expect(view.end()).toBe(0);
    expect(written()).toBe(
      'ok   broker kafka-1:9092: answers\nWARN certificate: expired\n\n1 ok, 1 warning, 0 failures: run does its work; look at what is marked WARN.\n',
    );
  });
});
