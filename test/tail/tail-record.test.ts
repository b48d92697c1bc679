import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FORMATS } from '../../src/records/formats/formats.ts';
import { createEncoder } from '../../src/records/sample-encoder.ts';
import { rowOf } from '../../src/records/metrics.ts';
import type { Subject } from '../../src/records/record.ts';
import { readLine } from '../../src/tail/tail-record.ts';
import { CLUSTER, EVERY_PAIR, messageKeyOf, subjectOf } from '../records/any-subject.ts';

const topic = 'events é "x"';

/** A subject of each kind with each of its metrics. */
const ALL = EVERY_PAIR.map(([kind, metric]) => {
  const [subject] = fc.sample(subjectOf(kind, fc.constantFrom(topic, 'c 1')), { numRuns: 1, seed: 1 });
  return [kind, metric, subject as Subject] as const;
});

describe.each([
  ['wavefront', 'rainbow'],
  ['json', 'rainbow'],
  ['wavefront', 'gorainbow'],
  ['json', 'gorainbow'],
  ['influx', 'rainbow'],
  ['graphite', 'rainbow'],
] as const)('given lines in %s with the naming %s', (format, naming) => {
  const encoder = createEncoder({ format, naming, prefix: 'burrow', source: 'h', tags: { dc: 'us1' } });

  test.each(ALL)('when one of %s %s is read back, then it says what it is about', (kind, metric, subject) => {
    const key = messageKeyOf(kind);
    const { family } = rowOf(metric);
    const record = { subject, metric, kind: 'value', value: 15, timestampSeconds: 1_700_000_000 } as const;
    const sample = encoder.encode({ key, cluster: CLUSTER, takenAtMs: 1_700_000_000_000, records: [record] });
    const line = sample.bytes.toString().trimEnd();
    const [read] = readLine(line, key);
    expect(read).toMatchObject({
      family,
      metric,
      cluster: CLUSTER,
      group: subject.group ?? null,
      partition: subject.partition ?? null,
      value: 15,
      timestampSeconds: 1_700_000_000,
      source: 'h',
    });
    // Influx's lines have no names: theirs are those that other formats would have.
    if (format !== 'influx') expect(line).toContain(read?.name);
    expect(read?.tags.get('dc')).toBe('us1');
    // goRainbow did not tell the topic of a host's rate, and of none of the maxima.
    const tellsTopic = naming === 'rainbow' || !(kind === 'maxLag' || metric === 'hosts');
    if (subject.topic !== undefined && tellsTopic) {
      expect(read?.topic).toBe(FORMATS[format].showTag('topic', subject.topic));
    }
    if (naming === 'rainbow') expect(readLine(line, null)).toEqual([read]);
  });
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
    const [read] = readLine(line, null);
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
    expect(readLine(line, 'orders/g')).toEqual([]);
  });

  test('when the key is of another kind, then the tags tell', () => {
    const line = 'b.orders.g.totalLag 5 1700000000 source="h" env="orders" consumer="g"';
    expect(readLine(line, '17')).toMatchObject([{ cluster: 'orders', group: 'g', family: 'lag' }]);
  });
});
