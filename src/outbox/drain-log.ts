import type { Logger } from 'pino';
import type { Scheduler } from '../platform/clock.ts';
import type { EncodedSample } from '../records/encoded-sample.ts';
import type { Depth } from './backlog.ts';

export interface DrainLogDeps {
  readonly log: Logger;
  readonly scheduler: Scheduler;
  readonly monotonicMs: () => number;
  readonly depth: () => Depth;
}

/** Says what is left while an outbox comes to its end, since whoever waits for that wants to know how long it takes. */
export interface DrainLog {
  begin(): void;
  acknowledged(samples: readonly EncodedSample[]): void;
  /** Says what was delivered since the beginning, and what is left; nothing where nothing had waited. */
  end(): void;
}

const EVERY_MS = 2000;

/** See {@link DrainLog}. */
export function createDrainLog({ log, scheduler, monotonicMs, depth }: DrainLogDeps): DrainLog {
  let beganMs: number | null = null;
  let deliveredSamples = 0;
  let deliveredRecords = 0;
  let cancel = (): void => undefined;

  function tick(): void {
    cancel = scheduler.after(EVERY_MS, () => {
      log.info({ ...left(), deliveredSamples, deliveredRecords }, 'Waiting samples are being delivered');
      tick();
    });
  }

  function left(): { leftSamples: number; leftRecords: number } {
    const { samples, records } = depth();
    return { leftSamples: samples, leftRecords: records };
  }

  return {
    begin() {
      if (beganMs !== null || depth().samples === 0) return;
      beganMs = monotonicMs();
      tick();
    },
    acknowledged(samples) {
      if (beganMs === null) return;
      deliveredSamples += samples.length;
      for (const { recordCount } of samples) deliveredRecords += recordCount;
    },
    end() {
      cancel();
      if (beganMs === null) return;
      const tookSeconds = Math.round(monotonicMs() - beganMs) / 1000;
      beganMs = null;
      log.info(
        { deliveredSamples, deliveredRecords, ...left(), tookSeconds },
        'Delivery of what waited has ended',
      );
    },
  };
}
