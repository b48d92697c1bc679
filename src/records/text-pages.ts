/** As many lines' texts as a few hundred subjects have. */
const PAGE_BYTES = 64 * 1024;

/** Texts are read eight bytes at a time, and so up to seven bytes beyond their end. */
export const STEP_BYTES = 8;

/** What stands in a line before its numbers and what after them: the UTF-8 bytes from..middle and middle..to of `page`. */
export interface LineText {
  readonly page: DataView;
  readonly from: number;
  readonly middle: number;
  readonly to: number;
}

/**
 * Texts that are kept for long as UTF-8, in large pages: a buffer for each would take several times its bytes, and as
 * a string it would be turned into bytes for every line. A page goes when the last of its texts is forgotten.
 */
export class TextPages {
  #page = Buffer.alloc(0);
  #view = new DataView(this.#page.buffer);
  #used = 0;

  keep(before: string, after: string): LineText {
    const byteLength = Buffer.byteLength(before) + Buffer.byteLength(after);
    if (this.#used + byteLength + STEP_BYTES > this.#page.length) {
      this.#page = Buffer.alloc(Math.max(PAGE_BYTES, byteLength + STEP_BYTES));
      this.#view = new DataView(this.#page.buffer, this.#page.byteOffset, this.#page.byteLength);
      this.#used = 0;
    }
    const from = this.#used;
    const middle = from + this.#page.write(before, from, 'utf8');
    this.#used = middle + this.#page.write(after, middle, 'utf8');
    return { page: this.#view, from, middle, to: this.#used };
  }
}
