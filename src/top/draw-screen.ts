import type { GroupDetail } from '../http/api/contract/group.ts';
import { GROUP_SORTS, type GroupListRow } from '../http/api/contract/groups.ts';
import type { TerminalSize } from './frame-writer.ts';
import { clusterWidthOf, groupCells, groupColumns } from './groups-table.ts';
import { noticeLine, spread, titleLine, totalsLine } from './header-lines.ts';
import { orderPartitions, partitionCells, partitionColumns } from './partitions-table.ts';
import { clipText, showText } from './shown-text.ts';
import { compactDrain, compactSeconds } from '../words/durations.ts';
import { compactNumber, wholeNumber } from '../words/numbers.ts';
import type { Style, Tone } from './style.ts';
import { drawHead, drawRow, statusCell } from './table-cells.ts';
import type { TopModel } from './top-model.ts';
import { STATUS_FILTERS, type TopState } from './top-state.ts';

/** Lines of the screen beside the rows of groups: four above the head, the head, and the keys. */
const LINES_AROUND_GROUPS = 6;
const LINES_AROUND_PARTITIONS = 7;
const LEAST: TerminalSize = { columns: 40, rows: 9 };

const SORT_NAMES: Readonly<Record<(typeof GROUP_SORTS)[number], string>> = {
  worst: 'worst',
  cluster: 'cluster',
  group: 'group',
  status: 'status',
  totalLagRecords: 'lag',
  lagSeconds: 'time',
  drainSeconds: 'drain',
  consumedPerSecond: 'consumed',
  producedPerSecond: 'produced',
  partitions: 'partitions',
  sampledAtMs: 'newest sample',
  statusSinceMs: 'since',
};

/** What the keys do, for the screen of help: at most 18 lines of 80 columns. */
export const HELP: readonly string[] = [
  '',
  ' Up Down PageUp PageDown Home End    move; also k j, space, g G',
  ' Enter   partitions of the group; Esc goes back',
  ' s  <    sort by the next column, the one before; r turns the order around',
  ' /       search in names of groups and clusters; Enter keeps, Esc leaves it',
  ' f       status: all, not OK, ERR, WARN, OK',
  ' c       cluster: all, then one after the other',
  ' Esc     show all again',
  ' p       pause, go on',
  ' q       quit, as does Ctrl-C; Ctrl-Z puts it in the background',
  '',
  ' TIME    age of the oldest record that is not consumed yet (estimate)',
  ' DRAIN   time until the lag is gone at these rates; never: it does not shrink',
  ' CONS/S  PROD/S    records consumed and produced a second',
  ' HOUR    total lag of the last hour, newest at the right',
  ' -       not known',
];

/** How many groups fit on the screen. */
export function groupRowsOf({ rows }: TerminalSize): number {
  return Math.max(1, rows - LINES_AROUND_GROUPS);
}

/** How many partitions fit on the screen. */
export function partitionRowsOf({ rows }: TerminalSize): number {
  return Math.max(1, rows - LINES_AROUND_PARTITIONS);
}

/** The whole screen, line by line; none is wider than it is. */
export function drawScreen(
  state: TopState,
  model: TopModel,
  size: TerminalSize,
  style: Style,
  nowMs: number,
): readonly string[] {
  const { columns, rows } = size;
  if (columns < LEAST.columns || rows < LEAST.rows) {
    const least = `${LEAST.columns}x${LEAST.rows}`;
    return [clipText(`Too small: ${columns}x${rows}, needs ${least}. q quits.`, columns, style.ellipsis)];
  }
  const top = [
    titleLine(model, { isPaused: state.isPaused, nowMs }, columns, style),
    model.overview === null ? '' : totalsLine(model.overview, columns, style),
    noticeLine(model, nowMs, columns, style),
  ];
  const body = bodyOf(state, model, size, style);
  const lines = [...top, ...body.lines].slice(0, rows - 1);
  return [...lines, ...Array<string>(rows - 1 - lines.length).fill(''), body.foot];
}

interface Body {
  readonly lines: readonly string[];
  readonly foot: string;
}

function bodyOf(state: TopState, model: TopModel, size: TerminalSize, style: Style): Body {
  switch (state.screen) {
    case 'groups':
      return drawGroups(state, model, size, style);
    case 'group':
      return drawGroup(state, model, size, style);
    case 'help': {
      const lines = HELP.map((line) => clipText(line, size.columns, style.ellipsis));
      return { lines, foot: foot('any key goes back', '', size.columns, style) };
    }
  }
}

function drawGroups(state: TopState, model: TopModel, size: TerminalSize, style: Style): Body {
  const { list, overview } = model;
  const width = size.columns;
  const clusters = state.cluster === null ? (overview?.clusters ?? []) : [];
  const columns = groupColumns(width, clusterWidthOf(clusters, style));
  const spark = columns.find(({ id }) => id === 'spark')?.width ?? 0;
  const total = list?.total ?? 0;
  const rowsThere = Math.min(groupRowsOf(size), Math.max(0, total - state.first));
  const lines = [queryLine(state, width, style), drawHead(columns, width, style)];
  for (let row = state.first; row < state.first + rowsThere; row++) {
    const group: GroupListRow | undefined = list?.rows[row - list.offset];
    const isChosen = row === state.cursor;
    if (group === undefined) lines.push(`${isChosen ? '>' : ' '}${style.ellipsis}`);
    else lines.push(drawRow(columns, groupCells(group, spark, style), style, isChosen));
  }
  if (list !== null && total === 0) lines.push('', emptiness(state, model));
  const shown =
    total === 0
      ? ''
      : `${wholeNumber(state.first + 1)}-${wholeNumber(state.first + rowsThere)} of ${wholeNumber(total)}`;
  const keys =
    state.searchBefore === null
      ? 'q quit  ? help  Enter open  / search  s sort  r reverse  f status  c cluster'
      : 'Enter keeps the search  Esc leaves it';
  return { lines, foot: foot(keys, shown, width, style) };
}

function emptiness({ search, statusFilter, cluster }: TopState, { overview }: TopModel): string {
  if (search !== '' || statusFilter > 0 || cluster !== null) return ' No group matches. Esc shows all.';
  const groups = (overview?.clusters ?? []).reduce((sum, each) => sum + each.groups, 0);
  return groups > 0
    ? ' The groups are being polled for the first time.'
    : ' No groups yet: Burrow lists none.';
}

function queryLine(state: TopState, width: number, style: Style): string {
  const { search, searchBefore, cluster, statusFilter, isReversed } = state;
  const sought = showText(search, style.isUnicode);
  if (searchBefore !== null) return clipText(`Search: ${sought}_`, width, style.ellipsis);
  const sort = GROUP_SORTS[state.sort] ?? 'worst';
  const isUp = (sort === 'cluster' || sort === 'group') !== isReversed;
  const pieces: [string, Tone][] = [[`sort: ${SORT_NAMES[sort]} ${isUp ? style.up : style.down}`, 'plain']];
  const words = STATUS_FILTERS[statusFilter];
  pieces.push([`status: ${words?.name ?? 'all'}`, statusFilter > 0 ? 'strong' : 'plain']);
  const clusterName = cluster === null ? 'all' : showText(cluster, style.isUnicode);
  pieces.push([
    `cluster: ${clipText(clusterName, 24, style.ellipsis)}`,
    cluster === null ? 'plain' : 'strong',
  ]);
  if (sought !== '') pieces.push([`search: ${clipText(sought, 24, style.ellipsis)}`, 'strong']);
  return spread(pieces, ['', 'plain'], width, style);
}

function drawGroup(state: TopState, model: TopModel, size: TerminalSize, style: Style): Body {
  const { opened } = state;
  const width = size.columns;
  const { cluster = '', group = '' } = opened ?? {};
  const name = style.paint(
    clipText(showText(`${cluster} / ${group}`, style.isUnicode), width, style.ellipsis),
    'strong',
  );
  const { detail } = model;
  if (detail === null) {
    const why = model.isGroupGone
      ? 'The sidecar does not know this group (any more).'
      : `Loading ${style.ellipsis}`;
    return { lines: [name, '', ` ${why}`], foot: foot('q quit  Esc back', '', width, style) };
  }
  const columns = partitionColumns(width);
  const heat = columns.find(({ id }) => id === 'heat')?.width ?? 0;
  const spark = { width: heat, mostRecords: detail.heat.maxRecords };
  const partitions = orderPartitions(detail.partitions, state.partitionOrder);
  const rows = partitions.slice(state.firstPartition, state.firstPartition + partitionRowsOf(size));
  const shown = `${state.firstPartition + 1}-${state.firstPartition + rows.length} of ${wholeNumber(detail.partitionCount)}`;
  return {
    lines: [
      name,
      groupSums(detail, model.isGroupGone, width, style),
      drawHead(columns, width, style),
      ...rows.map((row) => drawRow(columns, partitionCells(row, spark, style), style, false)),
    ],
    foot: foot(
      `q quit  Esc back  s sort by ${state.partitionOrder === 'lag' ? 'name' : 'lag'}`,
      rows.length === 0 ? 'no partitions' : shown,
      width,
      style,
    ),
  };
}

function groupSums(detail: GroupDetail, isGone: boolean, width: number, style: Style): string {
  const { text: word, tone = 'plain' } = statusCell(detail.status);
  const { notice } = detail;
  const pieces: [string, Tone][] = [
    [isGone ? 'GONE' : word, isGone ? 'faint' : tone],
    [`lag ${compactNumber(detail.totalLagRecords)}`, 'strong'],
    [`time ${compactSeconds(detail.lagSeconds)}`, 'plain'],
    [
      `drain ${compactDrain(detail.drainSeconds, detail.isDraining)}`,
      detail.isDraining === false ? 'warning' : 'plain',
    ],
    [
      `${compactNumber(detail.consumedPerSecond)} of ${compactNumber(detail.producedPerSecond)} a second`,
      'plain',
    ],
  ];
  if (notice !== null) {
    const ago = compactSeconds(Math.max(0, Math.round((detail.nowMs - notice.atMs) / 1000)));
    const status = notice.status === null ? '' : ` ${showText(notice.status, style.isUnicode)}`;
    pieces.push([`notifier: ${notice.event}${status} ${ago} ago`, 'plain']);
  }
  const age = Math.max(0, Math.round((detail.nowMs - detail.sampledAtMs) / 1000));
  return spread(pieces, [`polled ${compactSeconds(age)} ago`, 'faint'], width, style);
}

function foot(keys: string, shown: string, width: number, style: Style): string {
  const room = width - (shown === '' ? 0 : shown.length + 2);
  const fitting = keys.split('  ').reduce((line, key) => {
    const next = line === '' ? key : `${line}  ${key}`;
    return next.length <= room ? next : line;
  }, '');
  return style.paint(fitting.padEnd(width - shown.length), 'faint') + shown;
}
