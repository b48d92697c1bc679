import type { Route } from '../route.ts';
import { apiRoute, JSON_TYPE, type ApiDeps } from './api-route.ts';
import type { ApiSource, GroupEntryView } from './api-source.ts';
import {
  GROUP_COLUMNS,
  groupList,
  groupsQuery,
  type GroupList,
  type GroupSort,
  type GroupsQuery,
} from './contract/groups.ts';
import { SEVERITY } from '../../words/statuses.ts';
import type { StatusWord } from './contract/words.ts';
import { drainOf, statusOf, toListRow, toRow } from './group-rows.ts';

type Compare = (a: GroupEntryView, b: GroupEntryView) => number;

/** Rows that are written before others may run: some milliseconds' work. */
const ROWS_PER_TURN = 500;

export function groupsRoute({ source, clock }: ApiDeps): Route {
  return apiRoute(
    '/api/groups',
    {
      id: 'groups',
      summary: 'Groups, filtered and sorted, one compact row each',
      query: groupsQuery,
      answer: groupList,
      refusals: { 400: 'A parameter is not what it must be; `faults` says which and why' },
    },
    async (reply, query) => reply.type(JSON_TYPE).send(await listGroups(source, query, clock.nowMs())),
  );
}

/** The groups that a query asks for, as it wants them: a `GroupList` as JSON. */
async function listGroups({ groups, about }: ApiSource, query: GroupsQuery, nowMs: number): Promise<string> {
  const found = [...groups.values()].filter(filterOf(query)).sort(orderOf(query));
  const shown = found.slice(query.offset, query.offset + query.limit);
  const head: Omit<GroupList, 'rows'> = {
    nowMs,
    total: found.length,
    offset: query.offset,
    newestStepMs: Math.floor(nowMs / about.stepMs) * about.stepMs,
    columns: [...GROUP_COLUMNS],
  };
  // Before others may run: the figures are those that the order is of.
  const states = shown.map((entry) => ({ entry, row: toRow(entry) }));
  const pieces: string[] = [];
  for (let from = 0; from < states.length; from += ROWS_PER_TURN) {
    if (from > 0) await nextTurn();
    const rows = states
      .slice(from, from + ROWS_PER_TURN)
      .map(({ entry, row }) => toListRow(row, entry, groups, nowMs));
    pieces.push(JSON.stringify(rows).slice(1, -1));
  }
  return `${JSON.stringify(head).slice(0, -1)},"rows":[${pieces.join(',')}]}`;
}

function filterOf({ cluster, status, search }: GroupsQuery): (entry: GroupEntryView) => boolean {
  const wanted = status && new Set<StatusWord>(status);
  const sought = search?.toLowerCase() ?? '';
  return (entry) => {
    const { state } = entry;
    if (cluster !== undefined && state.cluster !== cluster) return false;
    if (wanted !== undefined && !wanted.has(statusOf(entry))) return false;
    return (
      sought === '' ||
      state.group.toLowerCase().includes(sought) ||
      state.cluster.toLowerCase().includes(sought)
    );
  };
}

function orderOf({ sort, order }: GroupsQuery): Compare {
  const compare = compareBy(sort, order);
  return (a, b) => compare(a, b) || compareNames(a, b);
}

function compareBy(sort: GroupSort, order: 'asc' | 'desc' | undefined): Compare {
  switch (sort) {
    case 'cluster':
    case 'group': {
      const sign = order === 'desc' ? -1 : 1;
      return (a, b) => sign * compareText(a.state[sort], b.state[sort]);
    }
    case 'worst': {
      const sign = order === 'asc' ? -1 : 1;
      return (a, b) => sign * compareWorst(a, b);
    }
    case 'status':
      return byNumber((entry) => SEVERITY[statusOf(entry)], order);
    case 'totalLagRecords':
    case 'partitions':
      return byNumber(({ state }) => state[sort], order);
    case 'sampledAtMs':
      return byNumber(({ state }) => state.takenAtMs, order);
    case 'statusSinceMs':
      return byNumber(({ statuses }) => statuses.sinceMs, order);
    case 'lagSeconds':
      return byNumber(({ state }) => state.maxLagSeconds ?? null, order);
    case 'drainSeconds':
      return byNumber((entry) => {
        const { drainSeconds, isDraining } = drainOf(entry);
        return isDraining === false ? Infinity : drainSeconds;
      }, order);
    case 'consumedPerSecond':
    case 'producedPerSecond':
      return byNumber(({ state }) => state[sort], order);
  }
}

/** What is unknown comes last, whichever way. */
function byNumber(read: (entry: GroupEntryView) => number | null, order: 'asc' | 'desc' = 'desc'): Compare {
  const sign = order === 'desc' ? -1 : 1;
  return (a, b) => {
    const left = read(a);
    const right = read(b);
    if (left === right) return 0;
    if (left === null) return 1;
    if (right === null) return -1;
    return left < right ? -sign : sign;
  };
}

/** The worse one first. */
function compareWorst(a: GroupEntryView, b: GroupEntryView): number {
  return (
    SEVERITY[statusOf(b)] - SEVERITY[statusOf(a)] ||
    (b.state.maxLagSeconds ?? -1) - (a.state.maxLagSeconds ?? -1) ||
    (b.state.totalLagRecords ?? -1) - (a.state.totalLagRecords ?? -1)
  );
}

function compareNames(a: GroupEntryView, b: GroupEntryView): number {
  return compareText(a.state.cluster, b.state.cluster) || compareText(a.state.group, b.state.group);
}

/** By code unit: an order that is the same everywhere, and far quicker than that of a language. */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Resolves when other work has had its turn. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
