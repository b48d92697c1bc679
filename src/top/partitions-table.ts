import type { PartitionDetail } from '../http/api/contract/group.ts';
import { compactSeconds } from '../words/durations.ts';
import { compactNumber } from '../words/numbers.ts';
import { heatText } from './spark-text.ts';
import type { Style } from './style.ts';
import { MARK, type Cell, type Column } from './table-cells.ts';

export type PartitionColumn =
  'topic' | 'partition' | 'lag' | 'seconds' | 'consumed' | 'produced' | 'owner' | 'heat';

const NUMBERS: readonly Column<PartitionColumn>[] = [
  { id: 'partition', title: 'PART', width: 5, isRight: true },
  { id: 'lag', title: 'LAG', width: 6, isRight: true },
  { id: 'seconds', title: 'TIME', width: 6, isRight: true },
  { id: 'consumed', title: 'CONS/S', width: 6, isRight: true },
  { id: 'produced', title: 'PROD/S', width: 6, isRight: true },
];
const LEAST_ROOM_FOR_OWNER = 44;

/** The columns of partitions for a width. */
export function partitionColumns(width: number): readonly Column<PartitionColumn>[] {
  const numbers = width < 60 ? NUMBERS.slice(0, 3) : NUMBERS;
  const room = width - MARK - numbers.reduce((sum, column) => sum + column.width + 1, 0);
  const heat = room < 22 ? 0 : Math.max(8, Math.min(60, Math.floor(room * 0.25)));
  const owner = room < LEAST_ROOM_FOR_OWNER - 5 ? 0 : Math.min(40, Math.floor(room * 0.35));
  const topic = Math.max(6, room - (heat > 0 ? heat + 1 : 0) - (owner > 0 ? owner + 1 : 0));
  return [
    { id: 'topic', title: 'TOPIC', width: topic, isRight: false },
    ...numbers,
    ...(owner > 0 ? [{ id: 'owner', title: 'OWNER', width: owner, isRight: false } as const] : []),
    ...(heat > 0 ? [{ id: 'heat', title: 'HOUR', width: heat, isRight: false } as const] : []),
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
    lag: {
      text: compactNumber(lagRecords),
      tone: lagRecords === null || lagRecords === 0 ? 'faint' : 'strong',
    },
    seconds: { text: compactSeconds(partition.lagSeconds) },
    consumed: { text: compactNumber(partition.consumedPerSecond) },
    produced: { text: compactNumber(partition.producedPerSecond) },
    owner: { text: owner === '' ? '-' : owner, isName: true, tone: 'faint' },
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
