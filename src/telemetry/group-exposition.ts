import { escapeLabel } from './escape-label.ts';
import type { GroupState } from './group-board.ts';

interface GroupFamily {
  readonly name: string;
  readonly help: string;
  readonly value: (state: GroupState, nowMs: number) => number | null;
}

const FAMILIES: readonly GroupFamily[] = [
  {
    name: 'burrow_rainbow_group_total_lag_records',
    help: 'Sum of the lag of all partitions of the group at the newest good sample.',
    value: (state) => state.totalLagRecords,
  },
  {
    name: 'burrow_rainbow_group_max_lag_records',
    help: 'Lag of the partition of the group that lags most.',
    value: (state) => state.maxLagRecords,
  },
  {
    name: 'burrow_rainbow_group_max_lag_seconds',
    help: 'Estimated time lag of the partition of the group that lags most.',
    value: (state) => state.maxLagSeconds ?? null,
  },
  {
    name: 'burrow_rainbow_group_status',
    help: "Burrow's status of the group: 0 NOTFOUND, 1 OK, 2 WARN, 3 ERR, 4 STOP, 5 STALL, 6 REWIND.",
    value: (state) => state.status,
  },
  {
    name: 'burrow_rainbow_group_partitions',
    help: 'Partitions that the group has.',
    value: (state) => state.partitions,
  },
  {
    name: 'burrow_rainbow_group_stopped_partitions',
    help: 'Partitions that Burrow calls STOP: they lag, and nothing was committed for long.',
    value: (state) => state.stoppedPartitions,
  },
  {
    name: 'burrow_rainbow_group_stalled_partitions',
    help: 'Partitions that Burrow calls STALL: they lag, and the commits do not advance.',
    value: (state) => state.stalledPartitions,
  },
  {
    name: 'burrow_rainbow_group_consumed_records_per_second',
    help: 'Records that the group consumed a second between its two newest good samples.',
    value: (state) => toPerSecond(state.consumedPerMinute),
  },
  {
    name: 'burrow_rainbow_group_produced_records_per_second',
    help: 'Records that were produced meanwhile, a second, to the partitions of the group.',
    value: (state) => toPerSecond(state.producedPerMinute),
  },
  {
    name: 'burrow_rainbow_group_sample_age_seconds',
    help: 'Age of the newest good sample of the group.',
    value: (state, nowMs) => Math.max(0, nowMs - state.takenAtMs) / 1000,
  },
];

function toPerSecond(perMinute: number | null): number | null {
  return perMinute === null ? null : Math.round((perMinute / 60) * 1000) / 1000;
}

/** Groups rendered before others may run. */
const GROUPS_PER_TURN = 1000;

/**
 * The per-group metric families as Prometheus text, an unknown value left out. Written by hand because a
 * label-hashing registry costs six times as much (86 against 14 ms at 10,000 groups), and in turns so that a scrape holds nothing up.
 *
 * @param nextTurn resolves when other work has had its turn
 */
export async function renderGroupFamilies(
  states: Iterable<GroupState>,
  nowMs: number,
  nextTurn: () => Promise<void>,
): Promise<Buffer> {
  const texts = FAMILIES.map((family) => ({
    ...family,
    chunks: [Buffer.from(`# HELP ${family.name} ${family.help}\n# TYPE ${family.name} gauge\n`)],
    lines: '',
  }));
  let waiting = 0;
  for (const state of states) {
    const labels = `{cluster="${escapeLabel(state.cluster)}",group="${escapeLabel(state.group)}"} `;
    for (const text of texts) {
      const value = text.value(state, nowMs);
      if (value !== null) text.lines += `${text.name}${labels}${value}\n`;
    }
    waiting += 1;
    if (waiting === GROUPS_PER_TURN) {
      flush();
      await nextTurn();
    }
  }
  flush();
  return Buffer.concat(texts.flatMap(({ chunks }) => chunks));

  function flush(): void {
    for (const text of texts) {
      text.chunks.push(Buffer.from(text.lines));
      text.lines = '';
    }
    waiting = 0;
  }
}
