import { Writable } from 'node:stream';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Configuration } from '../../src/config/configuration.ts';
import type { GroupDetail } from '../../src/http/api/contract/group.ts';
import type { GroupList } from '../../src/http/api/contract/groups.ts';
import type { Machine } from '../../src/http/api/contract/machine.ts';
import type { Overview } from '../../src/http/api/contract/overview.ts';
import type { Traffic } from '../../src/http/api/contract/traffic.ts';
import { systemClock, systemScheduler } from '../../src/platform/clock.ts';
import { createSidecar, type Sidecar } from '../../src/sidecar/sidecar.ts';
import { createBurrowSimulator } from '../../src/simulator/burrow-simulator.ts';
import type { BurrowHttp } from '../../src/simulator/burrow-http.ts';
import { loadGood } from '../config/loading.ts';
import { faultsBy } from '../http/api/document-check.ts';
import { readEvents, type ReceivedEvent } from '../http/api/event-reader.ts';
import { pollUntil } from '../stack/poll-until.ts';

const TOKEN = 'not-really-a-secret-in-forty-characters';
const GROUPS = 9;

describe('given a sidecar that watches a simulated Burrow', { timeout: 30_000 }, () => {
  const { signal } = new AbortController();
  let simulator: BurrowHttp;
  let sidecar: Sidecar;
  let url: string;

  beforeAll(async () => {
    // Slow enough that none of its groups dies before the end.
    simulator = createBurrowSimulator(systemClock, { groups: GROUPS, speed: 5 });
    await simulator.start(signal);
    const configuration: Configuration = loadGood({
      set: [
        `burrow.servers=http://user:${TOKEN}@${new URL(simulator.url).host}`,
        'discovery.interval=1s',
        'poll.interval=1s',
        'sink.type=stdout',
        'http.host=127.0.0.1',
        'http.port=0',
      ],
      env: { RAINBOW_HTTP_TOKEN: TOKEN },
    });
    sidecar = await createSidecar(
      configuration,
      {
        clock: systemClock,
        scheduler: systemScheduler,
        monotonicMs: () => performance.now(),
        random: Math.random,
        log: pino({ level: 'silent' }),
        stdout: new Writable({ write: (_chunk, _encoding, done) => done() }),
      },
      { version: '1.2.3', trafficIntervalMs: 2000 },
    );
    await sidecar.start(signal);
    url = `http://127.0.0.1:${sidecar.address()!.port}`;
    await pollUntil(async () => ((await list('?status=OK,WARN,ERR')).total === GROUPS ? true : undefined), {
      what: 'a sample of every group',
      withinMs: 20_000,
    });
    await pollUntil(async () => (await get<Traffic>('/api/traffic', 'Traffic')).minutes[0], {
      what: 'a minute of traffic',
      withinMs: 20_000,
    });
  });

  afterAll(async () => {
    await sidecar.stop(AbortSignal.timeout(5000));
    await simulator.stop(signal);
  });

  /** An answer that keeps to its schema of the document and holds no secret. */
  async function get<T>(path: string, schema: string): Promise<T> {
    const response = await fetch(url + path, { headers: { authorization: `Bearer ${TOKEN}` } });
    const text = await response.text();
    expect(response.status, text).toBe(200);
    expect(text).not.toContain(TOKEN);
    const body: unknown = JSON.parse(text);
    expect(faultsBy(schema, body)).toEqual([]);
    return body as T;
  }

  const list = (query: string) => get<GroupList>(`/api/groups${query}`, 'GroupList');

  test('when the overview is asked for, then it has both clusters with all their groups', async () => {
    const overview = await get<Overview>('/api/overview', 'Overview');
    expect(overview).toMatchObject({
      version: '1.2.3',
      source: 'this-host',
      pollIntervalMs: 1000,
      history: { stepMs: 2000, steps: 60, recall: null },
      health: { status: 'ok', phase: 'running' },
    });
    expect(overview.clusters.map(({ name }) => name)).toEqual(['orders', 'payments']);
    for (const cluster of overview.clusters) {
      const counted = Object.values(cluster.statuses).reduce((sum, groups) => sum + groups, 0);
      expect([cluster.sampledGroups, counted]).toEqual([cluster.groups, cluster.groups]);
    }
  });

  test('when groups are listed, then filters, order and window are kept to', async () => {
    const all = await list('?sort=group&limit=20000');
    const names = all.rows.map(([, group]) => group);
    expect(names).toEqual([...names].sort());
    expect(names).toHaveLength(GROUPS);
    const window = await list('?sort=group&order=desc&limit=2&offset=1');
    expect(window.rows.map(([, group]) => group)).toEqual([...names].reverse().slice(1, 3));
    expect([window.total, window.offset]).toEqual([GROUPS, 1]);
    const payments = await list('?cluster=payments');
    expect(new Set(payments.rows.map(([cluster]) => cluster))).toEqual(new Set(['payments']));
    const found = await list(`?search=${encodeURIComponent(names[0]!.toUpperCase())}`);
    expect(found.rows.map(([, group]) => group)).toContain(names[0]);
    const lags = (await list('?sort=totalLagRecords')).rows.map((row) => row[3] ?? -1);
    expect(lags).toEqual([...lags].sort((a, b) => b - a));
  });

  test('when each group is looked at, then its parts agree with each other', async () => {
    for (const [cluster, group] of (await list('?limit=20')).rows) {
      const path = `/api/groups/${encodeURIComponent(cluster)}/${encodeURIComponent(group)}`;
      const detail = await get<GroupDetail>(path, 'GroupDetail');
      expect([detail.cluster, detail.group]).toEqual([cluster, group]);
      expect(detail.partitions).toHaveLength(detail.partitionCount);
      const owned = detail.owners.reduce((sum, { partitions }) => sum + partitions, 0);
      expect(owned).toBe(detail.partitionCount);
      const sum = detail.partitions.reduce((total, { lagRecords }) => total + (lagRecords ?? 0), 0);
      expect(sum).toBe(detail.totalLagRecords);
      expect(detail.totalLag.twin.span).toBe('open');
      const consumed = detail.owners.reduce((total, each) => total + (each.consumedPerSecond ?? 0), 0);
      if (detail.consumedPerSecond !== null) expect(consumed).toBeCloseTo(detail.consumedPerSecond, 3);
      const times = detail.totalLag.points.map(([atMs]) => atMs);
      expect(times).toEqual([...times].sort((a, b) => a - b));
    }
  });

  test('when a group is looked at again after a poll, then its oldest commits and its heat are known', async () => {
    const [cluster, group] = (await list('?limit=1')).rows[0]!;
    const path = `/api/groups/${cluster}/${group}`;
    const detail = await pollUntil(
      async () => {
        const seen = await get<GroupDetail>(path, 'GroupDetail');
        const isWhole = seen.partitions.every(
          ({ startOffset, heat }) => startOffset !== null && heat !== null,
        );
        return isWhole ? seen : undefined;
      },
      { what: 'the detail of a group that is watched', withinMs: 10_000 },
    );
    expect(detail.heat.isKept).toBe(true);
  });

  test('when the traffic is asked for, then its minutes count what went through', async () => {
    const traffic = await get<Traffic>('/api/traffic', 'Traffic');
    const minute = traffic.minutes.at(-1)!;
    expect(minute.totalMessage).toBeGreaterThan(0);
    expect(minute.clusters.map(({ cluster }) => cluster)).toEqual(['orders', 'payments']);
    expect(minute.records.lag).toBeGreaterThan(0);
    expect(traffic.sink).toMatchObject({
      name: 'stdout',
      condition: { state: 'ok' },
      brokers: [],
      topic: null,
      address: null,
    });
    expect(traffic.exceptions.map(({ kind }) => kind)).toContain('burrowUnreachable');
    expect(traffic.burrows).toHaveLength(1);
  });

  test('when the machine is asked for, then every series stands in one state of each region', async () => {
    const machine = await get<Machine>('/api/machine', 'Machine');
    expect(machine.twins).toBeGreaterThan(GROUPS * 3);
    for (const { states } of machine.regions) {
      expect(states.reduce((sum, { twins }) => sum + twins, 0)).toBe(machine.twins);
    }
  });

  test('when the notifier speaks of a group, then the group tells what it said', async () => {
    const [cluster, group] = (await list('?limit=1')).rows[0]!;
    const body = { event: 'open', id: 'incident-1', cluster, group, status: 'WARN' };
    const sent = await fetch(`${url}/notifier`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(sent.status).toBe(202);
    const { notice } = await get<GroupDetail>(`/api/groups/${cluster}/${group}`, 'GroupDetail');
    expect(notice).toMatchObject({ event: 'open', id: 'incident-1', status: 'WARN' });
  });

  test('when the document is asked for, then it names every path', async () => {
    const response = await fetch(`${url}/api/openapi.json`, {
      headers: { authorization: `Bearer ${TOKEN}` },
    });
    const document = (await response.json()) as { openapi: string; paths: object };
    expect(document.openapi).toBe('3.1.0');
    expect(Object.keys(document.paths).sort()).toEqual([
      '/api/events',
      '/api/groups',
      '/api/groups/{cluster}/{group}',
      '/api/machine',
      '/api/openapi.json',
      '/api/overview',
      '/api/traffic',
    ]);
  });

  test('when no token is sent, then every path of the API is refused, the page is not', async () => {
    const paths = ['overview', 'groups', 'groups/a/b', 'traffic', 'machine', 'events', 'openapi.json'];
    for (const path of paths) {
      const response = await fetch(`${url}/api/${path}`);
      expect([path, response.status]).toEqual([path, 401]);
      expect(faultsBy('Refusal', await response.json())).toEqual([]);
    }
    expect((await fetch(`${url}/api/overview?token=${TOKEN}`)).status).toBe(401);
    expect((await fetch(url)).status).not.toBe(401);
  });

  test('when events are read, then a stream begins anew, keeps to the document and resumes without a gap', async () => {
    const authorization = `Bearer ${TOKEN}`;
    const first = await readEvents(`${url}/api/events`, { authorization });
    expect(first.response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const reset = await first.next();
    expect(reset).toMatchObject({ event: 'reset', data: { reason: 'fresh' } });
    const seen: ReceivedEvent[] = [];
    while (!['groups', 'traffic'].every((kind) => seen.some(({ event }) => event === kind))) {
      seen.push(await first.next());
    }
    for (const { event, data } of seen) {
      expect(faultsBy(`${event[0]!.toUpperCase()}${event.slice(1)}Event`, data)).toEqual([]);
    }
    const ids = [reset, ...seen].map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
    first.leave();

    const second = await readEvents(`${url}/api/events`, {
      authorization,
      'last-event-id': String(reset.id),
    });
    for (const event of seen) expect(await second.next()).toEqual(event);

    const third = await readEvents(`${url}/api/events`, { authorization, 'last-event-id': '12' });
    expect(await third.next()).toMatchObject({ event: 'reset', data: { reason: 'expired' } });
  });
});
