import type { PartitionDetail } from '../http/api/contract/group.ts';
import { compactSeconds } from '../words/durations.ts';
import { compactNumber, UNKNOWN } from '../words/numbers.ts';
import { sparkTitle, type SparkSpan } from './groups-table.ts';
import { heatText } from './spark-text.ts';
import type { Style } from './style.ts';
import { MARK, statusCell, statusColumn, type Cell, type Column } from './table-cells.ts';

export type PartitionColumn =
  'topic' | 'partition' | 'status' | 'lag' | 'seconds' | 'consumed' | 'produced' | 'owner' | 'heat';

const ID: Column<PartitionColumn> = { id: 'partition', title: 'PARTITION', width: 9, isRight: true };
const NUMBERS: readonly Column<PartitionColumn>[] = [
  { id: 'lag', title: 'LAG', width: 6, isRight: true },
  { id: 'seconds', title: 'TIME LAG', width: 8, isRight: true },
  { id: 'consumed', title: 'CONSUMED/S', width: 10, isRight: true },
  { id: 'produced', title: 'PRODUCED/S', width: 10, isRight: true },
];
/** What is left out where there is no room, the first ones first. */
const DISPENSABLE: readonly (readonly PartitionColumn[])[] = [
  ['consumed', 'produced'],
  ['heat'],
  ['owner'],
  ['seconds'],
];
const LEAST_TOPIC = 13;
const GOOD_TOPIC = 30;
const LEAST_OWNER = 12;
const MOST_OWNER = 40;
const LEAST_HEAT = 8;
const MOST_HEAT = 60;

/** The columns of these partitions for a width. */
export function partitionColumns(
  width: number,
  partitions: readonly PartitionDetail[],
  span?: SparkSpan,
): readonly Column<PartitionColumn>[] {
  const fixed = [ID, statusColumn(partitions.map(({ status }) => status)), ...NUMBERS];
  const left = new Set<PartitionColumn>();
  for (const next of [[], ...DISPENSABLE]) {
    for (const id of next) left.add(id);
    const columns = share(
      width,
      fixed.filter(({ id }) => !left.has(id)),
      left,
      span,
    );
    if (columns !== null) return columns;
  }
  return [{ id: 'topic', title: 'TOPIC', width: width - MARK, isRight: false }];
}

/** Null: there is not enough room. */
function share(
  width: number,
  numbers: readonly Column<PartitionColumn>[],
  left: ReadonlySet<PartitionColumn>,
  span?: SparkSpan,
): readonly Column<PartitionColumn>[] | null {
  const taken = MARK + numbers.reduce((sum, column) => sum + column.width + 1, 0);
  let spare = width - taken - LEAST_TOPIC;
  const has = (id: PartitionColumn): number => (left.has(id) ? 0 : 1);
  spare -= has('owner') * (LEAST_OWNER + 1) + has('heat') * (LEAST_HEAT + 1);
  if (spare < 0) return null;
  const grow = (id: PartitionColumn | null, least: number, most: number): number => {
    if (id !== null && left.has(id)) return 0;
    const more = Math.min(spare, most - least);
    spare -= more;
    return least + more;
  };
  const topic = grow(null, LEAST_TOPIC, GOOD_TOPIC);
  const owner = grow('owner', LEAST_OWNER, MOST_OWNER);
  const heat = grow('heat', LEAST_HEAT, MOST_HEAT);
  return [
    { id: 'topic', title: 'TOPIC', width: topic + spare, isRight: false },
    ...numbers,
    ...(owner > 0 ? [{ id: 'owner', title: 'OWNER', width: owner, isRight: false } as const] : []),
    ...(heat > 0
      ? [{ id: 'heat', title: sparkTitle(heat, span), width: heat, isRight: false } as const]
      : []),
  ];
}

/** What the columns show of a partition. @param spark its width, and the lag at its top: the same for all of the group */
export function partitionCells(
  partition: PartitionDetail,
  spark: { readonly width: number; readonly mostRecords: number },
  style: Style,
): Record<PartitionColumn, Cell> {
  const { topic, owner, lagRecords, heat } = partition;
  return {
    topic: { text: topic, isName: true },
    partition: { text: String(partition.partition) },
    status: statusCell(partition.status),
    lag: {
      text: compactNumber(lagRecords),
      tone: lagRecords === null || lagRecords === 0 ? 'faint' : 'strong',
    },
    seconds: { text: compactSeconds(partition.lagSeconds) },
    consumed: { text: compactNumber(partition.consumedPerSecond) },
    produced: { text: compactNumber(partition.producedPerSecond) },
    owner: { text: owner === '' ? UNKNOWN : owner, isName: true, tone: 'faint' },
    heat: {
      text: heat === null ? '' : heatText(heat, spark.mostRecords, spark.width, style.sparkSigns),
      tone: 'faint',
    },
  };
}

/** The most lag first and an unknown lag last; or by topic and id, as the API gives them. */
export function orderPartitions(
  partitions: readonly PartitionDetail[],
  order: 'lag' | 'name',
): readonly PartitionDetail[] {
  if (order === 'name') return partitions;
  return partitions.toSorted((a, b) => (b.lagRecords ?? -1) - (a.lagRecords ?? -1));
}
