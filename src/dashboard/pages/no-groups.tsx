import type { Overview } from '../../http/api/contract/overview.ts';
import { formatSeconds } from '../../words/durations.ts';
import { formatCount } from '../../words/numbers.ts';

/** Why the table is empty, and what to do. */
export function NoGroups({
  overview,
  isFiltered,
}: {
  readonly overview: Overview;
  readonly isFiltered: boolean;
}) {
  if (isFiltered) {
    return (
      <div class="empty">
        <h2>No group matches</h2>
        <p>
          No group has this in its name and one of these states. <a href="#/">Show all groups</a>
        </p>
      </div>
    );
  }
  const away = overview.health.parts.some(({ name, status }) => name.startsWith('burrow') && status !== 'ok');
  const isAsked = overview.health.parts.some(
    ({ name, lastGoodAnswerAgeSeconds: age }) => name.startsWith('burrow') && typeof age === 'number',
  );
  const polled = overview.clusters.reduce((sum, { groups }) => sum + groups, 0);
  return (
    <div class="empty">
      <h2>No groups yet</h2>
      {away ? (
        <p>Burrow does not answer, see above. Groups appear here when it does.</p>
      ) : polled > 0 ? (
        <p>
          Burrow lists {formatCount(polled, 'group')}. The first samples come within one poll (
          {formatSeconds(overview.pollIntervalMs / 1000)}).
        </p>
      ) : !isAsked ? (
        <p>Burrow has not answered yet. Groups appear here when it has.</p>
      ) : (
        <p>
          Burrow answers, but no group is followed. Check that Burrow’s <code>[consumer.*]</code> and{' '}
          <code>[cluster.*]</code> sections name your clusters, that a group has committed since Burrow
          started, and that <code>discovery.groups</code> does not leave out all of them.
        </p>
      )}
    </div>
  );
}
