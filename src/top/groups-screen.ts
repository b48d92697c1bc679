import { GROUP_SORTS, type GroupListRow, type GroupSort } from '../http/api/contract/groups.ts';
import { wholeNumber } from '../words/numbers.ts';
import { TERMS } from '../words/terms.ts';
import { groupCells, groupColumns } from './groups-table.ts';
import { spread, type Piece } from './header-lines.ts';
import { drawFoot, type Screen } from './screen.ts';
import { clipText, showText } from './shown-text.ts';
import type { Style } from './style.ts';
import { drawHead, drawRow } from './table-cells.ts';
import type { TopModel } from './top-model.ts';
import { STATUS_FILTERS, type TopState } from './top-state.ts';

const SORT_NAMES: Readonly<Record<GroupSort, string>> = {
  worst: 'worst',
  cluster: 'cluster',
  group: 'group',
  status: 'status',
  totalLagRecords: TERMS.lag,
  lagSeconds: TERMS.timeLag,
  drainSeconds: TERMS.drainTime,
  consumedPerSecond: TERMS.consumed,
  producedPerSecond: TERMS.produced,
  partitions: 'partitions',
  sampledAtMs: 'newest sample',
  statusSinceMs: 'newest status',
};

const KEYS = 'q quit  ? help  Enter open  / search  s sort  r reverse  f status  c cluster';
const KEYS_OF_SEARCH = 'Enter keeps the search  Esc leaves it';

/** All groups that match, one a row. */
export function groupsScreen(
  state: TopState,
  model: TopModel,
  width: number,
  style: Style,
  nowMs: number,
): Screen {
  const { list, overview } = model;
  const clusters = (overview?.clusters ?? []).filter(
    ({ name }) => state.cluster === null || state.cluster === name,
  );
  const columns = groupColumns(width, { clusters, span: overview?.history }, style);
  const sparkWidth = columns.find(({ id }) => id === 'spark')?.width ?? 0;
  const total = list?.total ?? 0;
  const rowsOf = (count: number): number => Math.min(count, Math.max(0, total - state.first));

  function drawOne(row: number): string {
    const group: GroupListRow | undefined = list?.rows[row - list.offset];
    const isChosen = row === state.cursor;
    if (group === undefined) return `${isChosen ? '>' : ' '}${style.ellipsis}`;
    return drawRow(columns, groupCells(group, { sparkWidth, model, nowMs }, style), style, isChosen);
  }

  return {
    head: [queryLine(state, width, style), drawHead(columns, width, style)],
    drawRows(count) {
      if (list !== null && total === 0) return ['', emptiness(state, model)];
      return Array.from({ length: rowsOf(count) }, (_, index) => drawOne(state.first + index));
    },
    drawFoot(count) {
      const from = wholeNumber(state.first + 1);
      const to = wholeNumber(state.first + rowsOf(count));
      const shown = total === 0 ? '' : `${from}-${to} of ${wholeNumber(total)}`;
      return drawFoot(state.searchBefore === null ? KEYS : KEYS_OF_SEARCH, shown, width, style);
    },
  };
}

/** Why there are no rows. */
export function emptiness({ search, statusFilter, cluster }: TopState, { overview }: TopModel): string {
  if (search !== '' || statusFilter > 0 || cluster !== null) return ' No group matches. Esc shows all.';
  const groups = (overview?.clusters ?? []).reduce((sum, each) => sum + each.groups, 0);
  return groups > 0 ? ' Groups are polled for the first time.' : ' No groups yet: Burrow lists none.';
}

/** The order and the filters; those that leave something out are the last to go where there is no room. */
function queryLine(state: TopState, width: number, style: Style): string {
  const { search, searchBefore, cluster, statusFilter, isReversed } = state;
  const sought = showText(search, style.isUnicode);
  if (searchBefore !== null) return clipText(`Search: ${sought}_`, width, style.ellipsis);
  const sort = GROUP_SORTS[state.sort] ?? 'worst';
  const isUp = (sort === 'cluster' || sort === 'group') !== isReversed;
  const filter = (text: string, isSet: boolean): Piece => [text, isSet ? 'strong' : 'plain', isSet ? 1 : 3];
  const clusterName = clipText(showText(cluster ?? 'all', style.isUnicode), 24, style.ellipsis);
  const pieces: Piece[] = [
    [`sort: ${SORT_NAMES[sort]} ${isUp ? style.up : style.down}`, 'plain', 2],
    filter(`status: ${STATUS_FILTERS[statusFilter]?.name ?? 'all'}`, statusFilter > 0),
    filter(`cluster: ${clusterName}`, cluster !== null),
  ];
  if (sought !== '') pieces.push(filter(`search: ${clipText(sought, 24, style.ellipsis)}`, true));
  return spread(pieces, ['', 'plain'], width, style);
}
