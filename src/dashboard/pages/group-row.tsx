import type { GroupRow } from '../../http/api/contract/groups.ts';
import type { LiveData } from '../live/live-data.ts';
import { groupHref } from '../route.ts';
import { NameText } from '../view/name-text.tsx';
import { Spark } from '../view/spark.tsx';
import { StatusBadge } from '../view/status-badge.tsx';
import { formatAge, formatDrain, formatMaybeSeconds } from '../../words/durations.ts';
import { formatMaybe, formatNumber } from '../../words/numbers.ts';
import { showName } from '../../words/shown-name.ts';

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

/** One group in the table. */
export function GroupTableRow({ live, slot, row, index, isActive, nowMs, lateMs }: GroupRowProps) {
  const [cluster, group, status, lag, lagSeconds, drainSeconds, isDraining, ...others] = row;
  const [consumed, produced, partitions, sampledAtMs] = others;
  const isLate = nowMs - sampledAtMs > lateMs;
  return (
    <tr class={isActive ? 'active' : undefined} aria-rowindex={index + 2} data-severity={status}>
      <td class="col-status">
        <StatusBadge status={status} />
      </td>
      <th scope="row" class="col-group">
        <a
          href={groupHref(cluster, group)}
          tabIndex={isActive ? 0 : -1}
          data-slot={slot}
          title={showName(group, 400)}
        >
          <NameText name={group} />
        </a>
      </th>
      <td class="col-cluster" title={showName(cluster, 400)}>
        <NameText name={cluster} mostCharacters={60} />
      </td>
      <td class={`number col-lag ${lag === 0 ? 'zero' : ''}`}>{formatMaybe(lag)}</td>
      <td class={`number col-time ${lagSeconds === 0 ? 'zero' : ''}`}>{formatMaybeSeconds(lagSeconds)}</td>
      <td
        class={`number col-drain ${drainSeconds === 0 ? 'zero' : ''} ${isDraining === false ? 'grows' : ''}`}
      >
        {formatDrain(drainSeconds, isDraining)}
      </td>
      <td class="number col-rate">{formatMaybe(consumed)}</td>
      <td class="number col-rate">{formatMaybe(produced)}</td>
      <td class="col-spark">
        <Spark values={live.groups.spark(slot, nowMs)} />
      </td>
      <td class="number quiet col-count">{formatNumber(partitions)}</td>
      <td class={`number col-age ${isLate ? 'late' : 'quiet'}`}>{formatAge(sampledAtMs, nowMs)}</td>
    </tr>
  );
}
