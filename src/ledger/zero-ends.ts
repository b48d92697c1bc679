import type { Scheduler } from '../platform/clock.ts';
import { createEncoder, type EncoderOptions } from '../records/sample-encoder.ts';
import type { EncodedSample } from '../records/encoded-sample.ts';
import type { OpenSpan, SampleRecords, Span } from '../records/record.ts';
import type { SampleEncoder } from '../records/sample-encoder.ts';
import type { Identity } from './ledger-entry.ts';
import { markSpans } from './mark-spans.ts';
import type { RecoveredSpans } from './recovered-spans.ts';

/** Encodes under the names that another process has given. */
export interface ZeroEnds {
  /**
   * The zero-ends of recovered spans, as one sample.
   *
   * @param stillOpen what else of their owner is open
   * @param as see `SpanChange`; of the spans that are still open
   */
  encode(
    recovered: RecoveredSpans,
    stillOpen: readonly OpenSpan[],
    timestampSeconds: number,
    as: string,
  ): EncodedSample;
  /** Name and tags of a span's series, as a text: equal for those that a reader cannot tell apart. */
  seriesOf(span: Span, named: Identity): string;
}

/** @param options.source of the spans that `seriesOf` is asked about */
export function createZeroEnds(
  deps: { readonly scheduler: Scheduler },
  { source, format }: Pick<EncoderOptions, 'source' | 'format'>,
): ZeroEnds {
  /** What was encoded with last: spans of one identity come one after the other, and an encoder has a large buffer. */
  let latest: { readonly id: string; readonly encoder: SampleEncoder } | null = null;

  /** The bytes of the sample are its own. */
  function encodeAs(named: Identity, sourceTag: string, sample: SampleRecords): EncodedSample {
    const id = JSON.stringify([named, sourceTag]);
    if (latest?.id !== id) {
      if (latest === null) deps.scheduler.after(0, () => (latest = null));
      latest = { id, encoder: createEncoder({ ...named, source: sourceTag, format }) };
    }
    const { slab, ...encoded } = latest.encoder.encode(sample);
    const bytes = Buffer.allocUnsafeSlow(encoded.bytes.length);
    encoded.bytes.copy(bytes);
    latest.encoder.recycle({ ...encoded, ...(slab && { slab }) });
    return { ...encoded, bytes };
  }

  return {
    encode({ owner, identity, spans }, stillOpen, timestampSeconds, as) {
      const { about, cluster, name } = owner;
      const path = { group: name, topic: `topic/${name}`, traffic: 'traffic' }[about];
      const sample: SampleRecords = {
        key: `${cluster}/${path}`,
        cluster,
        takenAtMs: timestampSeconds * 1000,
        records: spans.map(({ subject, metric }) => ({
          subject,
          metric,
          kind: 'end',
          value: 0,
          timestampSeconds,
        })),
        spans: { about, open: () => stillOpen, opened: [], closed: spans, reopening: [] },
      };
      return markSpans(sample, encodeAs(identity, owner.source, sample), owner.source, as);
    },
    seriesOf({ subject, metric }, named) {
      const { cluster } = subject;
      const record = { subject, metric, kind: 'end', value: 0, timestampSeconds: 0 } as const;
      return encodeAs(named, source, { key: '', cluster, takenAtMs: 0, records: [record] }).bytes.toString();
    },
  };
}
