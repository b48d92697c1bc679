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
      loadGood({ set: ['sink.type=stdout', `burrow.servers=${url}`] }),
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
    expect(await next()).toMatch(/^Burrow 127.*: answers, 2 clusters$/);
    expect(await next()).toBe('cluster first: 2 groups, 1 topic');
    const last = next();
    expect(asked.at(-1)).toBe('cluster second');
    release();
    expect(await last).toBe('cluster second: 2 groups, 1 topic');
    expect(await next()).toBeNull();
  });
});

describe('given two Burrows with a cluster of one name', () => {
  /** What a check finds, and of which it says that it keeps `run` from its work. */
  async function check(first: readonly string[], second: readonly string[], clusters: string) {
    const burrows = await Promise.all(
      [first, second].map(async (groups) => {
        const burrow = createScriptedBurrow();
        burrow.world.setOffsets('prod', 'orders', [1]);
        for (const group of groups) burrow.world.setLag('prod', group, 'orders', 0, 1);
        await burrow.start(new AbortController().signal);
        onTestFinished(() => burrow.stop(AbortSignal.abort()));
        return burrow.url;
      }),
    );
    const yaml = `burrow: {servers: [{url: "${burrows[0]!}", name: a}, {url: "${burrows[1]!}", name: b${clusters}}]}`;
    const deps = { clock: systemClock, scheduler: systemScheduler, log: pino({ level: 'silent' }) };
    const found: string[] = [];
    const configuration = loadGood({ yaml, set: ['sink.type=stdout'] });
    for await (const { ok, subject, message } of runCheck(
      configuration,
      { ...deps, asking: () => undefined },
      AbortSignal.timeout(20_000),
    )) {
      found.push(`${ok ? 'ok' : 'FAIL'} ${subject}: ${message}`);
    }
    return found;
  }
  const LISTS = ['eu-1', 'eu-2'];
  const OTHERS = ['us-1', 'us-2', 'us-3'];

  test('when they list different groups, then that is a finding, with both counts and what to do', async () => {
    const found = await check(LISTS, OTHERS, '');
    expect(found.filter((line) => line.startsWith('FAIL'))).toEqual([
      expect.stringMatching(
        /^FAIL cluster prod: a lists 2 groups, b 3, and not the same ones; .*burrow\.servers\[\]\.clusters$/,
      ),
    ]);
  });

  test('when one of them has another name here, then nothing is wrong', async () => {
    const found = await check(LISTS, OTHERS, ', clusters: {prod: prod-us}');
    expect(found).toContain('ok cluster prod: 2 groups, 1 topic');
    expect(found).toContain('ok cluster prod-us: 3 groups, 1 topic');
    expect(found.filter((line) => line.startsWith('FAIL'))).toEqual([]);
  });

  test.each([
    ['the same', LISTS],
    ['fewer of them', LISTS.slice(1)],
    ['the same and what is denied', [...LISTS, 'burrow-b', 'burrow-c']],
  ])('when the second lists %s, then nothing is wrong', async (_, second) => {
    expect((await check(LISTS, second, '')).filter((line) => line.startsWith('FAIL'))).toEqual([]);
  });
});

describe('given a check on a terminal', () => {
  test('when it waits, then it says for what and for how long, on a line that the finding takes over', async () => {
    const { time, view, written } = createView(true);
    view.asking('broker kafka-1:9092');
    expect(written()).toBe('\r\u001b[K\r\u001b[K...  broker kafka-1:9092');
    await time.advance(3000);
    expect(written()).toContain('\r\u001b[K...  broker kafka-1:9092 (3 s)');
    view.found({ ok: false, subject: 'broker kafka-1:9092', message: 'is away' });
    expect(written()).toBe('\r\u001b[KFAIL broker kafka-1:9092: is away\n');
    expect(time.pending()).toBe(0);
  });

  test('when a name holds what a terminal obeys, then it does not get it', () => {
    const { view, written } = createView(true);
    view.asking('cluster a\u001b[2Jb');
    view.found({ ok: true, subject: 'cluster a\u001b[2Jb', message: '1 group' });
    view.end();
    expect(written().replaceAll('\r\u001b[K', '')).toBe('...  cluster a_[2Jbok   cluster a_[2Jb: 1 group\n');
  });
});

describe('given a check whose output is read by a program', () => {
  test('when it waits, then there is nothing but the findings', async () => {
    const { time, view, written } = createView(false);
    view.asking('broker kafka-1:9092');
    await time.advance(5000);
    view.found({ ok: true, subject: 'broker kafka-1:9092', message: 'answers' });
    view.found({ ok: true, isWarning: true, subject: 'certificate', message: 'expired' });
    view.end();
    expect(written()).toBe('ok   broker kafka-1:9092: answers\nwarn certificate: expired\n');
  });
});
