import { useMemo, useRef, useState } from 'preact/hooks';
import type { GroupDetail, PartitionDetail } from '../../http/api/contract/group.ts';
import { HeatLegend, HeatStrip } from '../view/heat-strip.tsx';
import { NameText } from '../view/name-text.tsx';
import { Panel } from '../view/panel.tsx';
import { VirtualRows } from '../view/virtual-rows.tsx';
import { formatMaybeSeconds, formatSpan } from '../../words/durations.ts';
import { formatMaybe, formatNumber } from '../../words/numbers.ts';
import { showName } from '../../words/shown-name.ts';

/** The same as in table.css. */
const ROW_HEIGHT_PIXELS = 32;

/** One row for each partition: its lag over the last hour and its owner. */
export function PartitionTable({ data }: { readonly data: GroupDetail }) {
  const scroller = useRef<HTMLDivElement>(null);
  const [isByLag, setByLag] = useState(false);
  const partitions = useMemo(
    () =>
      isByLag
        ? [...data.partitions].sort((a, b) => (b.lagRecords ?? -1) - (a.lagRecords ?? -1))
        : data.partitions,
    [data.partitions, isByLag],
  );
  return (
    <Panel
      heading="Partitions"
      note={
        data.partitions.length < data.partitionCount
          ? `the ${formatNumber(data.partitions.length)} with the most lag of ${formatNumber(data.partitionCount)}`
          : formatNumber(data.partitionCount)
      }
      aside={heatWords(data)}
    >
      <div class="table-scroller table-tall" ref={scroller}>
        <table class="partitions" aria-rowcount={partitions.length + 1}>
          <caption class="hidden">Partitions of the group</caption>
          <thead>
            <tr aria-rowindex={1}>
              <th scope="col" class="col-topic" aria-sort={isByLag ? 'none' : 'ascending'}>
                <button type="button" onClick={() => setByLag(false)}>
                  Topic, partition
                  <span class="arrow" aria-hidden="true">
                    {isByLag ? '' : '↑'}
                  </span>
                </button>
              </th>
              <th scope="col" class="col-heat capital">
                {formatSpan(data.heat.stepMs * 60)}
              </th>
              <th scope="col" class="number col-lag" aria-sort={isByLag ? 'descending' : 'none'}>
                <button type="button" onClick={() => setByLag(true)}>
                  Lag <small>records</small>
                  <span class="arrow" aria-hidden="true">
                    {isByLag ? '↓' : ''}
                  </span>
                </button>
              </th>
              <th scope="col" class="number col-time">
                Behind
              </th>
              <th scope="col" class="number col-rate">
                Consumed <small>/s</small>
              </th>
              <th scope="col" class="number col-offset">
                Committed
              </th>
              <th scope="col" class="number col-offset">
                Log end
              </th>
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
    </Panel>
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
  const { topic, lagRecords, lagSeconds, owner, clientId } = partition;
  return (
    <tr aria-rowindex={index + 2}>
      <th scope="row" class="col-topic" title={showName(topic, 400)}>
        <NameText name={topic} mostCharacters={80} /> <b>{partition.partition}</b>
      </th>
      <td class="col-heat">
        {partition.heat === null ? (
          <span class="quiet">not kept</span>
        ) : (
          <HeatStrip heat={partition.heat} maxRecords={maxRecords} />
        )}
      </td>
      <td class={`number ${lagRecords === 0 ? 'zero' : ''}`}>{formatMaybe(lagRecords)}</td>
      <td class={`number ${lagSeconds === 0 ? 'zero' : ''}`}>{formatMaybeSeconds(lagSeconds)}</td>
      <td class="number">{formatMaybe(partition.consumedPerSecond)}</td>
      <td class="number quiet">{formatMaybe(partition.endOffset)}</td>
      <td class="number quiet">{formatMaybe(partition.logEndOffset)}</td>
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
