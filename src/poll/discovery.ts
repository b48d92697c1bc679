import type { Logger } from 'pino';

import type { Outcome } from '../burrow/outcome.ts';
import type { TrafficCounters } from '../telemetry/traffic-counters.ts';
import { outcomeOf, type BurrowServer } from './burrow-server.ts';
import type { ClusterChanges, ClusterWatch, RememberedNames } from './cluster-watch.ts';
import type { NameFilter } from './name-filter.ts';
import { someOf, type NameGate } from './name-gate.ts';
import type { Namesakes } from './namesakes.ts';

/** What one discovery found. */
export interface DiscoveryReport {
  /** Some server answered that had not at the discovery before: it was started, or is back. */
  readonly serverCame: boolean;
}

/** Finds out which clusters, groups and topics live, and keeps one handler for each. */
export interface Discovery {
  /**
   * One discovery over all servers. A failing server or cluster keeps what it has and harms no other.
   * Rejects only when the signal aborts.
   *
   * @param counts false while the maintainer settles: names are added, and nothing is taken for gone
   */
  run(counts: boolean, signal: AbortSignal): Promise<DiscoveryReport>;
  clusters(): ReadonlyMap<string, ClusterWatch>;
  /** Not during a run: follows by other filters from the next run on, and ends what is denied now. */
  refilter(filters: NameFilters, signal: AbortSignal): Promise<void>;
  /** Before the first run: begins with the clusters, groups and topics of a former process. */
  remember(names: ReadonlyMap<string, RememberedNames>, signal: AbortSignal): Promise<void>;
}

/** Which clusters are followed, and which groups and topics of them. */
export interface NameFilters {
  readonly clusters: NameFilter;
  readonly groups: NameFilter;
  readonly topics: NameFilter;
}

interface ServerMemory {
  readonly server: BurrowServer;
  /** Counted discoveries in a row that it answered. */
  okInARow: number;
  answered: boolean;
  listed: ReadonlySet<string> | null;
}

/**
 * A cluster that several servers list is answered for by the first of them in the order given. It moves when its server
 * fails at a discovery or lists it no more while another does, and moves back once the first has answered `deadAfter`
 * discoveries in a row, which is when it has filled up again. Of a cluster that no server lists, though its own server
 * answers, every group and topic is missing and ends like any other that is ({@link createBelievedList}): one whose polls
 * bring data stays. The cluster goes with the last of them, after `deadAfter` discoveries in a row at the earliest.
 */
export function createDiscovery(
  deps: {
    /** In order of preference. */
    readonly servers: readonly BurrowServer[];
    createWatch(cluster: string, server: BurrowServer): ClusterWatch;
    readonly clusterGate: NameGate;
    /** Where two servers list a cluster of the same name. */
    readonly namesakes: Namesakes;
    readonly traffic: Pick<TrafficCounters, 'know' | 'forget' | 'countException'>;
    readonly log: Logger;
  },
  options: { readonly deadAfter: number },
): Discovery {
  const { log, traffic } = deps;
  const { deadAfter } = options;
  const watches = new Map<string, ClusterWatch>();
  const absentInARow = new Map<string, number>();
  const memories = deps.servers.map((server): ServerMemory => ({
    server,
    okInARow: 0,
    answered: false,
    listed: null,
  }));

  function hear(memory: ServerMemory, outcome: Outcome<readonly string[]> | null, counts: boolean): boolean {
    const { server } = memory;
    const ok = outcome?.kind === 'ok';
    memory.listed = ok ? new Set(outcome.value) : null;
    if (!ok) memory.okInARow = 0;
    else if (counts) memory.okInARow += 1;
    const came = ok && !memory.answered;
    memory.answered = ok;
    if (came) {
      log.debug({ server: server.name }, 'Burrow answers');
      for (const watch of watches.values()) {
        if (watch.server() !== server) continue;
        for (const handler of watch.groups.all()) handler.resume();
        for (const handler of watch.topics.all()) handler.resume();
      }
    }
    // The list of clusters concerns no one cluster.
    if (outcome?.kind === 'unreachable') traffic.countException('', 'burrowUnreachable', 1);
    if (outcome?.kind === 'invalid') traffic.countException('', 'burrowInvalid', 1);
    return came;
  }

  /** Gives every listed cluster to its server; returns the watches whose lists are to be asked for, and the others. */
  function place(counts: boolean): {
    readonly live: readonly ClusterWatch[];
    readonly missing: readonly ClusterWatch[];
  } {
    const listed = memories.flatMap((memory) => [...(memory.listed ?? [])]);
    const names = new Set([...deps.clusterGate.admit(listed), ...watches.keys()]);
    const live: ClusterWatch[] = [];
    const missing: ClusterWatch[] = [];
    for (const name of names) {
      const listing = memories.filter((memory) => memory.listed?.has(name));
      const first = listing[0];
      const watch = watches.get(name);
      if (watch === undefined) {
        if (first !== undefined) live.push(add(name, first.server));
        continue;
      }
      if (first === undefined) {
        if (isAbsent(watch, counts)) missing.push(watch);
        continue;
      }
      absentInARow.delete(name);
      const stays = listing.some((memory) => memory.server === watch.server());
      if (first.server !== watch.server() && (!stays || first.okInARow >= deadAfter))
        watch.moveTo(first.server);
      live.push(watch);
    }
    return { live, missing };
  }

  function add(name: string, server: BurrowServer): ClusterWatch {
    const watch = deps.createWatch(name, server);
    watches.set(name, watch);
    traffic.know(name);
    log.info({ cluster: name, server: server.name }, 'cluster found');
    return watch;
  }

  /** Whether its own server says that it has the cluster no more. */
  function isAbsent(watch: ClusterWatch, counts: boolean): boolean {
    const { name } = watch;
    if (!memories.some((memory) => memory.server === watch.server() && memory.answered)) {
      // A server that fails says nothing: in a row means without such a gap.
      absentInARow.delete(name);
      watch.doubt();
      return false;
    }
    absentInARow.set(name, (absentInARow.get(name) ?? 0) + (counts ? 1 : 0));
    return true;
  }

  async function miss(watch: ClusterWatch, counts: boolean, signal: AbortSignal): Promise<ClusterChanges> {
    const { name } = watch;
    const listed = memories.find((memory) => memory.server === watch.server())?.listed;
    const changes = await watch.miss(listed?.size === 0 ? 'none' : 'others', counts, signal);
    const isEmpty = watch.groups.size + watch.topics.size === 0;
    if (isEmpty && (absentInARow.get(name) ?? 0) >= deadAfter) {
      log.info({ cluster: name }, 'cluster is gone');
      forget(name);
    }
    return changes;
  }

  function forget(name: string): void {
    watches.delete(name);
    traffic.forget(name);
    absentInARow.delete(name);
  }

  async function refresh(watch: ClusterWatch, counts: boolean, signal: AbortSignal): Promise<ClusterChanges> {
    const changes = watch.refresh(counts, signal);
    if (counts) await compare(watch, changes, signal);
    return changes;
  }

  /** Asks the other servers that have a cluster of this name for their groups, if it is time for that. */
  async function compare(
    watch: ClusterWatch,
    changes: Promise<ClusterChanges>,
    signal: AbortSignal,
  ): Promise<void> {
    const { name } = watch;
    const server = watch.server();
    const others = memories
      .filter((memory) => memory.server !== server && memory.listed?.has(name))
      .filter(({ server: other }) => deps.namesakes.isDue(name, server.name, other.name))
      .map((memory) => memory.server);
    const asked = others.map((other) =>
      outcomeOf(other.ask('lists', (client, sent) => client.groups(name, sent), 'discovery', signal)),
    );
    const [{ listedGroups }, ...outcomes] = await Promise.all([changes, ...asked]);
    signal.throwIfAborted();
    for (const [index, outcome] of outcomes.entries()) {
      const other = others[index];
      if (listedGroups === null || outcome?.kind !== 'ok' || other === undefined) continue;
      deps.namesakes.hear({
        cluster: name,
        server: server.name,
        listed: listedGroups,
        isFollowed: (group) => watch.groups.get(group) !== undefined,
        other: other.name,
        otherListed: outcome.value,
      });
    }
  }

  /** A server that fails to say which clusters it has changes nothing. */
  function isNamesake(cluster: string, server: string, other: string): boolean {
    const listed = memories.find((memory) => memory.server.name === other)?.listed;
    return watches.get(cluster)?.server().name === server && (!listed || listed.has(cluster));
  }

  return {
    async run(counts, signal) {
      const came = await Promise.all(
        memories.map(async (memory) => {
          const asked = memory.server.ask(
            'lists',
            (client, sent) => client.clusters(sent),
            'discovery',
            signal,
          );
          return hear(memory, await outcomeOf(asked), counts);
        }),
      );
      signal.throwIfAborted();
      const { live, missing } = place(counts);
      const settled = await Promise.allSettled([
        ...live.map((watch) => refresh(watch, counts, signal)),
        ...missing.map((watch) => miss(watch, counts, signal)),
      ]);
      const changes = settled.map((result) => {
        if (result.status === 'rejected') throw result.reason;
        return result.value;
      });
      deps.namesakes.keep(isNamesake);
      logChanges(log, watches, changes);
      return { serverCame: came.includes(true) };
    },
    clusters: () => watches,
    async refilter(filters, signal) {
      deps.clusterGate.refilter(filters.clusters);
      for (const watch of [...watches.values()]) {
        await watch.refilter(filters, signal);
        if (deps.clusterGate.passes(watch.name)) continue;
        await watch.end(signal);
        log.info({ cluster: watch.name }, 'cluster is denied now');
        forget(watch.name);
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

/** One line a discovery, however many handlers came and went. */
function logChanges(
  log: Logger,
  watches: ReadonlyMap<string, ClusterWatch>,
  changes: readonly ClusterChanges[],
): void {
  const added = changes.flatMap(({ groups, topics }) => [...groups.added, ...topics.added]);
  const removed = changes.flatMap(({ groups, topics }) => [...groups.removed, ...topics.removed]);
  let groups = 0;
  let topics = 0;
  for (const watch of watches.values()) {
    groups += watch.groups.size;
    topics += watch.topics.size;
  }
  const facts = { clusters: watches.size, groups, topics, added: added.length, removed: removed.length };
  if (added.length + removed.length === 0) log.debug(facts, 'discovery found nothing new');
  else log.info({ ...facts, addedNames: someOf(added), removedNames: someOf(removed) }, 'discovery done');
}
