import type { Overview } from '../../http/api/contract/overview.ts';
import { descendsFirst, type GroupFilter, type Sort } from '../live/group-order.ts';
import { RecallLine } from './recall-line.tsx';
import type { Hold } from './use-hold.ts';

/** What the order says of itself, at the first click on a column and reversed. */
const ORDERS: Readonly<Record<Sort, readonly [first: string, reversed: string]>> = {
  worst: [
    'Worst first: by status, then time lag, then lag',
    'Best first: by status, then time lag, then lag',
  ],
  status: ['Worst status first', 'Best status first'],
  statusSinceMs: ['Newest status first', 'Oldest status first'],
  group: ['By group, A to Z', 'By group, Z to A'],
  cluster: ['By cluster, A to Z', 'By cluster, Z to A'],
  totalLagRecords: ['Most lag first', 'Least lag first'],
  lagSeconds: ['Longest time lag first', 'Shortest time lag first'],
  drainSeconds: ['Longest drain time first', 'Shortest drain time first'],
  consumedPerSecond: ['Most consumed first', 'Least consumed first'],
  producedPerSecond: ['Most produced first', 'Least produced first'],
  partitions: ['Most partitions first', 'Fewest partitions first'],
  sampledAtMs: ['Newest sample first', 'Oldest sample first'],
};

export interface OrderLineProps {
  readonly filter: GroupFilter;
  readonly hold: Hold;
  readonly overview: Overview;
}

/** Below the list: its order; while that is held, why, and how to let it go. Beside it how far back the list reaches. */
export function OrderLine({ filter, hold, overview }: OrderLineProps) {
  return (
    <div class={`order-line ${hold === null ? '' : 'order-held'}`}>
      <p role="status">
        {hold === null ? (
          describeOrder(filter)
        ) : (
          <>
            <strong>Order held</strong> while the {hold} is on the list; the numbers go on, and new groups
            come last. Escape
            {hold === 'pointer' && ', or moving the pointer away,'} lets it go.
          </>
        )}
      </p>
      <RecallLine overview={overview} />
    </div>
  );
}

function describeOrder({ sort, isDescending }: GroupFilter): string {
  const [first, reversed] = ORDERS[sort];
  return isDescending === descendsFirst(sort) ? first : reversed;
}
