import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { createScriptedBurrow, type ScriptedBurrow } from '../support/burrow/scripted-burrow.ts';
import { pollUntil } from '../stack/poll-until.ts';
import { createCleanups } from './support/cleanups.ts';
import { runToTheEnd, startSidecar, type SidecarProcess } from './support/sidecar-process.ts';
import { readWavefrontLine, type ReadRecord } from './support/wavefront-reader.ts';

const names = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}-${String(index)}`);

describe('given two Burrows with different clusters that both are named prod', () => {
  const cleanups = createCleanups();
  const burrows: ScriptedBurrow[] = [];
  beforeAll(async () => {
    for (const groups of [names('eu', 2), names('us', 60)]) {
      const burrow = createScriptedBurrow();
      burrow.world.setOffsets('prod', 'orders', [5000]);
      for (const [index, group] of groups.entries()) {
        burrow.world.setLag('prod', group, 'orders', 0, 500 + index);
      }
      burrow.world.setLag('prod', 'everywhere', 'orders', 0, groups.length);
      await burrow.start(new AbortController().signal);
      cleanups.add(() => burrow.stop(AbortSignal.abort()));
      burrows.push(burrow);
    }
  });
  afterAll(() => cleanups.run());

  const settings = (clusters: string) => ({
    'burrow.servers': `[{url: "${burrows[0]!.url}", name: burrow-a}, {url: "${burrows[1]!.url}", name: burrow-b${clusters}}]`,
    'sink.type': 'stdout',
    'discovery.interval': '1s',
    'poll.interval': '1s',
  });

  const until = (what: string, holds: () => boolean | Promise<boolean>): Promise<unknown> =>
    pollUntil(async () => ((await holds()) ? true : undefined), { what, withinMs: 60_000 });

  const recordsOf = (sidecar: SidecarProcess): readonly ReadRecord[] =>
    sidecar.stdout().split('\n').slice(0, -1).map(readWavefrontLine);

  const REASON =
    /^burrow-a lists 3 groups, burrow-b 61, and not the same ones; only those of burrow-a are followed: .*burrow\.servers\[\]\.clusters$/;

  test('when nothing tells them apart, then the log says so once, and the health check and the check, too', async () => {
    const sidecar = await startSidecar(settings(''), cleanups.add);
    const partOf = async () => (await sidecar.health()).parts.find(({ name }) => name === 'cluster prod');
    await until('the health check to tell', async () => (await partOf()) !== undefined);
    expect((await partOf())?.reason).toMatch(REASON);
    expect(await sidecar.health()).toMatchObject({ status: 'degraded', httpStatus: 200 });
    const before = burrows[1]!.requests.of('/v3/kafka/prod/consumer');
    await until('another look', () => burrows[1]!.requests.of('/v3/kafka/prod/consumer') > before);
    expect(sidecar.log().filter(({ msg }) => msg.startsWith('two clusters of one name'))).toMatchObject([
      { level: 'warn', cluster: 'prod', server: 'burrow-a', groups: 3, other: 'burrow-b', otherGroups: 61 },
    ]);
    sidecar.send('SIGTERM');
    expect(await sidecar.ended).toMatchObject({ exitCode: 0 });

    const check = await runToTheEnd('check', settings(''), cleanups.add);
    expect(check.exitCode).toBe(1);
    expect(check.stdout).toMatch(/^FAIL cluster prod: burrow-a lists 3 groups, burrow-b 61, /m);
  });

  test('when the second has another name here, then both are followed, everywhere by our names', async () => {
    const clusters = ', clusters: {prod: prod-us}';
    const sidecar = await startSidecar(settings(clusters), cleanups.add);
    const latest = (name: string) =>
      recordsOf(sidecar).findLast((record) => record.name === `burrow.${name}`);
    await until('both clusters', () =>
      [
        'prod.eu-1.totalLag',
        'prod.everywhere.totalLag',
        'prod-us.us-59.totalLag',
        'prod-us.everywhere.totalLag',
        'prod-us.topic.orders.0.offset',
      ].every((name) => latest(name) !== undefined),
    );
    expect(latest('prod.everywhere.totalLag')).toMatchObject({ value: 2, tags: { env: 'prod' } });
    expect(latest('prod-us.everywhere.totalLag')).toMatchObject({ value: 60, tags: { env: 'prod-us' } });
    expect(latest('prod.us-59.totalLag')).toBeUndefined();
    expect(burrows[1]!.requests.of('/v3/kafka/prod-us/consumer')).toBe(0);

    const get = async (path: string): Promise<string> => (await fetch(sidecar.url + path)).text();
    expect(await get('/metrics')).toContain('cluster="prod-us",group="us-59"');
    expect(JSON.parse(await get('/api/groups/prod-us/us-59'))).toMatchObject({ cluster: 'prod-us' });
    expect((await sidecar.health()).status).toBe('ok');

    // A webhook of the second Burrow speaks of prod, as Burrow does.
    const answer = await fetch(`${sidecar.url}/notifier`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        ...{ source: 'burrow', event: 'open', id: 'x', cluster: 'prod', group: 'us-7' },
        ...{ start: '2026-01-01T00:00:00Z', status: 'ERR', result: { totallag: 507 } },
      }),
    });
    expect(answer.status).toBe(202);
    expect(await answer.json()).toMatchObject({ woken: 1 });
    expect(JSON.parse(await get('/api/groups/prod-us/us-7'))).toMatchObject({ notice: { status: 'ERR' } });

    sidecar.send('SIGTERM');
    expect(await sidecar.ended).toMatchObject({ exitCode: 0 });
    const check = await runToTheEnd('check', settings(clusters), cleanups.add);
    expect(check.stdout).toContain('ok   cluster prod-us: 61 groups, 1 topic');
    expect(check.exitCode).toBe(0);
  });
});
