import type { GroupDetail, PartitionDetail, TwinState } from '../../http/api/contract/group.ts';
import { formatCount } from '../../words/numbers.ts';
import { showName } from '../../words/shown-name.ts';
import { RefusalError } from '../live/api-client.ts';
import type { LiveData } from '../live/live-data.ts';
import { usePolled } from '../live/use-polled.ts';
import { groupHref } from '../route.ts';
import { NameText } from '../view/name-text.tsx';
import { Panel } from '../view/panel.tsx';
import { PlainTable, type Column } from '../view/plain-table.tsx';
import { Waiting } from '../view/waiting.tsx';

const ASK_EVERY_MS = 4000;
const FIRST_ROWS = 25;

const COLUMNS: readonly Column<PartitionDetail>[] = [
  {
    heading: 'Partition',
    cell: ({ topic, partition }) => (
      <span class="topic-partition">
        <NameText name={topic} mostCharacters={80} /> <b>{partition}</b>
      </span>
    ),
    title: ({ topic }) => showName(topic, 400),
  },
  { heading: 'Lag and offsets', cell: ({ lagTwin }) => <Twin twin={lagTwin} /> },
  { heading: 'Rate of the owner', cell: ({ hostsTwin }) => <Twin twin={hostsTwin} /> },
];

export interface SeriesStatesProps {
  readonly live: LiveData;
  readonly cluster: string;
  readonly group: string;
}

/** The states of the twin machines of one group's series. */
export function SeriesStates({ live, cluster, group }: SeriesStatesProps) {
  const { data, error } = usePolled(
    (signal) => live.api.group(cluster, group, signal),
    `${cluster}\n${group}`,
    Math.floor(live.nowMs.value / ASK_EVERY_MS),
  );
  return (
    <Panel
      heading="Series of one group"
      class="series-states"
      note={
        <a href={groupHref(cluster, group)}>
          <NameText name={cluster} mostCharacters={60} /> / <NameText name={group} mostCharacters={120} />
        </a>
      }
      aside={<a href="#/internals">Show none</a>}
    >
      {data === null &&
        (error instanceof RefusalError && error.status === 404 ? (
          <p class="empty">There is no such group, or it has no sample yet.</p>
        ) : (
          <Waiting error={error} />
        ))}
      {data !== null && <States data={data} />}
    </Panel>
  );
}

function States({ data }: { readonly data: GroupDetail }) {
  return (
    <>
      <p class="note">
        Total lag: <Twin twin={data.totalLag.twin} />
        <span class="quiet"> · {formatCount(data.partitionCount, 'partition')}, two twins each</span>
      </p>
      <PlainTable
        caption="States of the series of the group"
        columns={COLUMNS}
        rows={data.partitions}
        keyOf={({ topic, partition }) => `${topic}\n${partition}`}
        firstRows={FIRST_ROWS}
      />
    </>
  );
}

function Twin({ twin }: { readonly twin: TwinState }) {
  return (
    <span class={`twin twin-${twin.span}`}>
      {twin.span} <span class="quiet">{twin.cadence}</span>
    </span>
  );
}
