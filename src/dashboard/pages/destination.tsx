import type { Traffic } from '../../http/api/contract/traffic.ts';
import { NameText } from '../view/name-text.tsx';
import { Age } from '../view/moment.tsx';
import { Panel } from '../view/panel.tsx';
import { PartState } from '../view/part-state.tsx';
import { formatBytes, formatCount } from '../../words/numbers.ts';

/** Where the records go, and what waits for it. */
export function Destination({ data, nowMs }: { readonly data: Traffic; readonly nowMs: number }) {
  const { sink, outbox, ledger } = data;
  const share = outbox.memoryBytes === 0 ? 0 : Math.min(1, outbox.waitingBytes / outbox.memoryBytes);
  return (
    <Panel heading="Destination and outbox">
      <dl class="facts">
        <dt>Sink</dt>
        <dd>
          <NameText name={sink.name} /> <Condition condition={sink.condition} nowMs={nowMs} />
        </dd>
        {sink.topic !== null && (
          <>
            <dt>Topic</dt>
            <dd>
              <NameText name={sink.topic} />
            </dd>
          </>
        )}
        {sink.address !== null && (
          <>
            <dt>Address</dt>
            <dd>
              <NameText name={sink.address} />
            </dd>
          </>
        )}
        {sink.brokers.length > 0 && (
          <>
            <dt>Brokers</dt>
            <dd>
              <ul class="words">
                {sink.brokers.map((broker) => (
                  <li key={broker}>
                    <NameText name={broker} />
                  </li>
                ))}
              </ul>
            </dd>
          </>
        )}
        {ledger !== null && (
          <>
            <dt>Ledger</dt>
            <dd>
              <Condition condition={ledger.condition} nowMs={nowMs} />
            </dd>
          </>
        )}
        <dt>Outbox</dt>
        <dd>
          <Condition condition={outbox.condition} nowMs={nowMs} />
        </dd>
        <dt>Waiting</dt>
        <dd>
          {formatCount(outbox.waitingSamples, 'sample')}, {formatCount(outbox.waitingRecords, 'record')}
        </dd>
        <dt>Memory</dt>
        <dd>
          {formatBytes(outbox.waitingBytes)} of {formatBytes(outbox.memoryBytes)}
          <span class="meter" aria-hidden="true">
            <i style={{ width: `${share * 100}%` }} />
          </span>
        </dd>
        <dt>On disk</dt>
        <dd>{formatBytes(outbox.diskBytes)}</dd>
        <dt>Dropped</dt>
        <dd class={outbox.droppedSamples > 0 ? 'bad' : ''}>
          {outbox.droppedSamples === 0
            ? 'nothing since the start'
            : formatCount(outbox.droppedSamples, 'sample')}
          {outbox.lastDropMs !== null && (
            <>
              , last <Age atMs={outbox.lastDropMs} nowMs={nowMs} />
            </>
          )}
        </dd>
      </dl>
    </Panel>
  );
}

function Condition({
  condition,
  nowMs,
}: {
  readonly condition: Traffic['sink']['condition'];
  readonly nowMs: number;
}) {
  const reason = condition.state === 'ok' ? undefined : condition.reason;
  return <PartState state={condition.state} sinceMs={condition.sinceMs} nowMs={nowMs} reason={reason} />;
}
