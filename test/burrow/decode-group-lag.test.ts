import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { GroupLag, PartitionLag } from '../../src/burrow/answers.ts';
import { decodeGroupLag, statusNumber } from '../../src/burrow/decode-group-lag.ts';
import { commit, lagAnswer, partition } from './burrow-bodies.ts';

function decode(answer: Readonly<Record<string, unknown>>): GroupLag {
  return decodeGroupLag(
    JSON.parse(JSON.stringify(answer)) as Readonly<Record<string, unknown>>,
    'prod',
    'billing',
  );
}

function decodeOne(fields: Readonly<Record<string, unknown>>): PartitionLag & { readonly unsafe: number } {
  const lag = decode(lagAnswer([partition(fields)]));
  return { ...lag.partitions[0]!, unsafe: lag.unsafeIntegers };
}

describe('given a complete lag answer', () => {
  test('when it is decoded, then every field has its place', () => {
    expect(decode(lagAnswer())).toEqual({
      status: 1,
      totalLagRecords: 4,
      partitions: [
        {
          topic: 'orders',
          partition: 0,
          owner: '/10.0.0.7',
          clientId: 'billing-1',
          status: 1,
          startOffset: 100,
          startTimestampMs: 1_795_225_000_000,
          startLagRecords: 5,
          endOffset: 160,
          endTimestampMs: 1_795_225_292_416,
          endLagRecords: 3,
          currentLagRecords: 4,
        },
      ],
      stoppedPartitions: 0,
      stalledPartitions: 0,
      unsafeIntegers: 0,
    });
  });

  test('when partitions are not well, then those that stopped and those that stall are counted', () => {
    const statuses = ['STOP', 'OK', 'STALL', 'STOP', 'WARN', 'REWIND', 'STOP', null, 7];
    const partitions = statuses.map((status, id) => partition({ partition: id, status }));
    expect(decode(lagAnswer(partitions))).toMatchObject({ stoppedPartitions: 3, stalledPartitions: 1 });
  });

  test('when the lag now differs from the lag at commit time, then the current one is kept as such', () => {
    expect(decodeOne({ current_lag: 900, end: commit(160, 0) })).toMatchObject({
      currentLagRecords: 900,
      endLagRecords: 0,
    });
  });

  test('when maxlag is there, absent or nonsense, then it makes no difference', () => {
    const expected = decode(lagAnswer());
    for (const maxlag of [partition({ partition: 9 }), null, 'nonsense', undefined]) {
      expect(decode(lagAnswer([partition()], { maxlag }))).toEqual(expected);
    }
  });

  test('when partitions come in any order, then the order is kept and complete is ignored', () => {
    const partitions = [partition({ partition: 2, complete: 0.1 }), partition({ partition: 0, complete: 0 })];
    expect(decode(lagAnswer(partitions)).partitions.map((each) => each.partition)).toEqual([2, 0]);
  });
});

describe('given an answer with gaps that Burrow means', () => {
  test('when no commit is stored, then the current lag is unknown and not 0', () => {
    expect(decodeOne({ start: null, end: null, current_lag: 0 })).toMatchObject({
      startOffset: null,
      startTimestampMs: null,
      startLagRecords: null,
      endOffset: null,
      endTimestampMs: null,
      endLagRecords: null,
      currentLagRecords: null,
    });
  });

  test('when the lag at a commit is null, then only that lag is unknown', () => {
    expect(decodeOne({ start: commit(100, null), end: commit(160, null) })).toMatchObject({
      startOffset: 100,
      startLagRecords: null,
      endOffset: 160,
      endLagRecords: null,
      currentLagRecords: 4,
    });
  });

  test('when commits have no observedAt, as with Burrow 1.2.1, then nothing is missing', () => {
    const end = { offset: 160, timestamp: 1_795_225_292_416, lag: 3 };
    expect(decodeOne({ end })).toMatchObject({ endOffset: 160, endLagRecords: 3, currentLagRecords: 4 });
  });

  test('when partitions is null, then there are none', () => {
    expect(decode(lagAnswer(null)).partitions).toEqual([]);
  });

  test('when owner and client_id are blank, white space, null or absent, then they are blank', () => {
    for (const blank of ['', null, undefined, ' ', ' \t\n', '\u3000\u00a0']) {
      expect(decodeOne({ owner: blank, client_id: blank })).toMatchObject({ owner: '', clientId: '' });
    }
  });

  test.each(['UNKNOWN', 'SLEEPING', '', '__proto__', 'constructor', 'toString'])(
    'when the status word is %j, then the status is unknown',
    (word) => {
      expect(decode(lagAnswer([partition()], { status: word })).status).toBeNull();
    },
  );

  test('when the status word is known, then it has the number of Burrow itself', () => {
    const words = ['NOTFOUND', 'OK', 'WARN', 'ERR', 'STOP', 'STALL', 'REWIND'];
    expect(words.map(statusNumber)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });
});

describe('given numbers that are not what they seem', () => {
  test('when an offset is below 0, then it is unknown, and so is a lag counted from it', () => {
    expect(decodeOne({ start: commit(-1, 5), end: commit(-1, 3), current_lag: 161 })).toMatchObject({
      startOffset: null,
      endOffset: null,
      currentLagRecords: null,
      unsafe: 0,
    });
  });

  test('when numbers are past 2^53, then each is unknown and counted', () => {
    const text = JSON.stringify(
      lagAnswer([partition({ current_lag: 'BIG', end: { ...commit(1, 2), offset: 'BIG' } })], {
        totallag: 'BIG',
      }),
    );
    const answer = JSON.parse(text.replaceAll('"BIG"', '18446744073709551615')) as Readonly<
      Record<string, unknown>
    >;
    const lag = decodeGroupLag(answer, 'prod', 'billing');
    expect(lag.totalLagRecords).toBeNull();
    expect(lag.partitions[0]).toMatchObject({ currentLagRecords: null, endOffset: null, endLagRecords: 2 });
    expect(lag.unsafeIntegers).toBe(3);
  });

  test('when a number is the largest safe one, then it is kept; one more is not', () => {
    expect(decodeOne({ current_lag: 2 ** 53 - 1 })).toMatchObject({
      currentLagRecords: 2 ** 53 - 1,
      unsafe: 0,
    });
    expect(decodeOne({ current_lag: 2 ** 53 })).toMatchObject({ currentLagRecords: null, unsafe: 1 });
  });

  test('when a count is a fraction, then it is unknown and counted', () => {
    expect(decodeOne({ current_lag: 1.5 })).toMatchObject({ currentLagRecords: null, unsafe: 1 });
  });
});

describe('given an answer of the wrong shape', () => {
  const second = (fields: Readonly<Record<string, unknown>>): unknown => [partition(), partition(fields)];
  test.each<[string, Readonly<Record<string, unknown>>, string]>([
    ['no status', { error: false }, 'status is not an object'],
    ['a list for status', { error: false, status: [] }, 'status is not an object'],
    ['no partitions', lagAnswer(undefined, { partitions: undefined }), 'status.partitions is not a list'],
    ['an object for partitions', lagAnswer({}), 'status.partitions is not a list'],
    ['a null partition', lagAnswer([partition(), null]), 'status.partitions[1] is not an object'],
    [
      'a text for partition',
      lagAnswer(second({ partition: '1' })),
      'status.partitions[1].partition is not a partition id',
    ],
    [
      'a partition below 0',
      lagAnswer(second({ partition: -1 })),
      'status.partitions[1].partition is not a partition id',
    ],
    [
      'half a partition',
      lagAnswer(second({ partition: 0.5 })),
      'status.partitions[1].partition is not a partition id',
    ],
    [
      'a partition past int32',
      lagAnswer(second({ partition: 2 ** 31 })),
      'status.partitions[1].partition is not a partition id',
    ],
    ['no topic', lagAnswer(second({ topic: undefined })), 'status.partitions[1].topic is not a string'],
    [
      'an endless topic',
      lagAnswer(second({ topic: 'x'.repeat(10_241) })),
      'status.partitions[1].topic is not a name of at most 10240 characters',
    ],
    [
      'more partitions than a cluster can have',
      lagAnswer(Array.from({ length: 200_001 }, () => null)),
      'status.partitions is not a list of at most 200000',
    ],
    [
      'a partition past 2^31',
      lagAnswer(second({ partition: 2 ** 31 })),
      'status.partitions[1].partition is not',
    ],
    ['a negative partition', lagAnswer(second({ partition: -1 })), 'status.partitions[1].partition is not'],
    ['a number for owner', lagAnswer(second({ owner: 7 })), 'status.partitions[1].owner is not a string'],
    [
      'a list for client_id',
      lagAnswer(second({ client_id: [] })),
      'status.partitions[1].client_id is not a string',
    ],
    [
      'a text for current_lag',
      lagAnswer(second({ current_lag: '4' })),
      'status.partitions[1].current_lag is not a number',
    ],
    [
      'no current_lag',
      lagAnswer(second({ current_lag: undefined })),
      'status.partitions[1].current_lag is not a number',
    ],
    ['no end', lagAnswer(second({ end: undefined })), 'status.partitions[1].end is not an object'],
    ['a number for start', lagAnswer(second({ start: 0 })), 'status.partitions[1].start is not an object'],
    [
      'a text for an offset',
      lagAnswer(second({ end: { ...commit(1, 2), offset: '1' } })),
      'status.partitions[1].end.offset is not a number',
    ],
    [
      'no timestamp',
      lagAnswer(second({ end: { offset: 1, lag: 0 } })),
      'status.partitions[1].end.timestamp is not a number',
    ],
    [
      'an object for lag',
      lagAnswer(second({ start: { ...commit(1, 2), lag: {} } })),
      'status.partitions[1].start.lag is not a number',
    ],
    ['a text for totallag', lagAnswer([], { totallag: '0' }), 'status.totallag is not a number'],
    ['no totallag', lagAnswer([], { totallag: undefined }), 'status.totallag is not a number'],
    ['a number for status', lagAnswer([], { status: 1 }), 'status.status is not a string'],
    [
      'another group',
      lagAnswer([], { group: 'shipping' }),
      'status.group is not the group that was asked for',
    ],
    [
      'another cluster',
      lagAnswer([], { cluster: 'test' }),
      'status.cluster is not the cluster that was asked for',
    ],
  ])('when it has %s, then the fault names the field', (_what, answer, message) => {
    expect(() => decode(answer)).toThrow(message);
  });

  test('when the cluster differs in case only, then it is the same', () => {
    expect(decode(lagAnswer([partition()], { cluster: 'PROD' })).partitions).toHaveLength(1);
  });
});

describe('given any names at all', () => {
  test('when they are decoded, then they come through untouched but for blank and overlong owners, and touch nothing', () => {
    const names = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('__proto__', 'constructor', 'a\nb\u0000', '"', 'x'.repeat(10_240)),
    );
    fc.assert(
      fc.property(names, names, names, (topic, owner, clientId) => {
        const decoded = decodeOne({ topic, owner, client_id: clientId });
        expect(decoded.topic).toBe(topic);
        const asOwner = (text: string): string => (/\S/u.test(text) ? text.slice(0, 1024) : '');
        expect(decoded.owner).toBe(asOwner(owner));
        expect(decoded.clientId).toBe(asOwner(clientId));
      }),
    );
  });

  test('when a partition has a key __proto__, then it does not become its prototype', () => {
    const text = JSON.stringify(lagAnswer()).replace('"topic":"orders"', '"__proto__":{"topic":"planted"}');
    expect(() =>
      decodeGroupLag(JSON.parse(text) as Readonly<Record<string, unknown>>, 'prod', 'billing'),
    ).toThrow('status.partitions[0].topic is not a string');
  });
});
