import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Span, Subject } from '../../src/records/record.ts';
import { readSpans, writeSpans, type SpanOwner } from '../../src/records/span-text.ts';

const name = fc.string({ unit: 'binary', maxLength: 12 });
const owner: SpanOwner = { about: 'group', cluster: 'prod', name: 'workers' };
const base = { cluster: 'prod', group: 'workers' };
const metricsOf = <const M extends string>(metrics: readonly [M, ...M[]]) =>
  fc.subarray([...metrics], { minLength: 1 });

const groupSpans = fc
  .uniqueArray(
    fc.oneof(
      fc.record({
        subject: fc.constant({ kind: 'group' as const, ...base }),
        metrics: metricsOf(['totalLag', 'status']),
      }),
      fc.record({
        subject: name.map((topic): Subject => ({ kind: 'maxLag', ...base, topic })),
        metrics: metricsOf(['maxLagPartitionID', 'maxLagCurrentLag']),
      }),
      fc.record({
        subject: fc
          .record(
            { topic: name, partition: fc.nat(), owner: name, clientId: name },
            { requiredKeys: ['topic', 'partition'] },
          )
          .map((facts): Subject => ({ kind: 'partition', ...base, ...facts, text: null })),
        metrics: metricsOf(['Lag', 'startOffset', 'hosts']),
      }),
      fc.record({
        subject: fc
          .record({ partition: fc.nat(), owner: name }, { requiredKeys: ['partition'] })
          .map((facts): Subject => ({ kind: 'host', ...base, ...facts, text: null })),
        metrics: metricsOf(['hosts']),
      }),
    ),
    { selector: ({ subject }) => JSON.stringify(subject), maxLength: 12 },
  )
  .map((all) => all.flatMap(({ subject, metrics }) => metrics.map((metric): Span => ({ subject, metric }))));

const sorted = (spans: readonly Span[]): string[] => spans.map((span) => JSON.stringify(span)).sort();

describe('given any spans of a group, whatever its topics and clients are called', () => {
  test('when their text is read, then they are the same', () => {
    fc.assert(
      fc.property(groupSpans, (spans) => {
        const text = writeSpans(spans);
        expect(sorted(readSpans(JSON.parse(text ?? 'null'), owner) ?? [])).toEqual(sorted(spans));
      }),
    );
  });

  test('when a text is anything else, then it is refused or read, and never throws', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (parsed) => {
        const spans = readSpans(parsed, owner);
        if (spans !== null) for (const { subject } of spans) expect(subject.group).toBe('workers');
      }),
    );
  });
});

describe('given spans of a topic and of a cluster', () => {
  test('when their text is read, then they are the same', () => {
    const ofTopic: Span[] = [0, 1].map((partition) => ({
      subject: { kind: 'topicPartition', cluster: 'prod', topic: 'orders', partition, text: null },
      metric: 'offset',
    }));
    const text = writeSpans(ofTopic);
    expect(text).toBe('[["topicPartition","offset",[null,0],[null,1]]]');
    expect(readSpans(JSON.parse(text ?? ''), { about: 'topic', cluster: 'prod', name: 'orders' })).toEqual(
      ofTopic,
    );
    const traffic: Span[] = [
      { subject: { kind: 'cluster', cluster: 'prod' }, metric: 'exception.offsetRewind' },
    ];
    const trafficText = JSON.parse(writeSpans(traffic) ?? '') as unknown;
    expect(readSpans(trafficText, { about: 'traffic', cluster: 'prod', name: '' })).toEqual(traffic);
  });

  test('when they are said to be of a group, then they are refused', () => {
    expect(readSpans([['topicPartition', 'offset', [null, 0]]], owner)).toBeNull();
    expect(readSpans([['partition', 'Lag', ['orders', -1]]], owner)).toBeNull();
    expect(readSpans([['host', 'hosts', [null, -1]]], owner)).toBeNull();
    expect(readSpans([['partition', 'Lga', ['orders', 1]]], owner)).toBeNull();
  });
});
