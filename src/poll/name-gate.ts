import type { Logger } from 'pino';

import type { CountException, ExceptionKind } from '../telemetry/exceptions.ts';
import { MAX_NAME_CHARACTERS } from '../burrow/request-path.ts';
import { passes, type NameFilter } from './name-filter.ts';

/** How many names a log line shows at most, and how much of each. */
export const NAMES_SHOWN = 5;
const CHARACTERS_SHOWN = 200;

/** What is to become of a name, whatever others there are; `altered`: admitted, but records show it in another way. */
type Judgement = 'admitted' | 'altered' | 'filtered' | 'unaddressable';

/** What a name may be the name of. */
export type NamedThing = 'cluster' | 'group' | 'topic';

/** What records show of a name. */
export type ShowName = (name: string, what: NamedThing) => string;

/** Decides which of the listed names get a handler. */
export interface NameGate {
  /**
   * Those that pass the filter, can be asked for by URL and look like no other one in a record, each once, in the
   * list's order.
   */
  admit(names: readonly string[]): readonly string[];
  /** Judges by another filter from now on. */
  refilter(filter: NameFilter): void;
  /** Whether the filter lets a name through. */
  passes(name: string): boolean;
  /** What the filter left out of the newest list. */
  hidden(): HiddenNames;
}

/** Names that a filter leaves out. */
export interface HiddenNames {
  readonly total: number;
  /** A few of them, the first in order, long ones cut. */
  readonly names: readonly string[];
}

/**
 * A name that no URL can carry (one with `/`) is counted and warned of once for as long as it is listed. So is one
 * that records can only show altered (control characters become `_`, the end of a very long one a hash), if it then
 * looks like another listed name: whoever makes up such a group must not write into the series of that other one. Of
 * several that are all altered, the first in order of their characters is admitted.
 *
 * @param options.clusterOf which cluster a name's exception is counted against; blank for none
 */
export function createNameGate(
  deps: {
    readonly filter: NameFilter;
    readonly isAddressable: (name: string) => boolean;
    readonly shownAs: ShowName;
    readonly count: CountException;
    readonly log: Logger;
  },
  options: { readonly what: NamedThing; clusterOf(name: string): string },
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

  let hidden: HiddenNames = { total: 0, names: [] };

  /** Groups are left out without a word by a filter that is there by default, so that is said, once for each change. */
  function tellHidden(filtered: readonly string[]): void {
    const isAsBefore =
      filtered.length === hidden.total && filtered.every((name) => known.get(name) === 'filtered');
    if (isAsBefore) return;
    hidden = { total: filtered.length, names: someOf(firstOf(filtered, NAMES_SHOWN)) };
    if (options.what !== 'group') return;
    deps.log.info(
      { cluster: options.clusterOf(''), hidden: hidden.total, names: hidden.names },
      'groups are left out by discovery.groups; change its allow or deny to have them polled',
    );
  }

  /** What came of each name of the list before: a list of ten thousand is mostly the same every time. */
  let known = new Map<string, Judgement>();
  /** Whether that was by another filter. */
  let isOutdated = false;
  let { filter } = deps;

  function judge(name: string): Judgement {
    // Before any expression looks at it: the length of a name is up to whoever may commit offsets.
    if (name.length > MAX_NAME_CHARACTERS) return 'unaddressable';
    if (!passes(filter, name)) return 'filtered';
    if (!deps.isAddressable(name)) return 'unaddressable';
    return deps.shownAs(name, options.what) === name ? 'admitted' : 'altered';
  }

  return {
    refilter(next) {
      filter = next;
      isOutdated = true;
    },
    passes: (name) => passes(filter, name),
    admit(names) {
      const admitted = new Set<string>();
      const unaddressable = new Set<string>();
      const altered: string[] = [];
      const filtered: string[] = [];
      const judged = new Map<string, Judgement>();
      for (const name of names) {
        const judgement = (isOutdated ? undefined : known.get(name)) ?? judge(name);
        judged.set(name, judgement);
        if (judgement === 'unaddressable') unaddressable.add(name);
        else if (judgement === 'filtered') filtered.push(name);
        else admitted.add(name);
        if (judgement === 'altered') altered.push(name);
      }
      tellHidden(filtered);
      known = judged;
      isOutdated = false;
      const ambiguous = new Set<string>();
      const shown = new Set<string>();
      for (const name of altered.sort()) {
        const shownAs = deps.shownAs(name, options.what);
        if (!admitted.has(shownAs) && !shown.has(shownAs)) shown.add(shownAs);
        else ambiguous.add(name);
      }
      for (const name of ambiguous) admitted.delete(name);
      tellUnaddressable(unaddressable);
      tellAmbiguous(ambiguous);
      return [...admitted];
    },
    hidden: () => hidden,
  };
}

/** The first `most` in order, without sorting all. */
export function firstOf(names: readonly string[], most: number): readonly string[] {
  const first: string[] = [];
  for (const name of names) {
    if (first.length === most && name >= (first[most - 1] ?? '')) continue;
    const at = first.findIndex((other) => name < other);
    first.splice(at === -1 ? first.length : at, 0, name);
    if (first.length > most) first.pop();
  }
  return first;
}

/** The first few, and the beginning of each, for a log line. */
export function someOf(names: readonly string[]): readonly string[] {
  return names
    .slice(0, NAMES_SHOWN)
    .map((name) => (name.length > CHARACTERS_SHOWN ? `${name.slice(0, CHARACTERS_SHOWN)}…` : name));
}
