/** An event as it goes over the wire. */
export interface WireEvent {
  readonly id: number;
  readonly bytes: Buffer;
}

/** The newest events, for readers that come back. Ids only grow. */
export class ReplayBuffer {
  readonly #mostBytes: number;
  #events: WireEvent[] = [];
  #bytes = 0;
  /** Everything after this id is here. */
  #completeAfter: number;

  constructor(mostBytes: number, completeAfter: number) {
    this.#mostBytes = mostBytes;
    this.#completeAfter = completeAfter;
  }

  add(event: WireEvent): void {
    this.#events.push(event);
    this.#bytes += event.bytes.length;
    let leaving = 0;
    while (this.#bytes > this.#mostBytes && leaving < this.#events.length) {
      this.#bytes -= this.#events[leaving]?.bytes.length ?? 0;
      this.#completeAfter = this.#events[leaving]?.id ?? this.#completeAfter;
      leaving += 1;
    }
    if (leaving > 0) this.#events = this.#events.slice(leaving);
  }

  /** Begins anew: nothing before `completeAfter` can be replayed. */
  clear(completeAfter: number): void {
    this.#events = [];
    this.#bytes = 0;
    this.#completeAfter = completeAfter;
  }

  /** Everything after an id; null where not all of it is here. */
  after(id: number): readonly WireEvent[] | null {
    return id < this.#completeAfter ? null : this.#events.filter((event) => event.id > id);
  }
}
