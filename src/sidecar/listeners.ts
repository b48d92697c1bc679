import type { StatusChange } from '../history/status-timeline.ts';
import type { NotifierOutcome } from '../http/notifier-receiver.ts';
import type { NotifierEvent } from '../http/notifier-body.ts';
import type { Drop } from '../outbox/outbox.ts';
import type { SampleRecords } from '../records/record.ts';
import type { ExceptionKind } from '../telemetry/exceptions.ts';
import type { GroupState } from '../telemetry/group-state.ts';
import type { PollOutcome } from '../telemetry/metric-rows.ts';
import type { ClusterTraffic } from '../telemetry/traffic-counters.ts';

/**
 * What happens in the river, for whoever only wants to know of it. A listener has the methods that it cares about; none
 * of them may block or throw. Counts are 1 or more.
 */
export interface Listener {
  readonly clusterFound?: (cluster: string) => void;
  readonly clusterGone?: (cluster: string) => void;
  /** A request to Burrow has ended. */
  readonly requested?: (server: string, outcome: PollOutcome, durationSeconds: number) => void;
  /** A good answer about a group or a topic. @param totalLagRecords null for unknown, and for a topic */
  readonly sampleTaken?: (cluster: string, totalLagRecords: number | null) => void;
  /** What a good answer about a group said; comes after its `sampleTaken`. */
  readonly groupSeen?: (state: GroupState) => void;
  /** Two successive good samples of a group told different statuses. */
  readonly statusChanged?: (state: GroupState, change: StatusChange) => void;
  readonly groupGone?: (cluster: string, group: string) => void;
  /** Records were made of a sample. They are not to be kept: the sample is released afterwards. */
  readonly emitted?: (sample: SampleRecords) => void;
  /** The destination has acknowledged records. */
  readonly acknowledged?: (cluster: string, records: number) => void;
  readonly dropped?: (drop: Drop) => void;
  /** A fault of the destination, or of the ledger there, has begun, or goes on for this cause now. */
  readonly sinkFault?: (cause: string) => void;
  /** @param cluster '' where it concerns no one cluster */
  readonly exception?: (cluster: string, kind: ExceptionKind, times: number) => void;
  /** A minute of traffic has ended. */
  readonly minute?: (clusters: readonly ClusterTraffic[], endedAtMs: number) => void;
  /** Burrow's notifier spoke of a group that is polled. */
  readonly notified?: (event: NotifierEvent, atMs: number) => void;
  /** What events of Burrow's notifier came to. */
  readonly notifierEvents?: (outcome: NotifierOutcome, times: number) => void;
}

/** Tells all listeners, in the order in which they were added. */
export interface Listeners extends Required<Listener> {
  add(...listeners: readonly Listener[]): void;
}

/** See {@link Listeners}. */
export function createListeners(): Listeners {
  const all: Listener[] = [];
  function each(tell: (listener: Listener) => void): void {
    for (const listener of all) tell(listener);
  }
  return {
    add: (...listeners) => void all.push(...listeners),
    clusterFound: (cluster) => each((listener) => listener.clusterFound?.(cluster)),
    clusterGone: (cluster) => each((listener) => listener.clusterGone?.(cluster)),
    requested: (...request) => each((listener) => listener.requested?.(...request)),
    sampleTaken: (cluster, lag) => each((listener) => listener.sampleTaken?.(cluster, lag)),
    groupSeen: (state) => each((listener) => listener.groupSeen?.(state)),
    statusChanged: (state, change) => each((listener) => listener.statusChanged?.(state, change)),
    groupGone: (cluster, group) => each((listener) => listener.groupGone?.(cluster, group)),
    emitted: (sample) => each((listener) => listener.emitted?.(sample)),
    acknowledged: (cluster, records) => each((listener) => listener.acknowledged?.(cluster, records)),
    dropped: (drop) => each((listener) => listener.dropped?.(drop)),
    sinkFault: (cause) => each((listener) => listener.sinkFault?.(cause)),
    exception: (cluster, kind, times) => each((listener) => listener.exception?.(cluster, kind, times)),
    minute: (clusters, endedAtMs) => each((listener) => listener.minute?.(clusters, endedAtMs)),
    notified: (event, atMs) => each((listener) => listener.notified?.(event, atMs)),
    notifierEvents: (outcome, times) => each((listener) => listener.notifierEvents?.(outcome, times)),
  };
}
