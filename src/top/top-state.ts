import { GROUP_SORTS, MOST_GROUPS } from '../http/api/contract/groups.ts';
import type { GroupsRequest } from './top-api.ts';

/** Cluster and group. */
export interface GroupName {
  readonly cluster: string;
  readonly group: string;
}

/** What is shown, and how. Rows are counted from 0 in the whole list, filtered and sorted. */
export interface TopState {
  readonly screen: 'groups' | 'group' | 'help';
  /** Index in {@link GROUP_SORTS}. */
  readonly sort: number;
  readonly isReversed: boolean;
  /** Index in {@link STATUS_FILTERS}. */
  readonly statusFilter: number;
  /** Null: all. */
  readonly cluster: string | null;
  readonly search: string;
  /** The search before the one that is being typed; null: none is being typed. */
  readonly searchBefore: string | null;
  readonly cursor: number;
  /** The first row on the screen. */
  readonly first: number;
  /** The group that the cursor follows; null: the cursor stays on the first row. */
  readonly followed: GroupName | null;
  /** The group whose partitions are shown. */
  readonly opened: GroupName | null;
  readonly firstPartition: number;
  readonly partitionOrder: 'lag' | 'name';
  /** How many times a person has moved in a list. */
  readonly moves: number;
  readonly isPaused: boolean;
  readonly isOver: boolean;
}

/** Which statuses are shown, one after the other on a key. No words: all. */
export const STATUS_FILTERS: readonly { readonly name: string; readonly words: readonly string[] }[] = [
  { name: 'all', words: [] },
  { name: 'not OK', words: ['NOTFOUND', 'WARN', 'ERR', 'STOP', 'STALL', 'REWIND', 'UNKNOWN'] },
  { name: 'ERR', words: ['ERR'] },
  { name: 'WARN', words: ['WARN'] },
  { name: 'OK', words: ['OK'] },
];

export const FIRST_STATE: TopState = {
  screen: 'groups',
  sort: 0,
  isReversed: false,
  statusFilter: 0,
  cluster: null,
  search: '',
  searchBefore: null,
  cursor: 0,
  first: 0,
  followed: null,
  opened: null,
  firstPartition: 0,
  partitionOrder: 'lag',
  moves: 0,
  isPaused: false,
  isOver: false,
};

/** What is on the screen besides the state. */
export interface Surroundings {
  /** Groups that match. */
  readonly total: number;
  /** Rows of groups that fit on the screen, 1 or more. */
  readonly groupRows: number;
  /** The same of partitions. */
  readonly partitionRows: number;
  readonly partitions: number;
  readonly clusters: readonly string[];
  /** Null: that row is not known yet. */
  readonly nameAt: (row: number) => GroupName | null;
}

/** Rows by which the fetched part of the list moves. */
const STEP = 50;

/** The part of the list to fetch: so much before and after the screen that most moves need no answer, and so no other order. */
export function groupsRequest(state: TopState, groupRows: number): GroupsRequest {
  const step = Math.floor(state.first / STEP);
  const sort = GROUP_SORTS[state.sort] ?? 'worst';
  const isName = sort === 'cluster' || sort === 'group';
  return {
    sort,
    order: isName === state.isReversed ? 'desc' : 'asc',
    statuses: STATUS_FILTERS[state.statusFilter]?.words ?? [],
    cluster: state.cluster,
    search: state.search,
    offset: Math.max(0, step - 1) * STEP,
    limit: Math.min(MOST_GROUPS, 4 * STEP + groupRows),
  };
}

/**
 * The state for a new list. The cursor stays with its group, on the same line of the screen; but a screen that begins with
 * the first row goes on doing so, and what is sorted to its top is seen.
 */
export function follow(state: TopState, around: Surroundings, rows: readonly number[]): TopState {
  const { followed } = state;
  if (followed === null) return within(state, around);
  const found = rows.find((row) => isSame(around.nameAt(row), followed));
  if (found === undefined || (state.first === 0 && found >= around.groupRows)) {
    return refollow(within(state, around), around);
  }
  if (state.first === 0) return within({ ...state, cursor: found }, around);
  return within({ ...state, cursor: found, first: state.first + found - state.cursor }, around);
}

/** The same state, changed so that all its rows exist and the cursor is on the screen. */
export function within(
  state: TopState,
  { total, groupRows, partitions, partitionRows }: Surroundings,
): TopState {
  const cursor = clamp(state.cursor, 0, Math.max(0, total - 1));
  const lowest = clamp(state.first, cursor - groupRows + 1, cursor);
  return {
    ...state,
    cursor,
    first: clamp(lowest, 0, Math.max(0, total - groupRows)),
    firstPartition: clamp(state.firstPartition, 0, Math.max(0, partitions - partitionRows)),
  };
}

/** The cursor is on another row: it follows the group there. */
export function refollow(state: TopState, { nameAt }: Surroundings): TopState {
  return { ...state, followed: state.cursor === 0 ? null : nameAt(state.cursor) };
}

function isSame(a: GroupName | null, b: GroupName): boolean {
  return a !== null && a.cluster === b.cluster && a.group === b.group;
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}
