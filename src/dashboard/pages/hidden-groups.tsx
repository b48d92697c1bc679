import type { ClusterSummary } from '../../http/api/contract/overview.ts';
import { NameText } from '../view/name-text.tsx';
import { formatNumber } from '../../words/numbers.ts';

/** The groups that the filter leaves out; nothing where there is none. */
export function HiddenGroups({ clusters }: { readonly clusters: readonly ClusterSummary[] }) {
  const hiding = clusters.filter(({ hiddenGroups }) => hiddenGroups.total > 0);
  const total = hiding.reduce((sum, { hiddenGroups }) => sum + hiddenGroups.total, 0);
  if (total === 0) return null;
  return (
    <details class="hidden-groups quiet">
      <summary>
        <b>{formatNumber(total)}</b> {total === 1 ? 'group is' : 'groups are'} left out by{' '}
        <code>discovery.groups</code>
      </summary>
      <ul>
        {hiding.map(({ name, hiddenGroups: { total: ofCluster, names } }) => (
          <li key={name}>
            <NameText name={name} mostCharacters={60} />: {formatNumber(ofCluster)} (
            {names.map((group, index) => (
              <span key={index}>
                {index > 0 && ', '}
                <NameText name={group} mostCharacters={60} />
              </span>
            ))}
            {ofCluster > names.length && ', …'})
          </li>
        ))}
      </ul>
    </details>
  );
}
