import { describe, expect, test } from 'vitest';
import { filterHref, readFilter } from '../../src/dashboard/pages/group-filter-query.ts';
import { groupHref, internalsHref, movedTo, parseRoute } from '../../src/dashboard/route.ts';

describe('given deep links', () => {
  test.each(['orders', 'a/b', '%', 'ä ?#&', '\u202e', '..'])(
    'when one leads to a group named %j, then it is found',
    (name) => {
      expect(parseRoute(groupHref('c/1', name))).toEqual({ page: 'group', cluster: 'c/1', group: name });
      expect(parseRoute(internalsHref('c/1', name))).toEqual({
        page: 'internals',
        group: { cluster: 'c/1', group: name },
      });
    },
  );

  test.each(['', '#', '#/', '#/nowhere', '#/groups/one', '#/groups/%E0%A4%A/x', '#/groups/a/b/c'])(
    'when %j leads nowhere else, then to the overview',
    (fragment) => {
      expect(parseRoute(fragment).page).toBe('overview');
    },
  );

  test('when one leads to a page that has moved, then the page is found', () => {
    expect([movedTo('#/machine'), movedTo('#/internals'), movedTo('#/machines')]).toEqual([
      '#/internals',
      null,
      null,
    ]);
    expect(parseRoute('#/internals')).toEqual({ page: 'internals', group: null });
  });

  test('when one holds a filter, then it is read as it was written', () => {
    const filter = {
      cluster: 'a&b',
      statuses: ['ERR', 'WARN'],
      search: 'x y#%',
      sort: 'group',
      isDescending: true,
    } as const;
    const route = parseRoute(filterHref(filter));
    expect(route.page === 'overview' && readFilter(route.query)).toEqual(filter);
  });

  test('when one has unknown parts, then they are ignored', () => {
    const filter = readFilter(new URLSearchParams('sort=bogus&order=up&status=ERR,HUH&cluster='));
    expect(filter).toEqual({ cluster: '', statuses: ['ERR'], search: '', sort: 'worst', isDescending: true });
    expect(filterHref({ ...filter, statuses: [] })).toBe('#/');
  });
});
