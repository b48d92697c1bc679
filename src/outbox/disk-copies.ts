import type { EncodedSample } from '../records/encoded-sample.ts';
import { createQueue } from './queue.ts';

/** Which samples in memory lie on disk, too, and which chunks have done their service. */
export interface DiskCopies {
  /** The samples are in a chunk, or are about to be. Chunks are registered in the order of their serial numbers. */
  register(samples: readonly EncodedSample[]): PendingCopy;
  has(sample: EncodedSample): boolean;
  /** The samples have arrived or were given up; those without a copy are ignored. */
  settle(samples: readonly EncodedSample[]): void;
  /** Takes the oldest chunks whose samples are all settled: never one before an older one. */
  takeSettled(): readonly number[];
  /** There are no copies any more. */
  clear(): void;
}

export interface PendingCopy {
  /** The chunk is written. */
  written(serial: number): void;
  /** It could not be written: the samples are in memory only. */
  failed(): void;
}

interface Copy {
  serial: number | null;
  left: number;
}

export function createDiskCopies(): DiskCopies {
  const copyOf = new Map<EncodedSample, Copy>();
  let inOrder = createQueue<Copy>();
  return {
    register(samples) {
      const copy: Copy = { serial: null, left: samples.length };
      for (const sample of samples) copyOf.set(sample, copy);
      return {
        written(serial) {
          copy.serial = serial;
          inOrder.push(copy);
        },
        failed() {
          for (const sample of samples) if (copyOf.get(sample) === copy) copyOf.delete(sample);
        },
      };
    },
    has: (sample) => copyOf.has(sample),
    settle(samples) {
      for (const sample of samples) {
        const copy = copyOf.get(sample);
        if (copy === undefined) continue;
        copyOf.delete(sample);
        copy.left -= 1;
      }
    },
    takeSettled() {
      const serials: number[] = [];
      for (let copy = inOrder.peek(); copy?.left === 0; copy = inOrder.peek()) {
        inOrder.shift();
        if (copy.serial !== null) serials.push(copy.serial);
      }
      return serials;
    },
    clear() {
      copyOf.clear();
      inOrder = createQueue();
    },
  };
}
