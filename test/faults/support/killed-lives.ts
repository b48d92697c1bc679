import { startSidecar, type Cleanup, type Settings } from '../../integration/support/sidecar-process.ts';
import type { SidecarProcess } from '../../integration/support/sidecar-process.ts';
import type { Random } from '../../../src/simulator/random.ts';
import { sumOfMetric } from './count-metric.ts';

export interface Lives {
  /** Records that a sidecar had seen acknowledged when it was asked for the last time before it was killed, in sum. */
  acknowledged(): number;
  /** One more life, which ends with SIGKILL at a random moment. */
  kill(): Promise<void>;
  /** The last one, which nobody kills. */
  last(): Promise<SidecarProcess>;
}

export interface LivesOptions {
  /** A life after the first second is at most so long. */
  readonly lifeMs: number;
  /** Begins something at a random moment that is over before or after the kill; null where this life is spared. */
  readonly meanwhile?: (killed: Promise<void>) => Promise<void> | null;
}

const ACKNOWLEDGED = 'burrow_rainbow_records_acknowledged_total';

/** Sidecars with the same settings, one after the other. */
export function createLives(
  deps: { readonly random: Random; readonly cleanup: Cleanup },
  settings: Settings,
  { lifeMs, meanwhile }: LivesOptions,
): Lives {
  const { random, cleanup } = deps;
  let acknowledged = 0;

  return {
    acknowledged: () => acknowledged,
    async kill() {
      const sidecar = await startSidecar(settings, cleanup);
      await passes(random() * lifeMs);
      const killed = sidecar.ended.then(() => undefined);
      const over = meanwhile?.(killed) ?? null;
      if (over !== null) await passes(random() * lifeMs);
      // It has no answer in time when it is too busy: then this life counts for nothing.
      acknowledged += await sumOfMetric(sidecar.url, ACKNOWLEDGED).catch(() => 0);
      sidecar.send('SIGKILL');
      await killed;
      await over;
    },
    last: () => startSidecar(settings, cleanup),
  };
}

function passes(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}
