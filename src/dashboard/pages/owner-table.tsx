import type { GroupDetail } from '../../http/api/contract/group.ts';
import { NameText } from '../view/name-text.tsx';
import { Panel } from '../view/panel.tsx';
import { PlainTable, type Column } from '../view/plain-table.tsx';
import { formatMaybe, formatNumber } from '../../words/numbers.ts';
import { showName } from '../../words/shown-name.ts';

const FIRST_ROWS = 25;

const COLUMNS: readonly Column<GroupDetail['owners'][number]>[] = [
  {
    heading: 'Owner',
    cell: ({ owner }) => <NameOrUnknown name={owner} />,
    title: ({ owner }) => showName(owner, 400),
  },
  {
    heading: 'Client',
    cell: ({ clientId }) => <NameOrUnknown name={clientId} />,
    title: ({ clientId }) => showName(clientId, 400),
  },
  { heading: 'Partitions', isNumber: true, cell: ({ partitions }) => formatNumber(partitions) },
  {
    heading: (
      <>
        Lag <small>records</small>
      </>
    ),
    isNumber: true,
    cell: ({ lagRecords }) => formatNumber(lagRecords),
    cellClass: ({ lagRecords }) => (lagRecords === 0 ? 'zero' : ''),
  },
  {
    heading: (
      <>
        Consumed <small>/s</small>
      </>
    ),
    isNumber: true,
    cell: ({ consumedPerSecond }) => formatMaybe(consumedPerSecond),
  },
];

/** The owners of the partitions, with their lag and rate. */
export function OwnerTable({ owners }: { readonly owners: GroupDetail['owners'] }) {
  return (
    <Panel
      heading="Owners and clients"
      note={`${formatNumber(owners.length)}, those with the most lag first`}
    >
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

function NameOrUnknown({ name }: { readonly name: string }) {
  return name === '' ? <span class="quiet">unknown</span> : <NameText name={name} mostCharacters={100} />;
}
