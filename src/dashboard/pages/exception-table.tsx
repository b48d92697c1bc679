import type { Traffic } from '../../http/api/contract/traffic.ts';
import { Panel } from '../view/panel.tsx';
import { PlainTable, type Column } from '../view/plain-table.tsx';
import { formatCoarse, formatSpan } from '../../words/durations.ts';
import { formatNumber } from '../../words/numbers.ts';

/** Also of kinds that have not occurred some are shown. */
const LEAST_ROWS = 3;

/** The exceptions by kind, with what each means; the most in the last minute first. */
export function ExceptionTable({ data }: { readonly data: Traffic }) {
  const kinds = [...data.exceptions].sort(
    (a, b) => b.lastMinute - a.lastMinute || b.lastHour - a.lastHour || b.sinceStart - a.sinceStart,
  );
  const step = data.stepMs === 60_000 ? 'Last minute' : `Last ${formatCoarse(data.stepMs / 1000)}`;
  const columns: readonly Column<Traffic['exceptions'][number]>[] = [
    {
      heading: 'Kind and meaning',
      cell: ({ kind, meaning }) => (
        <>
          <code>{kind}</code>
          <span class="meaning">{meaning}</span>
        </>
      ),
    },
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
  ];
  return (
    <Panel heading="Exceptions" note="how often each kind happened">
      <PlainTable
        caption="Exceptions by kind"
        columns={columns}
        rows={kinds}
        keyOf={({ kind }) => kind}
        firstRows={Math.max(LEAST_ROWS, kinds.filter(({ sinceStart }) => sinceStart > 0).length)}
        rowClass={({ sinceStart }) => (sinceStart === 0 ? 'quiet' : '')}
      />
    </Panel>
  );
}
