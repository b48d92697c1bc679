import type { Traffic } from '../../http/api/contract/traffic.ts';
import { NameText } from '../view/name-text.tsx';
import { formatAge } from '../words/durations.ts';
import { formatCount, formatNumber } from '../words/numbers.ts';

export interface BurrowTableProps {
  readonly burrows: Traffic['burrows'];
  readonly notifier: Traffic['notifier'];
  readonly nowMs: number;
}

/** The Burrow servers that are asked, and what their notifiers told. */
export function BurrowTable({ burrows, notifier, nowMs }: BurrowTableProps) {
  return (
    <section class="panel">
      <header>
        <h2>Burrow</h2>
      </header>
      <div class="table-scroller">
        <table class="burrows">
          <caption class="hidden">Burrow servers</caption>
          <thead>
            <tr>
              <th scope="col">Server</th>
              <th scope="col" class="number">
                Last answer
              </th>
              <th scope="col" class="number">
                Last sample
              </th>
              <th scope="col">Last error</th>
            </tr>
          </thead>
          <tbody>
            {burrows.map(({ name, lastOkMs, lastSampleMs, lastError }) => (
              <tr key={name}>
                <th scope="row">
                  <NameText name={name} mostCharacters={60} />
                </th>
                <td class="number">{age(lastOkMs, nowMs)}</td>
                <td class="number">{age(lastSampleMs, nowMs)}</td>
                <td class="wraps">
                  {lastError === null ? (
                    <span class="quiet">none</span>
                  ) : (
                    <span class={lastError.atMs > (lastOkMs ?? 0) ? 'bad' : 'quiet'}>
                      {lastError.atMs > (lastOkMs ?? 0) ? '✕ ' : 'over: '}
                      <NameText name={lastError.reason} mostCharacters={400} />,{' '}
                      {formatAge(lastError.atMs, nowMs)}
                    </span>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="quiet note">
        Notifier: {formatCount(notifier.acceptedEvents, 'event')} taken
        {notifier.lastEventMs !== null && `, last ${formatAge(notifier.lastEventMs, nowMs)}`}
        {notifier.invalidBodies > 0 && (
          <span class="bad">; {formatNumber(notifier.invalidBodies)} bodies not understood</span>
        )}
      </p>
    </section>
  );
}

function age(atMs: number | null, nowMs: number): string {
  return atMs === null ? 'never' : formatAge(atMs, nowMs);
}
