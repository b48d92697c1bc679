import { describe, expect, test } from 'vitest';
import { markSpans } from '../../src/ledger/mark-spans.ts';
import type { OpenSpan, SampleRecords, Span } from '../../src/records/record.ts';
import { sampleOf } from '../outbox/sample-of.ts';

const span = (topic: string, isDoubtful = false): OpenSpan => ({
  subject: { kind: 'groupTopic', cluster: 'prod', group: 'workers', topic },
  metric: 'topicLag',
  isDoubtful,
});
const text = (...topics: string[]): string =>
  JSON.stringify([['groupTopic', 'topicLag', ...topics.map((topic) => [topic])]]);

function mark(changes: { open: OpenSpan[]; opened?: Span[]; closed?: Span[] }) {
  const { open, opened = [], closed = [] } = changes;
  const sample: SampleRecords = {
    key: 'prod/workers',
    cluster: 'prod',
    takenAtMs: 0,
    records: [],
    spans: { about: 'group', open: () => open, opened, closed, reopening: [] },
  };
  return markSpans(sample, sampleOf('prod/workers', ['v']), 'rainbow-1').spans;
}

const [a, b] = [span('a'), span('b')];

describe('given a sample that changes what is open', () => {
  test('when it opens all of it, then it says so', () => {
    expect(mark({ open: [a, b], opened: [a, b] })).toMatchObject({
      key: '["rainbow-1","group","prod","workers"]',
      open: text('a', 'b'),
      opened: text('a', 'b'),
      closed: null,
      doubted: null,
    });
  });

  test('when it opens a part of it, then only that is opened', () => {
    expect(mark({ open: [a, b], opened: [b] })).toMatchObject({ open: text('a', 'b'), opened: text('b') });
  });

  test('when it opens as many as are open, but closes one of them, then what it opened is told', () => {
    expect(mark({ open: [b, span('c')], opened: [a, b], closed: [a] })).toMatchObject({
      open: text('b', 'c'),
      opened: text('a', 'b'),
      closed: text('a'),
    });
  });

  test('when the zero-start of one is in doubt, then that is told', () => {
    expect(mark({ open: [a, span('b', true)], closed: [span('c')] })).toMatchObject({ doubted: text('b') });
  });
});
