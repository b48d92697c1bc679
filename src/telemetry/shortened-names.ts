import type { Logger } from 'pino';
import type { CountException } from './exceptions.ts';

/** How many names are remembered. Past them the oldest is forgotten, and told again where it comes up again. */
const MOST_REMEMBERED = 1000;
/** Enough to find a name by, in a log line and in what is remembered. */
const CHARACTERS_SHOWN = 200;

/** Counts names that the wire format has no room for, and says so, each once. */
export function createShortenedNames(deps: {
  readonly count: CountException;
  readonly log: Pick<Logger, 'warn'>;
}): (cluster: string, tag: string, name: string) => void {
  const told = new Set<string>();
  return (cluster, tag, name) => {
    const shown = `${name.slice(0, CHARACTERS_SHOWN)}…`;
    const key = JSON.stringify([cluster, tag, shown, name.length]);
    if (told.has(key)) return;
    told.add(key);
    for (const oldest of told) {
      if (told.size <= MOST_REMEMBERED) break;
      told.delete(oldest);
    }
    deps.count(cluster, 'nameShortened', 1);
    deps.log.warn(
      { cluster, tag, name: shown, characters: name.length },
      'A name is longer than a tag of a record may be; its records show its beginning and a hash of the whole',
    );
  };
}
