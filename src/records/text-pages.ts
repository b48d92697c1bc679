/** As many texts as a few hundred subjects have. */
const PAGE_BYTES = 64 * 1024;

/** Texts are read eight bytes at a time, and so up to seven bytes beyond their end. */
export const STEP_BYTES = 8;

const DROPPED = new DataView(new ArrayBuffer(0));

/** Bytes that many texts share. */
export interface TextPage {
  /** Empty once it has been dropped. */
  view: DataView;
  /** Bytes of its texts that were used since the newest sweep. */
  usedBytes: number;
}

/** What stands in a unit before its numbers and what after them: the UTF-8 bytes from..middle and middle..to of `page`. */
export interface PreparedText {
  readonly page: TextPage;
  readonly from: number;
  readonly middle: number;
  readonly to: number;
  /** Of the sweep since which it was used. */
  sweep: number;
}

/** A text that is kept for good, from the first byte of `view` on. */
export interface FixedText {
  readonly view: DataView;
  readonly byteLength: number;
}

export function fixText(text: string): FixedText {
  const byteLength = Buffer.byteLength(text);
  const bytes = Buffer.alloc(byteLength + STEP_BYTES);
  bytes.write(text, 'utf8');
  return { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length), byteLength };
}

/**
 * Texts that are kept for long as UTF-8, in large pages: a buffer for each would take several times its bytes, and as
 * a string it would be turned into bytes for every unit.
 *
 * A page goes when the last of its texts is forgotten, and at a sweep where less than half of it was used since the
 * sweep before. So pages take at most twice the bytes of the texts in use, even where each holds only one of these.
 */
export class TextPages {
  /** Weak, so that one whose texts are all forgotten does not have to wait for a sweep. */
  #pages: WeakRef<TextPage>[] = [];
  #current: TextPage | null = null;
  #bytes = Buffer.alloc(0);
  #filledBytes = 0;
  #sweep = 0;

  keep(before: string, after: string): PreparedText {
    const byteLength = Buffer.byteLength(before) + Buffer.byteLength(after);
    const page =
      this.#current !== null && this.#filledBytes + byteLength + STEP_BYTES <= this.#bytes.length
        ? this.#current
        : this.#addPage(Math.max(PAGE_BYTES, byteLength + STEP_BYTES));
    const from = this.#filledBytes;
    const middle = from + this.#bytes.write(before, from, 'utf8');
    const to = middle + this.#bytes.write(after, middle, 'utf8');
    this.#filledBytes = to;
    page.usedBytes += byteLength;
    return { page, from, middle, to, sweep: this.#sweep };
  }

  /** To be called before a text is used. Returns whether it is still there; else it is to be kept anew. */
  use(text: PreparedText): boolean {
    if (text.sweep !== this.#sweep) {
      text.sweep = this.#sweep;
      text.page.usedBytes += text.to - text.from;
    }
    return text.page.view !== DROPPED;
  }

  /** Drops pages that were hardly used since it was called before. */
  sweep(): void {
    this.#sweep += 1;
    this.#pages = this.#pages.filter((weak) => {
      const page = weak.deref();
      if (page === undefined) return false;
      const isHardlyUsed = page.usedBytes * 2 < page.view.byteLength;
      page.usedBytes = 0;
      if (!isHardlyUsed || page === this.#current) return true;
      page.view = DROPPED;
      return false;
    });
  }

  #addPage(byteLength: number): TextPage {
    this.#bytes = Buffer.alloc(byteLength);
    this.#filledBytes = 0;
    const page: TextPage = {
      view: new DataView(this.#bytes.buffer, this.#bytes.byteOffset, byteLength),
      usedBytes: 0,
    };
    this.#pages.push(new WeakRef(page));
    this.#current = page;
    return page;
  }
}
