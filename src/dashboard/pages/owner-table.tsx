import { useState } from 'preact/hooks';
import type { GroupDetail } from '../../http/api/contract/group.ts';
import { NameText } from '../view/name-text.tsx';
import { formatMaybe, formatNumber } from '../words/numbers.ts';
import { showName } from '../words/shown-name.ts';

/** As many are shown until all are asked for. */
const FIRST = 25;

/** Who owns the partitions, and how each fares. */
export function OwnerTable({ owners }: { readonly owners: GroupDetail['owners'] }) {
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? owners : owners.slice(0, FIRST);
  return (
    <section class="panel">
      <header>
        <h2>Owners and clients</h2>
        <span class="quiet">{formatNumber(owners.length)}, those with the most lag first</span>
      </header>
      <div class="table-scroller">
        <table class="owners">
          <caption class="hidden">Owners of the partitions</caption>
          <thead>
            <tr>
              <th scope="col">Owner</th>
              <th scope="col">Client</th>
              <th scope="col" class="number">
                Partitions
              </th>
              <th scope="col" class="number">
                Lag <small>records</small>
              </th>
              <th scope="col" class="number">
                Consumed <small>/min</small>
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map(({ owner, clientId, partitions, lagRecords, consumedPerMinute }) => (
              <tr key={`${owner}\n${clientId}`}>
                <th scope="row" title={showName(owner, 400)}>
                  {owner === '' ? (
                    <span class="quiet">unknown</span>
                  ) : (
                    <NameText name={owner} mostCharacters={100} />
                  )}
                </th>
                <td title={showName(clientId, 400)}>
                  {clientId === '' ? (
                    <span class="quiet">unknown</span>
                  ) : (
                    <NameText name={clientId} mostCharacters={100} />
                  )}
                </td>
                <td class="number">{formatNumber(partitions)}</td>
                <td class={`number ${lagRecords === 0 ? 'zero' : ''}`}>{formatNumber(lagRecords)}</td>
                <td class="number">{formatMaybe(consumedPerMinute)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {shown.length < owners.length && (
        <button type="button" onClick={() => setWhole(true)}>
          Show all {formatNumber(owners.length)}
        </button>
      )}
    </section>
  );
}
