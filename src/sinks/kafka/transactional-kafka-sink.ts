import { randomUUID } from 'node:crypto';
import {
  hasArrived,
  lastPlaceOf,
  readMark,
  writeMark,
  type DeliveryMark,
} from '../../ledger/delivery-mark.ts';
import { abortable } from '../../platform/abortable.ts';
import { sleep } from '../../platform/clock.ts';
import { retry, retryDelayMs } from '../../platform/retry.ts';
import type { SamplePlace } from '../../records/encoded-sample.ts';
import { createConditionTracker, type FaultBook } from '../../platform/condition-tracker.ts';
import type { TransactionalSink } from '../sink-kind.ts';
import type { DeliveryReport } from '../sink.ts';
import {
  createDeliveryTransactions,
  type DeliveryTransactionDeps,
  type DeliveryTransactionOptions,
} from './delivery-transaction.ts';
import { loadCodec } from '../../kafka/messages/kafka-codec.ts';
import { explainKafkaError, hasErrorType, type KafkaFault } from '../../kafka/faults/kafka-fault.ts';
import { createKafkaLinkKeeper, kafkaRetry } from '../../kafka/kafka-link.ts';
import { reportCompleted } from './batch-delivery.ts';
import type { Completed } from './partition-queue.ts';
import type { TransactionalProducer } from '../../kafka/transactional-producer.ts';

export interface TransactionalKafkaSinkDeps extends DeliveryTransactionDeps {
  readonly faults?: FaultBook | undefined;
  /** In [0, 1). */
  readonly random: () => number;
  readonly createProducer: () => TransactionalProducer;
  /** Reads the ledger, committed entries only. */
  readonly readLedger: (signal: AbortSignal) => Promise<ReadonlyMap<string, string>>;
  /**
   * Resolves when the ledger was read at the start, with the mark that it had then. Nothing may be written before, because
   * it would hide the entries of a former process.
   */
  readonly formerMark: (signal: AbortSignal) => Promise<string | undefined>;
  /**
   * Whether only committed entries of the ledger are shown. Else a mark in it proves nothing, and what may have been
   * committed is delivered again.
   */
  readonly readsCommittedOnly: () => boolean;
}

/** How long the condition says that another producer has taken over the transactional id. */
const TAKEOVER_MEMORY_MS = 60_000;

/**
 * Delivers the samples of each delivery in one Kafka transaction, with what they change in the ledger. Readers of committed
 * records see each record once, and the ledger always agrees with what they have seen.
 *
 * Each transaction writes a mark of its own to the ledger. When a commit was not answered, the mark shows whether it was
 * committed, once a new producer has made the brokers end the old one's transaction.
 */
export function createTransactionalKafkaSink(
  deps: TransactionalKafkaSinkDeps,
  options: DeliveryTransactionOptions,
): TransactionalSink {
  const { clock, scheduler, log, random } = deps;
  const { ledgerTopic, markKey } = options;
  const condition = createConditionTracker(deps);
  const beginTransaction = createDeliveryTransactions(deps, options);
  const processId = randomUUID();
  let isConnectFaulty = false;
  let takeover = { reason: '', sinceMs: -Infinity, latestMs: -Infinity };
  let batchNumber = 0;
  let former: Promise<DeliveryMark | null> | null = null;
  /** Of the last sample that was committed, by this process or a former one. */
  let lastPlace: SamplePlace | undefined;
  const keeper = createKafkaLinkKeeper<TransactionalProducer>({
    scheduler,
    random,
    createProducer: deps.createProducer,
    onConnected() {
      // A sink whose transactions fail is healthy again only when one has been committed.
      if (isConnectFaulty) condition.ok();
      isConnectFaulty = false;
    },
    onFailed(error) {
      // The brokers are still ending the transaction of a process that was killed.
      if (hasErrorType(error, 'CONCURRENT_TRANSACTIONS')) return;
      isConnectFaulty = true;
      faulty(explainKafkaError(error, options));
    },
  });

  function faulty({ reason, cause }: Pick<KafkaFault, 'reason' | 'cause'>): void {
    condition.faulty(reason, cause);
  }

  function finish(completed: Completed, report: DeliveryReport): void {
    condition.ok();
    reportCompleted(completed, report);
  }

  return {
    name: 'kafka sink',
    async start() {
      await loadCodec(options.compression);
      keeper.start();
    },
    stop: (signal) => keeper.stop(signal),
    async connected(signal) {
      await keeper.ready(signal);
    },
    async deliver(all, report, signal) {
      former ??= deps.formerMark(signal).then(readMark);
      const formerMark = await former;
      const mark = deps.readsCommittedOnly() ? formerMark : null;
      // What the last transaction of a former process has committed may still lie on disk.
      const samples = all.filter(({ place }) => !hasArrived(place, mark));
      if (samples.length < all.length)
        report.acknowledged(all.filter(({ place }) => hasArrived(place, mark)));
      if (samples.length === 0) return;
      batchNumber += 1;
      const transactionMark = { process: processId, batch: batchNumber };
      // Where the disk fails, samples have none; what arrived before then must not be forgotten.
      const place = lastPlaceOf(samples) ?? lastPlace ?? mark?.place;
      const ownMark = writeMark({ transaction: transactionMark, ...(place !== undefined && { place }) });
      const transact = beginTransaction(samples, ownMark);
      for (let failures = 1; ; failures += 1) {
        const link = await keeper.ready(signal);
        const outcome = await abortable(transact(link, signal), signal);
        if (outcome.state === 'committed') {
          lastPlace = place;
          finish(outcome.completed, report);
          return;
        }
        signal.throwIfAborted();
        const { fault } = outcome;
        if (fault.cause === 'producer') noteTakeover(fault.reason);
        if (failures > 1 || fault.action === 'wait') faulty(fault);
        else log.debug({ reason: fault.reason }, 'A transaction failed and is tried again');
        keeper.renew(link);
        await sleep(scheduler, retryDelayMs(failures, kafkaRetry, random()), signal);
        if (outcome.state === 'failed' || !(await isCommitted(ownMark, signal))) continue;
        lastPlace = place;
        finish(outcome.completed, report);
        return;
      }
    },
    condition() {
      const current = condition.current();
      if (current.state === 'faulty' || !isTakeoverFresh()) return current;
      return { state: 'faulty', reason: takeover.reason, sinceMs: takeover.sinceMs };
    },
  };

  function isTakeoverFresh(): boolean {
    return clock.nowMs() - takeover.latestMs < TAKEOVER_MEMORY_MS;
  }

  /** Two sinks that take over the id from each other both deliver in turns, so that no attempt fails for long. */
  function noteTakeover(reason: string): void {
    const nowMs = clock.nowMs();
    if (isTakeoverFresh()) {
      takeover = { ...takeover, latestMs: nowMs };
      return;
    }
    takeover = { reason, sinceMs: nowMs, latestMs: nowMs };
    log.warn({ reason }, 'Another producer has taken over the transactional id');
  }

  /** Whether a transaction whose commit was not answered was committed after all. */
  function isCommitted(mark: string, signal: AbortSignal): Promise<boolean> {
    return retry(
      deps,
      kafkaRetry,
      signal,
      async () => {
        // A new producer: the brokers have ended the old one's transaction, one way or the other.
        await keeper.ready(signal);
        return deps.readsCommittedOnly() && (await deps.readLedger(signal)).get(markKey) === mark;
      },
      (error) => faulty(explainKafkaError(error, { ...options, topic: ledgerTopic })),
    );
  }
}
