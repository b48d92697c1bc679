import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createEncoder } from '../../src/records/create-encoder.ts';
import type { Metric, Record, Subject } from '../../src/records/record.ts';

const global = { source: 'host-1', tags: { dc: 'us1' } };

const group: Subject = { kind: 'group', cluster: 'prod', group: 'workers' };
const maxLag: Subject = { kind: 'maxLag', cluster: 'prod', group: 'workers', topic: 'orders' };
const partition: Subject = {
  kind: 'partition',
  cluster: 'prod',
  group: 'workers',
  topic: 'orders',
  partition: 3,
  owner: '/10.0.0.1',
  clientId: 'worker-1',
};
const topicPartition: Subject = { kind: 'topicPartition', cluster: 'prod', topic: 'orders', partition: 3 };
const cluster: Subject = { kind: 'cluster', cluster: 'prod' };

function record(subject: Subject, metric: Metric, value = 5, kind: Record['kind'] = 'value'): Record {
  return { subject, metric, kind, value, timestampSeconds: 1_700_000_000 };
}

function lines(
  records: readonly Record[],
  options: { naming?: 'rainbow' | 'gorainbow'; format?: 'wavefront' | 'json'; prefix?: string } = {},
): string[] {
  const encoder = createEncoder({
    prefix: 'burrow',
    naming: 'rainbow',
    format: 'wavefront',
    ...global,
    ...options,
  });
  const { bytes } = encoder.encode({ key: 'k', cluster: 'prod', takenAtMs: 0, records });
  const text = bytes.toString('utf8');
  expect(text.endsWith('\n')).toBe(true);
  return text.slice(0, -1).split('\n');
}

describe("given the project's own names in Wavefront's format", () => {
  test.each([
    [group, 'totalLag', 'burrow.prod.workers.totalLag', 'env="prod" consumer="workers"'],
    [group, 'status', 'burrow.prod.workers.status', 'env="prod" consumer="workers"'],
    [
      maxLag,
      'maxLagPartitionID',
      'burrow.prod.workers.maxLagPartitionID',
      'env="prod" consumer="workers" topic="orders"',
    ],
    [
      partition,
      'Lag',
      'burrow.prod.workers.orders.3.Lag',
      'env="prod" consumer="workers" topic="orders" partition="3" owner="/10.0.0.1" client_id="worker-1"',
    ],
    [
      partition,
      'hosts',
      'burrow.prod.workers.hosts.orders.3',
      'env="prod" consumer="workers" topic="orders" partition="3" owner="/10.0.0.1" client_id="worker-1"',
    ],
    [
      topicPartition,
      'offset',
      'burrow.prod.topic.orders.3.offset',
      'env="prod" topic="orders" partition="3"',
    ],
    [
      topicPartition,
      'offsetRate',
      'burrow.prod.topic.orders.offsetRate.3',
      'env="prod" topic="orders" partition="3"',
    ],
    [cluster, 'metricsSent', 'burrow.prod.metricsSent', 'env="prod"'],
    [cluster, 'exception.offsetRewind', 'burrow.prod.exception.offsetRewind', 'env="prod"'],
  ] as const)('when %o %s is encoded, then the line is as documented', (subject, metric, name, tags) => {
    expect(lines([record(subject, metric)])).toEqual([
      `${name} 5 1700000000 source="host-1" dc="us1" ${tags}`,
    ]);
  });

  test('when a name holds what no metric name may, then it is true in the tag only', () => {
    const odd: Subject = { kind: 'group', cluster: 'prod', group: 'a b"c\\d/é' };
    expect(lines([record(odd, 'totalLag')])).toEqual([
      'burrow.prod.a_b_c_d__.totalLag 5 1700000000 source="host-1" dc="us1" env="prod" consumer="a b\\"c\\\\d/é"',
    ]);
  });
});

describe('given a subject whose first record is a rate', () => {
  test.each(['rainbow', 'gorainbow'] as const)(
    'when its other metrics follow in %s naming, then their names are those that they have when they come first',
    (naming) => {
      const [partitionAnew, topicAnew] = [{ ...partition }, { ...topicPartition }];
      const [, lag, , offset] = lines(
        [
          record(partitionAnew, 'hosts'),
          record(partitionAnew, 'Lag'),
          record(topicAnew, 'offsetRate'),
          record(topicAnew, 'offset'),
        ],
        { naming },
      );
      expect(lag).toBe(lines([record({ ...partition }, 'Lag')], { naming })[0]);
      expect(offset).toBe(lines([record({ ...topicPartition }, 'offset')], { naming })[0]);
    },
  );
});

describe("given goRainbow's names", () => {
  const go = (subject: Subject, metric: Metric): string =>
    lines([record(subject, metric)], { naming: 'gorainbow', prefix: 'fjord.burrow' })[0]!;

  test.each([
    [group, 'totalLag', 'fjord.burrow.prod.workers.totalLag', 'env=prod consumer=workers'],
    [
      { ...maxLag, topic: undefined, owner: '/10.0.0.1' },
      'maxLagPartitionID',
      'fjord.burrow.prod.workers.maxLagmaxLagPartitionID',
      'env=prod consumer=workers owner=/10.0.0.1',
    ],
    [
      partition,
      'endOffset',
      'fjord.burrow.prod.workers.orders.3.endOffset',
      'env=prod consumer=workers topic=orders partition=3 owner=/10.0.0.1',
    ],
    [partition, 'hosts', 'fjord.burrow.prod.workers.hosts.3', 'owner=/10.0.0.1'],
    [topicPartition, 'offset', 'fjord.burrow.prod.topic.orders.3.offset', 'topic=orders partitionId=3'],
    [topicPartition, 'offsetRate', 'fjord.burrow.prod.topic.orders.offsetRate.3', 'owner=orders'],
    [cluster, 'totalMessage', 'fjord.burrow.prod.totalMessage', 'env=prod'],
  ] as const)('when %o %s is encoded, then the line is as it wrote it', (subject, metric, name, tags) => {
    expect(go(subject as Subject, metric)).toBe(`${name} 5 1700000000 source=host-1 dc=us1 ${tags}`);
  });

  test('when the same subject has metrics with other tags, then each line has its own', () => {
    const both = lines([record(partition, 'Lag'), record(partition, 'hosts'), record(partition, 'Lag')], {
      naming: 'gorainbow',
    });
    expect(both[0]).toContain('topic=orders');
    expect(both[1]).not.toContain('topic=orders');
    expect(both[2]).toBe(both[0]);
  });
});

describe('given the JSON format', () => {
  test('when a record is encoded, then the line is one object', () => {
    expect(
      lines([record(partition, 'hosts', 12.5)], { format: 'json' }).map((l) => JSON.parse(l) as unknown),
    ).toEqual([
      {
        name: 'burrow.prod.workers.hosts.orders.3',
        family: 'consumer',
        value: 12.5,
        timestamp: 1_700_000_000,
        source: 'host-1',
        tags: {
          dc: 'us1',
          env: 'prod',
          consumer: 'workers',
          topic: 'orders',
          partition: '3',
          owner: '/10.0.0.1',
          client_id: 'worker-1',
        },
      },
    ]);
  });
});

describe('given a sample of several records', () => {
  test('when it is encoded, then line ends and bounds are marked, and the bytes are its own', () => {
    const encoder = createEncoder({ prefix: 'burrow', naming: 'rainbow', format: 'wavefront', ...global });
    const records = [
      record(partition, 'Lag', 0, 'start'),
      record(partition, 'Lag'),
      record(group, 'totalLag', 0, 'end'),
    ];
    const first = encoder.encode({ key: 'prod/workers', cluster: 'prod', takenAtMs: 1, records });
    const text = first.bytes.toString();
    encoder.encode({ key: 'x', cluster: 'x', takenAtMs: 1, records: [record(cluster, 'metricsSent')] });

    expect(first.bytes.toString()).toBe(text);
    expect(first.bounds).toEqual([0, 2]);
    expect([...first.lineEnds].map((end) => text[end - 1])).toEqual(['\n', '\n', '\n']);
    expect(first).toMatchObject({ key: 'prod/workers', cluster: 'prod', takenAtMs: 1 });
  });

  test('when it is larger than any before, then it still fits', () => {
    const encoder = createEncoder({ prefix: 'burrow', naming: 'rainbow', format: 'wavefront', ...global });
    const many = Array.from({ length: 3000 }, () => record(partition, 'Lag', 123_456_789));
    const { bytes, lineEnds } = encoder.encode({ key: 'k', cluster: 'c', takenAtMs: 0, records: many });
    expect(lineEnds.at(-1)).toBe(bytes.length);
    expect(new Set(bytes.toString().trimEnd().split('\n')).size).toBe(1);
  });
});

/** Reads a Wavefront line with quoted tags back, strictly. */
function parseWavefront(line: string): { name: string; tags: [string, string][] } {
  const match =
    /^([-_.a-zA-Z0-9]+) (-?[0-9.]+) ([0-9]+)((?: [-_.a-zA-Z0-9]+="(?:[^"\\]|\\["\\])*")+)$/su.exec(line);
  if (match === null) throw new Error(`not a line: ${line}`);
  const tags = [...match[4]!.matchAll(/ ([-_.a-zA-Z0-9]+)="((?:[^"\\]|\\["\\])*)"/gsu)].map(
    ([, key, value]): [string, string] => [key!, value!.replace(/\\(["\\])/g, '$1')],
  );
  return { name: match[1]!, tags };
}

describe('given hostile names', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constantFrom(
      '__proto__',
      'a\nb',
      'x" source="y',
      'k=v;w',
      '\u202eabc',
      '\ud800',
      '\\',
      '\\"',
      'a\u2028b',
      '',
    ),
    fc.string({ maxLength: 20 }).map((text) => text.repeat(500).slice(0, 10_000)),
  );

  test('when they are encoded, then there is one line a record and its tags read back', () => {
    fc.assert(
      fc.property(hostile, hostile, hostile, (groupName, topic, owner) => {
        const subject: Subject = { ...partition, group: groupName, topic, owner };
        const [line, ...others] = lines([record(subject, 'Lag')]);
        expect(others).toEqual([]);
        const { tags } = parseWavefront(line!);
        expect(tags.map(([key]) => key)).toEqual([
          'source',
          'dc',
          'env',
          'consumer',
          'topic',
          'partition',
          'owner',
          'client_id',
        ]);
        const printable = /^[^\p{Cc}\p{Zl}\p{Zp}\p{Cs}]*$/u;
        for (const [, value] of tags) expect(value).toMatch(printable);
        if (/^[ -~]*$/.test(topic)) expect(tags[4]![1]).toBe(topic);
      }),
    );
  });

  test('when they are encoded as goRainbow did, then no tag is forged', () => {
    fc.assert(
      fc.property(hostile, hostile, (topic, owner) => {
        const subject: Subject = { ...partition, topic, owner };
        const [line, ...others] = lines([record(subject, 'Lag')], { naming: 'gorainbow' });
        expect(others).toEqual([]);
        expect(
          line!
            .split(' ')
            .slice(3)
            .map((tag) => tag.split('=')[0]),
        ).toEqual(['source', 'dc', 'env', 'consumer', 'topic', 'partition', 'owner']);
      }),
    );
  });

  test('when they are encoded as JSON, then each line is one object with just the known keys', () => {
    fc.assert(
      fc.property(hostile, hostile, (groupName, owner) => {
        const [line, ...others] = lines([record({ ...partition, group: groupName, owner }, 'Lag')], {
          format: 'json',
        });
        expect(others).toEqual([]);
        const parsed = JSON.parse(line!) as { tags: object };
        expect(Object.keys(parsed)).toEqual(['name', 'family', 'value', 'timestamp', 'source', 'tags']);
        expect(Object.keys(parsed.tags)).toHaveLength(7);
      }),
    );
  });
});
