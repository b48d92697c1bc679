import { GROUP_COLUMNS, MOST_GROUPS, type GroupListRow } from '../http/api/contract/groups.ts';
import { escapeUnseen } from '../words/shown-name.ts';
import { emptiness } from './groups-screen.ts';
import { groupCells, groupColumns } from './groups-table.ts';
import { noticeLines, totalsLine } from './header-lines.ts';
import type { Style } from './style.ts';
import { drawHead, drawRow } from './table-cells.ts';
import type { TopApi } from './top-api.ts';
import type { TopModel } from './top-model.ts';
import { FIRST_STATE } from './top-state.ts';

/** Where the width of the reader's lines is not known. */
const ASSUMED_COLUMNS = 120;
const MOST_NOTICE_LINES = 5;

export interface PrintOptions {
  readonly url: string;
  readonly form: 'table' | 'json';
  /** Null: not known. */
  readonly columns: number | null;
  readonly style: Style;
}

/** All groups as they are now, the worst first: a table, or a line of JSON for each. */
export async function printGroups(
  api: TopApi,
  { url, form, columns, style }: PrintOptions,
  nowMs: number,
  signal: AbortSignal,
): Promise<string> {
  const request = { sort: 'worst', order: 'desc', statuses: [], cluster: null, search: '' } as const;
  const [overview, list] = await Promise.all([
    api.overview(signal),
    api.groups({ ...request, offset: 0, limit: MOST_GROUPS }, signal),
  ]);
  if (form === 'json')
    return list.rows.map((row) => `${escapeUnseen(JSON.stringify(named(row)))}\n`).join('');
  const width = columns ?? ASSUMED_COLUMNS;
  const link = { kind: 'live', heardMs: nowMs } as const;
  const model: TopModel = {
    url,
    link,
    aheadMs: overview.nowMs - nowMs,
    isHeld: false,
    overview,
    list,
    detail: null,
    isGroupGone: false,
  };
  const shown = groupColumns(width, { clusters: overview.clusters, span: overview.history }, style);
  const sparkWidth = shown.find(({ id }) => id === 'spark')?.width ?? 0;
  const lines = [
    totalsLine(overview, width, style),
    ...noticeLines(model, { most: MOST_NOTICE_LINES, nowMs }, width, style),
    drawHead(shown, width, style),
    list.rows.length === 0 ? emptiness(FIRST_STATE, model) : '',
    ...list.rows.map((row) =>
      drawRow(shown, groupCells(row, { sparkWidth, model, nowMs }, style), style, false),
    ),
  ];
  return lines
    .filter((line) => line !== '')
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}

function named(row: GroupListRow): Record<string, unknown> {
  return Object.fromEntries(GROUP_COLUMNS.map((column, index) => [column, row[index]]));
}
