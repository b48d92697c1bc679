import type { Clock } from '../../platform/clock.ts';
import type { KafkaFault } from '../../kafka/faults/kafka-fault.ts';
import {
  isOrdinary,
  type Completed,
  type PartitionBatch,
  type PartitionBatches,
} from './partition-batches.ts';

/** What became of a batch that the brokers did not take: they go on with other ones, or something has to pass. */
export type Verdict = { readonly completed: Completed } | { readonly fault: KafkaFault };

/** Judges what brokers say against batches, so that one bad sample never holds up the others. */
export interface BatchVerdicts {
  /** The brokers have taken a batch. */
  arrived(): void;
  /** Of one delivery: answers in doubt are counted by it. */
  ofDelivery(): JudgeBatch;
}

/** @param fault what the brokers said to the batch */
export type JudgeBatch = (
  partitionBatches: PartitionBatches,
  batch: PartitionBatch,
  fault: KafkaFault,
) => Verdict;

/** So often an answer that blames the records has to come, each time to a new producer, until it is believed. */
const BELIEVED_AFTER = 3;
/**
 * A topic that refuses a line of ordinary length for its size, and takes nothing else meanwhile, has a limit that is a
 * mistake: so long it is waited for somebody to raise it.
 */
const SIZE_PATIENCE_MS = 10 * 60_000;

/** See {@link BatchVerdicts}. */
export function createBatchVerdicts(deps: { readonly clock: Clock }): BatchVerdicts {
  /** Batches that the brokers have taken. */
  let arrivals = 0;
  /** How many those were when a sample was first found too large. */
  const arrivalsBefore = new WeakMap<object, number>();
  /** Since when lines of ordinary length are refused and nothing is taken. */
  let nothingSinceMs: number | null = null;

  function mayRefuseOrdinary(sample: object): boolean {
    const nowMs = deps.clock.nowMs();
    nothingSinceMs ??= nowMs;
    const before = arrivalsBefore.get(sample) ?? arrivals;
    arrivalsBefore.set(sample, before);
    return arrivals > before || nowMs - nothingSinceMs >= SIZE_PATIENCE_MS;
  }

  return {
    arrived() {
      arrivals += 1;
      nothingSinceMs = null;
    },
    ofDelivery() {
      /** By partition. */
      const doubts = new Map<number, number>();
      return (partitionBatches, batch, fault) => {
        const { action, reason } = fault;
        switch (action) {
          case 'shrink': {
            const sample = partitionBatches.firstSample(batch);
            if (!isOrdinary(batch) || mayRefuseOrdinary(sample)) {
              return { completed: partitionBatches.tooLarge(batch, reason) };
            }
            // What the topic takes of the others tells whether it is this one or all.
            return partitionBatches.putOff(batch) ? { completed: { arrived: [], refused: [] } } : { fault };
          }
          case 'refuse':
            return { completed: partitionBatches.refused(batch, reason) };
          case 'suspect': {
            const times = (doubts.get(batch.partition) ?? 0) + 1;
            doubts.set(batch.partition, times);
            if (times < BELIEVED_AFTER) return { fault: { ...fault, action: 'renew' } };
            return { completed: partitionBatches.refused(batch, reason) };
          }
          default:
            return { fault };
        }
      };
    },
  };
}
