import type { Outcome } from '../burrow/outcome.ts';
import { LISTS } from './answer-record.ts';
import { outcomeOf, type BurrowServer, type RequestOwner } from './burrow-server.ts';
import type { PolledCluster } from './followed-kind.ts';
import type { FollowedKinds } from './followed-kinds.ts';
import {
  createFollowedNames,
  type FollowedNames,
  type FollowedNamesDeps,
  type FollowedNamesOptions,
} from './followed-names.ts';
import type { GroupLimit } from './group-limit.ts';
import type { Handler } from './handler.ts';
import type { HandlerChanges } from './handler-set.ts';
import { createLowerCaseHint, type ClusterLists } from './lower-case-hint.ts';
import type { NameFilters } from './name-filter.ts';

/** One cluster: which server answers for it, and its live handlers. */
export interface FollowedCluster {
  readonly name: string;
  /** What is followed in it, of each kind. */
  readonly kinds: readonly FollowedNames[];
  /** What it is known by: those of the first kind. */
  readonly main: FollowedNames;
  server(): BurrowServer;
  /** Those of all kinds. */
  handlers(): readonly Handler[];
  /** Follows by other filters from now on: what is denied now ends, and what is allowed now is found at the next refresh. */
  refilter(filters: NameFilters, signal: AbortSignal): Promise<void>;
  /**
   * Another server answers from now on; handlers and series stay. What still waits for an answer of the old one is
   * cancelled, since it may be a server that hangs.
   */
  moveTo(server: BurrowServer): void;
  /** The server failed to say which clusters it has: nothing ends. */
  doubt(): void;
  /**
   * Takes these names for listed, although no list is known yet: they were polled by a former process. The lists decide
   * about them as about any others, once they are believed.
   */
  remember(names: RememberedNames, signal: AbortSignal): Promise<void>;
  /** Asks for all lists and matches the handlers with them. Each list may fail without harm to the others. */
  refresh(counts: boolean, signal: AbortSignal): Promise<ClusterChanges>;
  /**
   * Its server lists the cluster no more: all that is followed in it is missing, and ends as others that are.
   *
   * @param others whether it lists any other; one that lists none may have restarted and still fill
   */
  miss(others: 'others' | 'none', counts: boolean, signal: AbortSignal): Promise<ClusterChanges>;
  /** The cluster is denied now: all of it ends, and other clusters have the room that it took. */
  end(signal: AbortSignal): Promise<void>;
}

/** Names in one cluster that a former process polled, by the plural of their kind. */
export type RememberedNames = Readonly<Record<string, readonly string[]>>;

/** What one discovery changed in a cluster. */
export interface ClusterChanges {
  /** The names of the first kind that its server lists; null where it gave no list. */
  readonly mainListed: readonly string[] | null;
  /** Of all kinds. */
  readonly changes: readonly HandlerChanges[];
}

export interface FollowedClusterDeps extends Omit<FollowedNamesDeps, 'select'> {
  readonly kinds: FollowedKinds;
  /** How many names of the first kind there may be. */
  readonly limit: GroupLimit;
}

export interface FollowedClusterOptions extends FollowedNamesOptions {
  readonly name: string;
}

/** What a server says of a cluster that it does not have. */
const UNKNOWN: Outcome<never> = { kind: 'notFound' };
const EMPTY: Outcome<readonly string[]> = { kind: 'ok', value: [] };

type ListOutcome = Outcome<readonly string[]> | null;

export function createFollowedCluster(
  deps: FollowedClusterDeps,
  firstServer: BurrowServer,
  options: FollowedClusterOptions,
): FollowedCluster {
  const { log } = deps;
  const { name } = options;
  const hint = createLowerCaseHint({ log }, { cluster: name });
  let server = firstServer;

  const link: PolledCluster & RequestOwner = {
    name,
    ask: (about, send, urgency, signal) => server.ask(about, send, urgency, signal, link),
    failed() {
      for (const names of kinds) names.shake();
    },
  };
  const [mainKind, ...otherKinds] = deps.kinds;
  const main = createFollowedNames(
    { ...deps, select: (names, followed) => deps.limit.take(name, names, followed) },
    mainKind,
    link,
    options,
  );
  const kinds = [
    main,
    ...otherKinds.map((kind) =>
      createFollowedNames({ ...deps, select: (names) => names }, kind, link, options),
    ),
  ];

  /** @param outcomes what came of each kind's list */
  async function hear(
    outcomes: readonly ListOutcome[],
    counts: boolean,
    signal: AbortSignal,
  ): Promise<ClusterChanges> {
    const changes: HandlerChanges[] = [];
    for (const [index, names] of kinds.entries()) {
      changes.push(await names.hear(outcomes[index] ?? null, counts, signal));
    }
    const [first] = outcomes;
    return { mainListed: first?.kind === 'ok' ? first.value : null, changes };
  }

  function doubt(): void {
    for (const names of kinds) names.doubt();
  }

  return {
    name,
    kinds,
    main,
    server: () => server,
    handlers: () => kinds.flatMap(({ handlers }) => [...handlers.all()]),
    async refilter(filters, signal) {
      for (const names of kinds) await names.refilter(filters, signal);
    },
    moveTo(next) {
      log.info({ cluster: name, from: server.name, to: next.name }, 'cluster moves to another Burrow server');
      const former = server;
      server = next;
      // Where the former one gave no list, this one is the first to be asked: no doubt comes of that.
      if (kinds.some((names) => names.isHeard())) doubt();
      former.cancelOf(link);
    },
    doubt,
    async remember(names, signal) {
      for (const { kind, handlers } of kinds) await handlers.match(names[kind.plural] ?? [], [], signal);
      // Where handlers sleep until an event wakes them, an open span must be looked after at once.
      for (const handler of main.handlers.all()) handler.wake();
    },
    async refresh(counts, signal) {
      const outcomes = await Promise.all(
        kinds.map(({ kind }) =>
          outcomeOf(link.ask(LISTS, (client, sent) => kind.list(client, name, sent), 'discovery', signal)),
        ),
      );
      signal.throwIfAborted();
      if (counts) hint(listsOf(kinds, outcomes));
      return hear(outcomes, counts, signal);
    },
    miss(others, counts, signal) {
      return hear(
        kinds.map(() => (others === 'none' ? EMPTY : UNKNOWN)),
        counts,
        signal,
      );
    },
    async end(signal) {
      for (const names of kinds) await names.end(signal);
    },
  };
}

/** The lists that are good, by the plural of their kind. */
function listsOf(kinds: readonly FollowedNames[], outcomes: readonly ListOutcome[]): ClusterLists {
  return new Map(
    kinds.flatMap(({ kind }, index) => {
      const outcome = outcomes[index];
      return outcome?.kind === 'ok' ? [[kind.plural, outcome.value] as const] : [];
    }),
  );
}
