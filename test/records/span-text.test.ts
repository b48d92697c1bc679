import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SUBJECT_KINDS, type SubjectKind } from '../../src/records/metrics.ts';
import type { Span, Subject } from '../../src/records/record.ts';
import { readSpans, writeSpans, type SpanOwner } from '../../src/records/span-text.ts';
import { EVERY_METRIC, EVERY_PAIR, OWNER_NAME, subjectOf } from './any-subject.ts';

const name = fc.string({ unit: 'binary', maxLength: 12 });

function ownerOf(kind: SubjectKind): SpanOwner {
  const { about } = SUBJECT_KINDS[kind];
  return { about, cluster: 'prod', name: about === 'traffic' ? '' : OWNER_NAME };
}

/** Spans of subjects that are all of one group, topic or cluster. */
const someSpans = fc.constantFrom(...(Object.keys(SUBJECT_KINDS) as SubjectKind[])).chain((first) => {
  const { about } = SUBJECT_KINDS[first];
  const pairs = EVERY_PAIR.filter(([kind]) => SUBJECT_KINDS[kind].about === about);
  const kinds = [...new Set(pairs.map(([kind]) => kind))];
  const ofKind = (kind: SubjectKind) =>
    fc.tuple(
      subjectOf(kind, name),
      fc.subarray(
        pairs.filter(([each]) => each === kind).map(([, metric]) => metric),
        { minLength: 1 },
      ),
    );
  return fc.record({
    owner: fc.constant(ownerOf(first)),
    spans: fc
      .uniqueArray(fc.oneof(...kinds.map(ofKind)), {
        selector: ([subject]) => JSON.stringify(subject),
        maxLength: 12,
      })
      .map((all) =>
        all.flatMap(([subject, metrics]) => metrics.map((metric): Span => ({ subject, metric }))),
      ),
  });
});

const sorted = (spans: readonly Span[]): string[] =>
  spans
    .map(({ subject, metric }) => {
      const facts = Object.entries(subject).filter(([name]) => name !== 'encoderSlot');
      return JSON.stringify([metric, facts.sort()]);
    })
    .sort();

describe('given any spans, whatever topics and clients are called', () => {
  test('when their text is read, then they are the same', () => {
    fc.assert(
      fc.property(someSpans, ({ owner, spans }) => {
        const read = readSpans(JSON.parse(writeSpans(spans) ?? 'null'), owner);
        expect(sorted(read?.spans ?? [])).toEqual(sorted(spans));
        expect(read?.unknown).toEqual([]);
      }),
    );
  });

  test('when those of one subject do not come one after the other, then nothing is lost', () => {
    const interleaved = someSpans.chain(({ owner, spans }) =>
      fc.record({
        owner: fc.constant(owner),
        spans: fc.shuffledSubarray([...spans], { minLength: spans.length }),
      }),
    );
    fc.assert(
      fc.property(interleaved, ({ owner, spans }) => {
        expect(sorted(readSpans(JSON.parse(writeSpans(spans) ?? 'null'), owner)?.spans ?? [])).toEqual(
          sorted(spans),
        );
      }),
    );
  });

  test.each(EVERY_PAIR)('when one is of %s %s, then it is read back, too', (kind, metric) => {
    const [subject] = fc.sample(subjectOf(kind, name), 1) as [Subject];
    const spans: Span[] = [{ subject, metric }];
    expect(sorted(readSpans(JSON.parse(writeSpans(spans) ?? ''), ownerOf(kind))?.spans ?? [])).toEqual(
      sorted(spans),
    );
  });

  test('when a text is anything else, then it is refused or read, and never throws', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (parsed) => {
        const read = readSpans(parsed, ownerOf('group'));
        if (read !== null) for (const { subject } of read.spans) expect(subject.group).toBe(OWNER_NAME);
      }),
    );
  });
});

describe('given the text that a former version has written', () => {
  const facts = ['orders', 3, '/10.0.0.1', 'worker-1'];

  test('when it is read, then all of its spans are known', () => {
    const text = [
      ['group', 'totalLag,status', []],
      ['partition', 'Lag,startOffset,endOffset,lagSeconds', facts, ['orders', 4]],
    ];
    const read = readSpans(text, ownerOf('group'));
    const partition = { kind: 'partition', cluster: 'prod', group: OWNER_NAME, topic: 'orders' };
    expect(read?.spans.map(({ subject, metric }) => [metric, subject])).toMatchObject([
      ['totalLag', { kind: 'group' }],
      ['status', { kind: 'group' }],
      ...['Lag', 'startOffset', 'endOffset', 'lagSeconds'].map((metric) => [
        metric,
        { ...partition, partition: 3, owner: '/10.0.0.1', clientId: 'worker-1' },
      ]),
      ...['Lag', 'startOffset', 'endOffset', 'lagSeconds'].map((metric) => [
        metric,
        { ...partition, partition: 4 },
      ]),
    ]);
  });

  test('when it has metrics and kinds that this version does not know, then it keeps what is known, and says so', () => {
    const text = [
      ['partition', 'Lag,lagBytes', facts],
      ['member', 'assigned', ['m-1']],
      ['group', 'totalLag,Lag', []],
    ];
    const read = readSpans(text, ownerOf('group'));
    expect(read?.spans.map(({ metric }) => metric)).toEqual(['Lag', 'totalLag']);
    // A metric that another kind of subject has is as unknown.
    expect(read?.unknown).toEqual(['lagBytes', 'member', 'Lag']);
  });

  test('when subjects are not such as their kind has, then it is refused', () => {
    expect(readSpans([['topicPartition', 'offset', [null, 0]]], ownerOf('group'))).toBeNull();
    expect(readSpans([['partition', 'Lag', ['orders', -1]]], ownerOf('group'))).toBeNull();
    expect(readSpans([['partition', 'Lag', ['orders']]], ownerOf('group'))).toBeNull();
    expect(readSpans([['host', 'hosts', [null, -1]]], ownerOf('group'))).toBeNull();
    expect(readSpans([['groupTopic', 'topicLag', []]], ownerOf('group'))).toBeNull();
  });

  test('when a topic has partitions, then its name is not repeated for each', () => {
    const ofTopic: Span[] = [0, 1].map((partition) => ({
      subject: { kind: 'topicPartition', cluster: 'prod', topic: 'orders', partition },
      metric: 'offset',
    }));
    expect(writeSpans(ofTopic)).toBe('[["topicPartition","offset",[null,0],[null,1]]]');
  });
});

test('given the table, when its metrics are counted, then each was among the spans', () => {
  expect(new Set(EVERY_PAIR.map(([, metric]) => metric))).toEqual(new Set(EVERY_METRIC));
});
