import type { Logger } from 'pino';
import { createClusterReader, type ClusterReader } from '../kafka/cluster-reader.ts';
import { explainReading } from '../kafka/faults/reading-fault.ts';
import { createKafkaClient } from '../kafka/kafka-client.ts';
import type { KafkaSinkOptions } from '../kafka/kafka-options.ts';
import { loadCodec } from '../kafka/messages/kafka-codec.ts';
import { sleep, type Clock, type Scheduler } from '../platform/clock.ts';
import { logSeconds } from '../platform/log-seconds.ts';
import type { Part } from '../platform/part.ts';
import { retryDelayMs } from '../platform/retry.ts';
import { createReadBack, type ReadBack } from './read-back.ts';
import { createRecallBook, type RecallFigures } from './recall-book.ts';
import { toRecalledGroup, type RecalledGroup } from './recalled-group.ts';

/** How far it is. */
export interface RecallProgress {
  /** `partial`: a bound was reached before all was read. */
  readonly state: 'reading' | 'complete' | 'partial' | 'failed';
  /** Everything since then has been read, ms since the epoch; null: nothing yet. */
  readonly sinceMs: number | null;
  /** How much of the time before the start has been read, 0 to 1. */
  readonly share: number;
  /** Why not all of it is read, and what to do; null where nothing is wrong. */
  readonly reason: string | null;
}

/** What was read of groups. */
export interface Recalled {
  /** What is known of a group; forgets it. */
  takeOut(cluster: string, group: string): RecalledGroup;
}

export interface RecallDeps {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  /** A clock that never goes back, milliseconds. */
  readonly monotonicMs: () => number;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly log: Logger;
  /** Called once, where something was read; resolves when it was put where it belongs. */
  readonly recalled: (recalled: Recalled) => Promise<void>;
  /** What nobody has taken out by now is dropped. */
  readonly released: () => void;
  /** A reader of the topic that is not connected yet; null: this kafkajs has none. Default: of kafkajs. */
  readonly createReader?: () => ClusterReader | null;
}

export interface RecallOptions {
  readonly kafka: KafkaSinkOptions;
  /** The source tag of this sidecar's records. */
  readonly source: string;
  /** Length of a step of the history, ms. */
  readonly stepMs: number;
  /** Steps to read back. */
  readonly steps: number;
  readonly mostGroups: number;
  /** What it is now. */
  readonly pollIntervalMs: () => number;
  /** Bytes of messages, not compressed, after which what is older is left out. Default 2 GB. */
  readonly mostBytes?: number;
}

/** Reads back what this sidecar's records said of groups before the start. */
export interface Recall extends Part {
  progress(): RecallProgress;
}

/** After so much, what is older is left out. */
const MOST_BYTES = 2e9;
const MOST_READING_MS = 60_000;
/** 24 bytes each. */
const MOST_SAMPLES = 2_000_000;
/** Brokers that cannot be reached are tried again until then. */
const GIVE_UP_MS = 5 * 60_000;
const RETRY = { initialMs: 1000, maxMs: 30_000 };
/** Groups that have had no sample by then are not there any more. */
const HOLD_MS = 10 * 60_000;

/** What waiting does not change. */
const HOPELESS: ReadonlySet<string> = new Set(['forbidden', 'credentials', 'certificate']);

type Outcome = Pick<RecallProgress, 'state' | 'reason'>;

/** See {@link Recall}. Reads once, in the background: `start` does not wait for it. */
export function createRecall(deps: RecallDeps, options: RecallOptions): Recall {
  const { clock, scheduler, monotonicMs, log } = deps;
  const { kafka, stepMs, steps, mostBytes = MOST_BYTES } = options;
  const { createReader = () => createClusterReader(createKafkaClient(deps, kafka), kafka.topic) } = deps;
  const ending = new AbortController();
  let progress: RecallProgress = { state: 'reading', sinceMs: null, share: 0, reason: null };
  let reading = Promise.resolve();
  let cancelRelease = (): void => undefined;

  async function run(signal: AbortSignal): Promise<void> {
    const nowMs = clock.nowMs();
    const startedMs = monotonicMs();
    const book = createRecallBook({ ...options, mostSamples: MOST_SAMPLES });
    let beganMs: number | null = null;
    let unreadableBatches = 0;
    const readBack = createReadBack(
      {
        scheduler,
        monotonicMs,
        take: (messages) => book.take(messages),
        passedOver: () => void (unreadableBatches += 1),
        boundOf() {
          beganMs ??= monotonicMs();
          const { stepsRead } = readBack;
          if (stepsRead > 0)
            progress = { ...progress, sinceMs: nowMs - stepsRead * stepMs, share: stepsRead / steps };
          if (book.figures.bytes >= mostBytes) return `${mostBytes / 1e6} MB of records`;
          if (monotonicMs() - beganMs >= MOST_READING_MS) return `${MOST_READING_MS / 1000} s of reading`;
          return book.isFull ? `${MOST_SAMPLES} samples` : null;
        },
      },
      { nowMs, stepMs, steps },
    );
    // That of kafkajs has no bound.
    await loadCodec('gzip');
    const { state, reason } = await readUntilSettled(readBack, startedMs, signal);
    const { stepsRead } = readBack;
    const sinceMs = stepsRead === 0 ? null : nowMs - stepsRead * stepMs;
    progress = { state, sinceMs, share: state === 'complete' ? 1 : stepsRead / steps, reason };
    report({ ...book.figures, unreadableBatches }, stepsRead, monotonicMs() - startedMs);
    if (sinceMs === null || book.figures.groups === 0) return;
    await deps.recalled({
      takeOut(cluster, group) {
        // A clock that was wrong has written records of the time to come.
        const totals = book.takeOut(cluster, group, sinceMs).filter(({ atMs }) => atMs <= nowMs);
        return toRecalledGroup(totals, options.pollIntervalMs());
      },
    });
    cancelRelease = scheduler.after(HOLD_MS, deps.released);
  }

  /** Tries again what may pass. */
  async function readUntilSettled(
    readBack: ReadBack,
    startedMs: number,
    signal: AbortSignal,
  ): Promise<Outcome> {
    let hasAllCodecs = false;
    for (let failures = 1; ; failures++) {
      const reader = createReader();
      if (reader === null) {
        return {
          state: 'failed',
          reason: 'this kafkajs cannot do it: install the version in package-lock.json',
        };
      }
      try {
        const bound = await readBack.read(reader, signal);
        if (bound === null) return { state: 'complete', reason: null };
        return { state: 'partial', reason: `the sidecar takes at most ${bound} at its start` };
      } catch (error) {
        signal.throwIfAborted();
        const { cause, reason } = explainReading(error, kafka);
        // A first start: there is nothing to read yet.
        if (cause === 'topic') return { state: 'complete', reason: null };
        if (HOPELESS.has(cause) || monotonicMs() - startedMs > GIVE_UP_MS) return { state: 'failed', reason };
        if (isUnknownCodec(error) && !hasAllCodecs) {
          // The topic was written with another compression than this process uses.
          hasAllCodecs = true;
          await Promise.allSettled((['snappy', 'lz4', 'zstd'] as const).map(loadCodec));
          continue;
        }
        log.debug({ reason }, 'Reading back the history failed and is tried again');
      } finally {
        reader.disconnect();
      }
      await sleep(scheduler, retryDelayMs(failures, RETRY, deps.random()), signal);
    }
  }

  function report(
    found: RecallFigures & { readonly unreadableBatches: number },
    stepsRead: number,
    tookMs: number,
  ): void {
    const { reason } = progress;
    const { bytes, ...figures } = found;
    const facts = {
      topic: kafka.topic,
      minutes: Number(((stepsRead * stepMs) / 60_000).toPrecision(3)),
      ...figures,
      megabytes: Number((bytes / 1e6).toPrecision(3)),
      tookSeconds: logSeconds(tookMs),
      ...(reason !== null && { reason }),
    };
    log.info(facts, messageOf(progress, figures.messages));
  }

  return {
    name: 'recall',
    progress: () => progress,
    start() {
      reading = run(ending.signal).catch((error: unknown) => {
        if (ending.signal.aborted) return;
        // A fault of this program here must not end a process that does its work.
        progress = { ...progress, state: 'failed', reason: 'an unexpected error: see the log' };
        log.warn({ err: error }, 'The history of the last hour could not be read back from the topic');
      });
      return Promise.resolve();
    },
    async stop() {
      ending.abort(new Error('the sidecar stops'));
      await reading;
      cancelRelease();
    },
  };
}

function messageOf({ state }: RecallProgress, messages: number): string {
  if (state === 'failed') return 'The history of the last hour could not be read back from the topic';
  if (messages === 0) return 'The topic has no records of the last hour: there is no history to read back';
  return state === 'partial'
    ? 'A part of the history of the last hour was read back from the topic'
    : 'The history of the last hour was read back from the topic';
}

function isUnknownCodec(error: unknown): boolean {
  return error instanceof Error && (error.name === 'KafkaJSNotImplemented' || isUnknownCodec(error.cause));
}
