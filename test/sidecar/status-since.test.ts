import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import type { GroupDetail } from '../../src/http/api/contract/group.ts';
import type { GroupList } from '../../src/http/api/contract/groups.ts';
import type { Overview } from '../../src/http/api/contract/overview.ts';
import type { Traffic } from '../../src/http/api/contract/traffic.ts';
import { faultsBy } from '../http/api/document-check.ts';
import { pollUntil } from '../stack/poll-until.ts';
import { createScriptedBurrow } from '../support/burrow/scripted-burrow.ts';
import { readExposition } from '../support/exposition.ts';
import { startSidecarOn } from '../support/started-sidecar.ts';

const WAIT = { withinMs: 30_000 };

async function given() {
  const { signal } = new AbortController();
  const burrow = createScriptedBurrow();
  burrow.world.setLag('prod', 'billing', 'orders', 0, 0);
  burrow.world.setLag('prod', 'billing', 'orders', 1, 0);
  await burrow.start(signal);
  onTestFinished(() => burrow.stop(signal));
  const lines: { readonly msg: string; readonly level: number }[] = [];
  const log = pino({ level: 'info' }, { write: (line) => void lines.push(JSON.parse(line) as never) });
  const startedMs = Date.now();
  const { url } = await startSidecarOn(burrow.url, ['discovery.interval=200ms', 'poll.interval=1s'], { log });
  async function get<T>(path: string, schema: string): Promise<T> {
    const body: unknown = await (await fetch(url + path)).json();
    expect(faultsBy(schema, body)).toEqual([]);
    return body as T;
  }
  /** The row of the group once it has this status. */
  const rowWith = (status: string) =>
    pollUntil(
      async () => {
        const { rows } = await get<GroupList>('/api/groups', 'GroupList');
        return rows.find((row) => row[2] === status);
      },
      { what: `the status ${status}`, ...WAIT },
    );
  return { burrow, lines, startedMs, url, get, rowWith };
}

test(
  'given a group, when its status changes, then list, page, metric and log tell the same moment',
  { timeout: 60_000 },
  async () => {
    const { burrow, lines, startedMs, url, get, rowWith } = await given();
    const [okSinceMs, isOkExact] = (await rowWith('OK')).slice(11, 13) as [number, boolean];
    expect([okSinceMs >= startedMs, isOkExact]).toEqual([true, false]);

    burrow.world.setLag('prod', 'billing', 'orders', 1, { lagRecords: 1500, status: 'STOP' });
    const [sinceMs, isExact] = (await rowWith('ERR')).slice(11, 13) as [number, boolean];
    expect([sinceMs > okSinceMs, isExact]).toEqual([true, true]);

    const detail = await get<GroupDetail>('/api/groups/prod/billing', 'GroupDetail');
    expect(detail).toMatchObject({ status: 'ERR', statusSinceMs: sinceMs, isSinceExact: true });
    expect(detail.statusChanges).toEqual([
      { atMs: okSinceMs, status: 'OK' },
      { atMs: sinceMs, status: 'ERR' },
    ]);
    expect(detail.partitions.map(({ partition, status }) => [partition, status])).toEqual([
      [0, 'OK'],
      [1, 'STOP'],
    ]);

    const metric = readExposition(await (await fetch(`${url}/metrics`)).text()).find(
      ({ name }) => name === 'burrow_rainbow_group_status_since_timestamp_seconds',
    );
    expect(metric?.value).toBe(sinceMs / 1000);

    const told = lines.filter(({ msg }) => msg === 'The status of a group has changed');
    expect(told).toMatchObject([
      {
        level: 40,
        part: 'groups',
        cluster: 'prod',
        group: 'billing',
        from: 'OK',
        to: 'ERR',
        totalLagRecords: 1500,
      },
    ]);
    expect(told[0]).toHaveProperty('lastedAtLeastSeconds');
  },
);

test(
  'given a Burrow server, when it fails and answers again, then traffic and health tell since when',
  { timeout: 60_000 },
  async () => {
    const { burrow, startedMs, get, rowWith } = await given();
    await rowWith('OK');
    const burrowWith = (status: string) =>
      pollUntil(
        async () => {
          const traffic = await get<Traffic>('/api/traffic', 'Traffic');
          return traffic.burrows[0]?.status === status ? traffic : undefined;
        },
        { what: `a Burrow that is ${status}`, ...WAIT },
      );
    const well = await burrowWith('ok');
    expect(well.sink.condition).toMatchObject({ state: 'ok' });
    for (const { sinceMs } of [well.sink.condition, well.outbox.condition, ...well.burrows]) {
      expect(sinceMs >= startedMs && sinceMs <= well.nowMs).toBe(true);
    }
    expect(well.ledger).toBeNull();

    burrow.faults.set('', { kind: 'answer', status: 500, body: 'no' });
    const [failing] = (await burrowWith('degraded')).burrows;
    const { health } = await get<Overview>('/api/overview', 'Overview');
    expect(health).toMatchObject({ status: 'degraded', sinceMs: failing?.sinceMs });
    expect(health.parts.find(({ name }) => name.startsWith('burrow '))?.sinceMs).toBe(failing?.sinceMs);

    burrow.faults.clear();
    const [again] = (await burrowWith('ok')).burrows;
    expect((again?.sinceMs ?? 0) > (failing?.sinceMs ?? 0)).toBe(true);
    const after = (await get<Overview>('/api/overview', 'Overview')).health;
    expect(after).toMatchObject({ status: 'ok', sinceMs: again?.sinceMs });
  },
);
