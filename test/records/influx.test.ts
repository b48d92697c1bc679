import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { EncodedSample } from '../../src/records/encoded-sample.ts';
import { FORMATS, readUnit, seriesOfZeroes } from '../../src/records/formats/formats.ts';
import type { Metric } from '../../src/records/metrics.ts';
import type { Record, SampleRecords, Subject } from '../../src/records/record.ts';
import { createEncoder } from '../../src/records/sample-encoder.ts';
import { EVERY_PAIR, subjectOf } from './any-subject.ts';

const TAGS = { dc: 'us1', rack: '7' };
const options = {
  prefix: 'burrow',
  naming: 'rainbow',
  format: 'influx',
  source: 'host-1',
  tags: TAGS,
} as const;

const partition: Subject = {
  kind: 'partition',
  cluster: 'prod',
  group: 'workers',
  topic: 'orders',
  partition: 3,
  owner: '/10.0.0.1',
  clientId: 'worker-1',
};
const group: Subject = { kind: 'group', cluster: 'prod', group: 'workers' };

function record(
  subject: Subject,
  metric: Metric,
  value: number,
  timestampSeconds = 1_700_000_000,
  kind: Record['kind'] = 'value',
): Record {
  return { subject, metric, kind, value, timestampSeconds };
}

function encode(records: readonly Record[], more: Partial<SampleRecords> = {}): EncodedSample {
  return createEncoder(options).encode({ key: 'k', cluster: 'prod', takenAtMs: 0, records, ...more });
}

function linesOf({ bytes, unitEnds }: EncodedSample): string[] {
  return Array.from(unitEnds, (end, unit) => bytes.toString('utf8', unitEnds[unit - 1] ?? 0, end));
}

const HEAD =
  'burrow_partition,client_id=worker-1,cluster=prod,dc=us1,group=workers,owner=/10.0.0.1,partition=3,rack=7,source=host-1,topic=orders';

describe("given records in Influx's line protocol", () => {
  test('when they are of one subject and time, then they are one line, each field of one type', () => {
    const sample = encode([
      record(partition, 'Lag', 1520),
      record(partition, 'startOffset', 10),
      record(partition, 'endOffset', 2 ** 53 - 1),
      record(partition, 'lagSeconds', 12),
      record(partition, 'hosts', 0.125),
    ]);
    expect(linesOf(sample)).toEqual([
      `${HEAD} lag=1520i,start_offset=10i,end_offset=9007199254740991i,lag_seconds=12,consumed_per_minute=0.125 1700000000000000000\n`,
    ]);
    expect(sample).toMatchObject({ recordCount: 5, unitRecords: Uint32Array.of(5), bounds: [] });
  });

  test.each([
    [group, 'totalLag', 'burrow_group,cluster=prod,group=workers', 'total_lag=5i'],
    [
      { ...group, kind: 'maxLag', topic: 'orders' },
      'maxLagCurrentLag',
      'burrow_group,topic=orders',
      'max_lag=5i',
    ],
    [
      { ...group, kind: 'groupTopic', topic: 'orders' },
      'topicLag',
      'burrow_group_topic,topic=orders',
      'total_lag=5i',
    ],
    [
      { kind: 'topicPartition', cluster: 'prod', topic: 'orders', partition: 3 },
      'offsetRate',
      'burrow_topic,partition=3,topic=orders',
      'produced_per_minute=5',
    ],
    [
      { kind: 'cluster', cluster: 'prod' },
      'exception.offsetRewind',
      'burrow_traffic',
      'exception_offsetRewind=5i',
    ],
  ] as const)(
    'when one is of %o %s, then the line has its measurement and field',
    (subject, metric, head, field) => {
      const [line = ''] = linesOf(encode([record(subject, metric, 5)]));
      const [measurement = '', ...tags] = head.split(',');
      expect(line.startsWith(`${measurement},cluster=prod`)).toBe(true);
      for (const tag of tags) expect(line).toContain(`,${tag}`);
      expect(line.split(' ')[1]).toBe(field);
    },
  );

  test('when a span opens, then its zero-start has a line of its own, before the values', () => {
    const sample = encode([
      record(partition, 'Lag', 7),
      record(partition, 'hosts', 0, 1_699_999_970, 'start'),
      record(partition, 'hosts', 60),
    ]);
    expect(linesOf(sample)).toEqual([
      `${HEAD} consumed_per_minute=0 1699999970000000000\n`,
      `${HEAD} lag=7i,consumed_per_minute=60 1700000000000000000\n`,
    ]);
    expect(sample).toMatchObject({ recordCount: 3, unitRecords: Uint32Array.of(1, 2), bounds: [0] });
  });

  test('when one series ends while others go on, or begins with the zero before, then the line is a bound', () => {
    const reopening = [2];
    const spans = { about: 'group', open: () => [], opened: [], closed: [], reopening } as const;
    const other: Subject = { ...partition, partition: 4 };
    const sample = encode(
      [
        record(partition, 'Lag', 7),
        record(partition, 'hosts', 0, 1_700_000_000, 'end'),
        record(other, 'Lag', 8),
        record({ ...partition, partition: 5 }, 'Lag', 9),
      ],
      { spans },
    );
    expect(sample.bounds).toEqual([0, 1]);
    expect(linesOf(sample)[0]).toContain(' lag=7i,consumed_per_minute=0 ');
  });

  test('when tags change, then later lines have the new ones', () => {
    const encoder = createEncoder(options);
    const sample = { key: 'k', cluster: 'prod', takenAtMs: 0, records: [record(group, 'totalLag', 1)] };
    encoder.encode(sample);
    encoder.retag({ dc: 'eu' });
    expect(encoder.encode(sample).bytes.toString()).toBe(
      'burrow_group,cluster=prod,dc=eu,group=workers,source=host-1 total_lag=1i 1700000000000000000\n',
    );
  });

  test('when a line of many values does not fit into the rest of a buffer, then it is whole all the same', () => {
    const encoder = createEncoder(options);
    const kinds = Array.from({ length: 60 }, (_, kind) => `someKindOfException${kind}`);
    const subject: Subject = { kind: 'cluster', cluster: 'prod' };
    const records = kinds.map((kind) => record(subject, `exception.${kind}`, 5));
    const lines = Array.from({ length: 1000 }, () => {
      const { bytes } = encoder.encode({ key: 'k', cluster: 'prod', takenAtMs: 0, records });
      return bytes.toString();
    });
    expect(lines[0]?.length).toBeGreaterThan(1800);
    expect(lines[0]).toContain(' exception_someKindOfException0=5i,exception_someKindOfException1=5i,');
    expect(new Set(lines).size).toBe(1);
  });

  test('when whole numbers are too large, then they are the nearest ones that there are', () => {
    const [line = ''] = linesOf(
      encode([record(partition, 'Lag', 1e20), record(partition, 'startOffset', 2 ** 60)]),
    );
    expect(line).toContain(' lag=9223372036854775807i,start_offset=1152921504606846976i ');
  });
});

describe('given hostile names', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc
      .array(fc.constantFrom(' ', ',', '=', '\\', '"', '\n', '\t', '#', 'a', 'é', '💥', '\u3000'), {
        maxLength: 8,
      })
      .map((parts) => parts.join('')),
    fc.string({ maxLength: 20 }).map((text) => text.repeat(500).slice(0, 10_000)),
  );

  test.each(EVERY_PAIR)(
    'when %s %s is read back, then it is the record that JSON would have been',
    (kind, metric) => {
      fc.assert(
        fc.property(subjectOf(kind, hostile), hostile, (subject, clusterName) => {
          const own = { ...subject, cluster: clusterName };
          const sample = encode([record(own, metric, 5)]);
          expect(sample.unitEnds).toHaveLength(1);
          const line = sample.bytes.toString();
          expect(line.indexOf('\n')).toBe(line.length - 1);
          const shown = Object.fromEntries(
            (['cluster', 'group', 'topic', 'owner', 'clientId'] as const).flatMap((fact) => {
              const text = FORMATS.influx.showTag(fact, own[fact] ?? '');
              return own[fact] === undefined || text === '' ? [] : [[fact, text]];
            }),
          ) as Partial<Subject>;
          const read = readUnit(line.slice(0, -1));
          // Where the group's or the topic's name is blank, nothing is left that tells what the line is about.
          if ((own.group !== undefined && shown.group === undefined) || shown.cluster === undefined) return;
          if (own.topic !== undefined && shown.topic === undefined) return;
          const json = createEncoder({ ...options, format: 'json' }).encode({
            ...{ key: 'k', cluster: 'prod', takenAtMs: 0 },
            records: [
              record(
                {
                  kind,
                  ...(own.partition !== undefined && { partition: own.partition }),
                  ...shown,
                  cluster: shown.cluster,
                },
                metric,
                5,
              ),
            ],
          });
          const [expected] = readUnit(json.bytes.toString().slice(0, -1));
          expect(read).toHaveLength(1);
          expect({ ...read[0], tags: Object.fromEntries(read[0]?.tags ?? []) }).toEqual({
            ...expected,
            tags: Object.fromEntries(expected?.tags ?? []),
          });
        }),
        { numRuns: 40 },
      );
    },
  );
});

describe('given lines with zeroes', () => {
  test('when they are of the same series, then they differ in their time alone', () => {
    const zeroes = (time: number) =>
      encode([record(partition, 'Lag', 0, time, 'end'), record(partition, 'lagSeconds', 0, time, 'end')]);
    const [one, other] = [zeroes(1_700_000_000), zeroes(1_700_000_030)].map(({ bytes }) => bytes.toString());
    expect(seriesOfZeroes(one ?? '')).toBe(`${HEAD} lag=0i,lag_seconds=0`);
    expect(seriesOfZeroes(other ?? '')).toBe(seriesOfZeroes(one ?? ''));
  });

  test('when a line holds a value, too, then it is none of them', () => {
    const mixed = encode([record(partition, 'Lag', 7), record(partition, 'hosts', 0, 1_700_000_000, 'end')]);
    expect(seriesOfZeroes(mixed.bytes.toString())).toBeNull();
  });

  test('when it is a line of others, then it is read as no record', () => {
    for (const line of [
      'cpu,host=a usage=0.5 1700000000000000000',
      'burrow_partition,cluster=a lag=1i',
      'a b c',
    ])
      expect(readUnit(line)).toEqual([]);
  });
});
