import type { BurrowClient } from './burrow-client.ts';
import type { Outcome } from './outcome.ts';

/**
 * The same client with names of our own for some of its clusters: its lists name ours, and what is asked about ours is
 * asked about its own. Clusters that the map does not name keep their name. A name that is only Burrow's is not known:
 * a former process may have polled by it, or it may be a cluster of another server.
 *
 * @param names our name by Burrow's, no two of ours the same
 * @param hides called once for each cluster that cannot be told any more, because another was given its name
 */
export function renameClusters(
  client: BurrowClient,
  names: ReadonlyMap<string, string>,
  hides: (cluster: string) => void,
): BurrowClient {
  if (names.size === 0) return client;
  const theirs = new Map([...names].map(([their, our]) => [our, their]));
  const hidden = new Set<string>();

  /** Null where Burrow would answer about a cluster that has another name here. */
  function theirsOf(cluster: string): string | null {
    return theirs.get(cluster) ?? (names.has(cluster) ? null : cluster);
  }

  function ask<T>(cluster: string, send: (theirs: string) => Promise<Outcome<T>>): Promise<Outcome<T>> {
    const known = theirsOf(cluster);
    return known === null ? Promise.resolve({ kind: 'notFound' }) : send(known);
  }

  function oursOf(cluster: string): readonly string[] {
    const our = names.get(cluster);
    if (our !== undefined) return [our];
    if (!theirs.has(cluster)) return [cluster];
    if (!hidden.has(cluster)) {
      hidden.add(cluster);
      hides(cluster);
    }
    return [];
  }

  return {
    name: client.name,
    async clusters(signal) {
      const outcome = await client.clusters(signal);
      return outcome.kind === 'ok' ? { kind: 'ok', value: outcome.value.flatMap(oursOf) } : outcome;
    },
    groups: (cluster, signal) => ask(cluster, (known) => client.groups(known, signal)),
    topics: (cluster, signal) => ask(cluster, (known) => client.topics(known, signal)),
    groupLag: (cluster, group, signal) => ask(cluster, (known) => client.groupLag(known, group, signal)),
    topicOffsets: (cluster, topic, signal) =>
      ask(cluster, (known) => client.topicOffsets(known, topic, signal)),
    close: () => client.close(),
  };
}

/**
 * What a cluster may be called here that some Burrow calls by this name, each once; it is not known which of them speaks.
 *
 * @param servers our names by Burrow's, for each server
 */
export function ownNamesOf(
  cluster: string,
  servers: readonly ReadonlyMap<string, string>[],
): readonly string[] {
  return [...new Set(servers.map((names) => names.get(cluster) ?? cluster))];
}

/**
 * Whether any server can have a cluster that is called so here: not where each has another name for it.
 *
 * @param servers our names by Burrow's, for each server
 */
export function isOwnName(cluster: string, servers: readonly ReadonlyMap<string, string>[]): boolean {
  return servers.some((names) => !names.has(cluster) || [...names.values()].includes(cluster));
}
