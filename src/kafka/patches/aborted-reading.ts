import { createRequire } from 'node:module';

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

const ABORT_MARK = Buffer.from([0, 0, 0, 0]);

/**
 * Marks what belongs to an aborted transaction as nothing to be shown. kafkajs 2.2.4 does so by itself, but takes the
 * aborted transactions one at a time and in the order in which they ended: of two that overlapped it shows the
 * beginning of one as if that had been committed.
 */
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

type Fetch = (this: object, ...request: unknown[]) => Promise<FetchResponse>;
const cured = new WeakSet<Fetch>();

/**
 * Makes the consumers of the kafkajs of this process do so; harmless when called again.
 *
 * @returns false when this kafkajs is not the one the cure was made for; it is then left as it is.
 */
export function cureAbortedReading(): boolean {
  const require = createRequire(import.meta.url);
  const { version } = require('kafkajs/package.json') as { readonly version: string };
  const broker = (require('kafkajs/src/broker/index.js') as { readonly prototype: { fetch?: Fetch } })
    .prototype;
  const original = broker.fetch;
  if (version !== '2.2.4' || original === undefined) return false;
  if (cured.has(original)) return true;
  const fetch: Fetch = async function (...request) {
    const answer = await original.apply(this, request);
    for (const { partitions } of answer.responses) partitions.forEach(hideAborted);
    return answer;
  };
  cured.add(fetch);
  broker.fetch = fetch;
  return true;
}
