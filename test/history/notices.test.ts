import { describe, expect, test } from 'vitest';
import { createNotices } from '../../src/history/notices.ts';

const notice = (id: string, atMs: number) => ({ event: 'open', id, status: 'WARN', atMs }) as const;

describe('given what the notifier said', () => {
  test('when it named the cluster once and once did not, then the newer one is told', () => {
    const notices = createNotices();
    notices.note('c', 'g', notice('named', 1));
    notices.note(null, 'g', notice('unnamed', 2));
    expect(notices.find('c', 'g')?.id).toBe('unnamed');
    notices.note('c', 'g', notice('again', 3));
    expect(notices.find('c', 'g')?.id).toBe('again');
    expect(notices.find('other', 'g')?.id).toBe('unnamed');
    expect(notices.find('c', 'other')).toBeNull();
  });

  test('when it speaks of more groups than are remembered, then the ones not named for the longest time go', () => {
    const notices = createNotices({ most: 2 });
    for (const [group, atMs] of [
      ['a', 1],
      ['b', 2],
      ['a', 3],
      ['d', 4],
    ] as const) {
      notices.note('c', group, notice(group, atMs));
    }
    expect(['a', 'b', 'd'].map((group) => notices.find('c', group)?.id)).toEqual(['a', undefined, 'd']);
  });
});
