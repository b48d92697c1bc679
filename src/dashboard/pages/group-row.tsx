import type { ComponentChildren } from 'preact';
import type { GroupRow } from '../../http/api/contract/groups.ts';
import { formatDrain, formatMaybeSeconds, formatSpan } from '../../words/durations.ts';
import { formatMaybe, formatNumber } from '../../words/numbers.ts';
import { capitalize, TERM_MEANINGS, TERMS } from '../../words/terms.ts';
import { showName } from '../../words/shown-name.ts';
import type { Sort } from '../live/group-order.ts';
import type { LiveData } from '../live/live-data.ts';
import { groupHref } from '../route.ts';
import { Age, Since } from '../view/moment.tsx';
import { NameText } from '../view/name-text.tsx';
import { Spark } from '../view/spark.tsx';
import { StatusBadge } from '../view/status-badge.tsx';

export interface GroupRowProps {
  readonly live: LiveData;
  readonly slot: number;
  readonly row: GroupRow;
  readonly index: number;
  /** Whether the arrow keys are on this row. */
  readonly isActive: boolean;
  readonly nowMs: number;
  /** The age from which a sample is late. */
  readonly lateMs: number;
}

/** A column of the table of groups. Which of them a narrow window shows is in table.css. */
export interface GroupColumn {
  /** Null: the table cannot be sorted by it. */
  readonly sort: Sort | null;
  readonly heading: (stepMs: number) => string;
  /** What the heading means, for a pointer that rests there. */
  readonly meaning?: string;
  readonly kind: string;
  readonly cell: (props: GroupRowProps) => ComponentChildren;
  /** What is special about the value, as a class. */
  readonly tone?: (props: GroupRowProps) => string;
}

/** How long the group has had its status; where its samples are late, since when that is not known. */
function SinceOrLate({ row, nowMs, lateMs }: Pick<GroupRowProps, 'row' | 'nowMs' | 'lateMs'>) {
  const [sampledAtMs, sinceMs, isExact] = [row[10], row[11], row[12]];
  return nowMs - sampledAtMs > lateMs ? (
    <span class="late">
      late <Since sinceMs={sampledAtMs} nowMs={nowMs} />
    </span>
  ) : (
    <Since sinceMs={sinceMs} isExact={isExact} nowMs={nowMs} />
  );
}

export const GROUP_COLUMNS: readonly GroupColumn[] = [
  {
    sort: 'status',
    heading: () => 'Status',
    kind: 'col-status',
    cell: ({ row }) => <StatusBadge status={row[2]} />,
  },
  {
    sort: 'statusSinceMs',
    heading: () => 'Since',
    kind: 'col-since',
    cell: (props) => <SinceOrLate {...props} />,
  },
  {
    sort: 'group',
    heading: () => 'Group',
    kind: 'col-group',
    cell: ({ row, slot, isActive, nowMs, lateMs }) => (
      <>
        <a
          href={groupHref(row[0], row[1])}
          tabIndex={isActive ? 0 : -1}
          data-slot={slot}
          title={showName(row[1], 400)}
        >
          <NameText name={row[1]} />
        </a>
        {/* In a narrow window in place of their own columns. */}
        <span class="status-below">
          <StatusBadge status={row[2]} /> <SinceOrLate row={row} nowMs={nowMs} lateMs={lateMs} />
        </span>
      </>
    ),
  },
  {
    sort: 'cluster',
    heading: () => 'Cluster',
    kind: 'col-cluster',
    cell: ({ row: [cluster] }) => (
      <span title={showName(cluster, 400)}>
        <NameText name={cluster} mostCharacters={60} />
      </span>
    ),
  },
  {
    sort: 'totalLagRecords',
    heading: () => capitalize(TERMS.lag),
    meaning: TERM_MEANINGS.lag,
    kind: 'number col-lag',
    cell: ({ row }) => formatMaybe(row[3]),
    tone: ({ row }) => (row[3] === 0 ? 'zero' : ''),
  },
  {
    sort: 'lagSeconds',
    heading: () => capitalize(TERMS.timeLag),
    meaning: TERM_MEANINGS.timeLag,
    kind: 'number col-time',
    cell: ({ row }) => formatMaybeSeconds(row[4]),
    tone: ({ row }) => (row[4] === 0 ? 'zero' : ''),
  },
  {
    sort: 'drainSeconds',
    heading: () => capitalize(TERMS.drainTime),
    meaning: TERM_MEANINGS.drainTime,
    kind: 'number col-drain',
    cell: ({ row }) => formatDrain(row[5], row[6]),
    tone: ({ row }) => (row[6] === false ? 'grows' : row[5] === 0 ? 'zero' : ''),
  },
  {
    sort: 'consumedPerSecond',
    heading: () => capitalize(TERMS.consumed),
    meaning: TERM_MEANINGS.consumed,
    kind: 'number col-rate',
    cell: ({ row }) => formatMaybe(row[7]),
  },
  {
    sort: 'producedPerSecond',
    heading: () => capitalize(TERMS.produced),
    meaning: TERM_MEANINGS.produced,
    kind: 'number col-rate',
    cell: ({ row }) => formatMaybe(row[8]),
  },
  {
    sort: null,
    heading: (stepMs) => capitalize(formatSpan(stepMs * 60)),
    kind: 'col-spark',
    cell: ({ live, slot, nowMs }) => <Spark values={live.groups.spark(slot, nowMs)} />,
  },
  {
    sort: 'partitions',
    heading: () => 'Partitions',
    kind: 'number quiet col-count',
    cell: ({ row }) => formatNumber(row[9]),
  },
  {
    sort: 'sampledAtMs',
    heading: () => 'Sampled',
    kind: 'number col-age',
    cell: ({ row, nowMs }) => <Age atMs={row[10]} nowMs={nowMs} />,
    tone: ({ row, nowMs, lateMs }) => (nowMs - row[10] > lateMs ? 'late' : 'quiet'),
  },
];

/** One group in the table. */
export function GroupTableRow(props: GroupRowProps) {
  const { row, index, isActive } = props;
  return (
    <tr class={isActive ? 'active' : undefined} aria-rowindex={index + 2} data-severity={row[2]}>
      {GROUP_COLUMNS.map(({ sort, kind, cell, tone }) => {
        const classes = `${kind} ${tone?.(props) ?? ''}`.trimEnd();
        return sort === 'group' ? (
          <th key={kind} scope="row" class={classes}>
            {cell(props)}
          </th>
        ) : (
          <td key={sort} class={classes}>
            {cell(props)}
          </td>
        );
      })}
    </tr>
  );
}
