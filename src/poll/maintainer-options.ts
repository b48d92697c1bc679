import type { Logger } from 'pino';

import type { BurrowClient } from '../burrow/burrow-client.ts';
import type { Clock, Scheduler } from '../platform/clock.ts';
import type { SeriesBook } from '../series/series-book.ts';
import type { GroupBoard } from '../telemetry/group-state.ts';
import type { TrafficCounters } from '../telemetry/traffic-counters.ts';
import type { EmitRecords } from './emit-records.ts';
import type { SleepOptions } from './handler.ts';
import type { NameFilters } from './name-filter.ts';
import type { ShowTag } from './name-selector.ts';

export interface UrlMaintainerDeps {
  /** Burrow servers in order of preference; the maintainer does not close them. */
  readonly clients: readonly BurrowClient[];
  /** Whether a name can be carried by a URL as one path segment. */
  readonly isAddressable: (name: string) => boolean;
  /** What a record's tag makes of a name. Names that look alike there would share their series. */
  readonly showTag: ShowTag;
  readonly series: SeriesBook;
  readonly emit: EmitRecords;
  readonly board: GroupBoard;
  readonly traffic: Pick<TrafficCounters, 'know' | 'forget' | 'countSample' | 'countException'>;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  /** A clock that never goes back, milliseconds. */
  readonly monotonicMs: () => number;
  /** A number in [0, 1): jitter of retries. */
  random(): number;
  readonly log: Logger;
}

/** What may change while it runs. Durations in milliseconds. */
export interface LiveMaintainerOptions extends NameFilters {
  readonly discoveryIntervalMs: number;
  readonly pollIntervalMs: number;
  /**
   * Null polls every group at every interval. Else groups sleep until `wake`, and again after some answers in a row with
   * status OK and no lag. Topics are polled in any case.
   * Whether they sleep does not change while it runs.
   */
  readonly sleep: SleepOptions | null;
}

export interface UrlMaintainerOptions extends LiveMaintainerOptions {
  /** Requests in flight per server, 1 or more. */
  readonly concurrency: number;
  /** Discoveries in a row that lack a name before it may be dead, see `createBelievedList`; 1 or more. */
  readonly deadAfter: number;
  /** Over all clusters, 1 or more. */
  readonly maxGroups: number;
}
