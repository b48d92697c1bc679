import { startInOrder, stopInReverse, type Part } from './part.ts';

/** Several parts as one: started in order, stopped in reverse. */
export function createPartGroup(name: string, parts: readonly Part[]): Part {
  return {
    name,
    start: (signal) => startInOrder(parts, signal),
    stop: (signal) => stopInReverse(parts, signal),
  };
}
