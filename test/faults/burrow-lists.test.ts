import { afterAll, describe, expect, test } from 'vitest';
import { createCleanups } from '../integration/support/cleanups.ts';
import { besideOthers } from '../integration/support/concurrency.ts';
import { handOver } from './support/fault-row.ts';
import { setStdoutScene, type StdoutScene } from './support/stdout-scene.ts';
import { CLUSTER } from './support/ticking-burrow.ts';

const LISTS = `/v3/kafka/${CLUSTER}/consumer`;
const DEAD_AFTER = 3;

/** All good, and all of it once. */
const WHOLE = { missing: [], duplicates: [], danglingSpans: 0, faults: [] };

/** Burrow's answer for a group that it does not know. */
const unknown = (group: string) =>
  ({
    kind: 'answer',
    status: 404,
    body: JSON.stringify({
      error: false,
      message: 'consumer status returned',
      status: {
        cluster: CLUSTER,
        group,
        status: 'NOTFOUND',
        complete: 1,
        partitions: [],
        partition_count: 0,
        maxlag: null,
        totallag: 0,
      },
      request: { url: `${LISTS}/${group}/lag`, host: 'burrow' },
    }),
  }) as const;

describe('given a Burrow whose lists are not to be believed', besideOthers, () => {
  const cleanups = createCleanups();
  afterAll(() => cleanups.run());

  /** Three groups whose total lag is never below 1000. */
  async function setScene() {
    const scene = await setStdoutScene({ groups: 3 }, cleanups.add);
    const { burrow } = scene;
    return {
      ...scene,
      /** From the next list on it names these alone. */
      list(...names: readonly string[]): void {
        const request = { url: LISTS, host: 'burrow' };
        const body = JSON.stringify({ error: false, message: 'consumer list', consumers: names, request });
        burrow.faults.set(LISTS, { kind: 'answer', status: 200, body }, { paths: 'only' });
      },
      /** Its polls say NOTFOUND, for so many times or until `know`. */
      disown(group: string, times = Infinity): void {
        burrow.faults.set(`${LISTS}/${group}/lag`, unknown(group), { times });
      },
      know: (group: string): void => burrow.faults.clear(`${LISTS}/${group}/lag`),
      /** Through so many lists more. */
      async listed(times: number): Promise<void> {
        const before = burrow.requests.of(LISTS);
        await scene.until(`${String(times)} lists`, () => burrow.requests.of(LISTS) >= before + times);
      },
    };
  }

  const totals = (scene: StdoutScene, group: string): readonly number[] =>
    scene
      .records()
      .filter(({ name }) => name === `burrow.${CLUSTER}.${group}.totalLag`)
      .map(({ value }) => value);

  test('when they alternate between three names and one, then no series ends', async ({ task }) => {
    const scene = await setScene();
    await scene.flows();
    for (let round = 0; round < 8; round += 1) {
      scene.list('group-0');
      // The other Burrow behind the same address does not know them; some polls come to it, too.
      scene.disown('group-1', 1);
      scene.disown('group-2', 1);
      await scene.listed(1 + (round % 2) * DEAD_AFTER);
      scene.burrow.faults.clear(LISTS);
      await scene.listed(1);
    }
    await scene.flows();
    for (const group of scene.burrow.groups) {
      expect(totals(scene, group)[0]).toBe(0);
      expect(Math.min(...totals(scene, group).slice(1))).toBeGreaterThan(500);
    }
    const ending = await scene.end();
    handOver(task, ending.row('group lists alternate between 3 names and 1', 'no span cut'));
    expect(ending).toMatchObject(WHOLE);
    expect(ending.delivered).toBe(ending.taken);
  });

  test('when it has restarted and is long in hearing of its groups, then none ends, and one that dies later does', async ({
    task,
  }) => {
    const scene = await setScene();
    const { burrow } = scene;
    await scene.flows();
    await burrow.pause();
    await burrow.stop(AbortSignal.abort());
    burrow.faults.clear();
    for (const group of burrow.groups) scene.disown(group);
    scene.list();
    await burrow.start(new AbortController().signal);
    await scene.listed(2 * DEAD_AFTER);
    scene.know('group-0');
    scene.list('group-0');
    await scene.listed(2 * DEAD_AFTER);
    scene.know('group-1');
    scene.list('group-0', 'group-1');
    await scene.listed(2);
    burrow.faults.clear();
    await scene.listed(2);
    await scene.flows();
    for (const group of burrow.groups) {
      expect(totals(scene, group)[0]).toBe(0);
      expect(Math.min(...totals(scene, group).slice(1))).toBeGreaterThan(500);
    }
    scene.disown('group-2');
    scene.list('group-0', 'group-1');
    const before = burrow.requests.of(LISTS);
    await scene.until('the end of the dead one', () => totals(scene, 'group-2').at(-1) === 0);
    // The list of which it is a consequence may have been followed by another before we looked.
    expect(burrow.requests.of(LISTS) - before).toBeLessThanOrEqual(DEAD_AFTER + 3);
    expect(totals(scene, 'group-1').at(-1)).toBeGreaterThan(500);
    burrow.faults.clear();
    await scene.until('its return', () => (totals(scene, 'group-2').at(-1) ?? 0) > 500);
    const ending = await scene.end();
    handOver(task, ending.row('Burrow restarted, its lists fill slowly', 'the dead group ended, no other'));
    expect(ending).toMatchObject(WHOLE);
    expect(ending.delivered).toBe(ending.taken);
  });
});
