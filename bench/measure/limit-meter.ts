import { fileURLToPath } from 'node:url';
import type { LoadOptions } from '../load/load-options.ts';
import { startChild, TYPESCRIPT } from './child.ts';
import type { LimitRound } from './limit-round.ts';
import { median } from './percentile.ts';

/** The limit of one run: rounds before and after the sidecar's, so that a machine that slows down slows both. */
export interface LimitMeter {
  measure(rounds: number): Promise<void>;
  /** Medians over all rounds so far. */
  limit(): LimitRound;
}

const SCRIPT = fileURLToPath(new URL('./limit.ts', import.meta.url));

export function createLimitMeter(load: LoadOptions, nodeFlags: readonly string[]): LimitMeter {
  const taken: LimitRound[] = [];
  return {
    async measure(rounds) {
      const child = startChild<'round'>({
        args: [...nodeFlags, ...TYPESCRIPT, SCRIPT, JSON.stringify(load)],
      });
      try {
        await child.ask('round'); // warms up
        for (let round = 0; round < rounds; round += 1) taken.push(await child.ask<LimitRound>('round'));
      } finally {
        await child.stop();
      }
    },
    limit: () => ({
      parseMicros: median(taken.map(({ parseMicros }) => parseMicros)),
      decodeAndParseMicros: median(taken.map(({ decodeAndParseMicros }) => decodeAndParseMicros)),
      bytesAPartition: taken[0]?.bytesAPartition ?? Number.NaN,
    }),
  };
}
