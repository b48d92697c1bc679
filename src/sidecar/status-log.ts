import type { Logger } from 'pino';
import type { StatusChange } from '../history/status-timeline.ts';
import { wordOf } from '../http/api/group-rows.ts';
import { logSeconds } from '../platform/log-seconds.ts';
import type { GroupState } from '../telemetry/group-state.ts';
import { SEVERITY } from '../words/statuses.ts';
import type { Listener } from './listeners.ts';

/** Changes that are logged one by one in a minute. */
export const MOST_CHANGES_PER_MINUTE = 50;

/**
 * Logs each change of a group's status: as warn where it gets worse, else as info. Where the status of very many groups
 * changes within a minute, one line at its end says how many were not logged one by one.
 */
export function createStatusLog({
  log,
}: {
  readonly log: Pick<Logger, 'warn' | 'info'>;
}): Required<Pick<Listener, 'statusChanged' | 'minute'>> {
  let logged = 0;
  let worse = 0;
  let notWorse = 0;
  return {
    statusChanged(state, change) {
      const isWorse = SEVERITY[wordOf(change.to)] > SEVERITY[wordOf(change.from)];
      if (logged < MOST_CHANGES_PER_MINUTE) {
        logged += 1;
        log[isWorse ? 'warn' : 'info'](factsOf(state, change), 'The status of a group has changed');
      } else if (isWorse) worse += 1;
      else notWorse += 1;
    },
    minute() {
      const changes = worse + notWorse;
      if (changes > 0) {
        log[worse > 0 ? 'warn' : 'info'](
          { changes, worse, loggedChanges: logged },
          'The status of more groups has changed within a minute than are logged one by one',
        );
      }
      logged = 0;
      worse = 0;
      notWorse = 0;
    },
  };
}

function factsOf(
  { cluster, group, totalLagRecords, maxLagSeconds }: GroupState,
  change: StatusChange,
): object {
  const lasted = logSeconds(change.lastedMs);
  return {
    cluster,
    group,
    from: wordOf(change.from),
    to: wordOf(change.to),
    // Where it was so at the first sample, or nobody looked for a while, it had been so for longer.
    ...(change.isLastedExact ? { lastedSeconds: lasted } : { lastedAtLeastSeconds: lasted }),
    totalLagRecords,
    lagSeconds: maxLagSeconds ?? null,
  };
}
