/** First in, first out, in constant time a step however long it grows. */
export interface Queue<T> {
  readonly length: number;
  push(item: T): void;
  /** The oldest item, removed; undefined when empty. */
  shift(): T | undefined;
  /** The oldest item, left in place; undefined when empty. */
  peek(): T | undefined;
  /** The item so many places behind the oldest; undefined where there is none. */
  at(index: number): T | undefined;
  /** Replaces so many items from there on, and returns them. The time it takes grows with the queue. */
  splice(index: number, count: number, ...items: readonly T[]): readonly T[];
  /** All items, the oldest first. */
  [Symbol.iterator](): Iterator<T>;
}

const compactAt = 1024;

/** A queue over one array; the used-up front is cut off once it is long and makes up half of the array. */
export function createQueue<T>(): Queue<T> {
  let items: (T | undefined)[] = [];
  let head = 0;
  return {
    get length() {
      return items.length - head;
    },
    push(item) {
      items.push(item);
    },
    shift() {
      if (head === items.length) return undefined;
      const item = items[head];
      items[head] = undefined;
      head += 1;
      if (head >= compactAt && head * 2 >= items.length) {
        items = items.slice(head);
        head = 0;
      }
      return item;
    },
    peek: () => items[head],
    at: (index) => items[head + index],
    splice: (index, count, ...others) =>
      items.splice(head + index, count, ...others).filter((item) => item !== undefined),
    *[Symbol.iterator]() {
      for (let index = head; index < items.length; index++) {
        const item = items[index];
        if (item !== undefined) yield item;
      }
    },
  };
}
