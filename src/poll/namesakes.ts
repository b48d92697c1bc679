import type { Logger } from 'pino';

import { describeDifference, isAnotherCluster, type DifferingLists } from '../burrow/differing-lists.ts';
import { LISTS } from './answer-record.ts';
import { outcomeOf, type BurrowServer } from './burrow-server.ts';
import type { ClusterChanges, FollowedCluster } from './followed-cluster.ts';
import { passes, type NameFilter } from './name-filter.ts';

/** Looks in a row that have to say the same. */
const SURE_AFTER = 3;
/** Once it is sure, only every so many discoveries are looked at. */
const SURE_FOR = 10;

/** The lists of two servers that have a cluster of the same name. */
export interface TwoLists {
  readonly cluster: string;
  /** The server whose names are followed, and its list. */
  readonly server: string;
  readonly listed: readonly string[];
  readonly isFollowed: (name: string) => boolean;
  readonly other: string;
  readonly otherListed: readonly string[];
}

/**
 * Notices where two servers have different clusters of one name, so that the groups of the second are not followed.
 *
 * Replicas may differ for a while: one has heard of a new group before the other, or has restarted and still fills. So it
 * takes three looks in a row in which the same groups, more than a fifth of the other's, are listed by the other alone,
 * and none of them has come to be followed. A list that merely lacks some of what is followed raises nothing.
 */
export interface Namesakes {
  /**
   * Asks the other servers that list a cluster for their groups, if it is time for that, and compares. To be called once
   * for each counted discovery.
   *
   * @param listing the servers that list it
   */
  compare(
    cluster: FollowedCluster,
    changes: Promise<ClusterChanges>,
    listing: readonly BurrowServer[],
    signal: AbortSignal,
  ): Promise<void>;
  /** Whether the lists are worth asking for at this discovery. To be asked once for each counted discovery. */
  isDue(cluster: string, server: string, other: string): boolean;
  hear(lists: TwoLists): void;
  /** Forgets all pairs but those that hold. */
  keep(holds: (cluster: string, server: string, other: string) => boolean): void;
  current(): readonly DifferingLists[];
}

interface Pair {
  readonly cluster: string;
  readonly server: string;
  readonly other: string;
  looksToSkip: number;
  agreed: number;
  differed: number;
  /** Groups that only the other has listed, at each look since it first differed. */
  onlyThere: ReadonlySet<string>;
  difference: DifferingLists | null;
}

/** See {@link Namesakes}. A difference is logged once for as long as the process lives. */
export function createNamesakes(deps: {
  readonly log: Logger;
  /** What it lets through is followed; the others may differ. */
  readonly filter: () => NameFilter;
}): Namesakes {
  const { log } = deps;
  const pairs = new Map<string, Pair>();
  const logged = new Set<string>();

  function pairOf(cluster: string, server: string, other: string): Pair {
    const key = JSON.stringify([cluster, server, other]);
    const pair = pairs.get(key) ?? {
      ...{ cluster, server, other, looksToSkip: 0, agreed: 0, differed: 0 },
      onlyThere: new Set<string>(),
      difference: null,
    };
    pairs.set(key, pair);
    return pair;
  }

  function logOnce(difference: DifferingLists): void {
    const key = JSON.stringify([difference.cluster, ...[difference.server, difference.other].sort()]);
    if (logged.has(key)) return;
    logged.add(key);
    log.warn(difference, `two clusters of one name: ${describeDifference(difference)}`);
  }

  const namesakes: Namesakes = {
    async compare(cluster, changes, listing, signal) {
      const { name, main } = cluster;
      const server = cluster.server();
      const others = listing
        .filter((other) => other !== server)
        .filter((other) => namesakes.isDue(name, server.name, other.name));
      const asked = others.map((other) =>
        outcomeOf(
          other.ask(LISTS, (client, sent) => main.kind.list(client, name, sent), 'discovery', signal),
        ),
      );
      const [{ mainListed }, ...outcomes] = await Promise.all([changes, ...asked]);
      signal.throwIfAborted();
      for (const [index, outcome] of outcomes.entries()) {
        const other = others[index];
        if (mainListed === null || outcome?.kind !== 'ok' || other === undefined) continue;
        namesakes.hear({
          cluster: name,
          server: server.name,
          listed: mainListed,
          isFollowed: (each) => main.handlers.get(each) !== undefined,
          other: other.name,
          otherListed: outcome.value,
        });
      }
    },
    isDue(...names) {
      const pair = pairOf(...names);
      pair.looksToSkip -= 1;
      return pair.looksToSkip < 0;
    },
    hear({ cluster, server, listed, isFollowed, other, otherListed }) {
      const pair = pairOf(cluster, server, other);
      const filter = deps.filter();
      const here = new Set(listed);
      const there = otherListed.filter((group) => passes(filter, group));
      const onlyThere = there.filter((group) => !here.has(group) && !isFollowed(group));
      const hasCaughtUp = [...pair.onlyThere].some((group) => here.has(group) || isFollowed(group));
      const lasting =
        pair.differed === 0 || hasCaughtUp
          ? onlyThere
          : onlyThere.filter((group) => pair.onlyThere.has(group));
      if (isAnotherCluster(lasting.length, there.length)) {
        pair.agreed = 0;
        pair.differed = hasCaughtUp ? 1 : pair.differed + 1;
        pair.onlyThere = new Set(lasting);
      } else {
        pair.agreed += 1;
        pair.differed = 0;
        pair.onlyThere = new Set();
      }
      if (pair.differed >= SURE_AFTER) {
        const own = listed.filter((group) => passes(filter, group));
        pair.difference = { cluster, server, groups: own.length, other, otherGroups: there.length };
        logOnce(pair.difference);
      }
      if (pair.agreed >= SURE_AFTER) pair.difference = null;
      pair.looksToSkip = Math.max(pair.agreed, pair.differed) >= SURE_AFTER ? SURE_FOR - 1 : 0;
    },
    keep(holds) {
      for (const [key, { cluster, server, other }] of pairs) {
        if (!holds(cluster, server, other)) pairs.delete(key);
      }
    },
    current: () => [...pairs.values()].flatMap(({ difference }) => difference ?? []),
  };
  return namesakes;
}
