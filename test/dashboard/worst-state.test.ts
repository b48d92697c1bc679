import { describe, expect, test } from 'vitest';
import { createGroupBook } from '../../src/dashboard/live/group-book.ts';
import { worstState } from '../../src/dashboard/live/worst-state.ts';
import type { GroupRow } from '../../src/http/api/contract/groups.ts';
import type { Overview } from '../../src/http/api/contract/overview.ts';

const LIVE = { state: 'live' } as const;

function groupsWith(...statuses: readonly string[]) {
  const book = createGroupBook();
  const rows = statuses.map((status, index) => ['main', `group-${index}`, status] as unknown as GroupRow);
  book.apply({ nowMs: 0, rows, gone: [] });
  return book;
}

function overviewWith(parts: readonly { readonly name: string; readonly status: string }[]): Overview {
  return { health: { parts } } as unknown as Overview;
}

const HEALTHY = overviewWith([{ name: 'burrow main', status: 'ok' }]);
const DEGRADED = overviewWith([{ name: 'sink kafka', status: 'degraded' }]);
const AWAY = overviewWith([
  { name: 'sink kafka', status: 'degraded' },
  { name: 'burrow main', status: 'unavailable' },
]);

describe('given what the page knows', () => {
  test.each([
    ['all groups keep up', LIVE, HEALTHY, ['OK', 'OK'], '', 'ok'],
    ['there is no group', LIVE, HEALTHY, [], '', 'none'],
    ['two groups fail', LIVE, HEALTHY, ['OK', 'ERR', 'WARN', 'ERR'], '2 ERR', 'err'],
    ['one group warns', LIVE, HEALTHY, ['WARN', 'OK', 'NOTFOUND'], '1 WARN', 'warn'],
    [
      'a part is degraded and no group is worse',
      LIVE,
      DEGRADED,
      ['OK', 'NOTFOUND'],
      'sink kafka degraded',
      'warn',
    ],
    ['a part is degraded and a group fails', LIVE, DEGRADED, ['ERR'], '1 ERR', 'err'],
    ['Burrow does not answer', LIVE, AWAY, ['OK', 'WARN'], 'burrow main unavailable', 'err'],
    ['the connection is lost', { state: 'lost' }, HEALTHY, ['OK'], 'Connection lost', 'err'],
    ['a token is needed', { state: 'refused' }, null, [], 'Token needed', 'none'],
    ['nothing has come yet', { state: 'connecting' }, null, [], '', 'none'],
  ] as const)('when %s, then the worst of it is said', (_, connection, overview, statuses, words, tone) => {
    expect(worstState(connection, overview, groupsWith(...statuses))).toEqual({ words, tone });
  });
});
