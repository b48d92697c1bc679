import type { DeliveryReport } from '../../src/sinks/sink.ts';
import type { EncodedSample } from '../../src/records/encoded-sample.ts';

/** A report that remembers what it was told. */
export function createReport() {
  const acknowledged: EncodedSample[] = [];
  const refused: { sample: EncodedSample; reason: string }[] = [];
  let closed = 0;
  const report: DeliveryReport = {
    acknowledged: (samples) => void acknowledged.push(...samples),
    refused: (samples, reason) => void refused.push(...samples.map((sample) => ({ sample, reason }))),
    closed: () => void (closed += 1),
  };
  return { report, acknowledged, refused, closed: () => closed };
}

export const neverAborts = new AbortController().signal;
