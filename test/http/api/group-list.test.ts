import { describe, expect, test } from 'vitest';
import type { GroupEntryView } from '../../../src/http/api/api-source.ts';
import type { GroupList } from '../../../src/http/api/contract/groups.ts';
import { createApiSource } from '../api-source.ts';
import { serve } from '../serve.ts';

type Entry = { -readonly [Key in keyof GroupEntryView]: GroupEntryView[Key] };

function entryOf(group: string, status: number): Entry {
  return {
    state: {
      cluster: 'orders',
      group,
      status,
      totalLagRecords: 0,
      partitions: 1,
      consumedPerSecond: null,
      producedPerSecond: null,
      takenAtMs: 1000,
    },
    meanConsumedPerSecond: null,
    meanProducedPerSecond: null,
    statuses: { sinceMs: 1000, isExact: false },
    version: 1,
  };
}

describe('given more groups than are written in one go', () => {
  test('when one gets worse while others are written, then its row is as the order is: of the moment of the question', async () => {
    const entries = Array.from({ length: 1200 }, (_, index) =>
      entryOf(`group-${String(index).padStart(4, '0')}`, 1),
    );
    const last = entries.at(-1) ?? entryOf('none', 1);
    const { groups } = createApiSource();
    const source = createApiSource({
      groups: {
        ...groups,
        values: () => entries,
        stepsOf(_entry, nowMs) {
          last.state = { ...last.state, status: 3 };
          return groups.stepsOf(last, nowMs);
        },
      },
    });
    const { url } = await serve({ source });
    const list = (await (await fetch(`${url}/api/groups?limit=20000`)).json()) as GroupList;
    expect(list.rows).toHaveLength(1200);
    expect(list.rows.at(-1)?.slice(1, 3)).toEqual(['group-1199', 'OK']);
    const next = (await (await fetch(`${url}/api/groups?limit=20000`)).json()) as GroupList;
    expect(next.rows[0]?.slice(1, 3)).toEqual(['group-1199', 'ERR']);
  });
});
