import type { OutboxSink } from '../../src/outbox/delivery.ts';
import type { EncodedSample } from '../../src/records/encoded-sample.ts';

type Report = Parameters<OutboxSink['deliver']>[1];

export interface FakeSink extends OutboxSink {
  /** Every batch handed over so far. */
  readonly batches: (readonly EncodedSample[])[];
  /** Of the batch in hand, what has not been named yet; empty when there is none. */
  pending(): readonly EncodedSample[];
  acknowledge(count?: number): void;
  refuse(count: number, reason: string): void;
  close(): void;
  fail(error: Error): void;
}

/** A sink that does as the test says, one batch at a time; a second batch in hand is an error. */
export function createFakeSink(): FakeSink {
  const batches: (readonly EncodedSample[])[] = [];
  let hand: { left: EncodedSample[]; report: Report; done: () => void; fail: (error: Error) => void } | null =
    null;

  function name(count: number | undefined, tell: (samples: EncodedSample[], report: Report) => void): void {
    if (hand === null) throw new Error('no batch in hand');
    const { left, report, done } = hand;
    tell(left.splice(0, count ?? left.length), report);
    if (left.length > 0) return;
    hand = null;
    done();
  }

  return {
    batches,
    deliver(samples, report, signal) {
      if (hand !== null) throw new Error('a second batch before the first was done');
      batches.push(samples);
      return new Promise((resolve, reject) => {
        const onAbort = (): void => {
          hand = null;
          reject(signal.reason as Error);
        };
        const done = (): void => {
          signal.removeEventListener('abort', onAbort);
          resolve();
        };
        hand = { left: [...samples], report, done, fail: reject };
        signal.addEventListener('abort', onAbort);
      });
    },
    pending: () => hand?.left ?? [],
    acknowledge: (count) => name(count, (samples, report) => report.acknowledged(samples)),
    refuse: (count, reason) => name(count, (samples, report) => report.refused(samples, reason)),
    close() {
      const closing = hand;
      hand = null;
      closing?.report.closed();
      closing?.done();
    },
    fail(error) {
      const failing = hand;
      hand = null;
      failing?.fail(error);
    },
  };
}
