import type { BurrowClient } from './burrow-client.ts';
import type { Outcome } from './outcome.ts';

export interface CountedClientDeps {
  /** Called once for each request that was not cancelled. */
  readonly countRequest: (server: string, outcome: Outcome<unknown>['kind'], durationSeconds: number) => void;
  /** A clock that never goes back, milliseconds. */
  readonly monotonicMs: () => number;
}

/** The same client, with each request's outcome and duration counted. */
export function countRequests(client: BurrowClient, deps: CountedClientDeps): BurrowClient {
  async function counted<T>(signal: AbortSignal, send: () => Promise<Outcome<T>>): Promise<Outcome<T>> {
    const sentAtMs = deps.monotonicMs();
    const outcome = await send();
    if (!signal.aborted) {
      deps.countRequest(client.name, outcome.kind, (deps.monotonicMs() - sentAtMs) / 1000);
    }
    return outcome;
  }

  return {
    name: client.name,
    clusters: (signal) => counted(signal, () => client.clusters(signal)),
    groups: (cluster, signal) => counted(signal, () => client.groups(cluster, signal)),
    topics: (cluster, signal) => counted(signal, () => client.topics(cluster, signal)),
    groupLag: (cluster, group, signal) => counted(signal, () => client.groupLag(cluster, group, signal)),
    topicOffsets: (cluster, topic, signal) =>
      counted(signal, () => client.topicOffsets(cluster, topic, signal)),
    close: () => client.close(),
  };
}
