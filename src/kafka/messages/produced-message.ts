/**
 * A message whose value is a stretch of a larger buffer. With a line in each message there are tens of thousands of
 * them a second, each alive until the brokers have answered: a view for each value would be most of what the garbage
 * collector finds in its old space, so there is one only for who asks.
 */
export class ProducedMessage {
  readonly key: Buffer;
  /** Milliseconds since the epoch, decimal. */
  readonly timestamp: string;
  /** Null removes the key from a compacted topic. */
  readonly bytes: Buffer | null;
  readonly start: number;
  readonly end: number;

  /** Without `start` and `end` the value is all of `bytes`. */
  constructor(
    key: Buffer,
    timestamp: string,
    bytes: Buffer | null,
    start = 0,
    end: number = bytes?.length ?? 0,
  ) {
    this.key = key;
    this.timestamp = timestamp;
    this.bytes = bytes;
    this.start = start;
    this.end = end;
  }

  get value(): Buffer | null {
    return this.bytes?.subarray(this.start, this.end) ?? null;
  }

  /** Bytes; 0 without a value. */
  get valueLength(): number {
    return this.end - this.start;
  }
}
