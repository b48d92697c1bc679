import type { Logger } from 'pino';
import type { Clock } from '../platform/clock.ts';

/** How the outbox fares, for the health check. `reason` says cause and remedy. */
export type OutboxCondition =
  { readonly state: 'ok' } | { readonly state: 'faulty'; readonly reason: string; readonly sinceMs: number };

/** From the first sample dropped for want of room until the outbox is empty again: one log line at each end. */
export interface DropEpisode {
  dropped(records: number): void;
  /** Zero bounds for which there was no room either. */
  droppedBounds(records: number): void;
  end(): void;
  condition(): OutboxCondition;
}

/** @param options.remedy the setting to raise */
export function createDropEpisode(
  deps: { readonly clock: Clock; readonly log: Logger },
  options: { readonly remedy: string },
): DropEpisode {
  let sinceMs: number | null = null;
  let samples = 0;
  let records = 0;
  let bounds = 0;
  return {
    dropped(count) {
      samples += 1;
      records += count;
      if (sinceMs !== null) return;
      sinceMs = deps.clock.nowMs();
      deps.log.error('The outbox is full: the oldest samples are dropped, all but their zero bounds');
    },
    droppedBounds(count) {
      sinceMs ??= deps.clock.nowMs();
      if (bounds === 0) {
        deps.log.error(
          'The outbox is full of zero bounds: the oldest are dropped, and their series lack their 0',
        );
      }
      bounds += count;
    },
    end() {
      if (sinceMs === null) return;
      deps.log.warn(
        { samples, records, zeroBounds: bounds, durationMs: deps.clock.nowMs() - sinceMs },
        'The outbox has delivered all that waited; no more samples are dropped',
      );
      sinceMs = null;
      samples = 0;
      records = 0;
      bounds = 0;
    },
    condition() {
      if (sinceMs === null) return { state: 'ok' };
      const reason =
        `the outbox is full and has dropped ${records} records of ${samples} samples` +
        `${bounds === 0 ? '' : ` and ${bounds} zero bounds`}: ` +
        `mend or speed up the sink, or raise ${options.remedy}`;
      return { state: 'faulty', reason, sinceMs };
    },
  };
}
