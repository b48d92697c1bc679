/** What a broker tells the batches of producers apart by. */
export interface BatchNumbering {
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly firstSequence: number;
}

/**
 * Gives a batch its numbers when it is encoded.
 *
 * @param ownId the id of the producer that sends it
 */
export type BatchNumbers = (ownId: bigint) => BatchNumbering;

/** Of a batch that brokers may take twice, or late. */
export const unnumbered: BatchNumbers = () => ({ producerId: -1n, producerEpoch: -1, firstSequence: -1 });

/** Kafka's epochs are 16 bits wide. */
const MOST_EPOCH = 32_700;
/** Sequence numbers are 31 bits wide; a new epoch begins long before they are used up. */
const MOST_SEQUENCE = 2 ** 30;
/** Two processes of which one has begun an epoch behind the other's never come to the same one. */
const EPOCH_STEP = 2;

/**
 * The producer id, epoch and sequence numbers of batches to one partition, kept apart from the connections on which
 * these are sent.
 *
 * A broker appends a batch only if it carries the next sequence number of its producer id and epoch, or sequence number
 * 0 and a later epoch. So while batches are sent one after the other, and again under the same numbers until they have
 * arrived, one that an old connection delivers late is refused: its number is an old one. Where the
 * broker has lost count, a new epoch of the same id begins, and what was sent under the old one is refused as well.
 */
export class ProducerNumbers {
  #producerId: bigint | null;
  #epoch: number;
  #nextSequence = 0;

  /** @param former of another process, whose batches are to be refused from the first one of this on */
  constructor(former: { readonly producerId: bigint; readonly epoch: number } | null = null) {
    this.#producerId = former?.producerId ?? null;
    this.#epoch = former === null ? 0 : former.epoch + 1;
    if (this.#epoch > MOST_EPOCH) this.#reset();
  }

  /** Null until the first batch has been encoded: it takes the id of the producer that sends it. */
  get producerId(): bigint | null {
    return this.#producerId;
  }

  get epoch(): number {
    return this.#epoch;
  }

  /** Numbers of the batch that is next, the same until it has {@link arrived}. */
  readonly ofNext: BatchNumbers = (ownId) => {
    this.#producerId ??= ownId;
    return {
      producerId: this.#producerId,
      producerEpoch: this.#epoch,
      firstSequence: this.#nextSequence,
    };
  };

  /** The next batch, of so many records, has arrived. */
  arrived(records: number): void {
    this.#nextSequence += records;
    if (this.#nextSequence > MOST_SEQUENCE) this.beginEpoch();
  }

  /**
   * The broker counts otherwise: batches so far are refused from the next one on.
   *
   * @returns false where epochs are used up: another id is needed, that of a producer which has sent nothing yet
   */
  beginEpoch(): boolean {
    this.#epoch += EPOCH_STEP;
    this.#nextSequence = 0;
    if (this.#epoch <= MOST_EPOCH) return true;
    this.#reset();
    return false;
  }

  #reset(): void {
    this.#producerId = null;
    this.#epoch = 0;
    this.#nextSequence = 0;
  }
}
