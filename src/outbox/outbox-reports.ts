import type { Logger } from 'pino';
import type { Clock, Scheduler } from '../platform/clock.ts';
import type { Condition } from '../platform/condition-tracker.ts';
import { createFaultLog } from '../platform/fault-log.ts';
import { logSeconds } from '../platform/log-seconds.ts';
import type { EncodedSample } from '../records/encoded-sample.ts';
import type { StoreFault } from '../store/store.ts';
import type { Depth } from './backlog.ts';
import type { Contents, Sizes } from './disk-format.ts';

/*
 * What the outbox tells an operator: lines in the log, and conditions for the health check, whose `reason` says cause
 * and remedy.
 */

interface ReportDeps {
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * From the first sample dropped for want of room until the outbox is empty again: one log line at each end.
 *
 * @param options.remedy the setting to raise
 */
export function createDropReport({ clock, log }: ReportDeps, options: { readonly remedy: string }) {
  let sinceMs: number | null = null;
  let okSinceMs = clock.nowMs();
  let samples = 0;
  let records = 0;
  let zeroBounds = 0;
  return {
    dropped(count: number): void {
      samples += 1;
      records += count;
      if (sinceMs !== null) return;
      sinceMs = clock.nowMs();
      log.error('The outbox is full: the oldest samples are dropped, all but their zero bounds');
    },
    /** Zero bounds for which there was no room either. */
    droppedBounds(count: number): void {
      sinceMs ??= clock.nowMs();
      if (zeroBounds === 0) {
        log.error('The outbox is full of zero bounds: the oldest are dropped, and their series lack their 0');
      }
      zeroBounds += count;
    },
    end(): void {
      if (sinceMs === null) return;
      log.warn(
        { samples, records, zeroBounds, lastedSeconds: logSeconds(clock.nowMs() - sinceMs) },
        'The outbox has delivered all that waited; no more samples are dropped',
      );
      sinceMs = null;
      okSinceMs = clock.nowMs();
      samples = 0;
      records = 0;
      zeroBounds = 0;
    },
    condition(): Condition {
      if (sinceMs === null) return { state: 'ok', sinceMs: okSinceMs };
      const bounds = zeroBounds === 0 ? '' : ` and ${zeroBounds} zero bounds`;
      const reason =
        `the outbox is full and has dropped ${records} records of ${samples} samples${bounds}: ` +
        `repair or speed up the sink, or raise ${options.remedy}`;
      return { state: 'faulty', reason, sinceMs };
    },
  };
}

/** How long the log is silent after a line about a refusal, and a condition remembers a refusal or a loss. */
const MEMORY_MS = 10 * 60_000;

interface Refused {
  readonly samples: number;
  /** How many zero bounds were in them: the reader never gets these. */
  readonly zeroBounds: number;
}

/** Samples that the destination will never take. */
export function createRefusalReport({ clock, log }: ReportDeps) {
  const none: Refused = { samples: 0, zeroBounds: 0 };
  let total = none;
  let unlogged = none;
  let loggedAtMs = -Infinity;
  let newest: { readonly reason: string; readonly atMs: number } | null = null;
  let sinceMs = clock.nowMs();

  function isRecent(atMs: number): boolean {
    return clock.nowMs() - atMs < MEMORY_MS;
  }

  return {
    /** The first is logged at once; what comes within ten minutes after a line is in the next one. */
    refused(refused: Refused, reason: string): void {
      const nowMs = clock.nowMs();
      if (newest === null || !isRecent(newest.atMs)) {
        total = none;
        sinceMs = nowMs;
      }
      newest = { reason, atMs: nowMs };
      total = sum(total, refused);
      unlogged = sum(unlogged, refused);
      if (isRecent(loggedAtMs)) return;
      log.error({ reason, ...unlogged }, 'The destination refused samples');
      loggedAtMs = nowMs;
      unlogged = none;
    },
    condition(): Condition {
      if (newest === null) return { state: 'ok', sinceMs };
      if (!isRecent(newest.atMs)) return { state: 'ok', sinceMs: newest.atMs + MEMORY_MS };
      const { samples, zeroBounds } = total;
      const missing = zeroBounds === 0 ? '' : `, so that ${zeroBounds} begins and ends of series are missing`;
      const reason = `the destination has refused ${samples} samples${missing}: ${newest.reason}`;
      return { state: 'faulty', reason, sinceMs };
    },
  };
}

function sum(one: Refused, other: Refused): Refused {
  return { samples: one.samples + other.samples, zeroBounds: one.zeroBounds + other.zeroBounds };
}

const DRAIN_LOG_MS = 2000;

/** Progress while an outbox stops: whoever waits for that wants to know how long it takes. */
export function createDrainReport(deps: {
  readonly log: Logger;
  readonly scheduler: Scheduler;
  readonly monotonicMs: () => number;
  readonly depth: () => Depth;
}) {
  const { log, scheduler, monotonicMs, depth } = deps;
  let beganMs: number | null = null;
  let deliveredSamples = 0;
  let deliveredRecords = 0;
  let cancel = (): void => undefined;

  function progress(): object {
    const { samples, records } = depth();
    return { waitingSamples: samples, waitingRecords: records, deliveredSamples, deliveredRecords };
  }

  function logLater(): void {
    cancel = scheduler.after(DRAIN_LOG_MS, () => {
      log.info(progress(), 'Waiting samples are being delivered');
      logLater();
    });
  }

  return {
    begin(): void {
      if (beganMs !== null || depth().samples === 0) return;
      beganMs = monotonicMs();
      logLater();
    },
    acknowledged(samples: readonly EncodedSample[]): void {
      if (beganMs === null) return;
      deliveredSamples += samples.length;
      for (const { recordCount } of samples) deliveredRecords += recordCount;
    },
    /** Logs what was delivered since the beginning, and what still waits; nothing where nothing had waited. */
    end(): void {
      cancel();
      if (beganMs === null) return;
      const tookSeconds = logSeconds(monotonicMs() - beganMs);
      beganMs = null;
      log.info({ ...progress(), tookSeconds }, 'Delivery of what waited has ended');
    },
  };
}

export type DiskReport = ReturnType<typeof createDiskReport>;

/** How the disk does: one log line when a fault begins, one when it is over, and a condition while it lasts. */
export function createDiskReport({ clock, log }: ReportDeps, { path }: { readonly path: string }) {
  const cannotWrite = 'The outbox on disk cannot be written: samples wait in memory only';
  const faults = createFaultLog(
    { clock, log },
    {
      began: cannotWrite,
      otherCause: cannotWrite,
      ended: 'The outbox on disk works again',
      level: 'error',
    },
  );
  let fault: { readonly reason: string; readonly sinceMs: number } | null = null;
  let loss: { readonly reason: string; readonly sinceMs: number } | null = null;
  let okSinceMs = clock.nowMs();

  function lose(reason: string, facts: object): void {
    loss = { reason, sinceMs: clock.nowMs() };
    log.error({ path, ...facts }, 'The outbox on disk is damaged: samples in it are lost');
  }

  return {
    faulty({ message, kind, cause }: StoreFault): void {
      const reason = `the outbox on disk cannot be written, so samples wait in memory: ${message}`;
      fault = { reason, sinceMs: fault?.sinceMs ?? clock.nowMs() };
      faults.failed(path, { path, reason: message, ...(kind === 'failed' && { err: cause }) }, message);
    },
    healthy(): void {
      faults.recovered(path);
      if (fault !== null) okSinceMs = clock.nowMs();
      fault = null;
    },
    /** A damaged store was moved aside, with so much in it; null: nobody knows how much. */
    movedAside(to: string, lost: Sizes | null): void {
      const what = lost === null ? 'an unknown number of samples' : `${lost.samples} samples`;
      lose(`the outbox on disk was damaged; it was moved to ${to} with ${what} in it, and a new one begun`, {
        movedTo: to,
        lostSamples: lost?.samples ?? 'unknown',
        lostRecords: lost?.records ?? 'unknown',
      });
    },
    opened({ stored: { samples, records }, missingChunks, lost }: Contents): void {
      if (missingChunks > 0 || lost.samples > 0) {
        const facts = { missingChunks, lostSamples: lost.samples, lostRecords: lost.records };
        lose(`${lost.samples} samples were missing in the outbox on disk, which is damaged`, facts);
      }
      if (samples > 0) log.info({ path, samples, records }, 'The outbox goes on with the samples on disk');
    },
    unreadable({ samples, records }: Sizes): void {
      lose('some samples in the outbox on disk could not be read any more', { samples, records });
    },
    condition(): Condition {
      if (fault !== null) return { state: 'faulty', ...fault };
      if (loss === null) return { state: 'ok', sinceMs: okSinceMs };
      const forgottenMs = loss.sinceMs + MEMORY_MS;
      if (clock.nowMs() < forgottenMs) return { state: 'faulty', ...loss };
      return { state: 'ok', sinceMs: Math.max(okSinceMs, forgottenMs) };
    },
  };
}
