import type { GroupDetail } from '../../http/api/contract/group.ts';
import { NameText } from '../view/name-text.tsx';
import { Panel } from '../view/panel.tsx';
import { PlainTable, type Column } from '../view/plain-table.tsx';
import { formatMaybe, formatNumber } from '../../words/numbers.ts';
import { showName } from '../../words/shown-name.ts';
import { TERMS } from '../../words/terms.ts';

const FIRST_ROWS = 25;

const COLUMNS: readonly Column<GroupDetail['owners'][number]>[] = [
  {
    heading: 'Owner and client',
    cell: ({ owner, clientId }) => (
      <>
        {owner === '' ? <span class="quiet">unknown</span> : <NameText name={owner} mostCharacters={100} />}{' '}
        {clientId !== '' && (
          <span class="quiet">
            <NameText name={clientId} mostCharacters={100} />
          </span>
        )}
      </>
    ),
    title: ({ owner, clientId }) => `${showName(owner, 400)} ${showName(clientId, 400)}`,
  },
  { heading: 'Partitions', isNumber: true, cell: ({ partitions }) => formatNumber(partitions) },
  {
    heading: 'Lag',
    isNumber: true,
    cell: ({ lagRecords }) => formatMaybe(lagRecords),
    cellClass: ({ lagRecords }) => (lagRecords === 0 ? 'zero' : ''),
  },
  {
    heading: TERMS.consumed,
    headingClass: 'capital',
    isNumber: true,
    cell: ({ consumedPerSecond }) => formatMaybe(consumedPerSecond),
  },
];

/** The owners of the partitions, with their lag and rate. */
export function OwnerTable({ owners }: { readonly owners: GroupDetail['owners'] }) {
  return (
    <Panel heading="Owners" note={`${formatNumber(owners.length)}, those with the most lag first`}>
      <PlainTable
        caption="Owners of the partitions"
        columns={COLUMNS}
        rows={owners}
        keyOf={({ owner, clientId }) => `${owner}\n${clientId}`}
        firstRows={FIRST_ROWS}
      />
    </Panel>
  );
}
