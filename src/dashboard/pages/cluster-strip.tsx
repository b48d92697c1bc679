import type { ClusterSummary } from '../../http/api/contract/overview.ts';
import type { ClusterCount } from '../live/group-counts.ts';
import type { GroupFilter } from '../live/group-order.ts';
import { STATUSES } from '../../words/statuses.ts';
import { NameText } from '../view/name-text.tsx';
import { formatNumber, UNKNOWN } from '../../words/numbers.ts';
import { showName } from '../../words/shown-name.ts';

export interface ClusterStripProps {
  readonly clusters: readonly ClusterSummary[];
  /** By cluster; absent: it has no group with a sample. */
  readonly counts: ReadonlyMap<string, ClusterCount>;
  readonly filter: GroupFilter;
  readonly onFilter: (filter: GroupFilter) => void;
}

/** One card for each cluster; a click shows only its groups. */
export function ClusterStrip({ clusters, counts, filter, onFilter }: ClusterStripProps) {
  if (clusters.length === 0) return null;
  return (
    <section class="clusters" aria-label="Clusters">
      {clusters.map((cluster) => (
        <button
          key={cluster.name}
          type="button"
          class="cluster"
          aria-pressed={filter.cluster === cluster.name}
          title={`${showName(cluster.name, 400)}, of the Burrow ${showName(cluster.server, 100)}`}
          onClick={() =>
            onFilter({ ...filter, cluster: filter.cluster === cluster.name ? '' : cluster.name })
          }
        >
          <span class="cluster-name">
            <NameText name={cluster.name} mostCharacters={60} />
          </span>
          <Figures cluster={cluster} count={counts.get(cluster.name)} />
          <StatusBar statuses={counts.get(cluster.name)?.statuses} />
        </button>
      ))}
    </section>
  );
}

/** What is not known is not counted as no lag: not yet sampled groups, and those whose lag Burrow does not give. */
function Figures({
  cluster,
  count,
}: {
  readonly cluster: ClusterSummary;
  readonly count: ClusterCount | undefined;
}) {
  const { knownGroups = 0, unknownGroups = 0, laggingGroups = 0, lagRecords = 0 } = count ?? {};
  const unknown = unknownGroups + Math.max(0, cluster.groups - cluster.sampledGroups);
  const lag = `${unknown === 0 ? '' : '≥\u202f'}${formatNumber(lagRecords)}`;
  return (
    <span class="cluster-figures">
      <span>
        <b>{knownGroups === 0 && unknown > 0 ? UNKNOWN : lag}</b> lag
      </span>
      <span>
        <b>{formatNumber(laggingGroups)}</b> of {formatNumber(knownGroups)} lagging
      </span>
      {unknown > 0 && (
        <span>
          <b>{formatNumber(unknown)}</b> unknown
        </span>
      )}
      <span>
        <b>{formatNumber(cluster.topics)}</b> {cluster.topics === 1 ? 'topic' : 'topics'}
      </span>
    </span>
  );
}

/** A bar with the share of each status; a screen reader gets the numbers. */
function StatusBar({ statuses }: { readonly statuses: ClusterCount['statuses'] | undefined }) {
  const present = STATUSES.flatMap((status) => {
    const groups = statuses?.get(status) ?? 0;
    return groups === 0 ? [] : [{ status, groups }];
  });
  return (
    <span
      class="status-bar"
      role="img"
      aria-label={present.map(({ status, groups }) => `${groups} ${status}`).join(', ')}
    >
      {present.map(({ status, groups }) => (
        <i key={status} class={`fill-${status.toLowerCase()}`} style={{ flexGrow: groups }} />
      ))}
    </span>
  );
}
