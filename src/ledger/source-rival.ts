import type { Logger } from 'pino';
import type { Clock } from '../platform/clock.ts';
import type { Condition } from '../platform/condition-tracker.ts';

/** After so many signs without another process under our source it is over. */
const QUIET_BEATS = 3;

/** Knows whether another process uses the same source. */
export interface SourceRival {
  /** @param isContested whether another process has given a sign since our last one */
  note(isContested: boolean): void;
  condition(): Condition;
}

export function createSourceRival(
  deps: { readonly clock: Clock; readonly log: Logger },
  source: string,
): SourceRival {
  const { clock, log } = deps;
  let sinceMs: number | null = null;
  let quietBeats = 0;
  return {
    note(isContested) {
      if (isContested) {
        quietBeats = 0;
        if (sinceMs !== null) return;
        sinceMs = clock.nowMs();
        log.warn(
          { source },
          'Another process uses the same series.source: their records mix in the same series. Give each sidecar a series.source of its own, or run one of them',
        );
        return;
      }
      quietBeats += 1;
      if (sinceMs === null || quietBeats < QUIET_BEATS) return;
      sinceMs = null;
      log.info({ source }, 'No other process uses the same series.source any more');
    },
    condition() {
      if (sinceMs === null) return { state: 'ok' };
      const reason =
        `another process uses series.source ${source}, too, so that their records mix in the same series: ` +
        'give each sidecar a series.source of its own, or run one of them';
      return { state: 'faulty', reason, sinceMs };
    },
  };
}
