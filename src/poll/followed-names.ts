import type { Logger } from 'pino';

import type { Outcome } from '../burrow/outcome.ts';
import type { CountException } from '../telemetry/exceptions.ts';
import { createBelievedList } from './believed-list.ts';
import type { FollowDeps, FollowedKind, PolledCluster } from './followed-kind.ts';
import {
  createHandlerSet,
  NO_CHANGES,
  type HandlerChanges,
  type HandlerSet,
  type Pause,
} from './handler-set.ts';
import type { NameFilters } from './name-filter.ts';
import { createNameSelector, type HiddenNames, type ShowTag } from './name-selector.ts';

/** The names of one kind that are followed in one cluster, each with its handler. */
export interface FollowedNames {
  readonly kind: FollowedKind;
  readonly handlers: HandlerSet;
  /** Names that are listed and that the filter leaves out. */
  hidden(): HiddenNames;
  /** Takes a list, or a failure to get one; null: nothing was heard. */
  hear(
    outcome: Outcome<readonly string[]> | null,
    counts: boolean,
    signal: AbortSignal,
  ): Promise<HandlerChanges>;
  /** Whether any list was heard so far. */
  isHeard(): boolean;
  /** See `BelievedList`. */
  doubt(): void;
  shake(): void;
  /** Judges by another filter: what is denied now ends. */
  refilter(filters: NameFilters, signal: AbortSignal): Promise<void>;
  /** All of them end. */
  end(signal: AbortSignal): Promise<void>;
}

export interface FollowedNamesDeps {
  readonly follow: FollowDeps;
  /** Which of the names that the filter lets through may be followed. */
  select(names: readonly string[], followed: ReadonlyMap<string, unknown>): readonly string[];
  readonly pause: Pause;
  readonly isAddressable: (name: string) => boolean;
  readonly showTag: ShowTag;
  readonly count: CountException;
  readonly log: Logger;
}

export interface FollowedNamesOptions {
  readonly filters: NameFilters;
  /** Discoveries in a row, see {@link createBelievedList}. */
  readonly deadAfter: number;
  /** Read at each discovery. */
  readonly patience: number;
}

export function createFollowedNames(
  deps: FollowedNamesDeps,
  kind: FollowedKind,
  cluster: PolledCluster,
  options: FollowedNamesOptions,
): FollowedNames {
  const { count } = deps;
  const list = createBelievedList(options);
  const selector = createNameSelector(
    { ...deps, filter: kind.filter(options.filters) },
    { what: kind.name, plural: kind.plural, tag: kind.tag, filterKey: kind.filterKey, cluster: cluster.name },
  );
  const handlers = createHandlerSet({
    create: (name) => kind.createHandler(deps.follow, cluster, name),
    pause: deps.pause,
  });
  let isHeard = false;

  return {
    kind,
    handlers,
    hidden: () => selector.hidden(),
    isHeard: () => isHeard,
    async hear(outcome, counts, signal) {
      if (outcome?.kind === 'unreachable') count(cluster.name, 'burrowUnreachable', 1);
      if (outcome?.kind === 'invalid') count(cluster.name, 'burrowInvalid', 1);
      if (outcome === null) return NO_CHANGES;
      const { names, gone } = list.hear(outcome, handlers.byName, counts);
      if (names === null) return NO_CHANGES;
      isHeard = true;
      // What is followed, though the list lacks it, is judged with what is listed.
      const dead = new Set(gone);
      const followed = [...handlers.byName.keys()].filter((name) => !dead.has(name));
      const selected = selector.select([...new Set([...names, ...followed])]);
      const isSelected = new Set(selected);
      const refused = followed.filter((name) => !isSelected.has(name));
      return handlers.match(deps.select(selected, handlers.byName), [...gone, ...refused], signal);
    },
    doubt: () => list.doubt(),
    shake: () => list.shake(),
    async refilter(filters, signal) {
      selector.refilter(kind.filter(filters));
      const refused = [...handlers.byName.keys()].filter((name) => !selector.passes(name));
      await handlers.match([], refused, signal);
    },
    async end(signal) {
      deps.select([], handlers.byName);
      await handlers.match([], [...handlers.byName.keys()], signal);
    },
  };
}
