import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Clock, Scheduler } from '../../platform/clock.ts';
import { sleep } from '../../platform/clock.ts';
import { retryDelayMs } from '../../platform/retry.ts';
import { createConditionTracker, type FaultBook } from '../../platform/condition-tracker.ts';
import type { Sink } from '../sink.ts';
import { abortable } from '../../platform/abortable.ts';
import { createKafkaClient, patienceMs } from '../../kafka/kafka-client.ts';
import { loadCodec } from '../../kafka/messages/kafka-codec.ts';
import { explainKafkaError, heldBackFault, silenceFault } from '../../kafka/faults/kafka-fault.ts';
import type { KafkaFault } from '../../kafka/faults/kafka-fault.ts';
import { createKafkaLinkKeeper, kafkaRetry } from '../../kafka/kafka-link.ts';
import type { KafkaLink } from '../../kafka/kafka-link.ts';
import type { KafkaSinkOptions } from '../../kafka/kafka-options.ts';
import { createKafkaProducer } from '../../kafka/kafka-producer.ts';
import type { KafkaProducer } from '../../kafka/kafka-producer.ts';
import { createKeyPartitioner } from '../../kafka/messages/key-partitioner.ts';
import { createBatchVerdicts, type Verdict } from './batch-verdicts.ts';
import { createBatchLimits, createPartitionBatches, reportCompleted } from './partition-batches.ts';
import type { Completed, PartitionBatch, Progress, PartitionBatches } from './partition-batches.ts';

export interface KafkaSinkDeps {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly log: Logger;
  readonly faults?: FaultBook;
  /** For the back-off; default `Math.random`. */
  readonly random?: () => number;
  /** Default: a producer of kafkajs. */
  readonly createProducer?: () => KafkaProducer;
}

/** A quota that holds back a send for less is no fault. */
const heldBackFaultMs = 1000;
/** The fault is over when none was held back for so long: with a quota, some go through at once. */
const heldBackSettleMs = 10_000;

type Outcome = { readonly arrived: true } | { readonly arrived: false; readonly fault: KafkaFault };

/**
 * Delivers lines to a Kafka topic: acks from all in-sync replicas, idempotent, keyed by the sample's key with the
 * partitioning of Kafka's own clients (murmur2), stamped with the sample's time.
 *
 * A sample is acknowledged when answers of the brokers have named the partition of each of its messages. In each
 * partition one batch is under way at a time and is sent again unchanged until it has arrived, so order within a key
 * holds over every failure. A record may be written twice only when a broker forgets the producer in mid-delivery.
 *
 * `start` does not wait for Kafka: connecting goes on in the background and shows in `condition`. It rejects only
 * when the compression cannot be done in this process.
 *
 * The partition count is read when the sink connects. Partitions added later are used after a restart (or when the
 * producer has to be renewed), because a key that changes its partition is no longer read in order.
 */
export function createKafkaSink(deps: KafkaSinkDeps, options: KafkaSinkOptions): Sink {
  const { scheduler } = deps;
  const random = deps.random ?? Math.random;
  const condition = createConditionTracker(deps);
  const limits = createBatchLimits();
  const verdicts = createBatchVerdicts(deps);
  let heldBackAtMs = -Infinity;
  const partitionOf = createKeyPartitioner();
  const keeper = createKafkaLinkKeeper({
    scheduler,
    random,
    createProducer: deps.createProducer ?? createDefaultProducer,
    onConnected: () => condition.ok(),
    onFailed: (error) => faulty(explainKafkaError(error, options)),
  });

  function faulty({ reason, cause }: Pick<KafkaFault, 'reason' | 'cause'>): void {
    condition.faulty(reason, cause);
  }

  let kafka: ReturnType<typeof createKafkaClient> | null = null;
  function createDefaultProducer(): KafkaProducer {
    kafka ??= createKafkaClient(deps, options);
    return createKafkaProducer(kafka, options);
  }

  function cutIntoBatches(remaining: readonly Progress[], partitions: number): PartitionBatches {
    return createPartitionBatches(remaining, {
      partitionOf: (key) => partitionOf(key, partitions),
      linesPerMessage: options.linesPerMessage,
      limits,
    });
  }

  async function attempt({ producer }: KafkaLink, batch: PartitionBatch): Promise<Outcome> {
    try {
      if (await producer.send(batch.partition, batch.messages)) return { arrived: true };
      const reason = `partition ${batch.partition} of topic ${options.topic} is gone: its partitions are read again`;
      return { arrived: false, fault: { action: 'renew', cause: 'topic', reason } };
    } catch (error) {
      return { arrived: false, fault: explainKafkaError(error, options) };
    }
  }

  /** Sends one batch to each partition. Between two, the event loop gets its turn: encoding takes milliseconds. */
  async function sendAll(link: KafkaLink, batches: readonly PartitionBatch[]): Promise<Outcome[]> {
    const outcomes: Promise<Outcome>[] = [];
    for (const batch of batches) {
      outcomes.push(attempt(link, batch));
      await nextTurn();
    }
    return Promise.all(outcomes);
  }

  /** Says so when the brokers let us wait: a deadline is a long time to say nothing. */
  async function patiently<T>({ producer }: KafkaLink, answers: Promise<T>): Promise<T> {
    const cancels = [
      scheduler.after(heldBackFaultMs, () => {
        if (!producer.isHeldBack()) return;
        heldBackAtMs = deps.clock.nowMs();
        faulty(heldBackFault(options));
      }),
      scheduler.after(patienceMs(options), () => {
        if (!producer.isHeldBack()) faulty(silenceFault(options));
      }),
    ];
    try {
      return await answers;
    } finally {
      for (const cancel of cancels) cancel();
    }
  }

  return {
    name: 'kafka sink',
    async start() {
      await loadCodec(options.compression);
      keeper.open();
    },
    stop: (signal) => keeper.close(signal),
    async deliver(samples, report, signal) {
      let link = await keeper.ready(signal);
      let partitions = link.partitions;
      let partitionBatches = cutIntoBatches(
        samples.map((sample) => ({ sample, line: 0, refusedFor: null })),
        partitions,
      );
      const judge = verdicts.ofDelivery();
      let failures = 0;
      while (!partitionBatches.done()) {
        const batches = partitionBatches.current();
        const outcomes = await patiently(link, abortable(sendAll(link, batches), signal));
        const { arrived, moved, fault } = settle(batches, outcomes, {
          takeArrived(batch) {
            verdicts.arrived();
            reportCompleted(partitionBatches.arrived(batch), report);
          },
          judge: (batch, fault) => judge(partitionBatches, batch, fault),
          complete: (completed) => reportCompleted(completed, report),
        });
        if (fault === null) {
          // Smaller batches, or others, are tried: what comes of that is not known yet.
          if (!moved) continue;
          if (deps.clock.nowMs() - heldBackAtMs >= heldBackSettleMs) condition.ok();
          failures = 0;
          continue;
        }
        failures = arrived ? 1 : failures + 1;
        // A leader that has just moved is everyday life: only what the next attempt does not cure is a fault.
        if (failures > 1 || fault.action === 'wait') faulty(fault);
        else deps.log.debug({ reason: fault.reason }, 'A send failed and is tried again');
        if (fault.action === 'renew') keeper.renew(link);
        await sleep(scheduler, retryDelayMs(failures, kafkaRetry, random()), signal);
        link = await keeper.ready(signal);
        if (link.partitions !== partitions) {
          partitions = link.partitions;
          partitionBatches = cutIntoBatches(partitionBatches.remaining(), partitions);
        }
      }
    },
    condition: () => condition.current(),
  };
}

/** Books what came of each batch, and returns the fault that decides what is next. */
function settle(
  batches: readonly PartitionBatch[],
  outcomes: readonly Outcome[],
  book: {
    readonly takeArrived: (batch: PartitionBatch) => void;
    readonly judge: (batch: PartitionBatch, fault: KafkaFault) => Verdict;
    readonly complete: (completed: Completed) => void;
  },
): { readonly arrived: boolean; readonly moved: boolean; readonly fault: KafkaFault | null } {
  let arrived = false;
  let hasRefused = false;
  let fault: KafkaFault | null = null;
  for (const [index, batch] of batches.entries()) {
    if (outcomes[index]?.arrived !== true) continue;
    arrived = true;
    book.takeArrived(batch);
  }
  // What the brokers take at the same time tells something about what they do not take.
  for (const [index, batch] of batches.entries()) {
    const outcome = outcomes[index];
    if (outcome === undefined || outcome.arrived) continue;
    const verdict = book.judge(batch, outcome.fault);
    if ('completed' in verdict) {
      book.complete(verdict.completed);
      hasRefused ||= verdict.completed.refused.length > 0;
    } else if (fault?.action !== 'renew') fault = verdict.fault;
  }
  return { arrived, moved: arrived || hasRefused, fault };
}
