import { describe, expect, test } from 'vitest';
import { createEncoder } from '../../src/records/create-encoder.ts';
import type { Metric, Subject } from '../../src/records/record.ts';
import { readLine } from '../../src/tail/read-line.ts';

const cluster = 'orders';
const group = 'email.sender';
const topic = 'events é "x"';
const OWNED = { owner: '/10.0.3.17', clientId: 'c 1' };

/** Every kind of series, with the family that it is of and the key that its messages have. */
const ALL: readonly (readonly [Subject, Metric, string, string])[] = [
  [{ kind: 'group', cluster, group }, 'totalLag', 'lag', `${cluster}/${group}`],
  [{ kind: 'group', cluster, group }, 'status', 'lag', `${cluster}/${group}`],
  [{ kind: 'maxLag', cluster, group, topic }, 'maxLagPartitionID', 'lag', `${cluster}/${group}`],
  [{ kind: 'maxLag', cluster, group, topic }, 'maxLagCurrentLag', 'lag', `${cluster}/${group}`],
  [{ kind: 'partition', cluster, group, topic, partition: 2, ...OWNED }, 'Lag', 'lag', `${cluster}/${group}`],
  [
    { kind: 'partition', cluster, group, topic, partition: 2, ...OWNED },
    'lagSeconds',
    'lag',
    `${cluster}/${group}`,
  ],
  [
    { kind: 'partition', cluster, group, topic, partition: 2, ...OWNED },
    'hosts',
    'consumer',
    `${cluster}/${group}`,
  ],
  [
    { kind: 'topicPartition', cluster, topic, partition: 2 },
    'offset',
    'producer',
    `${cluster}/topic/${topic}`,
  ],
  [
    { kind: 'topicPartition', cluster, topic, partition: 2 },
    'offsetRate',
    'producer',
    `${cluster}/topic/${topic}`,
  ],
  [{ kind: 'cluster', cluster }, 'totalMessage', 'traffic', `${cluster}/traffic`],
  [{ kind: 'cluster', cluster }, 'exception.offsetRewind', 'traffic', `${cluster}/traffic`],
];

describe.each([
  ['wavefront', 'rainbow'],
  ['json', 'rainbow'],
  ['wavefront', 'gorainbow'],
  ['json', 'gorainbow'],
] as const)('given lines in %s with the naming %s', (format, naming) => {
  const encoder = createEncoder({ format, naming, prefix: 'burrow', source: 'h', tags: { dc: 'us1' } });

  test.each(ALL)(
    'when one of %o is read back, then it says what it is about',
    (subject, metric, family, key) => {
      const record = {
        subject,
        metric,
        kind: 'value',
        value: 15.5,
        timestampSeconds: 1_700_000_000,
      } as const;
      const sample = encoder.encode({ key, cluster, takenAtMs: 1_700_000_000_000, records: [record] });
      const line = sample.bytes.toString().trimEnd();
      const read = readLine(line, key);
      expect(read).toMatchObject({
        family,
        cluster,
        group: family === 'lag' || family === 'consumer' ? group : null,
        partition: subject.partition ?? null,
        value: 15.5,
        timestampSeconds: 1_700_000_000,
        source: 'h',
      });
      expect(line).toContain(read?.name);
      expect(read?.tags.get('dc')).toBe('us1');
      expect(read?.metric.replace('maxLagmaxLag', 'maxLag')).toBe(metric);
      // goRainbow did not tell the topic of a host's rate, and of none of the maxima.
      const tellsTopic = naming === 'rainbow' || !(subject.kind === 'maxLag' || metric === 'hosts');
      if (subject.topic !== undefined && tellsTopic) expect(read?.topic).toBe(topic);
      if (naming === 'rainbow') expect(readLine(line, null)).toEqual(read);
    },
  );
});

describe('given backslashes in a quoted tag', () => {
  test.each([
    ['CORP\\svc', 'CORP\\svc'],
    ['CORP\\\\svc', 'CORP\\\\svc'],
    ['a\\"b', 'a"b'],
    ['a\\\\"b', 'a\\"b'],
    ['\\"', '"'],
  ])('when it is written as %j, then it reads as %j, as the readers of the format do', (written, text) => {
    const line = `b.orders.g.totalLag 5 1700000000 source="h" env="orders" consumer="${written}" topic="t"`;
    const read = readLine(line, null);
    expect([read?.group, read?.topic]).toEqual([text, 't']);
  });
});

describe('given lines of others', () => {
  test.each([
    'hello',
    '',
    '{}',
    '{"name":"a","value":"5","timestamp":1,"source":"h","tags":{}}',
    '{"name":"a","value":5,"timestamp":1,"source":"h","tags":{"a":1}}',
    '{"name":',
    '[1]',
    'a.b five 1700000000 source="h"',
    'a.b 5 1700000000 source="h',
    'a.b 5 1700000000 source="h" x',
    'a.b 5 1700000000 source="h\\"',
  ])('when one is %j, then it is of no format', (line) => {
    expect(readLine(line, 'orders/g')).toBeNull();
  });

  test('when the key is of another kind, then the tags tell', () => {
    const line = 'b.orders.g.totalLag 5 1700000000 source="h" env="orders" consumer="g"';
    expect(readLine(line, '17')).toMatchObject({ cluster: 'orders', group: 'g', family: 'lag' });
  });
});
