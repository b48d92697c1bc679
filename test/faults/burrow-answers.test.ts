import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Fault } from '../support/burrow/faults.ts';
import { createScriptedBurrow, type ScriptedBurrow } from '../support/burrow/scripted-burrow.ts';
import { createCleanups } from '../integration/support/cleanups.ts';
import { besideOthers } from '../integration/support/concurrency.ts';
import type { Settings } from '../integration/support/sidecar-process.ts';
import type { ReadSeries } from '../integration/support/series.ts';
import { cutInHalf, noHttp, oneByteASecond } from './support/broken-answers.ts';
import { handOver } from './support/fault-row.ts';
import { setStdoutScene, type StdoutScene } from './support/stdout-scene.ts';
import { CLUSTER } from './support/ticking-burrow.ts';

/** All good, and all of it once. */
const WHOLE = { missing: [], duplicates: [], danglingSpans: 0, faults: [] };

/** A Burrow next to the one that fails. */
const OTHER_LAG = 'burrow.calm.readers.letters.0.Lag';
const LAG_OF_FIRST = `/v3/kafka/${CLUSTER}/consumer/group-0/lag`;

interface Case {
  readonly fault: string;
  readonly answer: Fault;
  readonly reason: RegExp;
  readonly kind: 'burrowUnreachable' | 'burrowInvalid';
}

const cases: readonly Case[] = [
  {
    fault: 'Burrow answers 500',
    answer: { kind: 'answer', status: 500, body: '{"error":true,"message":"no"}' },
    reason: /the server answered HTTP 500/,
    kind: 'burrowUnreachable',
  },
  {
    fault: 'Burrow gives half an answer',
    answer: cutInHalf,
    reason: /the connection was lost before the answer was complete/,
    kind: 'burrowUnreachable',
  },
  {
    fault: 'Burrow answers with a page',
    answer: { kind: 'answer', status: 200, body: '<html>all is well</html>' },
    reason: /the answer is an HTML page/,
    kind: 'burrowInvalid',
  },
  {
    fault: 'Burrow answers no HTTP',
    answer: noHttp,
    reason: /the answer is not HTTP/,
    kind: 'burrowInvalid',
  },
  {
    fault: 'Burrow gives one byte a second',
    answer: oneByteASecond,
    reason: /no complete answer within 1000 ms/,
    kind: 'burrowUnreachable',
  },
  {
    fault: 'Burrow takes requests and answers none',
    answer: { kind: 'hang' },
    reason: /no complete answer within 1000 ms/,
    kind: 'burrowUnreachable',
  },
];

describe('given a Burrow that fails beside one that does not', besideOthers, () => {
  const cleanups = createCleanups();
  let other: ScriptedBurrow;
  beforeAll(async () => {
    other = createScriptedBurrow();
    other.world.setLag('calm', 'readers', 'letters', 0, 7);
    await other.start(new AbortController().signal);
    cleanups.add(() => other.stop(AbortSignal.abort()));
  });
  afterAll(() => cleanups.run());

  function setScene(more: Settings = {}): Promise<StdoutScene> {
    return setStdoutScene(
      {
        settings: (url) => ({
          'burrow.servers': `${url},${other.url}`,
          'burrow.timeout': '1s',
          'health.burrowSilent': '6s',
          ...more,
        }),
      },
      cleanups.add,
    );
  }

  test.for(cases)('when $fault, then nothing is made up and nothing is lost', async (each, { task }) => {
    const scene = await setScene();
    const { burrow, sidecar } = scene;
    await scene.flows();
    const calm = calmRecords(scene);
    burrow.faults.set('', each.answer);
    await scene.until('a reason', async () => each.reason.test((await partOf(scene))?.reason ?? ''));
    const before = scene.groupSeries();
    await scene.until(
      'Burrow to be unavailable',
      async () => (await partOf(scene))?.status === 'unavailable',
    );
    const health = await sidecar.health();
    // The other one still gives samples, so nobody should kill this process.
    expect(health).toMatchObject({ httpStatus: 200, status: 'degraded' });
    expect((await partOf(scene))?.reason).toMatch(/^no good answer for \d+ s \(limit 6 s\): /);
    expect(pointsOf(scene.groupSeries())).toEqual(pointsOf(before));
    expect(await scene.count('exceptions_total', { cluster: CLUSTER, kind: each.kind })).toBeGreaterThan(0);
    // Not within a time, since a busy machine has times of its own; were it held up, it would be so all along.
    await scene.until('records of the other one to go on', () => calmRecords(scene) >= calm + 2);
    burrow.faults.clear();
    await scene.until('health', async () => (await sidecar.health()).status === 'ok');
    await scene.flows();
    await scene.until('the line of the end', () => linesOf(scene).length === 2);
    const [began, ended] = linesOf(scene);
    const ending = await scene.end();
    handOver(task, ending.row(each.fault, `told ${String(ended?.['times'])} failures as one`));
    expect(ending).toMatchObject(WHOLE);
    expect(ending.delivered).toBe(ending.taken);
    expect(began).toMatchObject({ level: 'warn', reason: expect.stringMatching(each.reason) as string });
    expect(ended).toMatchObject({ level: 'info', msg: 'Burrow answers again' });
    expect(ended?.['lastedSeconds']).toBeGreaterThan(5);
  });

  test('when its evaluator hangs while it lists its groups, then that is no health', async ({ task }) => {
    const scene = await setStdoutScene(
      { settings: () => ({ 'burrow.timeout': '1s', 'health.burrowSilent': '6s' }) },
      cleanups.add,
    );
    const { burrow, sidecar } = scene;
    await scene.flows();
    for (const group of burrow.groups) {
      burrow.faults.set(`/v3/kafka/${CLUSTER}/consumer/${group}`, { kind: 'hang' });
    }
    await scene.until('503', async () => (await sidecar.health()).httpStatus === 503);
    expect((await partOf(scene))?.reason).toMatch(
      /^no good answer about groups for \d+ s \(limit 6 s\): no complete answer within 1000 ms$/,
    );
    burrow.faults.clear();
    await scene.until('health', async () => (await sidecar.health()).status === 'ok');
    await scene.flows();
    const ending = await scene.end();
    handOver(task, ending.row('the evaluator of Burrow hangs', '503, with the reason'));
    expect(ending).toMatchObject(WHOLE);
    expect(linesOf(scene).map(({ msg }) => msg)[0]).toBe('requests to Burrow fail');
  });

  test('when Burrow warms up after a restart, then no group dies of it', async ({ task }) => {
    const scene = await setScene();
    const { burrow, sidecar } = scene;
    await scene.flows();
    await burrow.pause();
    const before = pointsOf(scene.groupSeries());
    await burrow.stop(AbortSignal.abort());
    await scene.until('the loss', async () => (await partOf(scene))?.status === 'degraded');
    burrow.faults.clear();
    burrow.faults.set('', { kind: 'empty' });
    const polls = burrow.requests.of(LAG_OF_FIRST);
    await burrow.start(new AbortController().signal);
    // After three empty lists, and NOTFOUND all the while, a group is dead in other times.
    await scene.until('empty answers', () => burrow.requests.of(LAG_OF_FIRST) >= polls + 8);
    expect(pointsOf(scene.groupSeries())).toEqual(before);
    expect((await sidecar.health()).httpStatus).toBe(200);
    burrow.faults.clear();
    await scene.flows();
    await scene.until('health', async () => (await sidecar.health()).status === 'ok');
    const ending = await scene.end();
    handOver(task, ending.row('Burrow restarted, its lists empty at first', 'no span cut'));
    expect(ending).toMatchObject(WHOLE);
    expect(ending.delivered).toBe(ending.taken);
  });

  /** What the health check says of the one that fails. */
  async function partOf({ sidecar, burrow }: StdoutScene) {
    const { parts } = await sidecar.health();
    return parts.find(({ name }) => name === `burrow ${new URL(burrow.url).host}`);
  }

  /** How many there are of the other one so far. */
  function calmRecords(scene: StdoutScene): number {
    return scene.records().filter(({ name }) => name === OTHER_LAG).length;
  }
});

/** Lines of the log that tell of the one that fails. */
function linesOf({ sidecar, burrow }: StdoutScene) {
  return sidecar
    .log()
    .filter(({ server }) => server === new URL(burrow.url).host)
    .filter(({ msg }) => msg === 'requests to Burrow fail' || msg === 'Burrow answers again');
}

function pointsOf(series: readonly ReadSeries[]) {
  return series.map(({ name, points }) => [name, points.length]);
}
