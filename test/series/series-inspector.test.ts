import { describe, expect, test } from 'vitest';
import { createSeriesBook } from '../../src/series/create-series-book.ts';
import { DEPS, OPTIONS, reading, sample, START_MS } from './history.ts';

const LATER_MS = START_MS + 30_000;

function given() {
  const book = createSeriesBook(DEPS, OPTIONS);
  const group = book.group('prod', 'workers');
  const topic = book.topic('prod', 'orders');
  return { book, group, topic };
}

/** The states in words, with how many machines stand there; states without any are left out. */
function standing(book: ReturnType<typeof given>['book']): Record<string, number> {
  const { states, counts } = book.countStates();
  const named = states.map((state, index) => [
    Object.values(JSON.parse(state) as object).join(' '),
    counts[index]!,
  ]);
  return Object.fromEntries(named.filter(([, count]) => count !== 0)) as Record<string, number>;
}

describe('given a group that is looked at', () => {
  test('when it never had a sample under that name, then there is nothing to see', () => {
    const { book } = given();
    expect(book.inspect('prod', 'nobody', START_MS)).toBeNull();
    expect([...book.levelsOf('prod', 'nobody')]).toEqual([]);
  });

  test('when it had two samples, then rates, offsets, owner and states of each partition are told', () => {
    const { book, group, topic } = given();
    topic.take({ takenAtMs: START_MS, offsets: [300] });
    group.take(sample(START_MS, [reading({ endOffset: 200, currentLagRecords: 100 })]));
    topic.take({ takenAtMs: LATER_MS, offsets: [400] });
    group.take(sample(LATER_MS, [reading({ endOffset: 250, currentLagRecords: 150 })]));
    const { states } = book.countStates();
    const { totalLagState, partitions } = book.inspect('prod', 'workers', LATER_MS)!;
    expect(partitions).toEqual([
      {
        cluster: 'prod',
        group: 'workers',
        topic: 'orders',
        partition: 0,
        owner: '/10.0.0.1',
        clientId: 'worker-1',
        status: 1,
        lagRecords: 150,
        committedOffset: 250,
        startOffset: null,
        consumedPerSecond: 1.666667,
        producedPerSecond: 3.333333,
        // The offset 250 was the end of the log 45 s ago at the topic's pace of 100 in 30 s.
        lagSeconds: 45,
        lagState: states.indexOf('{"span":"open","cadence":"fresh"}'),
        hostsState: states.indexOf('{"span":"open","cadence":"fresh"}'),
      },
    ]);
    expect(states[totalLagState]).toBe('{"span":"open","cadence":"fresh"}');
  });

  test('when its partitions have statuses, then those of the newest sample are told, the first where one is named twice', () => {
    const { book, group } = given();
    const named = (...statuses: readonly (number | null)[]) =>
      statuses.map((status, partition) => reading({ partition, status }));
    const told = () =>
      [...book.levelsOf('prod', 'workers')].map(({ partition, status }) => [partition, status]);
    group.take(sample(START_MS, named(1, 2, 3, 4, 5, 6, 0, null)));
    expect(told()).toEqual([1, 2, 3, 4, 5, 6, 0, null].map((status, partition) => [partition, status]));
    group.take(sample(LATER_MS, [...named(4, null), reading({ partition: 1, status: 5 })]));
    expect(told()).toEqual([
      [0, 4],
      [1, null],
    ]);
  });

  test('when the first sample after the look has come, then the oldest commit is known, too', () => {
    const { book, group } = given();
    group.take(sample(START_MS, [reading()]));
    expect(book.inspect('prod', 'workers', START_MS)!.partitions[0]!.startOffset).toBeNull();
    group.take(sample(LATER_MS, [reading()]));
    expect(book.inspect('prod', 'workers', LATER_MS)!.partitions[0]!.startOffset).toBe(100);
  });

  test('when 32 others are looked at, then its newest sample is not kept any more', () => {
    const { book, group } = given();
    group.take(sample(START_MS, [reading()]));
    book.inspect('prod', 'workers', START_MS);
    for (let other = 0; other < 32; other++) {
      book.group('prod', `other-${other}`).take(sample(START_MS, []));
      book.inspect('prod', `other-${other}`, START_MS);
    }
    group.take(sample(LATER_MS, [reading()]));
    expect(book.inspect('prod', 'workers', LATER_MS)!.partitions[0]!.startOffset).toBeNull();
  });

  test('when a partition has a new owner, then its rate is unknown and not 0', () => {
    const { book, group } = given();
    group.take(sample(START_MS, [reading({ endOffset: 200 })]));
    group.take(sample(LATER_MS, [reading({ endOffset: 260, owner: '/10.0.0.2' })]));
    expect(book.inspect('prod', 'workers', LATER_MS)!.partitions[0]!.consumedPerSecond).toBeNull();
  });
});

describe('given the twin machines of all series', () => {
  test('when they are counted, then each stands in one state and free places do not count', () => {
    const { book, group, topic } = given();
    topic.take({ takenAtMs: START_MS, offsets: [0, 5] });
    const lagging = reading({ currentLagRecords: 9 });
    group.take(sample(START_MS, [lagging, reading({ partition: 1 }), reading({ partition: 2 })]));
    // The topic has two for each of two partitions, the group three of its own, one for its topic and two for each of three partitions.
    expect(standing(book)).toEqual({ 'open fresh': 6, 'closed fresh': 8 });
    for (const second of [30, 60]) group.take(sample(START_MS + second * 1000, [lagging]));
    // Two partitions are gone. What did not change is held at first and sent at the second time.
    expect(standing(book)).toEqual({ 'open fresh': 6, 'closed fresh': 4 });
  });

  test('when the group is gone, then its machines are', () => {
    const { book, group } = given();
    group.take(sample(START_MS, [reading({ currentLagRecords: 9 })]));
    group.gone(LATER_MS);
    expect(standing(book)).toEqual({});
  });
});
