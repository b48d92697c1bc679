import type { StatusWord } from '../../http/api/contract/words.ts';
import { descendsFirst, SORTS, type GroupFilter, type Sort } from '../live/group-order.ts';
import { STATUSES } from '../../words/statuses.ts';

/** Reads the filter from the query of a deep link; unknown parts are ignored. */
export function readFilter(query: URLSearchParams): GroupFilter {
  const asked = query.get('sort') as Sort;
  const sort = SORTS.includes(asked) ? asked : 'worst';
  const order = query.get('order');
  return {
    cluster: query.get('cluster') ?? '',
    statuses: (query.get('status') ?? '')
      .split(',')
      .filter((word): word is StatusWord => STATUSES.includes(word as StatusWord)),
    search: query.get('search') ?? '',
    sort,
    isDescending: order === 'asc' || order === 'desc' ? order === 'desc' : descendsFirst(sort),
  };
}

/** The deep link of a filter. */
export function filterHref({ cluster, statuses, search, sort, isDescending }: GroupFilter): string {
  const query = new URLSearchParams();
  if (cluster !== '') query.set('cluster', cluster);
  if (statuses.length > 0) query.set('status', statuses.join(','));
  if (search !== '') query.set('search', search);
  if (sort !== 'worst') query.set('sort', sort);
  if (isDescending !== descendsFirst(sort)) query.set('order', isDescending ? 'desc' : 'asc');
  const text = query.toString();
  return text === '' ? '#/' : `#/?${text}`;
}
