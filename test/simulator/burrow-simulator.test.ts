import { describe, expect, test } from 'vitest';
import { type BurrowSimulatorOptions, createBurrowSimulator } from '../../src/simulator/burrow-simulator.ts';
import { getJson, handClock, running } from './running.ts';

const NOW_MS = 1_800_000_000_000;
const POLL_MS = 30_000;

interface Partition {
  readonly topic: string;
  readonly partition: number;
  readonly owner: string;
  readonly client_id: string;
  readonly status: string;
  readonly start: { readonly lag: number | null } | null;
  readonly end: { readonly offset: number; readonly timestamp: number; readonly observedAt: number } | null;
  readonly current_lag: number;
  readonly complete: number;
}

interface Status {
  readonly status: string;
  readonly complete: number;
  readonly partitions: readonly Partition[];
}

async function aSimulator(options: BurrowSimulatorOptions = {}) {
  const clock = handClock(NOW_MS);
  const simulator = await running(createBurrowSimulator(clock, options));
  const { url } = simulator;
  return {
    clock,
    url,
    async lag(cluster: string, group: string): Promise<Status | null> {
      const response = await fetch(`${url}/v3/kafka/${cluster}/consumer/${group}/lag`);
      const { status } = (await response.json()) as { status: Status };
      return response.status === 404 ? null : status;
    },
    async groups(cluster: string): Promise<string[]> {
      const { consumers } = (await getJson(`${url}/v3/kafka/${cluster}/consumer`)) as { consumers: string[] };
      return consumers.sort();
    },
    async offsets(cluster: string, topic: string): Promise<number[]> {
      return ((await getJson(`${url}/v3/kafka/${cluster}/topic/${topic}`)) as { offsets: number[] }).offsets;
    },
  };
}

function sorted(status: Status | null): readonly Partition[] {
  return status?.partitions.toSorted((one, other) => one.partition - other.partition) ?? [];
}

/** One value of the group for each step of `everyMs`, for `forMs`. */
async function watch<T>(
  simulator: Awaited<ReturnType<typeof aSimulator>>,
  [cluster, group]: readonly [string, string],
  { everyMs, forMs }: { readonly everyMs: number; readonly forMs: number },
  see: (status: Status | null, atMs: number) => T,
): Promise<T[]> {
  const seen: T[] = [];
  for (let atMs = 0; atMs <= forMs; atMs += everyMs) {
    seen.push(see(await simulator.lag(cluster, group), atMs));
    simulator.clock.advance(everyMs);
  }
  return seen;
}

describe('given the default world', () => {
  test('when it is discovered, then there are two clusters with their groups and topics', async () => {
    const simulator = await aSimulator();
    const { url } = simulator;
    const { clusters } = (await getJson(`${url}/v3/kafka`)) as { clusters: string[] };
    expect(clusters.sort()).toEqual(['orders', 'payments']);
    expect(await simulator.groups('orders')).toEqual([
      'checkout-worker',
      'email-sender',
      'report-builder',
      'search-indexer',
    ]);
    expect(await simulator.groups('payments')).toEqual([
      'audit-archiver',
      'fraud-detector',
      'ledger-writer',
      'settlement-batch',
    ]);
    const { topics } = (await getJson(`${url}/v3/kafka/payments/topic`)) as { topics: string[] };
    expect(topics.sort()).toEqual(['settlement-files', 'transactions']);
  });

  test('when the calm group is watched, then its lag is mostly 0 and never large', async () => {
    const simulator = await aSimulator();
    const lags = await watch(
      simulator,
      ['orders', 'checkout-worker'],
      { everyMs: 7_000, forMs: 600_000 },
      (now) => sorted(now).reduce((sum, { current_lag }) => sum + current_lag, 0),
    );
    const zeros = lags.filter((lag) => lag === 0).length / lags.length;
    expect(zeros).toBeGreaterThan(0.7);
    expect(zeros).toBeLessThan(1);
    expect(Math.max(...lags)).toBeLessThan(2_000);
  });

  test('when the stalling group is watched, then commits cease, lag grows, Burrow says STOP, and it recovers', async () => {
    const simulator = await aSimulator();
    const every = { everyMs: 5_000, forMs: 240_000 };
    const seen = await watch(simulator, ['orders', 'search-indexer'], every, (now, atMs) => ({
      atMs,
      lag: sorted(now)[0]?.current_lag ?? -1,
      end: sorted(now)[0]?.end?.offset,
      group: now?.status,
      status: sorted(now)[0]?.status,
    }));
    const stall = seen.filter(({ atMs }) => atMs >= 85_000 && atMs < 150_000);
    expect(new Set(stall.map(({ end }) => end)).size).toBe(1);
    expect(stall.at(-1)!.lag).toBeGreaterThan(stall[0]!.lag + 500);
    expect(stall.at(-1)).toMatchObject({ group: 'ERR', status: 'STOP' });
    const recovered = seen.filter(({ atMs }) => atMs >= 205_000);
    expect(recovered.some(({ lag }) => lag === 0)).toBe(true);
    expect(recovered.at(-1)).toMatchObject({ group: 'OK', status: 'OK' });
  });

  test('when the stuck group is watched, then it goes on committing one offset and Burrow says STALL', async () => {
    const simulator = await aSimulator();
    const every = { everyMs: 5_000, forMs: 240_000 };
    const statuses = await watch(
      simulator,
      ['payments', 'ledger-writer'],
      every,
      (now) => sorted(now)[0]?.status,
    );
    expect(statuses).toContain('STALL');
    expect(statuses).not.toContain('STOP');
  });

  test('when a partition was never committed, then its start and end are null', async () => {
    const simulator = await aSimulator();
    const last = sorted(await simulator.lag('payments', 'ledger-writer')).at(-1);
    expect(last).toMatchObject({ partition: 2, start: null, end: null, current_lag: 0, complete: 0 });
  });

  test('when the dying group is watched, then it is listed but not found, then gone, then back with a young history', async () => {
    const simulator = await aSimulator();
    const phases: string[] = [];
    const every = { everyMs: 3_000, forMs: 360_000 };
    const seen: Status[] = [];
    for (let atMs = 0; atMs <= every.forMs; atMs += every.everyMs) {
      const listed = (await simulator.groups('payments')).includes('audit-archiver');
      const status = await simulator.lag('payments', 'audit-archiver');
      const phase = `${listed ? 'listed' : 'unlisted'}, ${status === null ? 'not found' : 'found'}`;
      if (phases.at(-1) !== phase) phases.push(phase);
      if (phases.length > 3 && status !== null) seen.push(status);
      simulator.clock.advance(every.everyMs);
    }
    // On its return it is listed at once, and found with its first commit.
    expect(phases.slice(0, 3)).toEqual(['listed, found', 'listed, not found', 'unlisted, not found']);
    expect(phases.at(-1)).toBe('listed, found');
    expect(seen[0]!.complete).toBe(0);
    expect(seen[0]!.partitions[0]!.start!.lag).toBeNull();
    expect(seen.at(-1)!.complete).toBe(1);
    expect(new Set(seen.flatMap((one) => one.partitions.map(({ owner }) => owner)))).toEqual(new Set(['']));
  });

  test('when the rebalancing group is watched, then every partition changes its owner and client', async () => {
    const simulator = await aSimulator();
    const owners = await watch(
      simulator,
      ['payments', 'fraud-detector'],
      { everyMs: 60_000, forMs: 240_000 },
      (now) => sorted(now).map(({ owner, client_id }) => `${owner} ${client_id}`),
    );
    for (const owner of owners.flat()) expect(owner).toMatch(/^\/10\.0\.\d+\.\d+ fraud-detector-[123]$/);
    for (const partition of [0, 1, 2])
      expect(new Set(owners.map((all) => all[partition])).size).toBeGreaterThan(1);
  });

  test('when a topic is watched, then its offsets grow', async () => {
    const simulator = await aSimulator();
    const before = await simulator.offsets('orders', 'orders-placed');
    simulator.clock.advance(60_000);
    const after = await simulator.offsets('orders', 'orders-placed');
    expect(before).toHaveLength(3);
    after.forEach((offset, partition) => expect(offset).toBeGreaterThan(before[partition]! + 100));
  });
});

describe('given a poller that comes every 30 s of the world, at tenfold speed', () => {
  const bursty = [
    ['orders', 'email-sender'],
    ['payments', 'settlement-batch'],
  ] as const;

  test.each(Array.from({ length: 40 }, (_, step) => step * 3_000))(
    'when it first comes %i ms into the story, then a lag begins and is 0 twice in a row within five polls',
    async (firstPollMs) => {
      const simulator = await aSimulator({ speed: 10 });
      simulator.clock.advance(firstPollMs / 10);
      const histories = new Map<string, number[]>();
      for (let poll = 0; poll < 5; poll += 1) {
        for (const [cluster, group] of bursty)
          for (const { topic, partition, current_lag } of sorted(await simulator.lag(cluster, group))) {
            const key = `${topic}/${partition}`;
            histories.set(key, [...(histories.get(key) ?? []), current_lag]);
          }
        simulator.clock.advance(POLL_MS / 10);
      }
      const whole = [...histories.values()].filter((lags) =>
        lags.some((lag, at) => lag > 0 && lags[at + 1] === 0 && lags[at + 2] === 0),
      );
      expect(whole.length).toBeGreaterThan(0);
    },
  );
});

describe('given a seed', () => {
  const look = async (options: BurrowSimulatorOptions, afterMs: number) => {
    const simulator = await aSimulator(options);
    simulator.clock.advance(afterMs);
    return sorted(await simulator.lag('orders', 'email-sender'));
  };

  test('when two worlds share it, then they are alike, and another one differs', async () => {
    const one = await look({ seed: 7 }, 40_000);
    expect(await look({ seed: 7 }, 40_000)).toEqual(one);
    expect(await look({ seed: 8 }, 40_000)).not.toEqual(one);
  });

  test('when time runs ten times faster, then the same happens in a tenth of the time', async () => {
    const offsets = (all: readonly Partition[]) =>
      all.map(({ end, current_lag }) => [end?.offset, current_lag]);
    const fast = await look({ speed: 10 }, 4_000);
    expect(offsets(fast)).toEqual(offsets(await look({}, 40_000)));
    for (const { end } of fast) {
      expect(end!.timestamp).toBeGreaterThan(NOW_MS + 3_000);
      expect(end!.observedAt).toBeLessThanOrEqual(NOW_MS + 4_010);
    }
  });

  test('when another moment was asked for in between, then the answer is the same', async () => {
    const simulator = await aSimulator();
    const first = sorted(await simulator.lag('orders', 'report-builder'));
    simulator.clock.advance(3_600_000);
    await simulator.lag('orders', 'report-builder');
    simulator.clock.advance(-3_600_000);
    expect(sorted(await simulator.lag('orders', 'report-builder'))).toEqual(first);
  });
});

describe('given a size', () => {
  test('when many groups are asked for, then all clusters together have them, each with the partitions', async () => {
    const clusters = ['north', 'south', 'west'];
    const simulator = await aSimulator({ clusters, groups: 100, partitions: 12 });
    const all = await Promise.all(
      clusters.map(async (cluster) =>
        (await simulator.groups(cluster)).map((group) => [cluster, group] as const),
      ),
    );
    // Some of the mixture are dead at any moment, and unlisted.
    expect(all.flat().length).toBeGreaterThan(85);
    for (const groups of all) expect(groups.length).toBeGreaterThan(20);
    for (const [cluster, group] of all.flat()) {
      const status = await simulator.lag(cluster, group);
      if (status !== null) expect(status.partitions).toHaveLength(12);
    }
  });

  test('when there is one cluster or one group, then there is no other', async () => {
    const simulator = await aSimulator({ clusters: ['solo'], groups: 1, partitions: 1 });
    expect(await simulator.groups('solo')).toEqual(['checkout-worker']);
    expect((await simulator.lag('solo', 'checkout-worker'))?.partitions).toHaveLength(1);
  });

  test.each([
    { groups: -1 },
    { groups: 1.5 },
    { partitions: 0 },
    { speed: 0 },
    { speed: NaN },
    { clusters: [] },
  ])('when it is %o, then it is refused with the name of the option', (options) => {
    expect(() => createBurrowSimulator(handClock(NOW_MS), options)).toThrow(Object.keys(options)[0]!);
  });
});
