import { describe, expect, test } from 'vitest';
import type { Identity } from '../../src/ledger/ledger-entry.ts';
import { createZeroEnds } from '../../src/ledger/zero-ends.ts';
import { createManualTime } from '../outbox/manual-time.ts';

const identity: Identity = { prefix: 'old', naming: 'rainbow', tags: { dc: 'us1' }, seriesTags: [] };
const owner = { source: 'gone', about: 'group', cluster: 'prod', name: 'workers' } as const;
const span = (topic: string) => ({
  subject: { kind: 'groupTopic', cluster: 'prod', group: 'workers', topic } as const,
  metric: 'topicLag' as const,
  isDoubtful: false,
  isClosing: false,
});

function create() {
  return createZeroEnds({ scheduler: createManualTime() }, { source: 'self', format: 'wavefront' });
}

describe('given spans of another process', () => {
  test('when they are ended, then under its names and source, and what is still open is told', () => {
    const sample = create().encode({ owner, identity, spans: [span('a'), span('b')] }, [span('c')], 60, '{}');
    expect(sample.bytes.toString()).toBe(
      'old.prod.workers.a.totalLag 0 60 source="gone" dc="us1" env="prod" consumer="workers" topic="a"\n' +
        'old.prod.workers.b.totalLag 0 60 source="gone" dc="us1" env="prod" consumer="workers" topic="b"\n',
    );
    expect(sample).toMatchObject({
      key: 'prod/workers',
      spans: {
        open: '[["groupTopic","topicLag",["c"]]]',
        opened: null,
        closed: '[["groupTopic","topicLag",["a"],["b"]]]',
        as: '{}',
      },
    });
  });

  test('when several are ended, then the bytes of each are its own', () => {
    const ends = create();
    const first = ends.encode({ owner, identity, spans: [span('a')] }, [], 60, '{}');
    const before = first.bytes.toString();
    ends.encode({ owner, identity, spans: [span('b')] }, [], 60, '{}');
    expect(first.bytes.toString()).toBe(before);
  });

  test('when their names are compared, then prefix and tags count, and whose they were does not', () => {
    const ends = create();
    expect(ends.seriesOf(span('a'), identity)).toBe(
      ends.seriesOf(span('a'), { ...identity, seriesTags: ['owner'] }),
    );
    expect(ends.seriesOf(span('a'), identity)).not.toBe(ends.seriesOf(span('a'), { ...identity, tags: {} }));
    expect(ends.seriesOf(span('a'), identity)).not.toBe(ends.seriesOf(span('b'), identity));
  });
});
