import type { GroupListRow } from '../http/api/contract/groups.ts';
import type { ClusterSummary } from '../http/api/contract/overview.ts';
import { compactCoarse, compactDrain, compactSeconds, formatSpan } from '../words/durations.ts';
import { compactNumber } from '../words/numbers.ts';
import { STATUSES } from '../words/statuses.ts';
import { plainText, showText, widthOf } from './shown-text.ts';
import { sparkText } from './spark-text.ts';
import type { Style } from './style.ts';
import { MARK, statusCell, statusColumn, type Cell, type Column } from './table-cells.ts';
import { secondsSince, type TopModel } from './top-model.ts';

export type GroupColumn =
  'cluster' | 'group' | 'status' | 'since' | 'lag' | 'seconds' | 'drain' | 'consumed' | 'produced' | 'spark';

const NUMBERS: readonly Column<GroupColumn>[] = [
  { id: 'since', title: 'SINCE', width: 5, isRight: true },
  { id: 'lag', title: 'LAG', width: 6, isRight: true },
  { id: 'seconds', title: 'TIME LAG', width: 8, isRight: true },
  { id: 'drain', title: 'DRAIN TIME', width: 12, isRight: true },
  { id: 'consumed', title: 'CONSUMED/S', width: 10, isRight: true },
  { id: 'produced', title: 'PRODUCED/S', width: 10, isRight: true },
];
/** What is left out where there is no room, the first ones first. */
const DISPENSABLE: readonly (readonly GroupColumn[])[] = [
  ['consumed', 'produced'],
  ['spark'],
  ['drain'],
  ['cluster'],
  ['since'],
];
const LEAST_NAME = 14;
/** A wider terminal shows more of the hour before it shows longer names. */
const GOOD_NAME = 30;
const LEAST_SPARK = 8;
const MOST_SPARK = 60;
const MOST_CLUSTER = 20;
const LEAST_CLUSTER = 7;

/** How far back a spark goes. */
export interface SparkSpan {
  readonly stepMs: number;
  readonly steps: number;
}

const HOUR: SparkSpan = { stepMs: 60_000, steps: 60 };

/** The title of a column of sparks. */
export function sparkTitle(width: number, { stepMs, steps }: SparkSpan = HOUR): string {
  const title = plainText(formatSpan(stepMs * steps), false).toUpperCase();
  return title.length <= width ? title : 'HISTORY';
}

/** What the widths of columns depend on, besides the terminal. */
export interface ColumnNeeds {
  /** Those whose groups are listed. With one alone there is no need to name it. */
  readonly clusters: readonly Pick<ClusterSummary, 'name' | 'statuses'>[];
  /** Absent: an hour. */
  readonly span?: SparkSpan | undefined;
}

/** The columns of groups for a width. */
export function groupColumns(
  width: number,
  { clusters, span = HOUR }: ColumnNeeds,
  { isUnicode }: Style,
): readonly Column<GroupColumn>[] {
  const longestCluster = Math.max(0, ...clusters.map(({ name }) => widthOf(showText(name, isUnicode))));
  const statuses = STATUSES.filter((status) =>
    clusters.some((cluster) => (cluster.statuses[status] ?? 0) > 0),
  );
  const numbers = [statusColumn(statuses), ...NUMBERS];
  const left = new Set<GroupColumn>(clusters.length > 1 ? [] : ['cluster']);
  for (const next of [[], ...DISPENSABLE]) {
    for (const id of next) left.add(id);
    const columns = share(
      width,
      longestCluster,
      numbers.filter(({ id }) => !left.has(id)),
      { left, span },
    );
    if (columns !== null) return columns;
  }
  return [{ id: 'group', title: 'GROUP', width: width - MARK, isRight: false }];
}

/** Null: there is not enough room. */
function share(
  width: number,
  longestCluster: number,
  numbers: readonly Column<GroupColumn>[],
  { left, span }: { readonly left: ReadonlySet<GroupColumn>; readonly span: SparkSpan },
): readonly Column<GroupColumn>[] | null {
  const room = width - MARK - numbers.reduce((sum, column) => sum + column.width + 1, 0);
  const cluster = left.has('cluster')
    ? 0
    : clamp(Math.floor(room * 0.25), LEAST_CLUSTER, clamp(longestCluster, LEAST_CLUSTER, MOST_CLUSTER));
  const spark = left.has('spark') ? 0 : clamp(room - cluster - GOOD_NAME, LEAST_SPARK, MOST_SPARK);
  const group = room - (cluster > 0 ? cluster + 1 : 0) - (spark > 0 ? spark + 1 : 0);
  if (group < LEAST_NAME) return null;
  return [
    ...(cluster > 0 ? [{ id: 'cluster', title: 'CLUSTER', width: cluster, isRight: false } as const] : []),
    { id: 'group', title: 'GROUP', width: group, isRight: false },
    ...numbers,
    ...(spark > 0
      ? [{ id: 'spark', title: sparkTitle(spark, span), width: spark, isRight: false } as const]
      : []),
  ];
}

/** What the columns show of a group. */
export function groupCells(
  row: GroupListRow,
  {
    sparkWidth,
    model,
    nowMs,
  }: { readonly sparkWidth: number; readonly model: TopModel; readonly nowMs: number },
  style: Style,
): Record<GroupColumn, Cell> {
  const [cluster, group, status, lag, seconds, drainSeconds, isDraining, ...others] = row;
  const [consumed, produced, , , sinceMs, isSinceExact, , spark] = others;
  const atLeast = isSinceExact ? '' : style.atLeast;
  return {
    cluster: { text: cluster, isName: true },
    group: { text: group, isName: true },
    status: statusCell(status),
    since: { text: atLeast + compactCoarse(secondsSince(sinceMs, model, nowMs)) },
    lag: { text: compactNumber(lag), tone: lag === null || lag === 0 ? 'faint' : 'strong' },
    seconds: { text: compactSeconds(seconds) },
    drain: { text: compactDrain(drainSeconds, isDraining), tone: isDraining === false ? 'warning' : 'plain' },
    consumed: { text: compactNumber(consumed) },
    produced: { text: compactNumber(produced) },
    spark: { text: sparkText(spark, sparkWidth, style.sparkSigns), tone: 'faint' },
  };
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}
