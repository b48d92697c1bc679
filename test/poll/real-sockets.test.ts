import { pino } from 'pino';
import { afterEach, describe, expect, test, vi } from 'vitest';

import { isAddressable } from '../../src/burrow/request-path.ts';
import { createBurrowClient } from '../../src/burrow/undici-client.ts';
import { systemClock, systemScheduler } from '../../src/platform/clock.ts';
import { FOLLOWED_KINDS } from '../../src/poll/followed-kinds.ts';
import { createUrlMaintainer } from '../../src/poll/url-maintainer.ts';
import type { SampleRecords } from '../../src/records/record.ts';
import { createSeriesBook } from '../../src/series/create-series-book.ts';
import { DEPS } from '../series/history.ts';
import { createBurrowSimulator } from '../../src/simulator/burrow-simulator.ts';
import { createGroupHistory } from '../../src/history/group-history.ts';
import { createTrafficCounters } from '../../src/telemetry/traffic-counters.ts';

import { recordHandlers } from './recorded-handlers.ts';

const POLL_MS = 200;
const EVERYTHING = { allow: /.*/, deny: null };
const never = new AbortController().signal;
const cleanups: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A simulated Burrow over HTTP, polled by its real client into the real series. */
async function createRun() {
  const simulator = createBurrowSimulator(systemClock, { groups: 8, partitions: 3, speed: 60 });
  await simulator.start(never);
  cleanups.push(() => simulator.stop(never));
  const client = createBurrowClient(
    { scheduler: systemScheduler },
    { url: simulator.url, timeoutMs: 2000, connections: 4 },
  );
  cleanups.push(() => client.close());
  const groups = createGroupHistory({ stepMs: 60_000 });
  const traffic = createTrafficCounters();
  const emitted: SampleRecords[] = [];
  const recorded = recordHandlers(FOLLOWED_KINDS);
  const maintainer = createUrlMaintainer(
    {
      clients: [client],
      isAddressable,
      showTag: (_, name) => name,
      series: createSeriesBook(DEPS, {
        intervalMs: POLL_MS,
        confirmZero: 1,
        zeroTolerance: 0,
        seriesTags: { owner: true, clientId: true },
        maxLagTag: 'topic',
        sharesHosts: false,
      }),
      emit: (records) => void emitted.push(records),
      board: groups,
      traffic,
      clock: systemClock,
      scheduler: systemScheduler,
      monotonicMs: () => performance.now(),
      random: Math.random,
      log: pino({ level: 'silent' }),
    },
    {
      concurrency: 4,
      discoveryIntervalMs: 500,
      pollIntervalMs: POLL_MS,
      clusters: EVERYTHING,
      groups: EVERYTHING,
      topics: { allow: /.*/, deny: /^__/ },
      deadAfter: 3,
      maxGroups: 100,
      sleep: null,
    },
    recorded.kinds,
  );
  cleanups.push(() => maintainer.stop(never));
  /** Names in all clusters. */
  const followed = () => {
    const sum = (kind: string) =>
      maintainer.clusters().reduce((total, cluster) => total + (cluster.followed[kind] ?? 0), 0);
    return { groups: sum('groups'), topics: sum('topics') };
  };
  return { simulator, maintainer, history: groups, traffic, emitted, followed, states: recorded.states };
}

/** Zero bounds of every series that were not closed. */
function openSpans(emitted: readonly SampleRecords[]): string[] {
  const open = new Set<string>();
  for (const { records } of emitted) {
    for (const { subject, metric, kind } of records) {
      const { cluster, group, topic, partition, owner, clientId } = subject;
      const series = [cluster, group, topic, partition, owner, clientId, metric].join(' ');
      if (kind === 'start') open.add(series);
      if (kind === 'end') open.delete(series);
    }
  }
  return [...open];
}

describe(
  'given a simulated Burrow over HTTP, its real client and the real series',
  { timeout: 30_000 },
  () => {
    test('when polled, stopped and closed, then every group was seen and no span is left open', async () => {
      const { maintainer, history, traffic, emitted, followed } = await createRun();
      await maintainer.start(never);
      await vi.waitFor(
        () => {
          const { groups, topics } = followed();
          const servers = maintainer.servers();
          expect(groups).toBeGreaterThanOrEqual(7);
          expect(topics).toBeGreaterThan(0);
          expect([...history.values()].length).toBeGreaterThanOrEqual(7);
          expect(servers[0]!.lastSampleMs).not.toBeNull();
          const metrics = new Set(emitted.flatMap(({ records }) => records.map(({ metric }) => metric)));
          for (const metric of ['totalLag', 'Lag', 'hosts', 'offset', 'offsetRate'] as const) {
            expect(metrics).toContain(metric);
          }
        },
        { timeout: 20_000, interval: 50 },
      );
      expect(openSpans(emitted).length).toBeGreaterThan(0);
      await maintainer.stop(never);
      await maintainer.closeAll(Date.now(), never);
      expect(openSpans(emitted)).toEqual([]);
      // What the stop cancelled was nobody's fault.
      for (const { exceptions } of traffic.takeMinute()) {
        expect(exceptions.has('burrowUnreachable')).toBe(false);
        expect(exceptions.has('burrowInvalid')).toBe(false);
      }
    });

    test('when the server goes away and comes back, then polls fail without an end and then go on', async () => {
      const { simulator, maintainer, emitted, states, followed } = await createRun();
      await maintainer.start(never);
      await vi.waitFor(() => expect(emitted.length).toBeGreaterThan(0), { timeout: 20_000, interval: 50 });
      await simulator.stop(never);
      await vi.waitFor(() => expect(states().backingOff).toBeGreaterThan(0), {
        timeout: 20_000,
        interval: 50,
      });
      await vi.waitFor(
        () => {
          const { groups, topics } = followed();
          const { backingOff, polling } = states();
          expect(backingOff + polling).toBeGreaterThanOrEqual(groups + topics);
        },
        { timeout: 20_000, interval: 5 },
      );
      const before = emitted.length;
      await simulator.start(never);
      await vi.waitFor(() => expect(emitted.length).toBeGreaterThan(before), {
        timeout: 20_000,
        interval: 50,
      });
    });
  },
);
