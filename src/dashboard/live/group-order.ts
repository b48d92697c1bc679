import type { GroupRow } from '../../http/api/contract/groups.ts';
import type { StatusWord } from '../../http/api/contract/words.ts';
import type { GroupBook, NumberColumn } from './group-book.ts';

/** What the table can be sorted by. `worst`: status, then time lag, then lag. */
export const SORTS = [
  'worst',
  'cluster',
  'group',
  'status',
  'totalLagRecords',
  'lagSeconds',
  'drainSeconds',
  'consumedPerSecond',
  'producedPerSecond',
  'partitions',
  'sampledAtMs',
  'statusSinceMs',
] as const;
export type Sort = (typeof SORTS)[number];

/** Which groups, and in which order. */
export interface GroupFilter {
  /** Blank: all clusters. */
  readonly cluster: string;
  /** None: all. */
  readonly statuses: readonly StatusWord[];
  /** A part of the name of the group or the cluster, in upper or lower case. */
  readonly search: string;
  readonly sort: Sort;
  readonly isDescending: boolean;
}

/** All groups, the worst first. */
export const ALL_GROUPS: GroupFilter = {
  cluster: '',
  statuses: [],
  search: '',
  sort: 'worst',
  isDescending: true,
};

/** The order of a column at the first click: numbers from the highest, names from A. */
export function descendsFirst(sort: Sort): boolean {
  return sort !== 'cluster' && sort !== 'group';
}

/** The slots of the groups that match the filter, in its order. Unknown values come last in both directions. */
export function orderGroups(book: GroupBook, filter: GroupFilter): Uint32Array {
  const found = book.slotsByName().filter(groupMatcher(book, filter));
  const sign = filter.isDescending ? -1 : 1;
  switch (filter.sort) {
    case 'cluster':
      return filter.isDescending ? found.reverse() : found;
    case 'group':
      return found.sort((a, b) => sign * compareText(book.row(a)?.[1] ?? '', book.row(b)?.[1] ?? ''));
    case 'worst':
      return sortBy(book, found, ['severity', 'lagSeconds', 'totalLagRecords'], sign);
    case 'status':
      return sortBy(book, found, ['severity'], sign);
    default:
      return sortBy(book, found, [filter.sort], sign);
  }
}

/**
 * The slots of the groups that match the filter, in an order that is held: those that were shown keep their places among
 * one another, whatever their figures are now. New ones come last.
 *
 * @param shown the groups in the order that is held
 */
export function holdGroups(book: GroupBook, filter: GroupFilter, shown: readonly GroupRow[]): Uint32Array {
  const matches = groupMatcher(book, filter);
  const kept = shown.flatMap(([cluster, group]) => {
    const slot = book.slotOf(cluster, group);
    return slot !== undefined && matches(slot) ? [slot] : [];
  });
  const known = new Set(kept);
  return Uint32Array.from([...kept, ...orderGroups(book, filter).filter((slot) => !known.has(slot))]);
}

/** Whether the group in a slot matches the filter. */
export function groupMatcher(
  book: GroupBook,
  { cluster, statuses, search }: GroupFilter,
): (slot: number) => boolean {
  const sought = search.trim().toLowerCase();
  const wanted = new Set(statuses);
  return (slot) => {
    const row = book.row(slot);
    if (row === undefined) return false;
    if (cluster !== '' && row[0] !== cluster) return false;
    if (wanted.size > 0 && !wanted.has(row[2])) return false;
    return sought === '' || book.searchText(slot).includes(sought);
  };
}

/** The sort is stable: equal groups stay in the order of their names. */
function sortBy(
  book: GroupBook,
  slots: Uint32Array,
  columns: readonly NumberColumn[],
  sign: number,
): Uint32Array {
  const keys = columns.map((column) => book.numbers(column));
  return slots.sort((a, b) => {
    for (const values of keys) {
      const left = values[a] ?? NaN;
      const right = values[b] ?? NaN;
      if (left === right) continue;
      if (Number.isNaN(left)) {
        if (Number.isNaN(right)) continue;
        return 1;
      }
      if (Number.isNaN(right)) return -1;
      return left < right ? -sign : sign;
    }
    return 0;
  });
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
