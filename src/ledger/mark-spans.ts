import type { EncodedSample } from '../records/encoded-sample.ts';
import type { SampleRecords } from '../records/record.ts';
import { writeSpans } from '../records/span-text.ts';
import { writeEntryKey, type EntryOwner } from './ledger-key.ts';

/**
 * Notes in an encoded sample what it changed about the open spans; the same object where it changed nothing.
 *
 * @param as see `SpanChange`
 */
export function markSpans(
  sample: SampleRecords,
  encoded: EncodedSample,
  source: string,
  as?: string,
): EncodedSample {
  const { spans } = sample;
  if (spans === undefined) return encoded;
  const { open, opened, closed } = spans;
  const spansOpen = open();
  const openText = writeSpans(spansOpen);
  // All of them, as after the first sample: to put it together once is half the work.
  const opensAll = closed.length === 0 && opened.length === spansOpen.length;
  return {
    ...encoded,
    spans: {
      key: writeEntryKey(ownerOf(sample, source)),
      open: openText,
      doubted: writeSpans(spansOpen.filter(({ isDoubtful }) => isDoubtful)),
      opened: opensAll ? openText : writeSpans(opened),
      closed: writeSpans(closed),
      ...(as !== undefined && { as }),
    },
  };
}

/** Whose spans a sample changes. */
function ownerOf({ key, cluster, spans }: SampleRecords, source: string): EntryOwner {
  const about = spans?.about ?? 'group';
  const rest = key.slice(cluster.length + 1);
  const name = about === 'traffic' ? '' : about === 'topic' ? rest.slice('topic/'.length) : rest;
  return { source, about, cluster, name };
}
