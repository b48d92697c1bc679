import type { Logger } from 'pino';
import type { Clock, Scheduler } from '../platform/clock.ts';
import { sleep } from '../platform/clock.ts';
import { abortable } from '../platform/abortable.ts';
import { settledOrLate } from '../platform/deadline.ts';
import type { Part } from '../platform/part.ts';
import { retryDelayMs } from '../platform/retry.ts';
import type { EncodedSample } from '../records/encoded-sample.ts';
import type { OpenStore } from '../store/store.ts';
import { createBacklog } from './backlog.ts';
import type { Depth, DroppedSample } from './backlog.ts';
import { createDiskBacklog, type DiskBacklogOptions } from './disk-backlog.ts';
import { createDrainLog } from './drain-log.ts';
import { createDropEpisode } from './drop-episode.ts';
import type { OutboxCondition } from './drop-episode.ts';
import type { SpanState } from './spool-entries.ts';
import { createGate } from './gate.ts';
import { createRefusals } from './refusals.ts';

/** Where the outbox delivers to; the promises are those of `Sink` in `sinks/sink.ts`. */
export interface OutboxSink {
  deliver(
    samples: readonly EncodedSample[],
    report: {
      acknowledged(samples: readonly EncodedSample[]): void;
      refused(samples: readonly EncodedSample[], reason: string): void;
      closed(): void;
    },
    signal: AbortSignal,
  ): Promise<void>;
}

/**
 * Why records were given up: `full`, the memory bound was exceeded; `refused`, the destination will never take
 * them; `stopped`, they came after the end; `lost`, they lay on a disk that cannot be read any more.
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
  /** Called for each sample given up. Must not throw. */
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
  readonly disk?: Omit<DiskBacklogOptions, 'memoryBytes'>;
}

/** How much waits, in memory and on disk. */
export interface OutboxDepth extends Depth {
  /** What lies on disk, delivered samples that are not removed yet included; 0 without a disk. */
  readonly diskBytes: number;
}

/**
 * The bounded queue between series and sink. Samples leave in the order in which they came, whole, one batch at a
 * time. Past the bounds of memory and disk the oldest whole samples that are not in flight are dropped but for their
 * zero bounds; past that bounds are folded, and then the oldest of them go. What lies on disk survives the process and is delivered by the next one, before anything newer.
 */
export interface Outbox extends Part {
  /** Takes a sample (each object once). Never blocks and never throws; may be called before `start`. */
  offer(sample: EncodedSample): void;
  /**
   * Faulty from the first sample dropped for want of room until everything that waited has been delivered, and while
   * the disk has a fault.
   */
  condition(): OutboxCondition;
  depth(): OutboxDepth;
  /** Age of the oldest sample that waits, ms since it was offered; 0 when none waits. */
  oldestWaitingMs(): number;
  /** How long samples have been waiting without any being acknowledged, ms; 0 when none waits. */
  silentMs(): number;
  /** When the destination last acknowledged something, ms since the epoch; null before the first time. */
  lastAcknowledgedMs(): number | null;
  /** Rejects where another process uses the disk store. Every other fault of the disk shows in `condition`. */
  start(signal: AbortSignal): Promise<void>;
  /**
   * Delivers what still waits until `signal` aborts, saying every two seconds what is left, then logs how many samples and records were left, and how many
   * of them are safe on disk; `depth` tells it too. Resolves in either case. What is offered afterwards is dropped
   * and counted as `stopped`.
   */
  stop(signal: AbortSignal): Promise<void>;
  /** The newest state of each key's spans among the samples that were left on disk. */
  spansOnDisk(): ReadonlyMap<string, SpanState>;
}

/** So long beyond the linger the destination may be silent before what waits in memory is put on disk. */
const STUCK_MS = 1000;
/** So long after the deadline of a stop the disk may still take. */
const DISK_GRACE_MS = 2000;
const unexpectedRetry = { initialMs: 1000, maxMs: 30_000 };

export function createOutbox(deps: OutboxDeps, options: OutboxOptions): Outbox {
  const { sink, clock, monotonicMs, scheduler, log } = deps;
  const batchBytes = options.batchBytes ?? 4 * 1024 * 1024;
  const lingerMs = (): number => options.lingerMs ?? 20;
  const episode = createDropEpisode(
    { clock, log },
    { remedy: options.disk ? 'outbox.disk.max' : 'outbox.memory' },
  );
  const refusals = createRefusals({ clock, log });
  const gate = createGate(scheduler);
  const disk = createDisk();
  const backlog = disk ?? createBacklog({ memoryBytes: options.memoryBytes });
  const drain = createDrainLog({ log, scheduler, monotonicMs, depth: () => backlog.depth() });
  const giveUp = new AbortController();
  let state: 'open' | 'draining' | 'over' = 'open';
  let running: Promise<void> | null = null;
  /** By the monotonic clock: since when samples wait, or the newest acknowledgement while some do. */
  let silentSinceMs: number | null = null;
  let lastAcknowledgedMs: number | null = null;

  function createDisk() {
    const { openStore } = deps;
    if (options.disk === undefined || openStore === undefined) return null;
    return createDiskBacklog(
      {
        openStore,
        clock,
        scheduler,
        log,
        isStuck: () => silentMs() >= lingerMs() + STUCK_MS,
        onReady: () => gate.open(),
        onDropped(dropped) {
          dropped.forEach(dropFull);
        },
        onLost({ samples, records }) {
          deps.onDropped({ cluster: '', samples, records, cause: 'lost' });
          gate.open();
        },
      },
      { memoryBytes: options.memoryBytes, ...options.disk },
    );
  }

  function silentMs(): number {
    return silentSinceMs === null ? 0 : monotonicMs() - silentSinceMs;
  }

  function drop(sample: EncodedSample, records: number, cause: DropCause): void {
    deps.onDropped({ cluster: sample.cluster, samples: 1, records, cause });
  }

  function dropFull({ sample, records, isRest }: DroppedSample): void {
    if (isRest) episode.droppedBounds(records);
    else episode.dropped(records);
    // The rest of a sample that was counted already.
    deps.onDropped({ cluster: sample.cluster, samples: isRest ? 0 : 1, records, cause: 'full' });
  }

  /** Returns those of them that were in flight: what a sink names twice counts once. */
  function settle(samples: readonly EncodedSample[]): readonly EncodedSample[] {
    const settled = backlog.settle(samples);
    if (backlog.depth().samples === 0) {
      silentSinceMs = null;
      episode.end();
    }
    return settled;
  }

  const report = {
    acknowledged(named: readonly EncodedSample[]): void {
      lastAcknowledgedMs = clock.nowMs();
      silentSinceMs = monotonicMs();
      const samples = settle(named);
      if (samples.length === 0) return;
      drain.acknowledged(samples);
      deps.onAcknowledged(samples);
    },
    refused(named: readonly EncodedSample[], reason: string): void {
      const samples = settle(named);
      if (samples.length === 0) return;
      const zeroBounds = samples.reduce((sum, { bounds }) => sum + bounds.length, 0);
      refusals.refused({ samples: samples.length, zeroBounds }, reason);
      for (const sample of samples) drop(sample, sample.recordCount, 'refused');
    },
    closed(): void {
      state = 'over';
    },
  };

  /** Delivers what is in flight; comes back when all of it is settled, the sink is closed or time is up. */
  async function deliver(): Promise<void> {
    for (let failures = 1; !isOver() && backlog.inFlight().length > 0; failures += 1) {
      try {
        // A destination that hangs must not hold up the end.
        await abortable(sink.deliver(backlog.inFlight(), report, giveUp.signal), giveUp.signal);
        if (isOver() || backlog.inFlight().length === 0) return;
        throw new Error('the sink came back without naming every sample');
      } catch (error) {
        if (isOver()) return;
        // A sink retries by itself, so this is a fault in its code; records are worth more than a crash here.
        log.error({ err: error }, 'The sink failed unexpectedly; the batch is tried again');
        await sleep(scheduler, retryDelayMs(failures, unexpectedRetry, 0), giveUp.signal).catch(
          () => undefined,
        );
      }
    }
  }

  function isOver(): boolean {
    return state === 'over' || giveUp.signal.aborted;
  }

  /** Gives a batch that is not full time to grow, unless its oldest sample has had that time already. */
  async function linger(): Promise<void> {
    const leftMs = lingerMs() - oldestWaitingMs();
    if (leftMs > 0 && state === 'open' && backlog.waitingBytes() < batchBytes) await gate.wait(leftMs);
  }

  function oldestWaitingMs(): number {
    const offeredMs = backlog.oldestOfferedMs();
    return offeredMs === null ? 0 : Math.max(0, clock.nowMs() - offeredMs);
  }

  async function run(): Promise<void> {
    while (!isOver()) {
      if (backlog.waitingBytes() === 0) {
        if (state === 'draining' && backlog.depth().samples === 0) return;
        await gate.wait();
      }
      await linger();
      if (backlog.waitingBytes() === 0) continue;
      backlog.take(batchBytes);
      await deliver();
    }
  }

  return {
    name: 'outbox',
    offer(sample) {
      if (state === 'over' || giveUp.signal.aborted) {
        drop(sample, sample.recordCount, 'stopped');
        return;
      }
      const before = backlog.depth().samples;
      if (before === 0) silentSinceMs = monotonicMs();
      backlog.add(sample, clock.nowMs()).forEach(dropFull);
      // The first one wakes the loop; a full batch ends its linger.
      if (before === 0 || backlog.waitingBytes() >= batchBytes) gate.open();
    },
    async start() {
      await disk?.open();
      if (backlog.depth().samples > 0) silentSinceMs ??= monotonicMs();
      running ??= run();
    },
    async stop(signal) {
      if (state === 'open') state = 'draining';
      if (state === 'draining' && running !== null) drain.begin();
      gate.open();
      // First of all: whatever keeps the destination from taking them, nothing that waits is lost.
      if (running !== null && disk !== null) await timely(disk.persist(), signal);
      const onAbort = (): void => {
        giveUp.abort(signal.reason);
        gate.open();
      };
      if (signal.aborted) onAbort();
      signal.addEventListener('abort', onAbort, { once: true });
      await (running ?? Promise.resolve());
      signal.removeEventListener('abort', onAbort);
      drain.end();
      if (running !== null && disk !== null) await timely(disk.close(), signal);
      if (giveUp.signal.aborted || running === null) logLeft();
      state = 'over';
    },
    condition() {
      const ofDisk = disk?.condition();
      const conditions = [ofDisk, episode.condition(), refusals.condition()];
      return conditions.find((each) => each?.state === 'faulty') ?? { state: 'ok' };
    },
    depth: () => ({ ...backlog.depth(), diskBytes: disk?.diskBytes() ?? 0 }),
    oldestWaitingMs,
    silentMs,
    lastAcknowledgedMs: () => lastAcknowledgedMs,
    spansOnDisk: () => disk?.spansAtOpening() ?? new Map(),
  };

  /** A disk that hangs does not hold up the end. */
  function timely(work: Promise<void>, signal: AbortSignal): Promise<void> {
    return settledOrLate(work, signal, { scheduler, graceMs: DISK_GRACE_MS });
  }

  function logLeft(): void {
    const { samples, records } = backlog.depth();
    const unsafe = disk?.unsafeSamples() ?? samples;
    if (samples > unsafe) {
      log.warn(
        { samples: samples - unsafe },
        'Stopped; samples stay on disk and are delivered after the next start',
      );
    }
    if (unsafe > 0) log.error({ samples: unsafe, records }, 'Stopped with records that were not delivered');
  }
}
