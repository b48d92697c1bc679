import type { Logger } from 'pino';
import type { Clock } from '../platform/clock.ts';
import type { OutboxCondition } from './drop-episode.ts';

/** So long the log keeps quiet after a line, and the condition remembers the newest refusal. */
const MEMORY_MS = 10 * 60_000;

/** Samples that the destination will never take. */
export interface Refusals {
  /** The first is logged at once; what comes within ten minutes after a line is in the next one. */
  refused(samples: number, reason: string): void;
  condition(): OutboxCondition;
}

export function createRefusals(deps: { readonly clock: Clock; readonly log: Logger }): Refusals {
  const { clock, log } = deps;
  let total = 0;
  let unlogged = 0;
  let loggedAtMs = -Infinity;
  let newest: { readonly reason: string; readonly atMs: number } | null = null;
  let sinceMs = 0;

  function isRecent(atMs: number): boolean {
    return clock.nowMs() - atMs < MEMORY_MS;
  }

  return {
    refused(samples, reason) {
      const nowMs = clock.nowMs();
      if (newest === null || !isRecent(newest.atMs)) {
        total = 0;
        sinceMs = nowMs;
      }
      newest = { reason, atMs: nowMs };
      total += samples;
      unlogged += samples;
      if (isRecent(loggedAtMs)) return;
      log.error({ reason, samples: unlogged }, 'The destination refused samples');
      loggedAtMs = nowMs;
      unlogged = 0;
    },
    condition() {
      if (newest === null || !isRecent(newest.atMs)) return { state: 'ok' };
      const reason = `the destination has refused ${total} samples: ${newest.reason}`;
      return { state: 'faulty', reason, sinceMs };
    },
  };
}
