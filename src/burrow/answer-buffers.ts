/** What most answers fit into: a group of some 200 partitions. */
const FIRST_BYTES = 64 * 1024;
/** A larger buffer is not kept: answers like that are rare, and memory is not to stay at its highest. */
const MOST_KEPT_BYTES = 1024 * 1024;
const MOST_KEPT_BUFFERS = 64;

/**
 * Buffers for answers while they arrive, used again and again. Allocated anew for each answer they would make the
 * engine collect the whole heap after every 64 MB of answers, whatever it holds.
 */
export class AnswerBuffers {
  readonly #spare: Buffer[] = [];

  take(): AnswerBuffer {
    return new AnswerBuffer(this.#spare.pop() ?? Buffer.allocUnsafeSlow(FIRST_BYTES), this.#spare);
  }
}

/** One answer while it arrives. */
export class AnswerBuffer {
  #bytes: Buffer;
  #length = 0;
  #spare: Buffer[] | null;

  constructor(bytes: Buffer, spare: Buffer[]) {
    this.#bytes = bytes;
    this.#spare = spare;
  }

  /** How many bytes have arrived. */
  get length(): number {
    return this.#length;
  }

  /** Copies a chunk to the end of what is there. */
  add(chunk: Buffer): void {
    const length = this.#length + chunk.length;
    if (length > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(length, 2 * this.#bytes.length));
      this.#bytes.copy(larger, 0, 0, this.#length);
      this.#bytes = larger;
    }
    this.#bytes.set(chunk, this.#length);
    this.#length = length;
  }

  /** What has arrived; good until `release`. */
  whole(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Gives the memory to the next answer. Idempotent. */
  release(): void {
    const spare = this.#spare;
    this.#spare = null;
    if (spare === null || this.#bytes.length > MOST_KEPT_BYTES || spare.length >= MOST_KEPT_BUFFERS) return;
    spare.push(this.#bytes);
  }
}
