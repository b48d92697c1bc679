import type { Logger } from 'pino';
import type { BurrowClient } from '../burrow/burrow-client.ts';
import { countRequests, type CountedClientDeps } from '../burrow/counted-client.ts';
import { ownNamesOf, renameClusters } from '../burrow/rename-clusters.ts';
import { createBurrowClient, type BurrowClientDeps } from '../burrow/undici-client.ts';
import type { Configuration } from '../config/configuration.ts';
import { burrowClientOptions } from './part-options.ts';
import type { Part } from '../platform/part.ts';

/** The configured Burrow servers; `stop` closes the connections to them. */
export interface BurrowServers extends Part {
  /** Clients that count their requests and call clusters as the configuration says, in its order. */
  readonly clients: readonly BurrowClient[];
  /** What a webhook's cluster may be called here: each Burrow speaks of its clusters by its own names. */
  ownNames(cluster: string): readonly string[];
  /**
   * Gets the access of another configuration with the same servers ready, and returns what makes it count; see
   * `BurrowClientWithAccess`. Throws where it cannot be used.
   */
  prepare(configuration: Configuration): () => void;
}

/** See {@link BurrowServers}. Reads the TLS files that are named. */
export function createBurrowServers(
  configuration: Configuration,
  deps: BurrowClientDeps & CountedClientDeps & { readonly log: Pick<Logger, 'warn'> },
): BurrowServers {
  const options = burrowClientOptions(configuration);
  const bare = options.map((clientOptions) => createBurrowClient(deps, clientOptions));
  const names = options.map(({ clusterNames }) => clusterNames);
  const clients = bare.map((burrowClient, index) => {
    const client = countRequests(burrowClient, deps);
    return renameClusters(client, names[index] ?? new Map<string, string>(), (cluster) =>
      deps.log.warn(
        { server: client.name, cluster },
        'a cluster is not followed, because burrow.servers[].clusters gives its name to another one of the same server; give it another name there, too',
      ),
    );
  });

  return {
    name: 'burrow clients',
    clients,
    ownNames: (cluster) => ownNamesOf(cluster, names),
    prepare(next) {
      const accesses = burrowClientOptions(next);
      const makesCount = bare.map((client, index) => client.prepare(accesses[index] ?? {}));
      return () => {
        for (const make of makesCount) make();
      };
    },
    start: () => Promise.resolve(),
    async stop() {
      await Promise.all(clients.map((client) => client.close()));
    },
  };
}
