import type { Traffic } from '../../http/api/contract/traffic.ts';
import { Age } from '../view/moment.tsx';
import { NameText } from '../view/name-text.tsx';
import { Panel } from '../view/panel.tsx';
import { PartState } from '../view/part-state.tsx';
import { PlainTable, type Column } from '../view/plain-table.tsx';
import { formatCount, formatNumber } from '../../words/numbers.ts';

export interface BurrowTableProps {
  readonly burrows: Traffic['burrows'];
  readonly notifier: Traffic['notifier'];
  readonly nowMs: number;
}

type Burrow = Traffic['burrows'][number];

/** The Burrow servers that are polled, and the events of their notifiers. */
export function BurrowTable({ burrows, notifier, nowMs }: BurrowTableProps) {
  const columns: readonly Column<Burrow>[] = [
    { heading: 'Server', cell: ({ name }) => <NameText name={name} mostCharacters={60} /> },
    {
      heading: 'Status',
      cell: (burrow) => <Status burrow={burrow} nowMs={nowMs} />,
    },
    {
      heading: 'Last answer',
      isNumber: true,
      cell: ({ lastOkMs }) => <MaybeAge atMs={lastOkMs} nowMs={nowMs} />,
    },
    {
      heading: 'Last sample',
      headingClass: 'wide-only',
      cellClass: () => 'wide-only',
      isNumber: true,
      cell: ({ lastSampleMs }) => <MaybeAge atMs={lastSampleMs} nowMs={nowMs} />,
    },
  ];
  return (
    <Panel heading="Burrow">
      <PlainTable caption="Burrow servers" columns={columns} rows={burrows} keyOf={({ name }) => name} />
      <p class="quiet note">
        Notifier: {formatCount(notifier.acceptedEvents, 'event')} accepted
        {notifier.lastEventMs !== null && (
          <>
            , last <Age atMs={notifier.lastEventMs} nowMs={nowMs} />
          </>
        )}
        {notifier.invalidBodies > 0 && (
          <span class="bad">; {formatNumber(notifier.invalidBodies)} invalid bodies</span>
        )}
      </p>
    </Panel>
  );
}

/** The status of a server, with the error that it gives now or gave last. */
function Status({ burrow, nowMs }: { readonly burrow: Burrow; readonly nowMs: number }) {
  const { status, sinceMs, lastError, lastOkMs } = burrow;
  const isNow = lastError !== null && lastError.atMs > (lastOkMs ?? 0);
  return (
    <>
      <PartState state={status} sinceMs={sinceMs} nowMs={nowMs} />
      {lastError !== null && (
        <span class={`reason ${isNow ? 'bad' : 'quiet'}`}>
          {!isNow && 'Last error, over now: '}
          <NameText name={lastError.reason} mostCharacters={400} />,{' '}
          <Age atMs={lastError.atMs} nowMs={nowMs} />
        </span>
      )}
    </>
  );
}

function MaybeAge({ atMs, nowMs }: { readonly atMs: number | null; readonly nowMs: number }) {
  return atMs === null ? <>never</> : <Age atMs={atMs} nowMs={nowMs} />;
}
