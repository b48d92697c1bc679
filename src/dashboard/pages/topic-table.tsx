import type { GroupDetail } from '../../http/api/contract/group.ts';
import { NameText } from '../view/name-text.tsx';
import { Panel } from '../view/panel.tsx';
import { PlainTable, type Column } from '../view/plain-table.tsx';
import { formatMaybe, formatNumber } from '../../words/numbers.ts';
import { showName } from '../../words/shown-name.ts';

const FIRST_ROWS = 25;

const COLUMNS: readonly Column<GroupDetail['topics'][number]>[] = [
  {
    heading: 'Topic',
    cell: ({ topic }) => <NameText name={topic} mostCharacters={100} />,
    title: ({ topic }) => showName(topic, 400),
  },
  { heading: 'Partitions', isNumber: true, cell: ({ partitions }) => formatNumber(partitions) },
  {
    heading: 'Lag',
    isNumber: true,
    cell: ({ lagRecords }) => formatMaybe(lagRecords),
    cellClass: ({ lagRecords }) => (lagRecords === 0 ? 'zero' : ''),
  },
];

/** The lag of each topic of the group; nothing where there is only one, whose lag is the total. */
export function TopicTable({ topics }: { readonly topics: GroupDetail['topics'] }) {
  if (topics.length < 2) return null;
  return (
    <Panel heading="Topics" note={`${formatNumber(topics.length)}, those with the most lag first`}>
      <PlainTable
        caption="Lag by topic"
        columns={COLUMNS}
        rows={topics}
        keyOf={({ topic }) => topic}
        firstRows={FIRST_ROWS}
      />
    </Panel>
  );
}
