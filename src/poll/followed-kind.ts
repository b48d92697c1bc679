import type { BurrowClient } from '../burrow/burrow-client.ts';
import type { Outcome } from '../burrow/outcome.ts';
import type { SeriesBook } from '../series/series-book.ts';
import type { GroupBoard } from '../telemetry/group-state.ts';
import type { TrafficCounters } from '../telemetry/traffic-counters.ts';
import type { BurrowRequest } from './burrow-server.ts';
import type { EmitRecords } from './emit-records.ts';
import type { Handler, HandlerEngine } from './handler.ts';
import type { NameFilter, NameFilters } from './name-filter.ts';
import type { Urgency } from './request-queue.ts';
import type { CountsTopic } from './topic-pick.ts';

/**
 * One kind of subject that is followed in every cluster: how its names are found, and how each of them is polled. A
 * further kind is one row of `FOLLOWED_KINDS`, and nothing else.
 */
export interface FollowedKind {
  /** What logs call one of them: `group`. */
  readonly name: string;
  /** What they are called where they are counted, remembered and missed: `groups`. */
  readonly plural: string;
  /** The tag of a record that shows their names: names that look alike there would share their series. */
  readonly tag: string;
  /** Where the filter may hide what somebody looks for: its key, so that the log names it. Null is not logged. */
  readonly filterKey: string | null;
  filter(filters: NameFilters): NameFilter;
  /** Asks for the names that a cluster has. */
  list(client: BurrowClient, cluster: string, signal: AbortSignal): Promise<Outcome<readonly string[]>>;
  /** Makes the handler of one name; it is not started. */
  createHandler(deps: FollowDeps, cluster: PolledCluster, name: string): Handler;
}

/** What handlers of all kinds are made with. */
export interface FollowDeps {
  readonly engine: HandlerEngine;
  readonly series: SeriesBook;
  readonly emit: EmitRecords;
  readonly board: GroupBoard;
  readonly traffic: Pick<TrafficCounters, 'countSample'>;
  /** Whether a topic's partitions count as their group's. */
  readonly countsTopic: CountsTopic;
}

/** A cluster as its handlers see it. */
export interface PolledCluster {
  readonly name: string;
  /**
   * Asks the server that has the cluster now.
   *
   * @param about the plural of the kind, or `lists`
   */
  ask<T>(
    about: string,
    send: (client: BurrowClient, signal: AbortSignal) => Promise<Outcome<T>>,
    urgency: Urgency,
    signal?: AbortSignal,
  ): BurrowRequest<T>;
}
