/** Many samples fit; a larger one gets a buffer of its own. */
const SLAB_BYTES = 1024 * 1024;
const LARGEST_SHARE = 4;
/** As many as wait while a destination is quick; after an outage the others are left to the garbage collector. */
const MAX_FREE_SLABS = 8;

/** A large buffer that many samples' bytes are cut from, one after the other. */
export interface Slab {
  readonly buffer: Buffer;
  readonly view: DataView;
  used: number;
  /** Pieces that are still in use. */
  pieces: number;
}

/**
 * Buffers that are used again. Bytes live outside of the heap, and each 64 MB of them make V8 look through the whole
 * heap for garbage: with a buffer for each sample that would be most of what a lagging cluster costs.
 */
export class SlabPool {
  readonly #free: Slab[] = [];
  #current: Slab | null = null;

  /** The slab that is being filled. */
  current(): Slab {
    return (this.#current ??= this.#free.pop() ?? newSlab());
  }

  /** A slab with room for so many bytes past `used`; null for a piece that should have a buffer of its own. */
  withRoom(byteLength: number): Slab | null {
    if (byteLength > SLAB_BYTES / LARGEST_SHARE) return null;
    const slab = this.current();
    if (slab.used + byteLength <= SLAB_BYTES) return slab;
    this.#current = null;
    if (slab.pieces === 0) this.#recycle(slab);
    return this.current();
  }

  /** Cuts off the next bytes of a slab, which are to be released once. */
  cut(slab: Slab, byteLength: number): Buffer {
    const start = slab.used;
    slab.used += byteLength;
    slab.pieces++;
    return slab.buffer.subarray(start, slab.used);
  }

  /** A piece is not needed any more. To be called at most once for each; one that is never released costs its slab. */
  release(slab: Slab): void {
    slab.pieces--;
    if (slab.pieces === 0 && slab !== this.#current) this.#recycle(slab);
  }

  #recycle(slab: Slab): void {
    slab.used = 0;
    if (this.#free.length < MAX_FREE_SLABS) this.#free.push(slab);
  }
}

function newSlab(): Slab {
  const buffer = Buffer.allocUnsafeSlow(SLAB_BYTES);
  return { buffer, view: new DataView(buffer.buffer), used: 0, pieces: 0 };
}
