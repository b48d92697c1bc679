import type { Logger } from 'pino';

import type { CountException, ExceptionKind } from '../telemetry/exceptions.ts';
import { MAX_NAME_CHARACTERS } from '../burrow/request-path.ts';
import { passes, type NameFilter } from './name-filter.ts';

/** How many names a log line shows at most, and how much of each. */
export const NAMES_SHOWN = 5;
const CHARACTERS_SHOWN = 200;

/** What is to become of a name, whatever others there are; `altered`: selected, but records show it in another way. */
type Judgement = 'selected' | 'altered' | 'filtered' | 'unaddressable';

/** What records show of a text under a tag. */
export type ShowTag = (tag: string, text: string) => string;

/** Decides which of the listed names are followed. */
export interface NameSelector {
  /**
   * Those that pass the filter, can be asked for by URL and look like no other one in a record, each once, in the
   * list's order.
   */
  select(names: readonly string[]): readonly string[];
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

export interface NameSelectorOptions {
  /** What the log calls one of the names, and several. */
  readonly what: string;
  readonly plural: string;
  /** The tag of a record that shows them. */
  readonly tag: string;
  /** The configuration key of the filter, where the log says what it leaves out; else null. */
  readonly filterKey: string | null;
  /** Which cluster exceptions are counted against; blank for none. */
  readonly cluster: string;
}

/**
 * A name that no URL can carry (one with `/`) is counted and warned of once for as long as it is listed. So is one
 * that records can only show altered (control characters become `_`, the end of a very long one a hash), if it then
 * looks like another listed name: an invented group must not write into the series of the other one. Of
 * several that are all altered, the first in order of their characters is selected.
 */
export function createNameSelector(
  deps: {
    readonly filter: NameFilter;
    readonly isAddressable: (name: string) => boolean;
    readonly showTag: ShowTag;
    readonly count: CountException;
    readonly log: Logger;
  },
  options: NameSelectorOptions,
): NameSelector {
  const warnOfUnaddressable = createRefusalLog(
    'unaddressableName',
    'names that no URL can carry cannot be polled; rename them, or deny them to silence this',
  );
  const warnOfAmbiguous = createRefusalLog(
    'ambiguousName',
    'names that no record can tell from those of others are not polled; rename them, or deny them to silence this',
  );

  /** Logs and counts what was not refused the time before. */
  function createRefusalLog(kind: ExceptionKind, message: string): (refused: ReadonlySet<string>) => void {
    let before: ReadonlySet<string> = new Set();
    return (refused) => {
      const added = [...refused].filter((name) => !before.has(name));
      before = refused;
      if (added.length === 0) return;
      deps.count(options.cluster, kind, added.length);
      deps.log.warn({ what: options.what, names: someOf(added), total: added.length }, message);
    };
  }

  let hidden: HiddenNames = { total: 0, names: [] };

  /** A filter that is there by default leaves names out: that is logged, once for each change. */
  function noteHidden(filtered: readonly string[]): void {
    const isAsBefore =
      filtered.length === hidden.total && filtered.every((name) => known.get(name) === 'filtered');
    if (isAsBefore) return;
    hidden = { total: filtered.length, names: someOf(firstOf(filtered, NAMES_SHOWN)) };
    const { filterKey, plural, cluster } = options;
    if (filterKey === null) return;
    deps.log.info(
      { cluster, hidden: hidden.total, names: hidden.names },
      `${plural} are left out by ${filterKey}; change its allow or deny to have them polled`,
    );
  }

  /** What came of each name of the list before: a list of ten thousand is mostly the same every time. */
  let known = new Map<string, Judgement>();
  /** Whether that was by another filter. */
  let isOutdated = false;
  let { filter } = deps;

  function judge(name: string): Judgement {
    // Before any expression looks at it: anyone who may commit offsets decides how long a name is.
    if (name.length > MAX_NAME_CHARACTERS) return 'unaddressable';
    if (!passes(filter, name)) return 'filtered';
    if (!deps.isAddressable(name)) return 'unaddressable';
    return deps.showTag(options.tag, name) === name ? 'selected' : 'altered';
  }

  return {
    refilter(next) {
      filter = next;
      isOutdated = true;
    },
    passes: (name) => passes(filter, name),
    select(names) {
      const selected = new Set<string>();
      const unaddressable = new Set<string>();
      const altered: string[] = [];
      const filtered: string[] = [];
      const judged = new Map<string, Judgement>();
      for (const name of names) {
        const judgement = (isOutdated ? undefined : known.get(name)) ?? judge(name);
        judged.set(name, judgement);
        if (judgement === 'unaddressable') unaddressable.add(name);
        else if (judgement === 'filtered') filtered.push(name);
        else selected.add(name);
        if (judgement === 'altered') altered.push(name);
      }
      noteHidden(filtered);
      known = judged;
      isOutdated = false;
      const ambiguous = new Set<string>();
      const shown = new Set<string>();
      for (const name of altered.sort()) {
        const shownAs = deps.showTag(options.tag, name);
        if (!selected.has(shownAs) && !shown.has(shownAs)) shown.add(shownAs);
        else ambiguous.add(name);
      }
      for (const name of ambiguous) selected.delete(name);
      warnOfUnaddressable(unaddressable);
      warnOfAmbiguous(ambiguous);
      return [...selected];
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
