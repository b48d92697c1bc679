import type { Traffic } from '../../http/api/contract/traffic.ts';
import { formatCoarse, formatSpan } from '../words/durations.ts';
import { formatNumber } from '../words/numbers.ts';

/** What went wrong, with what each kind means; what did happen comes first. */
export function ExceptionTable({ data }: { readonly data: Traffic }) {
  const kinds = [...data.exceptions].sort(
    (a, b) => b.lastMinute - a.lastMinute || b.lastHour - a.lastHour || b.sinceStart - a.sinceStart,
  );
  const step = data.stepMs === 60_000 ? 'Last minute' : `Last ${formatCoarse(data.stepMs / 1000)}`;
  return (
    <section class="panel">
      <header>
        <h2>Exceptions</h2>
        <span class="quiet">what each kind means, and how often it was</span>
      </header>
      <div class="table-scroller">
        <table class="plain-table">
          <caption class="hidden">Exceptions by kind</caption>
          <thead>
            <tr>
              <th scope="col">Kind</th>
              <th scope="col" class="number">
                {step}
              </th>
              <th scope="col" class="number capital">
                {formatSpan(data.stepMs * 60)}
              </th>
              <th scope="col" class="number">
                Since start
              </th>
              <th scope="col">Meaning</th>
            </tr>
          </thead>
          <tbody>
            {kinds.map(({ kind, meaning, lastMinute, lastHour, sinceStart }) => (
              <tr key={kind} class={sinceStart === 0 ? 'quiet' : ''}>
                <th scope="row">
                  <code>{kind}</code>
                </th>
                <td class={`number ${lastMinute > 0 ? 'grows' : 'zero'}`}>{formatNumber(lastMinute)}</td>
                <td class={`number ${lastHour > 0 ? '' : 'zero'}`}>{formatNumber(lastHour)}</td>
                <td class={`number ${sinceStart > 0 ? '' : 'zero'}`}>{formatNumber(sinceStart)}</td>
                <td class="wraps">{meaning}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
