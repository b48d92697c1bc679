import type { BurrowClient } from './burrow-client.ts';

/**
 * The same client with names of our own for some of its clusters: its lists name ours, and what is asked about ours is
 * asked about its own. Clusters that the map does not name keep their name.
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
  const theirsOf = (cluster: string): string => theirs.get(cluster) ?? cluster;

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
    groups: (cluster, signal) => client.groups(theirsOf(cluster), signal),
    topics: (cluster, signal) => client.topics(theirsOf(cluster), signal),
    groupLag: (cluster, group, signal) => client.groupLag(theirsOf(cluster), group, signal),
    topicOffsets: (cluster, topic, signal) => client.topicOffsets(theirsOf(cluster), topic, signal),
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
