import type { EncodedSample } from '../../records/encoded-sample.ts';

/** How far a batch of samples is written. */
export interface FilePosition {
  atEnd(): boolean;
  /** Says which file is open now. In another one than before (it was rotated away), a half-written line begins again. */
  continueIn(identity: string): void;
  /** What to write next, never empty before the end. */
  next(): Buffer[];
  /** Returns the samples that are complete with these bytes. */
  advance(bytesWritten: number): readonly EncodedSample[];
}

/** Buffers handed to one write; the operating system takes 1024 at most. */
const buffersAWrite = 512;

/** After a short write (a full disk) it goes on at the very byte. */
export function createFilePosition(samples: readonly EncodedSample[]): FilePosition {
  let index = 0;
  let offset = 0;
  let file: string | null = null;
  return {
    atEnd: () => index >= samples.length,
    continueIn(identity) {
      if (file !== identity) offset = samples[index]?.unitEnds.findLast((end) => end <= offset) ?? 0;
      file = identity;
    },
    next() {
      const buffers = samples.slice(index, index + buffersAWrite).map(({ bytes }) => bytes);
      if (buffers[0] !== undefined) buffers[0] = buffers[0].subarray(offset);
      return buffers;
    },
    advance(bytesWritten) {
      const complete: EncodedSample[] = [];
      let left = bytesWritten;
      for (let sample = samples[index]; sample !== undefined; sample = samples[index]) {
        const missing = sample.bytes.length - offset;
        if (left < missing) break;
        left -= missing;
        offset = 0;
        index += 1;
        complete.push(sample);
      }
      offset += left;
      return complete;
    },
  };
}
