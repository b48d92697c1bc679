import { describe, expect, test } from 'vitest';
import { createQueue } from '../../src/outbox/queue.ts';

describe('given a queue', () => {
  test('when it is empty, then there is nothing to see, to take or to go through', () => {
    const queue = createQueue<string>();
    expect([queue.length, queue.peek(), queue.shift(), queue.length, [...queue]]).toEqual([
      0,
      undefined,
      undefined,
      0,
      [],
    ]);
    queue.push('a');
    expect([queue.shift(), queue.shift(), queue.length]).toEqual(['a', undefined, 0]);
  });

  test('when many go in and out in turns, then it holds what an array would, in its order', () => {
    const queue = createQueue<number>();
    const model: number[] = [];
    let next = 0;
    // Past where it cuts off its used-up front, with much left behind that and with little.
    for (const [pushed, shifted] of [
      [3000, 1023],
      [0, 1],
      [0, 1],
      [1, 700],
      [10, 1280],
      [5, 9],
      [2000, 2000],
    ] as const) {
      for (let index = 0; index < pushed; index += 1) {
        queue.push(next);
        model.push(next);
        next += 1;
      }
      for (let index = 0; index < shifted; index += 1) expect(queue.shift()).toBe(model.shift());
      expect(queue.length).toBe(model.length);
      expect(queue.peek()).toBe(model[0]);
      expect([...queue]).toEqual(model);
    }
  });
});
