import type { Logger } from 'pino';

import type { Outcome } from '../burrow/outcome.ts';
import type { TrafficCounters } from '../telemetry/traffic-counters.ts';
import type { BurrowServer } from './burrow-server.ts';

/** Which server a cluster is to be asked from. */
export type Assignment =
  | { readonly kind: 'server'; readonly server: BurrowServer }
  /**
   * No server lists it, though its own one answers. `others`: whether that one lists any other cluster. `isDead`: it has
   * been so for `deadAfter` counted discoveries in a row.
   */
  | { readonly kind: 'missing'; readonly others: 'others' | 'none'; readonly isDead: boolean }
  /** Its own server does not answer, and no other lists it. */
  | { readonly kind: 'unsure' };

/**
 * Which server answers for which cluster. Where several list it, that is the first of them in the order given. The
 * cluster moves when its server fails at a discovery or lists it no more while another does, and moves back once the
 * first has answered `deadAfter` discoveries in a row, which is when it has filled up again.
 */
export interface ClusterServers {
  /** Takes a server's list of clusters. Returns whether it answers and did not at the discovery before. */
  hear(server: BurrowServer, outcome: Outcome<readonly string[]> | null, counts: boolean): boolean;
  /** All that any server lists, in their order. */
  listed(): readonly string[];
  /** @param current the server that it has now; null for a new cluster */
  assign(cluster: string, current: BurrowServer | null, counts: boolean): Assignment;
  /** The servers that list a cluster. */
  listing(cluster: string): readonly BurrowServer[];
  /** Whether a server, by its name, lists a cluster, or failed to say. */
  mayList(server: string, cluster: string): boolean;
  forget(cluster: string): void;
}

interface ServerLists {
  readonly server: BurrowServer;
  /** Counted discoveries in a row that it answered. */
  okInARow: number;
  /** Null: it did not answer. */
  listed: ReadonlySet<string> | null;
}

/** See {@link ClusterServers}. */
export function createClusterServers(
  deps: {
    /** In order of preference. */
    readonly servers: readonly BurrowServer[];
    readonly traffic: Pick<TrafficCounters, 'countException'>;
    readonly log: Logger;
  },
  { deadAfter }: { readonly deadAfter: number },
): ClusterServers {
  const { traffic, log } = deps;
  const all = deps.servers.map((server): ServerLists => ({ server, okInARow: 0, listed: null }));
  /** Counted discoveries in a row at which no server listed a cluster. */
  const absentInARow = new Map<string, number>();

  return {
    hear(server, outcome, counts) {
      // The list of clusters concerns no one cluster.
      if (outcome?.kind === 'unreachable') traffic.countException('', 'burrowUnreachable', 1);
      if (outcome?.kind === 'invalid') traffic.countException('', 'burrowInvalid', 1);
      const lists = all.find((each) => each.server === server);
      if (lists === undefined) return false;
      const isOk = outcome?.kind === 'ok';
      const came = isOk && lists.listed === null;
      lists.listed = isOk ? new Set(outcome.value) : null;
      if (!isOk) lists.okInARow = 0;
      else if (counts) lists.okInARow += 1;
      if (came) log.debug({ server: server.name }, 'Burrow answers');
      return came;
    },
    listed: () => all.flatMap(({ listed }) => [...(listed ?? [])]),
    assign(cluster, current, counts) {
      const listing = all.filter(({ listed }) => listed?.has(cluster));
      const first = listing[0];
      if (first !== undefined) {
        absentInARow.delete(cluster);
        const stays = current !== null && listing.some(({ server }) => server === current);
        return { kind: 'server', server: stays && first.okInARow < deadAfter ? current : first.server };
      }
      const own = all.find(({ server }) => server === current);
      if (!own?.listed) {
        // A server that fails says nothing: in a row means without such a gap.
        absentInARow.delete(cluster);
        return { kind: 'unsure' };
      }
      const absent = (absentInARow.get(cluster) ?? 0) + (counts ? 1 : 0);
      absentInARow.set(cluster, absent);
      return {
        kind: 'missing',
        others: own.listed.size === 0 ? 'none' : 'others',
        isDead: absent >= deadAfter,
      };
    },
    listing: (cluster) => all.flatMap(({ server, listed }) => (listed?.has(cluster) ? [server] : [])),
    mayList(server, cluster) {
      const listed = all.find((each) => each.server.name === server)?.listed;
      return !listed || listed.has(cluster);
    },
    forget: (cluster) => void absentInARow.delete(cluster),
  };
}
