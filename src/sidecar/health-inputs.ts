import { describeDifference } from '../burrow/differing-lists.ts';
import type { Configuration } from '../config/configuration.ts';
import type { HealthInputs, Phase } from '../http/health.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { UrlMaintainer } from '../poll/url-maintainer.ts';
import type { Sink } from '../sinks/sink.ts';
import type { SpanMemory } from './span-memory.ts';

/** What the parts of a sidecar say of themselves. */
export interface HealthSources {
  readonly maintainer: Pick<UrlMaintainer, 'servers' | 'namesakes' | 'firstPolls' | 'clusters'>;
  readonly outbox: Pick<
    Outbox,
    'depth' | 'condition' | 'oldestWaitingMs' | 'silentMs' | 'lastAcknowledgedMs'
  >;
  readonly sink: Pick<Sink, 'condition'>;
  /** Null where open spans are not remembered. */
  readonly memory: Pick<SpanMemory, 'condition'> | null;
  /** What the sidecar itself keeps. */
  readonly own: {
    readonly phase: Phase;
    readonly startedAtMs: number;
    readonly clockAheadMs: number;
    readonly droppedSamples: number;
    readonly lastDropMs: number | null;
  };
}

/** All that the health check judges by, at this moment. Does no I/O. */
export function healthInputs(
  { discovery, sink: { type } }: Configuration,
  { maintainer, outbox, sink, memory, own }: HealthSources,
): HealthInputs {
  const { samples, records, bytes, diskBytes } = outbox.depth();
  const { phase, startedAtMs, clockAheadMs, droppedSamples, lastDropMs } = own;
  return {
    phase,
    startedAtMs,
    clockAheadMs,
    burrows: maintainer.servers(),
    namesakes: maintainer
      .namesakes()
      .map((namesake) => ({ cluster: namesake.cluster, reason: describeDifference(namesake) })),
    firstPolls: maintainer.firstPolls(),
    groupLimit: {
      maxGroups: discovery.maxGroups,
      leftOutGroups: maintainer.clusters().reduce((sum, cluster) => sum + cluster.groupsOverLimit, 0),
    },
    outbox: {
      condition: outbox.condition(),
      waitingSamples: samples,
      waitingRecords: records,
      waitingBytes: bytes,
      diskBytes,
      oldestWaitingMs: outbox.oldestWaitingMs(),
      silentMs: outbox.silentMs(),
      lastAcknowledgedMs: outbox.lastAcknowledgedMs(),
      droppedSamples,
      lastDropMs,
    },
    sink: { name: type, condition: sink.condition() },
    ledger: memory?.condition() ?? null,
  };
}
