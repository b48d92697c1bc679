import type { Traffic } from '../../http/api/contract/traffic.ts';
import { NameText } from '../view/name-text.tsx';
import { Panel } from '../view/panel.tsx';
import { PlainTable, type Column } from '../view/plain-table.tsx';
import { formatAge } from '../../words/durations.ts';
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
    { heading: 'Last answer', isNumber: true, cell: ({ lastOkMs }) => age(lastOkMs, nowMs) },
    { heading: 'Last sample', isNumber: true, cell: ({ lastSampleMs }) => age(lastSampleMs, nowMs) },
    {
      heading: 'Last error',
      cell: (burrow) => <LastError burrow={burrow} nowMs={nowMs} />,
    },
  ];
  return (
    <Panel heading="Burrow">
      <PlainTable caption="Burrow servers" columns={columns} rows={burrows} keyOf={({ name }) => name} />
      <p class="quiet note">
        Notifier: {formatCount(notifier.acceptedEvents, 'event')} accepted
        {notifier.lastEventMs !== null && `, last ${formatAge(notifier.lastEventMs, nowMs)}`}
        {notifier.invalidBodies > 0 && (
          <span class="bad">; {formatNumber(notifier.invalidBodies)} invalid bodies</span>
        )}
      </p>
    </Panel>
  );
}

function LastError({ burrow, nowMs }: { readonly burrow: Burrow; readonly nowMs: number }) {
  const { lastError, lastOkMs } = burrow;
  if (lastError === null) return <span class="quiet">none</span>;
  const isNow = lastError.atMs > (lastOkMs ?? 0);
  return (
    <span class={isNow ? 'bad' : 'quiet'}>
      {isNow ? '✕ ' : 'past: '}
      <NameText name={lastError.reason} mostCharacters={400} />, {formatAge(lastError.atMs, nowMs)}
    </span>
  );
}

function age(atMs: number | null, nowMs: number): string {
  return atMs === null ? 'never' : formatAge(atMs, nowMs);
}
