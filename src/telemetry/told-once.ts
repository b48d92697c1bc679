import type { Logger } from 'pino';

/** How many are remembered. Past them the oldest is forgotten, and told again where it comes up again. */
const MOST_REMEMBERED = 1000;

/** Warns of each thing once, in one sentence. Returns whether it did. */
export type ToldOnce = (key: string, facts: object) => boolean;

/** See {@link ToldOnce}. */
export function createToldOnce(log: Pick<Logger, 'warn'>, message: string): ToldOnce {
  const told = new Set<string>();
  return (key, facts) => {
    if (told.has(key)) return false;
    told.add(key);
    for (const oldest of told) {
      if (told.size <= MOST_REMEMBERED) break;
      told.delete(oldest);
    }
    log.warn(facts, message);
    return true;
  };
}
