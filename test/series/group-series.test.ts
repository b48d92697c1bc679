import { describe, expect, test } from 'vitest';
import type { GroupSeries } from '../../src/series/series-book.ts';
import type { Record, SampleRecords, Subject } from '../../src/records/record.ts';
import { FORMATS } from '../../src/records/formats/formats.ts';
import { createSeriesBook } from '../../src/series/create-series-book.ts';
import type { GroupSample, PartitionReading } from '../../src/series/sample.ts';
import type { SeriesOptions } from '../../src/series/series-options.ts';
import { DEPS, OPTIONS, reading, sample, START_MS } from './history.ts';

const START = START_MS / 1000;

function given(options: Partial<SeriesOptions> = {}) {
  const rewinds: number[] = [];
  const ambiguous: string[] = [];
  const mismatches: object[] = [];
  const book = createSeriesBook(
    {
      ...DEPS,
      countRewind: (_, times) => rewinds.push(times),
      onAmbiguousTopic: (_cluster, _group, topic) => ambiguous.push(topic),
      onTotalMismatch: (_cluster, _group, mismatch) => mismatches.push(mismatch),
    },
    { ...OPTIONS, ...options },
  );
  // Resumed spans are told before a series is asked for.
  let group: GroupSeries | null = null;
  const live = (): GroupSeries => (group ??= book.group('prod', 'workers'));
  const records: Record[] = [];
  const keep = (emitted: SampleRecords | null): void => {
    records.push(...(emitted?.records ?? []));
  };
  return {
    rewinds,
    ambiguous,
    mismatches,
    take: (taken: GroupSample) => keep(live().take(taken)),
    /** Hosts that a former process left open; to be called first. */
    resume: (subjects: readonly Subject[]) =>
      book.resume(
        subjects.map((subject) => ({ subject, metric: 'hosts', isDoubtful: false })),
        START - 60,
      ),
    /** Takes a sample `second` seconds after the start. */
    at: (second: number, ...partitions: Partial<PartitionReading>[]) =>
      keep(live().take(sample(START_MS + second * 1000, partitions.map(reading)))),
    gone: (second: number) => keep(live().gone(START_MS + second * 1000)),
    /** What was sent of a metric: `second value`, with a mark at the bounds. */
    sent: (metric: string, owner?: string) =>
      records
        .filter((r) => r.metric === metric && (owner === undefined || r.subject.owner === owner))
        .map(
          ({ kind, value, timestampSeconds }) =>
            `${timestampSeconds - START} ${value}${kind === 'start' ? ' [' : kind === 'end' ? ' ]' : ''}`,
        ),
    records,
    /** Of the hosts' machines, one for each partition. */
    states: () => [...book.levelsOf('prod', 'workers')].map(({ hostsState }) => hostsState),
  };
}

describe('given a partition whose lag comes and goes', () => {
  test('when it lags from the first sample on, then the zero-start stands one interval before', () => {
    const { at, sent } = given();
    at(60, { currentLagRecords: 5 });
    expect(sent('Lag')).toEqual(['30 0 [', '60 5']);
  });

  test('when it lags after a quiet sample, then the zero-start stands at that sample', () => {
    const { at, sent } = given();
    at(13, {});
    at(60, { currentLagRecords: 5 });
    expect(sent('Lag')).toEqual(['13 0 [', '60 5']);
  });

  test('when two zeroes follow, then the zero-end stands at the first', () => {
    const { at, sent } = given();
    at(0, { currentLagRecords: 5 });
    at(30, {});
    expect(sent('Lag')).toEqual(['-30 0 [', '0 5']);
    at(60, {});
    expect(sent('Lag')).toEqual(['-30 0 [', '0 5', '30 0 ]']);
    at(90, {});
    expect(sent('Lag')).toHaveLength(3);
  });

  test('when the lag touches 0 for one poll only, then the span goes on', () => {
    const { at, sent } = given();
    at(0, { currentLagRecords: 5 });
    at(30, {});
    at(60, { currentLagRecords: 5 });
    expect(sent('Lag')).toEqual(['-30 0 [', '0 5', '60 5']);
  });

  test('when confirmZero is 0, then one zero ends the span and serves as the next start', () => {
    const { at, sent } = given({ confirmZero: 0 });
    at(0, { currentLagRecords: 5 });
    at(30, {});
    at(60, { currentLagRecords: 7 });
    expect(sent('Lag')).toEqual(['-30 0 [', '0 5', '30 0 ]', '60 7']);
  });

  test('when a lag stays within the tolerance, then it counts as 0 for the span', () => {
    const { at, sent } = given({ zeroTolerance: 1 });
    at(0, { currentLagRecords: 5 });
    at(30, { currentLagRecords: 1 });
    at(60, { currentLagRecords: 1 });
    expect(sent('Lag')).toEqual(['-30 0 [', '0 5', '30 0 ]']);
  });

  test('when the lag does not change, then it is sent at every second poll', () => {
    const { at, sent } = given();
    for (const second of [0, 30, 60, 90, 120]) at(second, { currentLagRecords: 5 });
    expect(sent('Lag')).toEqual(['-30 0 [', '0 5', '60 5', '120 5']);
  });

  test('when Burrow knows no commit, then nothing is sent and nothing ends', () => {
    const { at, sent } = given();
    at(0, { currentLagRecords: 5 });
    at(30, { currentLagRecords: null, endOffset: null });
    at(60, { currentLagRecords: null, endOffset: null });
    at(90, { currentLagRecords: 6 });
    expect(sent('Lag')).toEqual(['-30 0 [', '0 5', '90 6']);
  });

  test('when the partition vanishes from the answer, then its series end now', () => {
    const { at, sent } = given();
    at(0, { currentLagRecords: 5 }, { topic: 'payments', owner: '/b', currentLagRecords: 3 });
    at(30, { currentLagRecords: 6 });
    expect(sent('Lag', '/b')).toEqual(['-30 0 [', '0 3', '30 0 ]']);
    expect(sent('endOffset', '/b').at(-1)).toBe('30 0 ]');
    expect(sent('Lag', '/10.0.0.1')).toEqual(['-30 0 [', '0 5', '30 6']);
  });

  test('when it comes back at once, then the zero there already serves as both bounds', () => {
    const { at, sent } = given();
    at(0, { currentLagRecords: 5 });
    at(30);
    at(60, { currentLagRecords: 5 });
    expect(sent('Lag')).toEqual(['-30 0 [', '0 5', '30 0 ]', '60 5']);
  });

  test('when it vanishes while it is ending, then the zero-end stands at the first zero', () => {
    const { at, sent } = given();
    at(0, { currentLagRecords: 5 });
    at(30, {});
    at(60);
    expect(sent('Lag')).toEqual(['-30 0 [', '0 5', '30 0 ]']);
  });

  test('when two samples come within one second, then only the first counts', () => {
    const { at, sent } = given();
    at(0, { currentLagRecords: 5 });
    at(0.9, { currentLagRecords: 9 });
    expect(sent('Lag')).toEqual(['-30 0 [', '0 5']);
  });

  test('when the group dies right after a sample, then the zero-end is later than the last value', () => {
    const { at, gone, sent } = given();
    at(0.2, { currentLagRecords: 5 });
    gone(0.8);
    expect(sent('Lag')).toEqual(['-30 0 [', '0 5', '1 0 ]']);
  });

  test('when the group dies and comes back, then new spans begin', () => {
    const { at, gone, sent } = given();
    at(0, { currentLagRecords: 5 });
    gone(20);
    at(600, { currentLagRecords: 6 });
    expect(sent('Lag')).toEqual(['-30 0 [', '0 5', '20 0 ]', '570 0 [', '600 6']);
    expect(sent('totalLag')).toEqual(['-30 0 [', '0 5', '20 0 ]', '570 0 [', '600 6']);
  });
});

describe('given a partition whose owner changes', () => {
  const a = { owner: '/a', currentLagRecords: 5 };
  const b = { owner: '/b', currentLagRecords: 6 };

  test('when the owner is a tag, then the old series ends and the new one begins', () => {
    const { at, sent } = given();
    at(0, a);
    at(30, b);
    expect(sent('Lag', '/a')).toEqual(['-30 0 [', '0 5', '30 0 ]']);
    expect(sent('Lag', '/b')).toEqual(['0 0 [', '30 6']);
  });

  test('when the owner returns at once, then the zero there already serves as both bounds', () => {
    const { at, sent } = given();
    at(0, a);
    at(30, b);
    at(60, a);
    expect(sent('Lag', '/a')).toEqual(['-30 0 [', '0 5', '30 0 ]', '60 5']);
  });

  test('when the owner is no tag, then a rebalance cuts nothing', () => {
    const { at, sent } = given({ seriesTags: { owner: false, clientId: true } });
    at(0, a);
    at(30, b);
    expect(sent('Lag')).toEqual(['-30 0 [', '0 5', '30 6']);
  });

  test('when the owner is blank, then it is tagged unknown', () => {
    const { at, records } = given();
    at(0, { owner: '', clientId: '', currentLagRecords: 5 });
    expect(records.find(({ metric }) => metric === 'Lag')?.subject).toMatchObject({
      owner: 'unknown',
      clientId: 'unknown',
    });
  });
});

describe('given owners that look the same in records', () => {
  const long = 'x'.repeat(300);

  test.each([
    ['svc\u0000', 'svc\u0001'],
    ['svc_', 'svc\n'],
    ['svc\\', 'svc_'],
    ['', 'unknown'],
    [long, FORMATS.wavefront.showTag('owner', long)],
  ])('when a partition goes from %j to %j and back, then it is one series all along', (one, other) => {
    const { at, sent } = given();
    for (const [index, owner] of [one, one, other, one].entries()) {
      at(index * 30, { owner, endOffset: 100 + 30 * index, currentLagRecords: 90 });
    }
    expect(sent('Lag')).toEqual(['-30 0 [', '0 90', '60 90']);
    expect(sent('hosts')).toEqual(['0 0 [', '30 60', '90 60']);
  });

  test('when they differ past what a tag shows, then they are two', () => {
    const { at, sent } = given();
    at(0, { owner: `${long}1`, currentLagRecords: 90 });
    at(30, { owner: `${long}2`, currentLagRecords: 90 });
    expect(sent('Lag', `${long}1`)).toEqual(['-30 0 [', '0 90', '30 0 ]']);
  });

  test('when they tag the maximum, then it is one series, too', () => {
    const { at, sent } = given({ maxLagTag: 'owner' });
    at(0, { owner: 'svc_', currentLagRecords: 90 });
    at(30, { owner: 'svc\n', currentLagRecords: 91 });
    at(60, { owner: 'svc_', currentLagRecords: 92 });
    expect(sent('maxLagCurrentLag')).toEqual(['-30 0 [', '0 90', '30 91', '60 92']);
  });
});

describe('given topics of a group that look the same in records', () => {
  const lagOf = (topic: string, currentLagRecords: number) => ({ topic, currentLagRecords });

  test('when one is there, then the other is left out and told once, whatever the order', () => {
    const { at, records, ambiguous } = given();
    at(0, lagOf('t\n', 5), lagOf('t_', 7));
    at(30, lagOf('t_', 8), lagOf('t\n', 6));
    at(60, lagOf('t_', 9), lagOf('t\n', 7));
    const lags = records.filter(({ metric, kind }) => metric === 'Lag' && kind === 'value');
    expect(lags.map(({ value }) => value)).toEqual([5, 6, 7]);
    expect(ambiguous).toEqual(['t_']);
  });

  test('when it has gone for two samples, then the other has its turn', () => {
    const { at, records, ambiguous } = given();
    at(0, lagOf('t\n', 5), lagOf('t_', 7));
    for (const second of [30, 60, 90]) at(second, lagOf('t_', 7 + second));
    const lags = records.filter(({ metric }) => metric === 'Lag').map((r) => [r.kind, r.value]);
    expect(lags).toEqual([
      ['start', 0],
      ['value', 5],
      ['end', 0],
      ['start', 0],
      ['value', 97],
    ]);
    expect(ambiguous).toEqual(['t_']);
  });
});

describe('given what a group consumes', () => {
  test('when offsets move, then the rate is over the true time between samples', () => {
    const { at, sent } = given();
    at(0, { endOffset: 1000 });
    at(45, { endOffset: 1600 });
    at(75, { endOffset: 1601 });
    expect(sent('hosts')).toEqual(['0 0 [', '45 800', '75 2']);
  });

  test('when an offset goes backwards, then there is no rate and one rewind is counted', () => {
    const { at, sent, rewinds } = given();
    at(0, { endOffset: 1000 });
    at(30, { endOffset: 500 });
    at(60, { endOffset: 530 });
    expect(sent('hosts')).toEqual(['30 0 [', '60 60']);
    expect(rewinds).toEqual([1]);
  });

  test('when the owner changes, then neither is charged with what lies between', () => {
    const { at, sent } = given();
    at(0, { owner: '/a', endOffset: 1000 });
    at(30, { owner: '/a', endOffset: 1100 });
    at(60, { owner: '/b', endOffset: 1200 });
    at(90, { owner: '/b', endOffset: 1230 });
    expect(sent('hosts', '/a')).toEqual(['0 0 [', '30 200', '60 0 ]']);
    expect(sent('hosts', '/b')).toEqual(['60 0 [', '90 60']);
  });
});

describe("given hosts whose names have no topic, as goRainbow's", () => {
  const consumed = (topic: string, endOffset: number | null, owner = '/a') => ({ topic, endOffset, owner });

  test('when an owner has the same partition of two topics, then it is one series, their sum', () => {
    const { at, records, sent } = given({ sharesHosts: true });
    at(0, consumed('t', 0), consumed('u', 0));
    at(30, consumed('t', 111), consumed('u', 0));
    at(60, consumed('t', 111), consumed('u', 20));
    at(90, consumed('t', 111), consumed('u', 20));
    at(120, consumed('t', 111), consumed('u', 20));
    expect(sent('hosts')).toEqual(['0 0 [', '30 222', '60 40', '90 0 ]']);
    expect(new Set(records.filter((r) => r.metric === 'hosts').map((r) => r.subject)).size).toBe(1);
  });

  test('when two owners have it, then each has its own', () => {
    const { at, sent } = given({ sharesHosts: true });
    at(0, consumed('t', 0, '/a'), consumed('u', 0, '/b'));
    at(30, consumed('t', 10, '/a'), consumed('u', 20, '/b'));
    expect(sent('hosts', '/a')).toEqual(['0 0 [', '30 20']);
    expect(sent('hosts', '/b')).toEqual(['0 0 [', '30 40']);
  });

  test('when the owner is no tag, then they are one', () => {
    const { at, sent } = given({ sharesHosts: true, seriesTags: { owner: false, clientId: false } });
    at(0, consumed('t', 0, '/a'), consumed('u', 0, '/b'));
    at(30, consumed('t', 10, '/a'), consumed('u', 20, '/b'));
    expect(sent('hosts')).toEqual(['0 0 [', '30 60']);
  });

  test('when one of them has no rate, then the sum is unknown; one without any commit is no part of it', () => {
    const { at, sent } = given({ sharesHosts: true });
    at(0, consumed('t', 100), consumed('u', null));
    at(30, consumed('t', 110), consumed('u', null));
    at(60, consumed('t', 120), consumed('u', 50));
    at(90, consumed('t', 130), consumed('u', 40));
    at(120, consumed('t', 140), consumed('u', 45));
    expect(sent('hosts')).toEqual(['0 0 [', '30 20', '120 30']);
  });

  test('when a partition goes to another owner, then the series of the first goes on with what is left', () => {
    const { at, sent } = given({ sharesHosts: true });
    at(0, consumed('t', 0), consumed('u', 0));
    at(30, consumed('t', 10), consumed('u', 10));
    at(60, consumed('t', 20), consumed('u', 20, '/b'));
    at(90, consumed('t', 30), consumed('u', 40, '/b'));
    at(120, consumed('u', 40, '/b'));
    expect(sent('hosts', '/a')).toEqual(['0 0 [', '30 40', '60 20', '120 0 ]']);
    expect(sent('hosts', '/b')).toEqual(['60 0 [', '90 40']);
  });

  test('when owners come and go, then each has its own series whenever it returns', () => {
    const { at, sent } = given({ sharesHosts: true });
    const owners = ['/a', '/a', '/b', '/b', '/a', '/a', '/b', '/b'];
    for (const [poll, owner] of owners.entries()) {
      at(poll * 30, consumed('t', poll * 10, owner), consumed('u', poll * 10, '/c'));
    }
    expect(sent('hosts', '/a')).toEqual(['0 0 [', '30 20', '60 0 ]', '120 0 [', '150 20', '180 0 ]']);
    expect(sent('hosts', '/b')).toEqual(['60 0 [', '90 20', '120 0 ]', '180 0 [', '210 20']);
    expect(sent('hosts', '/c')).toEqual(['0 0 [', '30 20', '90 20', '150 20', '210 20']);
  });

  test('when a former version left one for each topic, then they go on as one', () => {
    const { at, sent, resume } = given({ sharesHosts: true });
    const left = { kind: 'partition', cluster: 'prod', group: 'workers', partition: 0, owner: '/a' } as const;
    resume(['t', 'u'].map((topic) => ({ ...left, topic })));
    at(0, consumed('t', 0), consumed('u', 0));
    at(30, consumed('t', 10), consumed('u', 20));
    at(60);
    expect(sent('hosts')).toEqual(['30 60', '60 0 ]']);
  });

  test('when the group is gone, then they end; when someone looks, then each partition shows the machine', () => {
    const { at, gone, sent, states } = given({ sharesHosts: true });
    at(0, consumed('t', 0), consumed('u', 0));
    at(30, consumed('t', 10), consumed('u', 10));
    expect(new Set(states()).size).toBe(1);
    expect(states()[0]).not.toBe(0);
    gone(60);
    expect(sent('hosts')).toEqual(['0 0 [', '30 40', '60 0 ]']);
  });
});

describe('given the totals and maxima of a group', () => {
  test('when all is quiet, then they are sent, zeroes included, at every second poll', () => {
    const { at, sent } = given();
    for (const second of [0, 30, 60]) at(second, {});
    expect(sent('totalLag')).toEqual(['-30 0 [', '0 0', '60 0']);
    expect(sent('maxLagCurrentLag')).toEqual(['-30 0 [', '0 0', '60 0']);
    expect(sent('status')).toEqual(['-30 0 [', '0 1', '60 1']);
  });

  test('when partitions tie, then the first by topic and id is chosen, whatever Burrow says first', () => {
    const { at, records } = given();
    const tied = [
      { topic: 'b', partition: 0, currentLagRecords: 5 },
      { topic: 'a', partition: 2, currentLagRecords: 5 },
      { topic: 'a', partition: 1, currentLagRecords: 5 },
    ];
    at(0, ...tied);
    expect(records.find((r) => r.metric === 'maxLagPartitionID' && r.kind === 'value')).toMatchObject({
      value: 1,
      subject: { topic: 'a' },
    });
  });

  test('when the topic of the maximum changes, then the old series end and new ones begin', () => {
    const { at, records } = given();
    at(0, { topic: 'a', currentLagRecords: 5 }, { topic: 'b', currentLagRecords: 1 });
    at(30, { topic: 'a', currentLagRecords: 5 }, { topic: 'b', currentLagRecords: 9 });
    const of = (topic: string) =>
      records
        .filter((r) => r.metric === 'maxLagCurrentLag' && r.subject.topic === topic)
        .map((r) => [r.kind, r.timestampSeconds - START, r.value]);
    expect(of('a')).toEqual([
      ['start', -30, 0],
      ['value', 0, 5],
      ['end', 30, 0],
    ]);
    expect(of('b')).toEqual([
      ['start', 0, 0],
      ['value', 30, 9],
    ]);
  });

  test('when the topic of the maximum is deleted and nothing else is known, then its series end', () => {
    const { at, records } = given();
    at(0, { topic: 'a', currentLagRecords: 5 }, { topic: 'b', currentLagRecords: null });
    at(30, { topic: 'a', currentLagRecords: null }, { topic: 'b', currentLagRecords: null });
    at(60, { topic: 'b', currentLagRecords: null });
    at(90);
    at(120, { topic: 'a', currentLagRecords: 7 });
    expect(
      records
        .filter((r) => r.metric === 'maxLagCurrentLag')
        .map((r) => [r.kind, r.timestampSeconds - START, r.value]),
    ).toEqual([
      ['start', -30, 0],
      ['value', 0, 5],
      ['end', 60, 0],
      ['start', 90, 0],
      ['value', 120, 7],
    ]);
  });

  test('when Burrow gives no sum or an unknown status, then no record is made of it', () => {
    const book = createSeriesBook(DEPS, OPTIONS);
    const taken = { ...sample(START_MS, []), totalLagRecords: null, status: null };
    expect(book.group('prod', 'workers').take(taken)).toBeNull();
  });
});

describe('given a tolerance, as for topics that transactions leave at a lag of 1', () => {
  const lags = (...records: number[]) =>
    records.map((currentLagRecords, partition) => ({ partition, currentLagRecords }));

  test('when no partition lags more, then total and maximum are 0, as the partitions are silent', () => {
    const { at, sent } = given({ zeroTolerance: 1 });
    at(0, ...lags(1, 1, 1));
    expect(sent('Lag')).toEqual([]);
    expect(sent('totalLag')).toEqual(['-30 0 [', '0 0']);
    expect(sent('maxLagCurrentLag')).toEqual(['-30 0 [', '0 0']);
  });

  test('when one lags more, then the total is what the series of partitions sum up to', () => {
    const { at, sent } = given({ zeroTolerance: 1 });
    at(0, ...lags(1, 7, 1, 2));
    expect(sent('totalLag')).toEqual(['-30 0 [', '0 9']);
    expect(sent('maxLagCurrentLag')).toEqual(['-30 0 [', '0 7']);
    expect(sent('maxLagPartitionID')).toEqual(['-30 0 [', '0 1']);
  });

  test('when lags within it come and go, then the partition of the maximum stays', () => {
    const { at, sent } = given({ zeroTolerance: 1 });
    for (const [index, records] of [
      [0, 1],
      [1, 0],
      [0, 1],
    ].entries())
      at(index * 30, ...lags(...records));
    expect(sent('maxLagPartitionID')).toEqual(['-30 0 [', '0 0', '60 0']);
  });

  test('when a sample is summed up or looked at, then it is 0 there and has no age', () => {
    const book = createSeriesBook(DEPS, { ...OPTIONS, zeroTolerance: 1 });
    const group = book.group('prod', 'workers');
    const old = { endTimestampMs: START_MS - 60_000, endLagRecords: 1 };
    const taken = sample(START_MS, [reading({ ...old, currentLagRecords: 1 })]);
    group.take(taken);
    expect(group.totalLagRecords(taken)).toBe(0);
    expect(group.summarise(taken)).toMatchObject({ maxLagRecords: 0, maxLagSeconds: 0 });
    book.inspect('prod', 'workers', START_MS);
    group.take({ ...taken, takenAtMs: START_MS + 30_000 });
    expect(book.inspect('prod', 'workers', START_MS + 30_000)?.partitions).toMatchObject([
      { lagRecords: 0, lagSeconds: 0 },
    ]);
    expect([...book.levels()]).toMatchObject([{ lagRecords: 0 }]);
  });

  test('when Burrow knows of no partition, then its total counts by itself', () => {
    const { take, sent } = given({ zeroTolerance: 1 });
    take({ ...sample(START_MS, []), totalLagRecords: 1 });
    take({ ...sample(START_MS + 30_000, []), totalLagRecords: 2 });
    expect(sent('totalLag')).toEqual(['-30 0 [', '0 0', '30 2']);
  });
});

describe("given a total of Burrow's that is not the sum of its partitions", () => {
  const told = (...partitions: Partial<PartitionReading>[]) => ({
    ...sample(START_MS, partitions.map(reading)),
    totalLagRecords: 500,
  });

  test('when all are known, then the sum is sent, and told', () => {
    const { take, sent, mismatches } = given();
    take(told({ currentLagRecords: 5 }, { partition: 1, currentLagRecords: 7 }));
    expect(sent('totalLag')).toEqual(['-30 0 [', '0 12']);
    expect(mismatches).toEqual([{ burrowRecords: 500, sumRecords: 12 }]);
  });

  test('when a partition has no commit, then it is no part of either', () => {
    const { take, sent, mismatches } = given();
    const without = { partition: 1, endOffset: null, endTimestampMs: null, currentLagRecords: null };
    take(told({ currentLagRecords: 500 }, without));
    take({ ...told({ currentLagRecords: 499 }, without), takenAtMs: START_MS + 30_000 });
    expect(sent('totalLag')).toEqual(['-30 0 [', '0 500', '30 499']);
    expect(mismatches).toEqual([{ burrowRecords: 500, sumRecords: 499 }]);
  });

  test.each([
    ['a lag of one is unknown', { partition: 1, currentLagRecords: null }],
    ['the sum is past what a number holds', { partition: 1, currentLagRecords: Number.MAX_SAFE_INTEGER }],
  ])('when %s, then Burrow is believed', (_, partition) => {
    const { take, sent, mismatches } = given();
    take(told({ currentLagRecords: 5 }, partition));
    expect(sent('totalLag')).toEqual(['-30 0 [', '0 500']);
    expect(mismatches).toEqual([]);
  });

  test('when it names no partition at all, then no 0 is made of it', () => {
    const { take, sent } = given();
    take(told());
    expect(sent('totalLag')).toEqual(['-30 0 [', '0 500']);
  });

  test('when Burrow has no total, then the sum is sent, and nothing told', () => {
    const { take, sent, mismatches } = given();
    take({ ...told({ currentLagRecords: 5 }), totalLagRecords: null });
    expect(sent('totalLag')).toEqual(['-30 0 [', '0 5']);
    expect(mismatches).toEqual([]);
  });
});

describe('given the lag of a group by topic', () => {
  test('when a topic lags, then its series is the sum of its partitions, and begins and ends with 0', () => {
    const { at, sent } = given();
    at(0, { currentLagRecords: 5 }, { partition: 1, currentLagRecords: 7 }, { topic: 'events' });
    at(30, { currentLagRecords: 0 }, { partition: 1, currentLagRecords: 1 }, { topic: 'events' });
    at(60, { currentLagRecords: 0 }, { partition: 1, currentLagRecords: 0 }, { topic: 'events' });
    at(90, { currentLagRecords: 0 }, { partition: 1, currentLagRecords: 0 }, { topic: 'events' });
    expect(sent('topicLag')).toEqual(['-30 0 [', '0 12', '30 1', '60 0 ]']);
  });

  test('when one of its partitions is unknown, then so is the sum, and nothing ends', () => {
    const { at, sent } = given();
    at(0, { currentLagRecords: 5 }, { partition: 1, currentLagRecords: 7 });
    at(30, { currentLagRecords: 5 }, { partition: 1, currentLagRecords: null });
    at(60, { currentLagRecords: 5 }, { partition: 1, currentLagRecords: 9 });
    expect(sent('topicLag')).toEqual(['-30 0 [', '0 12', '60 14']);
  });

  test('when a partition has no commit at all, then it counts as 0', () => {
    const { at, sent } = given();
    const without = { partition: 1, currentLagRecords: null, endOffset: null, endTimestampMs: null };
    at(0, { currentLagRecords: 5 }, without);
    expect(sent('topicLag')).toEqual(['-30 0 [', '0 5']);
  });

  test('when it has committed an offset that is none, then the lag is unknown, and neither sum is a 0', () => {
    const { take, sent } = given();
    const partitions = (lagRecords: number | null) => [
      reading({ currentLagRecords: lagRecords, ...(lagRecords === null && { endOffset: null }) }),
      reading({ partition: 1 }),
    ];
    take(sample(START_MS, partitions(5)));
    for (const second of [30, 60, 90]) {
      take({ ...sample(START_MS + second * 1000, partitions(null)), totalLagRecords: 1001 });
    }
    expect(sent('topicLag')).toEqual(['-30 0 [', '0 5']);
    expect(sent('totalLag')).toEqual(['-30 0 [', '0 5', '30 1001', '90 1001']);
  });

  test('when the group consumes it no more, then it ends, and a return begins anew', () => {
    const { at, gone, sent } = given();
    at(0, { currentLagRecords: 5 }, { topic: 'events', currentLagRecords: 3 });
    at(30, { currentLagRecords: 5 });
    at(60, { currentLagRecords: 5 });
    at(90, { currentLagRecords: 5 }, { topic: 'events', currentLagRecords: 4 });
    gone(100);
    expect(sent('topicLag')).toEqual([
      ...['-30 0 [', '0 5', '-30 0 [', '0 3'],
      '30 0 ]',
      '60 5',
      ...['60 0 [', '90 4'],
      ...['100 0 ]', '100 0 ]'],
    ]);
  });

  test('when lags are within the tolerance, then they count as 0', () => {
    const { at, sent } = given({ zeroTolerance: 1 });
    at(0, { currentLagRecords: 1 }, { partition: 1, currentLagRecords: 1 });
    expect(sent('topicLag')).toEqual([]);
    at(30, { currentLagRecords: 1 }, { partition: 1, currentLagRecords: 4 });
    expect(sent('topicLag')).toEqual(['0 0 [', '30 4']);
  });
});

describe('given a group that records show as another one of the same cluster', () => {
  test('when it ends and the other one begins, then no record of that is earlier than what there is', () => {
    const book = createSeriesBook(DEPS, OPTIONS);
    const lagging = [reading({ currentLagRecords: 5 })];
    const first = book.group('prod', 'work\ners');
    const before = [first.take(sample(START_MS, lagging)), first.gone(START_MS + 10_000)];
    const after = book.group('prod', 'work_ers').take(sample(START_MS + 20_000, lagging));
    const stamps = (emitted: readonly (SampleRecords | null)[]): number[] =>
      emitted.flatMap((each) => each?.records ?? []).map(({ timestampSeconds }) => timestampSeconds - START);
    expect(Math.max(...stamps(before))).toBe(10);
    expect(Math.min(...stamps([after]))).toBe(11);
  });
});
