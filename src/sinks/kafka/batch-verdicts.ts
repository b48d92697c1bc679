import type { Clock } from '../../platform/clock.ts';
import type { KafkaFault } from '../../kafka/faults/kafka-fault.ts';
import type { Completed, PartitionBatch, PartitionQueue } from './partition-queue.ts';

/** What became of a batch that the brokers did not take: it is changed or passed over, or something has to pass. */
export type Verdict = { readonly completed: Completed } | { readonly fault: KafkaFault };

/** Judges what brokers say of batches, so that one bad sample never holds up the others. */
export interface BatchVerdicts {
  /** The brokers have taken a batch. */
  arrived(): void;
  /** Of one delivery: answers in doubt are counted by it. */
  ofDelivery(): JudgeBatch;
}

/** @param fault what the brokers said of the queue's batch */
export type JudgeBatch = (queue: PartitionQueue, fault: KafkaFault) => Verdict;

/** An answer that blames the records is believed when it has come this often, each time to a new producer. */
const BELIEVED_AFTER = 3;
/**
 * A topic that refuses a line of ordinary length for its size, and takes nothing else meanwhile, has a limit that is a
 * mistake. The sink waits this long for somebody to raise it.
 */
const SIZE_PATIENCE_MS = 10 * 60_000;
/** Larger than any line of names that people give, smaller than any limit that one sets on purpose. */
const ORDINARY_BYTES = 10_000;

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
      return (queue, fault) => {
        const { action, reason } = fault;
        const batch = queue.batch();
        switch (action) {
          case 'shrink':
            if (!isOrdinary(batch) || mayRefuseOrdinary(queue.firstSample()))
              return { completed: queue.tooLarge(reason) };
            // What the topic takes of the others tells whether it is this one or all.
            return queue.postpone() ? { completed: { arrived: [], refused: [] } } : { fault };
          case 'refuse':
            return { completed: queue.refused(reason) };
          case 'suspect': {
            const times = (doubts.get(batch.partition) ?? 0) + 1;
            doubts.set(batch.partition, times);
            if (times < BELIEVED_AFTER) return { fault: { ...fault, action: 'renew' } };
            return { completed: queue.refused(reason) };
          }
          default:
            return { fault };
        }
      };
    },
  };
}

/** Whether the batch is a single line of ordinary length: a topic that refuses that for its size takes next to nothing. */
function isOrdinary({ messages: [first, second], linesInFirst }: PartitionBatch): boolean {
  return (
    first !== undefined && second === undefined && first.valueLength <= ORDINARY_BYTES && linesInFirst === 1
  );
}
