import type { Logger } from 'pino';
import type { Clock } from '../platform/clock.ts';
import type { StoreFault } from '../store/store.ts';
import type { OutboxCondition } from './drop-episode.ts';
import type { Found, LostChunk } from './spool-contents.ts';

/** How the disk fares: one log line when a fault begins, one when it is over, and a reason while it lasts. */
export interface DiskState {
  /** False while nothing can be written. */
  isWritable(): boolean;
  faulty(fault: StoreFault): void;
  well(): void;
  /** A damaged store was moved aside, with so much in it; null: nobody knows how much. */
  setAside(as: string, lost: LostChunk | null): void;
  /** What a store held when it was opened. */
  found(found: Found): void;
  unreadable(lost: LostChunk): void;
  condition(): OutboxCondition;
}

/** For so long a loss is spoken of. */
const LOSS_MEMORY_MS = 10 * 60_000;

export function createDiskState(
  deps: { readonly clock: Clock; readonly log: Logger },
  options: { readonly path: string },
): DiskState {
  const { clock, log } = deps;
  const { path } = options;
  let fault: { readonly reason: string; readonly sinceMs: number } | null = null;
  let loss: { readonly reason: string; readonly sinceMs: number } | null = null;

  function lose(reason: string, facts: object): void {
    loss = { reason, sinceMs: clock.nowMs() };
    log.error({ path, ...facts }, 'The outbox on disk is damaged: samples in it are lost');
  }

  return {
    isWritable: () => fault === null,
    faulty({ message, kind, cause }) {
      const reason = `the outbox on disk cannot be written, memory is all there is: ${message}`;
      if (fault?.reason === reason) return;
      fault = { reason, sinceMs: fault?.sinceMs ?? clock.nowMs() };
      const facts = { path, reason: message, ...(kind === 'failed' && { err: cause }) };
      log.error(facts, 'The outbox on disk cannot be written: samples wait in memory only');
    },
    well() {
      if (fault === null) return;
      log.info({ path, faultyMs: clock.nowMs() - fault.sinceMs }, 'The outbox on disk works again');
      fault = null;
    },
    setAside(as, lost) {
      const what = lost === null ? 'nobody knows how many samples' : `${lost.samples} samples`;
      lose(`the outbox on disk was damaged; it was moved to ${as} with ${what} in it, and a new one begun`, {
        movedTo: as,
        lostSamples: lost?.samples ?? 'unknown',
        lostRecords: lost?.records ?? 'unknown',
      });
    },
    found({ samples, records, missingChunks, lost }) {
      if (missingChunks > 0 || lost.samples > 0) {
        const facts = { missingChunks, lostSamples: lost.samples, lostRecords: lost.records };
        lose(`${lost.samples} samples were missing in the outbox on disk, which is damaged`, facts);
      }
      if (samples > 0) log.info({ path, samples, records }, 'The outbox goes on with what was left on disk');
    },
    unreadable(lost) {
      lose('some samples in the outbox on disk could not be read any more', lost);
    },
    condition() {
      if (fault !== null) return { state: 'faulty', ...fault };
      if (loss !== null && clock.nowMs() - loss.sinceMs < LOSS_MEMORY_MS) return { state: 'faulty', ...loss };
      return { state: 'ok' };
    },
  };
}
