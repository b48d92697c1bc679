import type { Logger } from 'pino';

import type { CountException, ExceptionKind } from '../telemetry/exceptions.ts';
import { passes, type NameFilter } from './name-filter.ts';

/** How many names a log line shows at most, and how much of each. */
const NAMES_SHOWN = 5;
const CHARACTERS_SHOWN = 200;

/** Decides which of the listed names get a handler. */
export interface NameGate {
  /**
   * Those that pass the filter, can be asked for by URL and look like no other one in a record, each once, in the
   * list's order.
   */
  admit(names: readonly string[]): readonly string[];
}

/**
 * A name that no URL can carry (one with `/`) is counted and warned of once for as long as it is listed. So is one
 * that records can only show altered (control characters become `_`), if it then looks like another listed name:
 * whoever makes up such a group must not write into the series of that other one. Of several that are all altered,
 * the first in order of their characters is admitted.
 *
 * @param options.clusterOf which cluster a name's exception is counted against; blank for none
 */
export function createNameGate(
  deps: {
    readonly filter: NameFilter;
    readonly isAddressable: (name: string) => boolean;
    readonly shownAs: (name: string) => string;
    readonly count: CountException;
    readonly log: Logger;
  },
  options: { readonly what: 'cluster' | 'group' | 'topic'; clusterOf(name: string): string },
): NameGate {
  const tellUnaddressable = createTeller(
    'unaddressableName',
    'names that no URL can carry cannot be polled; rename them, or deny them to silence this',
  );
  const tellAmbiguous = createTeller(
    'ambiguousName',
    'names that no record can tell from those of others are not polled; rename them, or deny them to silence this',
  );

  /** Speaks of what was not refused the time before. */
  function createTeller(kind: ExceptionKind, message: string): (refused: ReadonlySet<string>) => void {
    let before: ReadonlySet<string> = new Set();
    return (refused) => {
      const news = [...refused].filter((name) => !before.has(name));
      for (const name of news) deps.count(options.clusterOf(name), kind, 1);
      if (news.length > 0)
        deps.log.warn({ what: options.what, names: someOf(news), total: news.length }, message);
      before = refused;
    };
  }

  return {
    admit(names) {
      const admitted = new Set<string>();
      const unaddressable = new Set<string>();
      const altered: string[] = [];
      for (const name of names) {
        if (!passes(deps.filter, name)) continue;
        if (!deps.isAddressable(name)) unaddressable.add(name);
        else {
          admitted.add(name);
          if (deps.shownAs(name) !== name) altered.push(name);
        }
      }
      const ambiguous = new Set<string>();
      const shown = new Set<string>();
      for (const name of altered.sort()) {
        const shownAs = deps.shownAs(name);
        if (!admitted.has(shownAs) && !shown.has(shownAs)) shown.add(shownAs);
        else ambiguous.add(name);
      }
      for (const name of ambiguous) admitted.delete(name);
      tellUnaddressable(unaddressable);
      tellAmbiguous(ambiguous);
      return [...admitted];
    },
  };
}

/** The first few, and the beginning of each, for a log line. */
export function someOf(names: readonly string[]): readonly string[] {
  return names
    .slice(0, NAMES_SHOWN)
    .map((name) => (name.length > CHARACTERS_SHOWN ? `${name.slice(0, CHARACTERS_SHOWN)}…` : name));
}
