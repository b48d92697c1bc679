import { beforeAll, describe, expect, test } from 'vitest';
import type { GroupLag, TopicOffsets } from '../../src/burrow/answers.ts';
import type { Outcome } from '../../src/burrow/outcome.ts';
import { createBurrowClient } from '../../src/burrow/undici-client.ts';
import { systemScheduler } from '../../src/platform/clock.ts';
import { createBurrowSimulator } from '../../src/simulator/burrow-simulator.ts';
import { handClock } from './running.ts';

const STEP_MS = 30_000;
const STEPS = 120;

interface Round {
  /** By `cluster/group`, for the groups listed. */
  readonly groups: ReadonlyMap<string, Outcome<GroupLag>>;
  /** By `cluster/topic`. */
  readonly topics: ReadonlyMap<string, Outcome<TopicOffsets>>;
}

/** Everything the simulated Burrow says in an hour, every 30 s, through the client that the sidecar uses. */
async function anHour(): Promise<readonly Round[]> {
  const { signal } = new AbortController();
  const clock = handClock(1_800_000_000_000);
  const simulator = createBurrowSimulator(clock, { seed: 3 });
  await simulator.start(signal);
  const client = createBurrowClient(
    { scheduler: systemScheduler },
    { url: simulator.url, timeoutMs: 10_000, connections: 4 },
  );
  const rounds: Round[] = [];
  try {
    for (let step = 0; step < STEPS; step += 1) {
      const groups = new Map<string, Outcome<GroupLag>>();
      const topics = new Map<string, Outcome<TopicOffsets>>();
      for (const cluster of valueOf(await client.clusters(signal))) {
        for (const group of valueOf(await client.groups(cluster, signal)))
          groups.set(`${cluster}/${group}`, await client.groupLag(cluster, group, signal));
        for (const topic of valueOf(await client.topics(cluster, signal)))
          topics.set(`${cluster}/${topic}`, await client.topicOffsets(cluster, topic, signal));
      }
      rounds.push({ groups, topics });
      clock.advance(STEP_MS);
    }
  } finally {
    await client.close();
    await simulator.stop(signal);
  }
  return rounds;
}

function valueOf<T>(outcome: Outcome<T>): T {
  if (outcome.kind !== 'ok') throw new Error(`expected an answer, got ${JSON.stringify(outcome)}`);
  return outcome.value;
}

describe('given an hour of the simulated Burrow, seen through the client', () => {
  let rounds: readonly Round[] = [];
  beforeAll(async () => {
    rounds = await anHour();
  });

  test('when any URL is polled, then the answer is valid, and only the dying group is ever not found', () => {
    const bad = rounds.flatMap(({ groups, topics }) =>
      [...groups, ...topics]
        .filter(([, { kind }]) => kind !== 'ok')
        .map(([key, { kind }]) => `${key} ${kind}`),
    );
    expect(new Set(bad)).toEqual(new Set(['payments/audit-archiver notFound']));
    expect(rounds.some(({ groups }) => !groups.has('payments/audit-archiver'))).toBe(true);
    expect(rounds.at(-1)!.groups.get('payments/fraud-detector')?.kind).toBe('ok');
  });

  test('when a lag is known, then it is log end minus committed, and the total is their sum', () => {
    let compared = 0;
    for (const { groups, topics } of rounds)
      for (const [key, outcome] of groups) {
        if (outcome.kind !== 'ok') continue;
        const { partitions, totalLagRecords, status, unsafeIntegers } = outcome.value;
        const cluster = key.split('/')[0]!;
        for (const { topic, partition, endOffset, currentLagRecords } of partitions) {
          const end = valueOf(topics.get(`${cluster}/${topic}`)!).offsets[partition]!;
          if (endOffset === null) {
            expect(currentLagRecords).toBeNull();
            continue;
          }
          // Burrow reads the brokers now and then, and a commit may be ahead of what it read.
          expect(currentLagRecords).toBe(Math.max(0, end - endOffset));
          compared += 1;
        }
        expect(totalLagRecords).toBe(partitions.reduce((sum, one) => sum + (one.currentLagRecords ?? 0), 0));
        expect(status).not.toBeNull();
        expect(unsafeIntegers).toBe(0);
      }
    expect(compared).toBeGreaterThan(2_000);
  });

  test('when offsets move, then only the rewinding group ever goes back', () => {
    const newest = new Map<string, number>();
    const wentBack = new Set<string>();
    const see = (key: string, offset: number | null, name: string): void => {
      if (offset === null) return;
      if (offset < (newest.get(key) ?? 0)) wentBack.add(name);
      newest.set(key, offset);
    };
    for (const { groups, topics } of rounds) {
      for (const [key, outcome] of topics)
        valueOf(outcome).offsets.forEach((offset, id) => see(`topic ${key} ${id}`, offset, key));
      for (const [key, outcome] of groups)
        if (outcome.kind === 'ok')
          for (const one of outcome.value.partitions)
            see(`group ${key} ${one.partition}`, one.endOffset, key);
    }
    expect([...wentBack]).toEqual(['orders/report-builder']);
  });

  test('when the stories repeat themselves, then lag returns to 0 in every group', () => {
    const names = new Set(rounds.flatMap(({ groups }) => [...groups.keys()]));
    expect(names.size).toBe(8);
    for (const name of names) {
      const totals = rounds.flatMap(({ groups }) => {
        const outcome = groups.get(name);
        return outcome?.kind === 'ok' ? [outcome.value.totalLagRecords] : [];
      });
      expect(totals, name).toContain(0);
      expect(Math.max(...totals.map((total) => total ?? 0)), name).toBeGreaterThan(0);
    }
  });
});
