import type { Logger } from 'pino';
import type { Clock, Scheduler } from '../platform/clock.ts';
import { firstFault, type Condition } from '../platform/condition-tracker.ts';
import { settledOrLate } from '../platform/abortable.ts';
import type { Part } from '../platform/part.ts';
import type { EncodedSample } from '../records/encoded-sample.ts';
import type { OpenStore } from '../store/store.ts';
import { createBacklog, type Depth, type DroppedSample } from './backlog.ts';
import { createDelivery, type OutboxSink } from './delivery.ts';
import type { SpanState } from './disk-format.ts';
import type { DiskLimits } from './disk-machine.ts';
import { createDiskOutbox } from './disk-outbox.ts';
import { createDiskRunner } from './disk-runner.ts';
import { createDrainReport, createDropReport, createRefusalReport } from './outbox-reports.ts';

/**
 * Why records were dropped: `full`, there was no room; `refused`, the destination will never take them; `stopped`, they
 * came after the stop; `lost`, they were on a disk that cannot be read any more.
 */
export const DROP_CAUSES = ['full', 'refused', 'stopped', 'lost'] as const;

/** One of {@link DROP_CAUSES}. */
export type DropCause = (typeof DROP_CAUSES)[number];

/** Records of one cluster that will not be delivered. Zero bounds that were kept are not among `records`. */
export interface Drop {
  /** '' where it is not known any more: cause `lost`. */
  readonly cluster: string;
  /** 0 where it is the rest of one that was counted already. */
  readonly samples: number;
  readonly records: number;
  readonly cause: DropCause;
}

export interface OutboxDeps {
  readonly sink: OutboxSink;
  readonly clock: Clock;
  /** A clock that never goes back nor is set, milliseconds. */
  readonly monotonicMs: () => number;
  readonly scheduler: Scheduler;
  readonly log: Logger;
  /** The destination has acknowledged all records of these samples. Must not throw. */
  readonly onAcknowledged: (samples: readonly EncodedSample[]) => void;
  /** Called for each sample dropped. Must not throw. */
  readonly onDropped: (drop: Drop) => void;
  /** Opens the store of `OutboxOptions.disk`; needed with it only. */
  readonly openStore?: OpenStore;
}

export interface OutboxOptions {
  /** Bound on what waits, by `sampleCostBytes`; see `createBacklog` for what goes where it is exceeded. */
  readonly memoryBytes: number;
  /** Lines handed to the sink at once, bytes. A larger sample goes alone. Default 4 MiB. */
  readonly batchBytes?: number;
  /**
   * How long a sample waits for company at most, ms, while less than a batch waits. Each batch costs this process and
   * the destination something of its own, and polls are spread over their window. Default 20.
   */
  readonly lingerMs?: number;
  /** What does not fit in memory goes to disk; absent: the oldest is dropped. */
  readonly disk?: Omit<DiskLimits, 'memoryBytes'> & {
    /** Folder of the store. */
    readonly path: string;
  };
}

/** How much waits, in memory and on disk. */
export interface OutboxDepth extends Depth {
  /** What is on disk, delivered samples that are not removed yet included; 0 without a disk. */
  readonly diskBytes: number;
}

/**
 * The bounded queue between series and sink. Samples leave in the order in which they came, whole, one batch at a
 * time. Past the bounds of memory and disk the oldest whole samples that are not in flight are dropped but for their
 * zero bounds; past that bounds are folded, and then the oldest of them go. What is on disk survives the process and is
 * delivered by the next one, before anything newer.
 */
export interface Outbox extends Part {
  /** Takes a sample (each object once). Never blocks and never throws; may be called before `start`. */
  offer(sample: EncodedSample): void;
  /**
   * Faulty from the first sample dropped for want of room until everything that waited has been delivered, and while
   * the disk has a fault.
   */
  condition(): Condition;
  depth(): OutboxDepth;
  /** Age of the oldest sample that waits, ms since it was offered; 0 when none waits. */
  oldestWaitingMs(): number;
  /** How long samples have been waiting without any being acknowledged, ms; 0 when none waits. */
  silentMs(): number;
  /** As `silentMs`, but a destination that refuses samples is none that says nothing. */
  unansweredMs(): number;
  /** When the destination last acknowledged something, ms since the epoch; null before the first time. */
  lastAcknowledgedMs(): number | null;
  /** Rejects where another process uses the disk store. Every other fault of the disk shows in `condition`. */
  start(signal: AbortSignal): Promise<void>;
  /**
   * Delivers what still waits until `signal` aborts, and logs every two seconds how much that is. Then it logs how many
   * samples and records still wait, and how many of them are safe on disk; `depth` tells it too. Resolves in either
   * case. What is offered afterwards is dropped and counted as `stopped`.
   */
  stop(signal: AbortSignal): Promise<void>;
  /** The newest state of each key's spans among the samples that the former process left on disk. */
  spansOnDisk(): ReadonlyMap<string, SpanState>;
}

/** How long beyond the linger the destination may be silent before what waits in memory is put on disk. */
const STUCK_MS = 1000;
/** How long after the deadline of a stop the disk may still take. */
const DISK_GRACE_MS = 2000;

export function createOutbox(deps: OutboxDeps, options: OutboxOptions): Outbox {
  const { clock, monotonicMs, scheduler, log } = deps;
  const lingerMs = (): number => options.lingerMs ?? 20;
  const drops = createDropReport(
    { clock, log },
    { remedy: options.disk ? 'outbox.disk.max' : 'outbox.memory' },
  );
  const refusals = createRefusalReport({ clock, log });
  const disk = createDisk();
  const backlog = disk?.backlog ?? createBacklog({ memoryBytes: options.memoryBytes });
  const drain = createDrainReport({ log, scheduler, monotonicMs, depth: () => backlog.depth() });
  const delivery = createDelivery(
    { sink: deps.sink, backlog, scheduler, log, onAcknowledged, onRefused, oldestWaitingMs },
    { batchBytes: options.batchBytes ?? 4 * 1024 * 1024, lingerMs },
  );
  /** By the monotonic clock: since when samples wait, or the newest acknowledgement while some do. */
  let silentSinceMs: number | null = null;
  let refusedAtMs = -Infinity;
  let lastAcknowledgedMs: number | null = null;

  function createDisk() {
    const { openStore } = deps;
    if (options.disk === undefined || openStore === undefined) return null;
    const outbox = createDiskOutbox(
      {
        isStuck: () => silentMs() >= lingerMs() + STUCK_MS,
        onChanged: () => runner.wake(),
        onReady: () => delivery.wake(),
        onDropped: (dropped) => dropped.forEach(dropFull),
        onLost({ samples, records }) {
          deps.onDropped({ cluster: '', samples, records, cause: 'lost' });
          delivery.wake();
        },
      },
      { memoryBytes: options.memoryBytes, ...options.disk },
    );
    const runner = createDiskRunner(
      { outbox, openStore, clock, monotonicMs, scheduler, log },
      { path: options.disk.path },
    );
    return { backlog: outbox, runner };
  }

  function silentMs(): number {
    return silentSinceMs === null ? 0 : monotonicMs() - silentSinceMs;
  }

  function oldestWaitingMs(): number {
    const offeredMs = backlog.oldestOfferedMs();
    return offeredMs === null ? 0 : Math.max(0, clock.nowMs() - offeredMs);
  }

  function drop({ cluster, recordCount }: EncodedSample, cause: DropCause): void {
    deps.onDropped({ cluster, samples: 1, records: recordCount, cause });
  }

  function dropFull({ sample: { cluster }, records, isRest }: DroppedSample): void {
    if (isRest) drops.droppedBounds(records);
    else drops.dropped(records);
    // The rest of a sample that was counted already.
    deps.onDropped({ cluster, samples: isRest ? 0 : 1, records, cause: 'full' });
  }

  /** Returns those of them that were in flight: what a sink names twice counts once. */
  function settle(samples: readonly EncodedSample[]): readonly EncodedSample[] {
    const settled = backlog.settle(samples);
    if (backlog.depth().samples === 0) {
      silentSinceMs = null;
      drops.end();
    }
    return settled;
  }

  function onAcknowledged(named: readonly EncodedSample[]): void {
    lastAcknowledgedMs = clock.nowMs();
    silentSinceMs = monotonicMs();
    const samples = settle(named);
    if (samples.length === 0) return;
    drain.acknowledged(samples);
    deps.onAcknowledged(samples);
  }

  function onRefused(named: readonly EncodedSample[], reason: string): void {
    const samples = settle(named);
    if (samples.length === 0) return;
    refusedAtMs = monotonicMs();
    const zeroBounds = samples.reduce((sum, { bounds }) => sum + bounds.length, 0);
    refusals.refused({ samples: samples.length, zeroBounds }, reason);
    for (const sample of samples) drop(sample, 'refused');
  }

  /** A disk that hangs does not hold up the end. */
  function timely(work: Promise<void>, signal: AbortSignal): Promise<void> {
    return settledOrLate(work, signal, { scheduler, graceMs: DISK_GRACE_MS });
  }

  function logRemaining(): void {
    const { samples, records } = backlog.depth();
    const unsafe = disk?.backlog.unsafeSamples() ?? samples;
    if (samples > unsafe) {
      log.warn(
        { samples: samples - unsafe },
        'Stopped; samples stay on disk and are delivered after the next start',
      );
    }
    if (unsafe > 0) log.error({ samples: unsafe, records }, 'Stopped with records that were not delivered');
  }

  return {
    name: 'outbox',
    offer(sample) {
      if (delivery.isOver()) {
        drop(sample, 'stopped');
        return;
      }
      const wasEmpty = backlog.depth().samples === 0;
      if (wasEmpty) silentSinceMs = monotonicMs();
      backlog.add(sample, clock.nowMs()).forEach(dropFull);
      delivery.offered(wasEmpty);
    },
    async start() {
      await disk?.runner.open();
      if (backlog.depth().samples > 0) silentSinceMs ??= monotonicMs();
      delivery.start();
    },
    async stop(signal) {
      const wasStarted = delivery.isStarted();
      if (wasStarted && !delivery.isOver()) drain.begin();
      const stopping = delivery.stop(signal);
      // At once: whatever keeps the destination from taking them, nothing that waits is lost.
      if (wasStarted && disk !== null) await timely(disk.runner.save(), signal);
      const isDelivered = await stopping;
      drain.end();
      if (wasStarted && disk !== null) await timely(disk.runner.close(), signal);
      if (!isDelivered) logRemaining();
    },
    condition() {
      const inMemory = [drops.condition(), refusals.condition()] as const;
      return disk === null ? firstFault(...inMemory) : firstFault(disk.runner.condition(), ...inMemory);
    },
    depth: () => ({ ...backlog.depth(), diskBytes: disk?.backlog.diskBytes() ?? 0 }),
    oldestWaitingMs,
    silentMs,
    unansweredMs: () => Math.min(silentMs(), monotonicMs() - refusedAtMs),
    lastAcknowledgedMs: () => lastAcknowledgedMs,
    spansOnDisk: () => disk?.backlog.spansAtOpening() ?? new Map(),
  };
}
