import type { Overview } from '../../http/api/contract/overview.ts';
import { descendsFirst, type GroupFilter, type Sort } from '../live/group-order.ts';
import { NameText } from '../view/name-text.tsx';
import { TimeOfDay } from '../view/moment.tsx';
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

type Recall = NonNullable<Overview['history']['recall']>;

export interface OrderLineProps {
  readonly filter: GroupFilter;
  readonly hold: Hold;
  /** Null: nothing is read back. */
  readonly recall: Recall | null;
}

/** Below the list: its order; while that is held, why, and how to let it go. Beside it how far back the list reaches. */
export function OrderLine({ filter, hold, recall }: OrderLineProps) {
  return (
    <div class={`order-line ${hold === null ? '' : 'order-held'}`}>
      <p role="status">
        {hold === null ? (
          describeOrder(filter)
        ) : (
          <>
            <strong>Order held</strong> while the {hold} is on the list; the numbers go on. Escape
            {hold === 'pointer' && ', or moving the pointer away,'} lets it go.
          </>
        )}
      </p>
      {recall !== null && <RecallNote recall={recall} />}
    </div>
  );
}

function describeOrder({ sort, isDescending }: GroupFilter): string {
  const [first, reversed] = ORDERS[sort];
  return isDescending === descendsFirst(sort) ? first : reversed;
}

/** How much of the hour before the start has been read from the topic; nothing where all of it has. */
function RecallNote({ recall: { state, share, sinceMs, reason } }: { readonly recall: Recall }) {
  switch (state) {
    case 'complete':
      return null;
    case 'reading':
      return <p>Reading the hour before the start from the topic: {Math.floor(share * 100)} %</p>;
    case 'partial':
    case 'failed':
      return (
        <p>
          Of the time before the start{' '}
          {sinceMs === null ? (
            'nothing is known'
          ) : (
            <>
              only what is since <TimeOfDay atMs={sinceMs} /> is known
            </>
          )}
          {reason !== null && (
            <>
              : <NameText name={reason} mostCharacters={300} />
            </>
          )}
        </p>
      );
  }
}
