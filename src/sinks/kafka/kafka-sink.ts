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
import { createBatchDeliveries, reportCompleted } from './batch-delivery.ts';

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

/** It is no fault when a quota holds back a send for a shorter time. */
const HELD_BACK_FAULT_MS = 1000;
/** The fault is over when no send was held back for this long: even with a quota, some sends are not. */
const HELD_BACK_SETTLE_MS = 10_000;

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
  const beginDelivery = createBatchDeliveries(deps, options);
  let heldBackAtMs = -Infinity;
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

  /** Reports brokers that let us wait long before the deadline. */
  async function patiently<T>({ producer }: KafkaLink, answers: Promise<T>): Promise<T> {
    const cancels = [
      scheduler.after(HELD_BACK_FAULT_MS, () => {
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
      keeper.start();
    },
    stop: (signal) => keeper.stop(signal),
    async deliver(samples, report, signal) {
      const delivery = beginDelivery(samples);
      let failures = 0;
      while (!delivery.isDone()) {
        const link = await keeper.ready(signal);
        const { producer } = link;
        delivery.spreadOver(link.partitions);
        const sending = delivery.sendRound((partition, messages) => producer.send(partition, messages));
        const round = await patiently(link, abortable(sending, signal));
        reportCompleted(round, report);
        const { fault, hasArrived, refused } = round;
        if (fault === null) {
          // Smaller batches, or others, are tried: what comes of that is not known yet.
          if (!hasArrived && refused.length === 0) continue;
          condition.succeeded();
          if (deps.clock.nowMs() - heldBackAtMs >= HELD_BACK_SETTLE_MS) condition.ok();
          failures = 0;
          continue;
        }
        failures = hasArrived ? 1 : failures + 1;
        // Leaders move every day: it is a fault only when the next attempt fails, too.
        if (failures > 1 || fault.action === 'wait') faulty(fault);
        else deps.log.debug({ reason: fault.reason }, 'A send failed and is tried again');
        if (fault.action === 'renew') keeper.renew(link);
        await sleep(scheduler, retryDelayMs(failures, kafkaRetry, random()), signal);
      }
    },
    condition: () => condition.current(),
  };
}
