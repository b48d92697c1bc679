import { useState } from 'preact/hooks';
import type { GroupDetail } from '../../http/api/contract/group.ts';
import { NameText } from '../view/name-text.tsx';
import { formatMaybe, formatNumber } from '../words/numbers.ts';
import { showName } from '../words/shown-name.ts';

/** As many are shown until all are asked for. */
const FIRST = 25;

/** How each topic of the group fares; nothing where it has but one, whose lag is the total. */
export function TopicTable({ topics }: { readonly topics: GroupDetail['topics'] }) {
  const [isWhole, setWhole] = useState(false);
  if (topics.length < 2) return null;
  const shown = isWhole ? topics : topics.slice(0, FIRST);
  return (
    <section class="panel">
      <header>
        <h2>Topics</h2>
        <span class="quiet">{formatNumber(topics.length)}, those with the most lag first</span>
      </header>
      <div class="table-scroller">
        <table class="plain-table">
          <caption class="hidden">Lag by topic</caption>
          <thead>
            <tr>
              <th scope="col">Topic</th>
              <th scope="col" class="number">
                Partitions
              </th>
              <th scope="col" class="number">
                Lag <small>records</small>
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map(({ topic, partitions, lagRecords }) => (
              <tr key={topic}>
                <th scope="row" title={showName(topic, 400)}>
                  <NameText name={topic} mostCharacters={100} />
                </th>
                <td class="number">{formatNumber(partitions)}</td>
                <td class={`number ${lagRecords === 0 ? 'zero' : ''}`}>{formatMaybe(lagRecords)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {shown.length < topics.length && (
        <button type="button" onClick={() => setWhole(true)}>
          Show all {formatNumber(topics.length)}
        </button>
      )}
    </section>
  );
}
