import type { ComponentChildren } from 'preact';
import { useMemo, useRef, useState } from 'preact/hooks';
import type { GroupDetail, PartitionDetail } from '../../http/api/contract/group.ts';
import { formatMaybeSeconds, formatSpan } from '../../words/durations.ts';
import { formatMaybe, formatNumber } from '../../words/numbers.ts';
import { showName } from '../../words/shown-name.ts';
import { TERM_MEANINGS, TERMS, type Term } from '../../words/terms.ts';
import { HeatLegend, HeatStrip } from '../view/heat-strip.tsx';
import { NameText } from '../view/name-text.tsx';
import { Panel } from '../view/panel.tsx';
import { StatusBadge } from '../view/status-badge.tsx';
import { VirtualRows } from '../view/virtual-rows.tsx';
import { isNotOk, orderPartitions, type PartitionSort, type PartitionView } from './partition-order.ts';

/** The same as in table.css. */
const ROW_HEIGHT_PIXELS = 32;

/** One row for each partition: Burrow's status of it, its lag over the last hour, and its owner. */
export function PartitionTable({ data }: { readonly data: GroupDetail }) {
  const scroller = useRef<HTMLDivElement>(null);
  const [view, setView] = useState<PartitionView>({ sort: 'topic', isNotOkOnly: false });
  const partitions = useMemo(() => orderPartitions(data.partitions, view), [data.partitions, view]);
  const heading = { view, onSort: (sort: PartitionSort) => setView({ ...view, sort }) };
  return (
    <Panel
      heading="Partitions"
      note={
        data.partitions.length < data.partitionCount
          ? `the ${formatNumber(data.partitions.length)} with the most lag of ${formatNumber(data.partitionCount)}`
          : formatNumber(data.partitionCount)
      }
      aside={<span class="heat-words">{heatWords(data)}</span>}
    >
      <Filter partitions={data.partitions} view={view} onChange={setView} />
      <div class="table-scroller table-tall" ref={scroller}>
        <table class="partitions" aria-rowcount={partitions.length + 1}>
          <caption class="hidden">Partitions of the group</caption>
          <thead>
            <tr aria-rowindex={1}>
              <SortHeading {...heading} sort="topic" class="col-topic">
                Partition
              </SortHeading>
              <SortHeading {...heading} sort="status" class="col-status">
                Status
              </SortHeading>
              <th scope="col" class="col-heat capital">
                {formatSpan(data.heat.stepMs * 60)}
              </th>
              <SortHeading {...heading} sort="lagRecords" class="number col-lag">
                Lag
              </SortHeading>
              <SortHeading {...heading} sort="lagSeconds" class="number col-time">
                Time lag
              </SortHeading>
              <TermHeading term="consumed" class="col-rate" />
              <TermHeading term="committedOffset" class="col-offset" />
              <TermHeading term="logEndOffset" class="col-offset" />
              <th scope="col" class="col-owner">
                Owner
              </th>
            </tr>
          </thead>
          <tbody>
            <VirtualRows
              count={partitions.length}
              rowHeightPixels={ROW_HEIGHT_PIXELS}
              scroller={scroller}
              row={(index) => {
                const partition = partitions[index];
                return (
                  partition && (
                    <Row
                      key={`${partition.topic}\n${partition.partition}`}
                      partition={partition}
                      maxRecords={data.heat.maxRecords}
                      index={index}
                    />
                  )
                );
              }}
            />
          </tbody>
        </table>
      </div>
      {partitions.length === 0 && <p class="empty">Burrow says OK of every partition.</p>}
    </Panel>
  );
}

/** Shows all partitions, or only those that Burrow has something to say about. */
function Filter({
  partitions,
  view,
  onChange,
}: {
  readonly partitions: readonly PartitionDetail[];
  readonly view: PartitionView;
  readonly onChange: (view: PartitionView) => void;
}) {
  const notOk = partitions.filter(isNotOk).length;
  if (notOk === 0 && !view.isNotOkOnly) return null;
  return (
    <div class="chips panel-chips" role="group" aria-label="Partitions to show">
      {[false, true].map((isNotOkOnly) => (
        <button
          key={String(isNotOkOnly)}
          type="button"
          class="chip"
          aria-pressed={view.isNotOkOnly === isNotOkOnly}
          onClick={() => onChange({ sort: isNotOkOnly ? 'status' : view.sort, isNotOkOnly })}
        >
          {isNotOkOnly ? 'Not OK' : 'All'} <b>{formatNumber(isNotOkOnly ? notOk : partitions.length)}</b>
        </button>
      ))}
    </div>
  );
}

function SortHeading({
  sort,
  view,
  onSort,
  class: classes,
  children,
}: {
  readonly sort: PartitionSort;
  readonly view: PartitionView;
  readonly onSort: (sort: PartitionSort) => void;
  readonly class: string;
  readonly children: ComponentChildren;
}) {
  const order = sort === 'topic' ? 'ascending' : 'descending';
  return (
    <th scope="col" class={classes} aria-sort={view.sort === sort ? order : 'none'}>
      <button type="button" onClick={() => onSort(sort)}>
        {children}
        <span class="arrow" aria-hidden="true">
          {view.sort === sort && (sort === 'topic' ? '↑' : '↓')}
        </span>
      </button>
    </th>
  );
}

function TermHeading({ term, class: classes }: { readonly term: Term; readonly class: string }) {
  return (
    <th scope="col" class={`number capital ${classes}`} title={TERM_MEANINGS[term]}>
      {TERMS[term]}
    </th>
  );
}

function heatWords({ heat }: GroupDetail) {
  if (!heat.isKept) return 'the lag is kept from the first visit to this page';
  return heat.maxRecords === 0 ? 'no lag' : <HeatLegend maxRecords={heat.maxRecords} />;
}

function Row({
  partition,
  maxRecords,
  index,
}: {
  readonly partition: PartitionDetail;
  readonly maxRecords: number;
  readonly index: number;
}) {
  const { topic, status, lagRecords, lagSeconds, owner, clientId } = partition;
  return (
    <tr aria-rowindex={index + 2}>
      <th scope="row" class="col-topic" title={showName(topic, 400)}>
        <span class="topic-partition">
          <NameText name={topic} mostCharacters={80} /> <b>{partition.partition}</b>
        </span>
      </th>
      <td class="col-status">
        <StatusBadge status={status} />
      </td>
      <td class="col-heat">
        {partition.heat === null ? (
          <span class="quiet">not kept</span>
        ) : (
          <HeatStrip heat={partition.heat} maxRecords={maxRecords} />
        )}
      </td>
      <td class={`number ${lagRecords === 0 ? 'zero' : ''}`}>{formatMaybe(lagRecords)}</td>
      <td class={`number ${lagSeconds === 0 ? 'zero' : ''}`}>{formatMaybeSeconds(lagSeconds)}</td>
      <td class="number col-rate">{formatMaybe(partition.consumedPerSecond)}</td>
      <td class="number quiet col-offset">{formatMaybe(partition.endOffset)}</td>
      <td class="number quiet col-offset">{formatMaybe(partition.logEndOffset)}</td>
      <td class="col-owner" title={`${showName(owner, 300)} ${showName(clientId, 300)}`}>
        {owner === '' ? <span class="quiet">unknown</span> : <NameText name={owner} mostCharacters={60} />}{' '}
        {clientId !== '' && (
          <span class="quiet">
            <NameText name={clientId} mostCharacters={60} />
          </span>
        )}
      </td>
    </tr>
  );
}
