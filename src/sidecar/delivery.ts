import type { Writable } from 'node:stream';
import type { Logger } from 'pino';
import type { Configuration } from '../config/configuration.ts';
import type { OutboxHealth } from '../http/health-inputs.ts';
import { createOutbox, type Outbox, type OutboxOptions } from '../outbox/outbox.ts';
import type { Clock, Scheduler } from '../platform/clock.ts';
import type { FaultBook } from '../platform/condition-tracker.ts';
import { createFaultLog } from '../platform/fault-log.ts';
import type { Part } from '../platform/part.ts';
import { RainbowError } from '../platform/rainbow-error.ts';
import { someOf } from '../poll/name-selector.ts';
import { createEncoder } from '../records/sample-encoder.ts';
import type { SampleRecords } from '../records/record.ts';
import type { Destination } from '../sinks/sink-kind.ts';
import type { Sink } from '../sinks/sink.ts';
import { SINK_KINDS } from '../sinks/sink-kinds.ts';
import { openLevelStore } from '../store/level-store.ts';
import type { Listener, Listeners } from './listeners.ts';
import { createSpanMemory, type SpanMemory } from './span-memory.ts';

export interface DeliveryDeps {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly monotonicMs: () => number;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly log: Logger;
  /** Where the stdout sink writes. */
  readonly stdout: Writable;
  readonly listeners: Listeners;
  /** The configuration that holds now. */
  readonly now: () => Configuration;
  /** See `SinkDeps`. */
  readonly onClosed: (error: Error | null) => void;
}

/** From records to the destination: encoder, ledger, outbox and sink. */
export interface Delivery {
  /** In the order in which they start. */
  readonly parts: readonly Part[];
  readonly sink: Sink;
  /** How the destination reaches Kafka; absent for other destinations. */
  readonly kafka: Destination<object>['kafka'];
  readonly outbox: Outbox;
  /** Null where open spans are not remembered. */
  readonly memory: SpanMemory | null;
  emit(sample: SampleRecords): void;
  /** Samples from now on have these global tags. Throws, before anything has changed, while that cannot be. */
  prepareTags(tags: Configuration['series']['tags']): () => void;
  /** See `Destination`. */
  prepareAccess(configuration: Configuration): () => void;
  /** Samples that were dropped since the start, and when the newest was; null: never. */
  drops(): Pick<OutboxHealth, 'droppedSamples' | 'lastDropMs' | 'dropsSinceMs'>;
}

/** See {@link Delivery}. Loads the code of the one destination that is configured. */
export async function createDelivery(configuration: Configuration, deps: DeliveryDeps): Promise<Delivery> {
  const { clock, scheduler, monotonicMs, log, listeners } = deps;
  const { create } = await SINK_KINDS[configuration.sink.type].load();
  const encoder = createDeliveryEncoder(configuration, deps);
  const faults = createSinkFaults({ clock, listeners });
  listeners.add(faults.listener);
  const destination = create(configuration, {
    ...deps,
    faults: faults.createBook(),
    log: log.child({ part: 'sink' }),
  });
  const memory = await createSpanMemory(configuration, {
    ...deps,
    destination,
    faults: faults.createBook(),
    log: log.child({ part: 'ledger' }),
  });
  const sink = memory?.sink ?? destination.createSink();
  const outbox = createOutbox(
    {
      sink,
      clock,
      monotonicMs,
      scheduler,
      log: log.child({ part: 'outbox' }),
      onAcknowledged(samples) {
        for (const sample of samples) {
          listeners.acknowledged(sample.cluster, sample.recordCount);
          encoder.recycle(sample);
        }
      },
      onDropped: (drop) => listeners.dropped(drop),
      openStore: openLevelStore,
    },
    outboxOptions(configuration, deps.now),
  );
  faults.measure(outbox);

  return {
    parts: [...(memory ? [memory.ledger] : []), sink, outbox],
    sink,
    kafka: destination.kafka,
    outbox,
    memory,
    emit(sample) {
      listeners.emitted(sample);
      const encoded = encoder.encode(sample);
      outbox.offer(memory?.mark(sample, encoded) ?? encoded);
      sample.release?.();
    },
    prepareTags(tags) {
      if (memory?.isReading() === true || memory?.isUnsure() === true) {
        throw new RainbowError(
          'RELOAD_EARLY',
          'series.tags cannot change before the ledger of open spans has been read',
        );
      }
      return () => {
        encoder.retag(tags);
        memory?.retag(tags);
      };
    },
    prepareAccess: (next) => destination.prepare?.(next) ?? (() => undefined),
    drops: () => faults.drops(),
  };
}

/** How long after a drop the health check reports it. */
export const DROP_MEMORY_MS = 10 * 60_000;

/** An encoder that says once of each name that it had to shorten it. */
function createDeliveryEncoder({ series, sink }: Configuration, { log, clock, listeners }: DeliveryDeps) {
  const shortenedNames = createFaultLog(
    { log: log.child({ part: 'records' }), clock },
    {
      began:
        'A name is longer than a tag of a record may be; its records show its beginning and a hash of the whole',
    },
  );
  return createEncoder({ ...series, format: sink.format }, (cluster, tag, name) => {
    const [shown = ''] = someOf([name]);
    const facts = { cluster, tag, name: shown, characters: name.length };
    const key = JSON.stringify({ ...facts, end: name.slice(-100) });
    if (shortenedNames.failed(key, facts)) listeners.exception(cluster, 'nameShortened', 1);
  });
}

/** Share of the poll interval that a first sample waits for company, and its bound. */
const LINGER_SHARE = 1 / 30;
const MOST_LINGER_MS = 1000;

/**
 * How much may wait, and where. Polls are spread over their interval: a second of patience at the default of 30 s
 * makes one send to the brokers of many.
 */
function outboxOptions({ outbox }: Configuration, now: () => Configuration): OutboxOptions {
  const { memoryBytes, disk } = outbox;
  return {
    memoryBytes,
    get lingerMs() {
      return Math.min(MOST_LINGER_MS, now().poll.intervalMs * LINGER_SHARE);
    },
    ...(disk.path !== '' && { disk }),
  };
}

/** Tells of the faults of the destination and of the ledger there, and what each has cost. */
function createSinkFaults({ clock, listeners }: Pick<DeliveryDeps, 'clock' | 'listeners'>) {
  let droppedSamples = 0;
  let lastDropMs: number | null = null;
  let dropsSinceMs: number | null = null;
  let waitingSamples = (): number => 0;
  const listener: Listener = {
    dropped({ cluster, samples }) {
      droppedSamples += samples;
      const nowMs = clock.nowMs();
      if (lastDropMs === null || nowMs - lastDropMs >= DROP_MEMORY_MS) dropsSinceMs = nowMs;
      lastDropMs = nowMs;
      listeners.exception(cluster, 'samplesDropped', samples);
    },
  };
  return {
    listener,
    drops: () => ({ droppedSamples, lastDropMs, dropsSinceMs }),
    /** From now on it is known what waits. */
    measure(outbox: Pick<Outbox, 'depth'>): void {
      waitingSamples = () => outbox.depth().samples;
    },
    createBook(): FaultBook {
      let droppedBefore: number | null = null;
      return {
        began(cause) {
          droppedBefore ??= droppedSamples;
          listeners.sinkFault(cause);
        },
        ended() {
          const figures = {
            waitingSamples: waitingSamples(),
            droppedSamples: droppedSamples - (droppedBefore ?? 0),
          };
          droppedBefore = null;
          return figures;
        },
      };
    },
  };
}
