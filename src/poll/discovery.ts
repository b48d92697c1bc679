import type { Logger } from 'pino';

import type { TrafficCounters } from '../telemetry/traffic-counters.ts';
import { LISTS } from './answer-record.ts';
import { outcomeOf, type BurrowServer } from './burrow-server.ts';
import { createClusterServers } from './cluster-servers.ts';
import type { ClusterChanges, FollowedCluster, RememberedNames } from './followed-cluster.ts';
import type { NameFilters } from './name-filter.ts';
import { someOf, type NameSelector } from './name-selector.ts';
import type { Namesakes } from './namesakes.ts';

/** What one discovery found. */
export interface DiscoveryReport {
  /** Some server answered that had not at the discovery before: it was started, or is back. */
  readonly serverCame: boolean;
}

/** Finds out which clusters live and what is in them, and keeps one handler for each name. */
export interface Discovery {
  /**
   * One discovery over all servers. A failing server or cluster keeps what it has and harms no other.
   * Rejects only when the signal aborts.
   *
   * @param counts false while the maintainer settles: names are added, and nothing is taken for gone
   */
  run(counts: boolean, signal: AbortSignal): Promise<DiscoveryReport>;
  clusters(): ReadonlyMap<string, FollowedCluster>;
  /** Not during a run: follows by other filters from the next run on, and ends what is denied now. */
  refilter(filters: NameFilters, signal: AbortSignal): Promise<void>;
  /** Before the first run: begins with what a former process polled, by cluster. */
  remember(names: ReadonlyMap<string, RememberedNames>, signal: AbortSignal): Promise<void>;
}

/**
 * A cluster that no server lists, though its own server answers, has lost all its names: they end like any others that
 * are missing (see `BelievedList`), and those whose polls bring data stay. The cluster goes with the last of them, after
 * `deadAfter` discoveries in a row at the earliest. See `ClusterServers` for those that several servers list.
 */
export function createDiscovery(
  deps: {
    /** In order of preference. */
    readonly servers: readonly BurrowServer[];
    createCluster(name: string, server: BurrowServer): FollowedCluster;
    readonly clusterNames: NameSelector;
    /** Where two servers list a cluster of the same name. */
    readonly namesakes: Namesakes;
    readonly traffic: Pick<TrafficCounters, 'know' | 'forget' | 'countException'>;
    readonly log: Logger;
  },
  options: { readonly deadAfter: number },
): Discovery {
  const { log, traffic } = deps;
  const clusters = new Map<string, FollowedCluster>();
  const servers = createClusterServers(deps, options);

  function add(name: string, server: BurrowServer): FollowedCluster {
    const cluster = deps.createCluster(name, server);
    clusters.set(name, cluster);
    traffic.know(name);
    log.info({ cluster: name, server: server.name }, 'cluster found');
    return cluster;
  }

  function forget(name: string): void {
    clusters.delete(name);
    traffic.forget(name);
    servers.forget(name);
  }

  async function hearServers(counts: boolean, signal: AbortSignal): Promise<boolean> {
    const came = await Promise.all(
      deps.servers.map(async (server) => {
        const asked = server.ask(LISTS, (client, sent) => client.clusters(sent), 'discovery', signal);
        const hasCome = servers.hear(server, await outcomeOf(asked), counts);
        if (hasCome) {
          for (const cluster of clusters.values()) {
            if (cluster.server() !== server) continue;
            for (const handler of cluster.handlers()) handler.resume();
          }
        }
        return hasCome;
      }),
    );
    signal.throwIfAborted();
    return came.includes(true);
  }

  /** Asks about one cluster what its server has, and its namesakes on other servers. */
  async function refresh(name: string, counts: boolean, signal: AbortSignal): Promise<ClusterChanges | null> {
    const known = clusters.get(name);
    const assigned = servers.assign(name, known?.server() ?? null, counts);
    switch (assigned.kind) {
      case 'server': {
        const cluster = known ?? add(name, assigned.server);
        if (cluster.server() !== assigned.server) cluster.moveTo(assigned.server);
        const changes = cluster.refresh(counts, signal);
        if (counts) await deps.namesakes.compare(cluster, changes, servers.listing(name), signal);
        return changes;
      }
      case 'missing':
        return known === undefined ? null : miss(known, assigned, counts, signal);
      case 'unsure':
        known?.doubt();
        return null;
    }
  }

  async function miss(
    cluster: FollowedCluster,
    { others, isDead }: { readonly others: 'others' | 'none'; readonly isDead: boolean },
    counts: boolean,
    signal: AbortSignal,
  ): Promise<ClusterChanges> {
    const changes = await cluster.miss(others, counts, signal);
    if (isDead && cluster.handlers().length === 0) {
      log.info({ cluster: cluster.name }, 'cluster is gone');
      forget(cluster.name);
    }
    return changes;
  }

  return {
    async run(counts, signal) {
      const serverCame = await hearServers(counts, signal);
      const names = new Set([...deps.clusterNames.select(servers.listed()), ...clusters.keys()]);
      const settled = await Promise.allSettled([...names].map((name) => refresh(name, counts, signal)));
      const changes = settled.flatMap((result) => {
        if (result.status === 'rejected') throw result.reason;
        return result.value ?? [];
      });
      deps.namesakes.keep(
        (name, server, other) => clusters.get(name)?.server().name === server && servers.mayList(other, name),
      );
      logChanges(log, clusters, changes);
      return { serverCame };
    },
    clusters: () => clusters,
    async refilter(filters, signal) {
      deps.clusterNames.refilter(filters.clusters);
      for (const cluster of [...clusters.values()]) {
        await cluster.refilter(filters, signal);
        if (deps.clusterNames.passes(cluster.name)) continue;
        await cluster.end(signal);
        log.info({ cluster: cluster.name }, 'cluster is denied now');
        forget(cluster.name);
      }
    },
    async remember(names, signal) {
      const [first] = deps.servers;
      if (first === undefined) return;
      for (const [cluster, namesOfCluster] of names) {
        await add(cluster, first).remember(namesOfCluster, signal);
      }
    },
  };
}

/** How many names of each kind are followed, by the plural of the kind. */
export function countFollowed(clusters: Iterable<FollowedCluster>): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { kinds } of clusters) {
    for (const { kind, handlers } of kinds) {
      counts[kind.plural] = (counts[kind.plural] ?? 0) + handlers.size;
    }
  }
  return counts;
}

/** One line a discovery, however many handlers came and went. */
function logChanges(
  log: Logger,
  clusters: ReadonlyMap<string, FollowedCluster>,
  changes: readonly ClusterChanges[],
): void {
  const ofKinds = changes.flatMap((each) => each.changes);
  const added = ofKinds.flatMap((each) => each.added);
  const removed = ofKinds.flatMap((each) => each.removed);
  const facts = {
    clusters: clusters.size,
    ...countFollowed(clusters.values()),
    added: added.length,
    removed: removed.length,
  };
  if (added.length + removed.length === 0) log.debug(facts, 'discovery found nothing new');
  else log.info({ ...facts, addedNames: someOf(added), removedNames: someOf(removed) }, 'discovery done');
}
