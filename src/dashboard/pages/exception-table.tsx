import type { Traffic } from '../../http/api/contract/traffic.ts';
import { Panel } from '../view/panel.tsx';
import { PlainTable, type Column } from '../view/plain-table.tsx';
import { formatCoarse, formatSpan } from '../../words/durations.ts';
import { formatNumber } from '../../words/numbers.ts';

/** The exceptions by kind, with what each means; the most in the last minute first. */
export function ExceptionTable({ data }: { readonly data: Traffic }) {
  const kinds = [...data.exceptions].sort(
    (a, b) => b.lastMinute - a.lastMinute || b.lastHour - a.lastHour || b.sinceStart - a.sinceStart,
  );
  const step = data.stepMs === 60_000 ? 'Last minute' : `Last ${formatCoarse(data.stepMs / 1000)}`;
  const columns: readonly Column<Traffic['exceptions'][number]>[] = [
    { heading: 'Kind', cell: ({ kind }) => <code>{kind}</code> },
    {
      heading: step,
      isNumber: true,
      cell: ({ lastMinute }) => formatNumber(lastMinute),
      cellClass: ({ lastMinute }) => (lastMinute > 0 ? 'grows' : 'zero'),
    },
    {
      heading: formatSpan(data.stepMs * 60),
      headingClass: 'capital',
      isNumber: true,
      cell: ({ lastHour }) => formatNumber(lastHour),
      cellClass: ({ lastHour }) => (lastHour > 0 ? '' : 'zero'),
    },
    {
      heading: 'Since start',
      isNumber: true,
      cell: ({ sinceStart }) => formatNumber(sinceStart),
      cellClass: ({ sinceStart }) => (sinceStart > 0 ? '' : 'zero'),
    },
    { heading: 'Meaning', cell: ({ meaning }) => meaning, cellClass: () => 'wraps' },
  ];
  return (
    <Panel heading="Exceptions" note="what each kind means, and how often it happened">
      <PlainTable
        caption="Exceptions by kind"
        columns={columns}
        rows={kinds}
        keyOf={({ kind }) => kind}
        rowClass={({ sinceStart }) => (sinceStart === 0 ? 'quiet' : '')}
      />
    </Panel>
  );
}
