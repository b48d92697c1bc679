import type { Logger } from 'pino';
import type { BurrowClient } from '../burrow/burrow-client.ts';
import { countRequests, type CountedClientDeps } from '../burrow/counted-client.ts';
import { ownNamesOf, renameClusters } from '../burrow/rename-clusters.ts';
import {
  createBurrowClient,
  type BurrowClientDeps,
  type BurrowClientOptions,
} from '../burrow/undici-client.ts';
import type { Configuration } from '../config/configuration.ts';
import { tlsClientOptions } from '../config/setting/tls-options.ts';
import type { Part } from '../platform/part.ts';
import type { Listeners } from './listeners.ts';

/** The configured Burrow servers; `stop` closes the connections to them. */
export interface BurrowServers extends Omit<Part, 'start'> {
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
  deps: BurrowClientDeps &
    Omit<CountedClientDeps, 'countRequest'> & { readonly listeners: Listeners; readonly log: Logger },
): BurrowServers {
  const log = deps.log.child({ part: 'poll' });
  const options = burrowClientOptions(configuration);
  const bare = options.map((clientOptions) => createBurrowClient(deps, clientOptions));
  const names = options.map(({ clusterNames }) => clusterNames);
  const clients = bare.map((burrowClient, index) => {
    const client = countRequests(burrowClient, { ...deps, countRequest: deps.listeners.requested });
    return renameClusters(client, names[index] ?? new Map<string, string>(), (cluster) =>
      log.warn(
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
    async stop() {
      await Promise.all(clients.map((client) => client.close()));
    },
  };
}

/** A Burrow server: how to reach it, and our names for its clusters, by its own. */
export interface BurrowOptions extends BurrowClientOptions {
  readonly clusterNames: ReadonlyMap<string, string>;
}

/** How to reach each Burrow server. Reads the TLS files that are named. */
export function burrowClientOptions({ burrow }: Configuration): readonly BurrowOptions[] {
  return burrow.servers.map(({ tls, clusters = {}, ...server }) => ({
    ...server,
    clusterNames: new Map(Object.entries(clusters)),
    ...(tls && { tls: tlsClientOptions(tls) }),
    timeoutMs: burrow.timeoutMs,
    connections: burrow.concurrency,
  }));
}
