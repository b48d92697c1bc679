import type { Traffic } from '../../http/api/contract/traffic.ts';
import type { LiveData } from '../live/live-data.ts';
import { usePolled } from '../live/use-polled.ts';
import { Figure } from '../view/figure.tsx';
import { Age } from '../view/moment.tsx';
import type { ThemeChoice } from '../view/theme-switch.tsx';
import { Waiting } from '../view/waiting.tsx';
import { formatCoarse } from '../../words/durations.ts';
import { formatMaybe, formatNumber } from '../../words/numbers.ts';
import { BurrowTable } from './burrow-table.tsx';
import { Destination } from './destination.tsx';
import { ExceptionTable } from './exception-table.tsx';
import { TrafficCharts } from './traffic-charts.tsx';

const ASK_EVERY_MS = 5000;

/** What goes in and out: the four families, the outbox, the destination, Burrow, and the exceptions. */
export function TrafficPage({ live, themes }: { readonly live: LiveData; readonly themes: ThemeChoice }) {
  const nowMs = live.nowMs.value;
  const turn = `${live.minute.value?.minute.atMs ?? 0} ${Math.floor(nowMs / ASK_EVERY_MS)}`;
  const { data, error } = usePolled((signal) => live.api.traffic(signal), 'traffic', turn);
  return (
    <main class="page" id="main">
      <h1 tabIndex={-1} class="hidden">
        Traffic
      </h1>
      {(data === null || error !== null) && <Waiting error={error} />}
      {data !== null && (
        <>
          <Figures data={data} nowMs={nowMs} />
          <TrafficCharts data={data} themes={themes} />
          <div class="columns">
            <Destination data={data} nowMs={nowMs} />
            <BurrowTable burrows={data.burrows} notifier={data.notifier} nowMs={nowMs} />
          </div>
          <ExceptionTable data={data} />
        </>
      )}
    </main>
  );
}

function Figures({ data, nowMs }: { readonly data: Traffic; readonly nowMs: number }) {
  const minute = data.minutes.at(-1);
  const { outbox } = data;
  const per = data.stepMs === 60_000 ? '/ min' : `/ ${formatCoarse(data.stepMs / 1000)}`;
  const known = (value: number | undefined): string => formatMaybe(value ?? null);
  return (
    <dl class="figures">
      <Figure words={`Samples ${per}`}>{known(minute?.totalMessage)}</Figure>
      <Figure words={`With lag ${per}`}>{known(minute?.validMessage)}</Figure>
      <Figure words={`Acknowledged ${per}`}>{known(minute?.metricsSent)}</Figure>
      <Figure words={`Exceptions ${per}`} tone={(minute?.exceptionCount ?? 0) > 0 ? 'warn' : undefined}>
        {known(minute?.exceptionCount)}
      </Figure>
      <Figure words="Waiting records">{formatNumber(outbox.waitingRecords)}</Figure>
      <Figure words="Oldest waiting" tone={outbox.oldestWaitingMs > 60_000 ? 'warn' : undefined}>
        {outbox.waitingSamples === 0 ? 'none' : formatCoarse(Math.round(outbox.oldestWaitingMs / 1000))}
      </Figure>
      <Figure words="Last acknowledged">
        {outbox.lastAcknowledgedMs === null ? (
          'not yet'
        ) : (
          <Age atMs={outbox.lastAcknowledgedMs} nowMs={nowMs} />
        )}
      </Figure>
    </dl>
  );
}
