import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createEncoder } from '../../src/records/sample-encoder.ts';
import { FORMATS } from '../../src/records/formats/formats.ts';
import { readWavefrontLine } from '../integration/support/wavefront-reader.ts';
import type { Metric } from '../../src/records/metrics.ts';
import type { Record, Subject } from '../../src/records/record.ts';

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
      'burrow.prod.a_b_c_d__.totalLag 5 1700000000 source="host-1" dc="us1" env="prod" consumer="a b\\"c\\d/é"',
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

describe('given a copy of a subject that was written before', () => {
  test('when it differs, then its line is its own', () => {
    // What the encoder has prepared of a subject goes with a copy.
    const encoder = createEncoder({ prefix: 'burrow', naming: 'rainbow', format: 'wavefront', ...global });
    const encode = (subject: Subject): string =>
      encoder
        .encode({ key: 'k', cluster: 'prod', takenAtMs: 0, records: [record(subject, 'Lag')] })
        .bytes.toString();
    const written: Subject = { ...partition };
    encode(written);
    expect(encode({ ...written, partition: 5 })).toContain('burrow.prod.workers.orders.5.Lag ');
  });
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
    expect([...first.unitEnds].map((end) => text[end - 1])).toEqual(['\n', '\n', '\n']);
    expect(first).toMatchObject({ key: 'prod/workers', cluster: 'prod', takenAtMs: 1 });
  });

  test('when it is larger than any before, then it still fits', () => {
    const encoder = createEncoder({ prefix: 'burrow', naming: 'rainbow', format: 'wavefront', ...global });
    const many = Array.from({ length: 3000 }, () => record(partition, 'Lag', 123_456_789));
    const { bytes, unitEnds } = encoder.encode({ key: 'k', cluster: 'c', takenAtMs: 0, records: many });
    expect(unitEnds.at(-1)).toBe(bytes.length);
    expect(new Set(bytes.toString().trimEnd().split('\n')).size).toBe(1);
  });
});

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
      ' ',
      'x\\',
      '\u3000',
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
        const { tags } = readWavefrontLine(line!);
        const named = { consumer: groupName, topic, owner };
        const blank = Object.keys(named).filter(
          (key) => FORMATS.wavefront.showTag(key, named[key as 'topic']) === '',
        );
        expect(Object.keys(tags)).toEqual(
          ['dc', 'env', 'consumer', 'topic', 'partition', 'owner', 'client_id'].filter(
            (key) => !blank.includes(key),
          ),
        );
        const printable = /^[^\p{Cc}\p{Zl}\p{Zp}\p{Cs}]*$/u;
        for (const value of Object.values(tags)) expect(value).toMatch(printable);
        if (/^(?=.*\S)[ -~]{0,200}(?<!\\)$/.test(topic)) expect(tags['topic']).toBe(topic);
      }),
    );
  });

  test('when they are encoded as goRainbow did, then each reads back as with quotes', () => {
    fc.assert(
      fc.property(hostile, hostile, (topic, owner) => {
        const subject: Subject = { ...partition, topic, owner };
        const [line, ...others] = lines([record(subject, 'Lag')], { naming: 'gorainbow' });
        expect(others).toEqual([]);
        const [quoted = ''] = lines([record({ ...subject }, 'Lag')]);
        const tags = Object.entries(readWavefrontLine(quoted).tags).filter(([key]) => key !== 'client_id');
        expect(Object.entries(readWavefrontLine(line!).tags)).toEqual(tags);
      }),
    );
  });

  test.each([
    ['/10.0.3.17', '/10.0.3.17'],
    ['CORP\\svc,1', 'CORP\\svc,1'],
    ['a b', '"a b"'],
    ['/0:0:0:0:0:0:0:1', '"/0:0:0:0:0:0:0:1"'],
    ['a"b', '"a\\"b"'],
    ['é', '"é"'],
    ['k=v', '"k=v"'],
  ])("when goRainbow's owner is %j, then it is written as %s", (owner, written) => {
    const [line] = lines([record({ ...partition, owner }, 'Lag')], { naming: 'gorainbow' });
    expect(line!.endsWith(` owner=${written}`)).toBe(true);
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

describe('given texts that a tag has no room for', () => {
  const consumer = (name: string): string =>
    readWavefrontLine(lines([record({ ...group, group: name }, 'totalLag')])[0]!).tags['consumer']!;

  test('when key and value have 254 characters, then the value is whole; when one more, then it is cut', () => {
    const whole = 'g'.repeat(246);
    expect(consumer(whole)).toBe(whole);
    expect(consumer(`${whole}g`)).toMatch(/^g{229}-[0-9a-f]{16}$/);
  });

  test('when two differ at their ends only, then they stay two, and each stays itself', () => {
    const [one, other] = ['g'.repeat(300), `${'g'.repeat(299)}h`];
    expect(consumer(one)).not.toBe(consumer(other));
    expect(consumer(one)).toBe(consumer(one));
    expect(consumer(one)).toBe(`${'g'.repeat(229)}-1512a6f6db80f344`);
  });

  test('when the cut would go through a character of two units, then all of it goes', () => {
    for (const name of ['💥'.repeat(200), `x${'💥'.repeat(200)}`]) {
      expect(consumer(name)).toMatch(/^x?(?:💥)+-[0-9a-f]{16}$/u);
      expect(consumer(name).length).toBeGreaterThan(243);
    }
  });

  test('when a name would be too long, then its parts are cut; JSON has room for all', () => {
    const long: Subject = { ...partition, group: 'g'.repeat(5000), topic: 't'.repeat(5000) };
    expect(readWavefrontLine(lines([record(long, 'Lag')])[0]!).name).toMatch(
      /^burrow\.prod\.g{232}-[0-9a-f]{16}\.t{232}-[0-9a-f]{16}\.3\.Lag$/,
    );
    const [json = ''] = lines([record({ ...long }, 'Lag')], { format: 'json' });
    expect(JSON.parse(json)).toMatchObject({ tags: { consumer: long.group, topic: long.topic } });
  });

  test("when one comes up, then it is told at its subject's first record", () => {
    const told: string[] = [];
    const encoder = createEncoder(
      { prefix: 'burrow', naming: 'rainbow', format: 'wavefront', ...global },
      (cluster, tag, text) => told.push(`${cluster} ${tag} ${text.length}`),
    );
    const long: Subject = { ...partition, clientId: 'c'.repeat(300) };
    for (let poll = 0; poll < 3; poll++) {
      encoder.encode({
        key: 'k',
        cluster: 'prod',
        takenAtMs: 0,
        records: [record(long, 'hosts'), record(long, 'Lag')],
      });
    }
    expect(told).toEqual(['prod client_id 300']);
  });

  test('when another encoder has written of the same subject before, then it is told all the same', () => {
    const told: string[] = [];
    const options = { prefix: 'burrow', naming: 'rainbow', format: 'wavefront', ...global } as const;
    const long: Subject = { ...partition, clientId: 'c'.repeat(300) };
    const sample = { key: 'k', cluster: 'prod', takenAtMs: 0, records: [record(long, 'hosts')] };
    createEncoder({ ...options, source: 'other' }).encode(sample);
    const encoder = createEncoder(options, (_cluster, tag) => told.push(tag));
    expect(encoder.encode(sample).bytes.toString()).toContain('source="host-1"');
    expect(told).toEqual(['client_id']);
  });
});

describe('given backslashes', () => {
  test.each([
    ['CORP\\svc', 'consumer="CORP\\svc"'],
    ['two\\\\', 'consumer="two\\_"'],
    ['\\', 'consumer="_"'],
    ['a\\"b', 'consumer="a\\\\"b"'],
  ])('when a group is called %j, then its tag is %s', (name, tag) => {
    expect(lines([record({ ...group, group: name }, 'totalLag')])[0]).toContain(` ${tag}`);
  });
});

describe('given an encoder whose global tags change', () => {
  test.each(['wavefront', 'json'] as const)(
    'when the format is %s, then every line from then on has the new ones',
    (format) => {
      const options = { prefix: 'burrow', naming: 'rainbow', format, source: 'host-1' } as const;
      const records = [
        record(group, 'totalLag'),
        record(partition, 'Lag'),
        record(partition, 'hosts'),
        record(topicPartition, 'offsetRate'),
        record(cluster, 'totalMessage'),
      ];
      const sample = { key: 'k', cluster: 'prod', takenAtMs: 0, records };
      const encoder = createEncoder({ ...options, tags: { dc: 'us1' } });
      const before = encoder.encode(sample);
      encoder.retag({ rack: 'r1' });
      const after = encoder.encode(sample).bytes.toString();
      encoder.recycle(before);
      const fresh = createEncoder({ ...options, tags: { rack: 'r1' } });
      expect(after).toBe(
        fresh.encode({ ...sample, records: records.map((each) => ({ ...each })) }).bytes.toString(),
      );
      expect(after).not.toContain('us1');
      encoder.retag({ dc: 'us1' });
      expect(encoder.encode(sample).bytes.toString()).toContain('us1');
    },
  );

  test('when they have changed, then of a subject nothing is kept with the former ones', () => {
    const encoder = createEncoder({ prefix: 'burrow', naming: 'rainbow', format: 'wavefront', ...global });
    const subject: Subject = { ...partition };
    const records = [record(subject, 'Lag'), record(subject, 'hosts')];
    for (const dc of ['us1', 'us2', 'us3']) {
      encoder.retag({ dc });
      encoder.encode({ key: 'k', cluster: 'prod', takenAtMs: 0, records });
    }
    let texts = 0;
    let text = subject.encoderSlot as { readonly next: object | null } | null | undefined;
    for (; text; text = text.next as typeof text) texts += 1;
    expect(texts).toBe(2);
  });
});
