import type { TestContext } from 'vitest';

/** What one case of the suite comes to: a line of the table at the end of the run. */
export interface FaultRow {
  /** The fault, as a noun phrase: `all brokers killed`. */
  readonly fault: string;
  /** Good answers of Burrow's that the sidecar has taken, null where nobody can know (it was killed). */
  readonly samplesTaken: number | null;
  /** Of these, how many the topic has. */
  readonly samplesDelivered: number;
  /** Counted as dropped by the sidecar itself. */
  readonly samplesDropped: number;
  /** Records that the topic has more than once. */
  readonly duplicates: number;
  /** Series without their last 0. */
  readonly danglingSpans: number;
  /** A few words: how often, how long, what it cost. */
  readonly note: string;
}

declare module 'vitest' {
  interface TaskMeta {
    faultRow?: FaultRow;
  }
}

/** Hands the row of this test to the table. Call it before what may fail, so that the table tells of failures too. */
export function handOver(task: TestContext['task'], row: FaultRow): void {
  task.meta.faultRow = row;
}
