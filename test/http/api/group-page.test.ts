import { describe, expect, test } from 'vitest';
import type { GroupEntryView, GroupLookView, PartitionView } from '../../../src/http/api/api-source.ts';
import type { GroupDetail } from '../../../src/http/api/contract/group.ts';
import { createApiSource } from '../api-source.ts';
import { NOW_MS, serve } from '../serve.ts';
import { faultsBy } from './document-check.ts';

const TWIN = { span: 'open', cadence: 'fresh' } as const;
const ENTRY: GroupEntryView = {
  state: {
    cluster: 'main',
    group: 'mailer',
    status: 1,
    totalLagRecords: null,
    maxLagSeconds: null,
    partitions: 1,
    consumedPerSecond: null,
    producedPerSecond: null,
    takenAtMs: NOW_MS,
  },
  meanConsumedPerSecond: null,
  meanProducedPerSecond: null,
  statuses: { sinceMs: NOW_MS, isExact: false },
  version: 1,
};

function partitionOf(partition: number, values: Partial<PartitionView>): PartitionView {
  return {
    topic: 'mails',
    partition,
    owner: '/10.0.0.1',
    clientId: 'mailer',
    status: 1,
    lagRecords: 0,
    lagSeconds: 0,
    startOffset: 0,
    committedOffset: 10,
    consumedPerSecond: null,
    producedPerSecond: null,
    lagTwin: TWIN,
    hostsTwin: TWIN,
    heat: () => null,
    ...values,
  };
}

describe('given a group some of whose lags are not known', () => {
  test('when its page is asked for, then no sum with one of them is known, and it comes last', async () => {
    const look: GroupLookView = {
      entry: ENTRY,
      totalLagTwin: TWIN,
      partitions: [
        partitionOf(0, { topic: 'unknown', owner: '/10.0.0.1', lagRecords: null }),
        partitionOf(1, { topic: 'unknown', owner: '/10.0.0.1', lagRecords: 900 }),
        partitionOf(0, { topic: 'known', owner: '/10.0.0.2', lagRecords: 70 }),
        partitionOf(1, { topic: 'known', owner: '/10.0.0.2', lagRecords: 5 }),
        // Nobody has committed there: it counts as 0, as it does in the total.
        partitionOf(2, { topic: 'known', owner: '/10.0.0.2', lagRecords: null, committedOffset: null }),
      ],
      points: null,
      isHeatKept: false,
      notice: null,
    };
    const { url } = await serve({ source: { ...createApiSource(), look: () => look } });
    const detail = (await (await fetch(`${url}/api/groups/main/mailer`)).json()) as GroupDetail;
    expect(faultsBy('GroupDetail', detail)).toEqual([]);
    expect(detail.owners.map(({ owner, lagRecords }) => [owner, lagRecords])).toEqual([
      ['/10.0.0.2', 75],
      ['/10.0.0.1', null],
    ]);
    expect(detail.topics.map(({ topic, lagRecords }) => [topic, lagRecords])).toEqual([
      ['known', 75],
      ['unknown', null],
    ]);
  });
});
