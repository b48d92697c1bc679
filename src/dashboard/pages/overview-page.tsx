import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { StatusWord } from '../../http/api/contract/words.ts';
import { countClusters, countStatuses } from '../live/group-counts.ts';
import type { GroupFilter } from '../live/group-order.ts';
import type { LiveData } from '../live/live-data.ts';
import { STATUSES } from '../../words/statuses.ts';
import { StatusBadge } from '../view/status-badge.tsx';
import { Waiting } from '../view/waiting.tsx';
import { replaceAddress } from '../watch-route.ts';
import { formatCount, formatNumber } from '../../words/numbers.ts';
import { ClusterStrip } from './cluster-strip.tsx';
import { filterHref, readFilter } from './group-filter-query.ts';
import { GroupTable } from './group-table.tsx';
import { HiddenGroups } from './hidden-groups.tsx';
import { NoGroups } from './no-groups.tsx';

/** All clusters and groups, the worst first. */
export function OverviewPage({ live, query }: { readonly live: LiveData; readonly query: URLSearchParams }) {
  const written = query.toString();
  const filter = useMemo(() => readFilter(new URLSearchParams(written)), [written]);
  const overview = live.overview.value;
  const version = live.groups.version.value;
  const counts = useMemo(() => countStatuses(live.groups, filter), [live.groups, filter, version]);
  const clusterCounts = useMemo(() => countClusters(live.groups), [live.groups, version]);
  const search = useRef<HTMLInputElement>(null);
  // The address changes, too, without an entry in the history for each letter.
  const onFilter = (next: GroupFilter): void => replaceAddress(filterHref(next));
  useSearchKeys(search, () => onFilter({ ...filter, search: '' }));

  if (overview === null)
    return (
      <main class="page" id="main">
        <h1 tabIndex={-1} class="hidden">
          Overview
        </h1>
        <Waiting error={null} />
      </main>
    );
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const shown =
    filter.statuses.length === 0
      ? total
      : filter.statuses.reduce((sum, status) => sum + (counts.get(status) ?? 0), 0);
  return (
    <main class="page page-full" id="main">
      <h1 tabIndex={-1} class="hidden">
        Overview
      </h1>
      <ClusterStrip clusters={overview.clusters} counts={clusterCounts} filter={filter} onFilter={onFilter} />
      <HiddenGroups clusters={overview.clusters} />
      <div class="toolbar" role="search">
        <label class="hidden" for="search">
          Search groups and clusters
        </label>
        <input
          id="search"
          ref={search}
          type="search"
          placeholder="Search groups  ( / )"
          autocomplete="off"
          spellcheck={false}
          value={filter.search}
          onInput={(event) => onFilter({ ...filter, search: event.currentTarget.value })}
        />
        <fieldset class="chips">
          <legend class="hidden">Status</legend>
          {STATUSES.filter((status) => counts.has(status) || filter.statuses.includes(status)).map(
            (status) => (
              <button
                key={status}
                type="button"
                class="chip"
                aria-pressed={filter.statuses.includes(status)}
                onClick={() => onFilter({ ...filter, statuses: toggle(filter.statuses, status) })}
              >
                <StatusBadge status={status} /> <b>{formatNumber(counts.get(status) ?? 0)}</b>
              </button>
            ),
          )}
        </fieldset>
        <p class="shown quiet" role="status">
          {shown === live.groups.size()
            ? formatCount(shown, 'group')
            : `${formatNumber(shown)} of ${formatCount(live.groups.size(), 'group')}`}
        </p>
        {shown !== live.groups.size() && (
          <a class="button" href={filterHref({ ...filter, cluster: '', statuses: [], search: '' })}>
            Show all
          </a>
        )}
      </div>
      {shown === 0 ? (
        <NoGroups overview={overview} isFiltered={live.groups.size() > 0} />
      ) : (
        <GroupTable live={live} filter={filter} onFilter={onFilter} overview={overview} />
      )}
    </main>
  );
}

function toggle(statuses: readonly StatusWord[], status: StatusWord): readonly StatusWord[] {
  return statuses.includes(status) ? statuses.filter((each) => each !== status) : [...statuses, status];
}

/** `/` goes to the search; Escape empties and leaves it. */
function useSearchKeys(search: { readonly current: HTMLInputElement | null }, clear: () => void): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      const field = search.current;
      if (field === null) return;
      const isTyping = document.activeElement instanceof HTMLInputElement;
      if (event.key === '/' && !isTyping) {
        event.preventDefault();
        field.focus();
        field.select();
      } else if (event.key === 'Escape' && document.activeElement === field) {
        event.preventDefault();
        if (field.value !== '') clear();
        field.blur();
      }
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  });
}
