/**
 * Why: a consumer of kafkajs 2.2.4 that reads committed records takes the aborted transactions one at a time and in the
 * order in which they ended. Of two that overlapped it shows the beginning of one as if that had been committed.
 *
 * Relies on: `Broker.fetch`, which answers with what the consumer later makes a Batch of, and that Batch passes over
 * control records. A Batch of two such transactions is made as a probe.
 *
 * Without it: `tail` may show records of aborted transactions, and the marks of transactions in a ledger prove nothing:
 * the transactional sink then delivers again what may have been committed, so that records may come twice.
 */
import { hasMethods, loadInternal, type KafkajsPatch } from './patch.ts';

/** What kafkajs has read of one partition, as far as {@link hideAborted} touches it. */
export interface FetchedPartition {
  readonly messages: readonly FetchedMessage[];
  /** Null where there are none. */
  abortedTransactions?: readonly AbortedTransaction[] | null;
}

export interface FetchedMessage {
  readonly offset: string;
  readonly key: Buffer | null;
  /** Whether it is a mark of a transaction: kafkajs passes over those. */
  isControlRecord: boolean;
  readonly batchContext?: { readonly producerId: string; readonly inTransaction: boolean };
}

export interface AbortedTransaction {
  readonly producerId: string;
  readonly firstOffset: string;
}

interface FetchResponse {
  readonly responses: readonly { readonly partitions: readonly FetchedPartition[] }[];
}

type Fetch = (this: object, ...request: unknown[]) => Promise<FetchResponse>;

type BatchClass = new (
  topic: string,
  fetchedOffset: string,
  partition: FetchedPartition,
) => { readonly messages: readonly FetchedMessage[] };

const ABORT_MARK = Buffer.from([0, 0, 0, 0]);

/** Marks what belongs to an aborted transaction as nothing to be shown, and leaves kafkajs none to look for. */
export function hideAborted(partition: FetchedPartition): void {
  const byOffset = (one: AbortedTransaction, other: AbortedTransaction): number =>
    BigInt(one.firstOffset) < BigInt(other.firstOffset) ? -1 : 1;
  const coming = [...(partition.abortedTransactions ?? [])].sort(byOffset);
  if (coming.length === 0) return;
  const aborted = new Set<string>();
  for (const message of partition.messages) {
    const { key, batchContext } = message;
    for (let next = coming[0]; next !== undefined && hasBegun(next, message); next = coming[0]) {
      aborted.add(next.producerId);
      coming.shift();
    }
    if (batchContext?.inTransaction !== true || !aborted.has(batchContext.producerId)) continue;
    if (!message.isControlRecord) message.isControlRecord = true;
    else if (key?.equals(ABORT_MARK) === true) aborted.delete(batchContext.producerId);
  }
  partition.abortedTransactions = [];
}

function hasBegun({ firstOffset }: AbortedTransaction, { offset }: FetchedMessage): boolean {
  return BigInt(firstOffset) <= BigInt(offset);
}

export const abortedReading: KafkajsPatch = {
  name: 'aborted-reading',
  versions: ['2.2.4'],
  without: 'records of aborted transactions may be read, and transactions may deliver records twice',
  apply() {
    const { prototype } = loadInternal('src/broker/index.js') as { readonly prototype: { fetch: Fetch } };
    if (!hasMethods(prototype, { fetch: 1 })) return 'Broker.fetch is not the method that it knows';
    const Batch = loadInternal('src/consumer/batch.js') as BatchClass;
    const hidden = overlapping();
    hideAborted(hidden);
    if (offsetsOf(new Batch('', '0', hidden)) !== '2') return 'Batch does not pass over control records';
    if (offsetsOf(new Batch('', '0', overlapping())) === '2')
      return 'kafkajs does by itself what it was made for: remove the patch';
    const original = prototype.fetch;
    prototype.fetch = async function (request) {
      const answer = await original.call(this, request);
      for (const { partitions } of answer.responses) partitions.forEach(hideAborted);
      return answer;
    };
    return null;
  },
};

/** Offsets 0 and 1 are of two aborted transactions that overlapped, 2 is of none, and 3 and 4 are their ends. */
function overlapping(): FetchedPartition {
  const message = (offset: number, producerId: string, isControlRecord = false): FetchedMessage => ({
    offset: String(offset),
    key: isControlRecord ? ABORT_MARK : null,
    isControlRecord,
    batchContext: { producerId, inTransaction: producerId !== '-1' },
  });
  return {
    messages: [
      message(0, 'a'),
      message(1, 'b'),
      message(2, '-1'),
      message(3, 'b', true),
      message(4, 'a', true),
    ],
    abortedTransactions: [
      { producerId: 'b', firstOffset: '1' },
      { producerId: 'a', firstOffset: '0' },
    ],
  };
}

function offsetsOf({ messages }: { readonly messages: readonly FetchedMessage[] }): string {
  return messages.map(({ offset }) => offset).join();
}
