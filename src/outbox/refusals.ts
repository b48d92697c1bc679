import type { Logger } from 'pino';
import type { Clock } from '../platform/clock.ts';
import type { OutboxCondition } from './drop-episode.ts';

/** So long the log keeps quiet after a line, and the condition remembers the newest refusal. */
const MEMORY_MS = 10 * 60_000;

/** Samples that the destination will never take. */
export interface Refusals {
  /**
   * The first is logged at once; what comes within ten minutes after a line is in the next one.
   *
   * @param refused.zeroBounds how many zero bounds went with them: a series that lacks one dangles at the reader, and
   *   nothing can be done about it
   */
  refused(refused: { readonly samples: number; readonly zeroBounds: number }, reason: string): void;
  condition(): OutboxCondition;
}

export function createRefusals(deps: { readonly clock: Clock; readonly log: Logger }): Refusals {
  const { clock, log } = deps;
  let total = { samples: 0, zeroBounds: 0 };
  let unlogged = { samples: 0, zeroBounds: 0 };
  let loggedAtMs = -Infinity;
  let newest: { readonly reason: string; readonly atMs: number } | null = null;
  let sinceMs = 0;

  function isRecent(atMs: number): boolean {
    return clock.nowMs() - atMs < MEMORY_MS;
  }

  return {
    refused(refused, reason) {
      const nowMs = clock.nowMs();
      if (newest === null || !isRecent(newest.atMs)) {
        total = { samples: 0, zeroBounds: 0 };
        sinceMs = nowMs;
      }
      newest = { reason, atMs: nowMs };
      total = sum(total, refused);
      unlogged = sum(unlogged, refused);
      if (isRecent(loggedAtMs)) return;
      log.error({ reason, ...unlogged }, 'The destination refused samples');
      loggedAtMs = nowMs;
      unlogged = { samples: 0, zeroBounds: 0 };
    },
    condition() {
      if (newest === null || !isRecent(newest.atMs)) return { state: 'ok' };
      const { samples, zeroBounds } = total;
      const lacking = zeroBounds === 0 ? '' : `, so that ${zeroBounds} begins and ends of series are missing`;
      const reason = `the destination has refused ${samples} samples${lacking}: ${newest.reason}`;
      return { state: 'faulty', reason, sinceMs };
    },
  };
}

function sum<T extends { readonly samples: number; readonly zeroBounds: number }>(one: T, other: T) {
  return { samples: one.samples + other.samples, zeroBounds: one.zeroBounds + other.zeroBounds };
}
