import type { ReadRecord } from '../records/formats/format.ts';
import { readUnit } from '../records/formats/formats.ts';
import { rowOf, type Family, type SampleOwner } from '../records/metrics.ts';
import { metricOfName } from '../records/naming/naming.ts';

/** A record of the topic, read back from whatever wire format and naming it was written in. */
export interface TailRecord {
  readonly name: string;
  readonly family: Family;
  /** A `Metric`; the last word of the name where that is none that this version knows. */
  readonly metric: string;
  /** '' where neither the message's key nor a tag tells. */
  readonly cluster: string;
  readonly group: string | null;
  readonly topic: string | null;
  readonly partition: number | null;
  readonly value: number;
  readonly timestampSeconds: number;
  readonly source: string;
  /** In the order of the line; `source` is not among them. */
  readonly tags: ReadonlyMap<string, string>;
}

const OF_A_TOPIC = 'topic/';

/**
 * The records of one line of the topic, in any format and naming. None where it is of none: whoever may write to the
 * topic may write anything.
 *
 * @param key of the message that the line stood in; see {@link toTailRecord}
 */
export function readLine(line: string, key: string | null): readonly TailRecord[] {
  return readUnit(line).map((record) => toTailRecord(record, key));
}

/**
 * What a line is about, from its tags, the key of its message, and the words of its name. The key comes first: it has
 * the true names, and goRainbow's naming leaves cluster and group out of the tags of its rates.
 *
 * @param key `{cluster}/{group}`, `{cluster}/topic/{topic}` or `{cluster}/traffic`; null where the message has none
 */
function toTailRecord(parts: ReadRecord, key: string | null): TailRecord {
  const { name, tags } = parts;
  const [cluster, rest] = splitAt(key ?? '', '/');
  const keyTopic = rest?.startsWith(OF_A_TOPIC) === true ? rest.slice(OF_A_TOPIC.length) : null;
  const last = name.slice(name.lastIndexOf('.') + 1);
  const about = aboutWhom(tags, rest, isNumber(last));
  const found = metricOfName(name, { about, hasTopic: tags.has('topic') });
  const metric = found ?? last;
  const family = found === null ? 'traffic' : rowOf(found).family;
  const isOfGroup = family === 'lag' || family === 'consumer';
  return {
    ...parts,
    family,
    metric,
    cluster: rest === null ? (tags.get('env') ?? '') : cluster,
    group: isOfGroup ? (rest ?? tags.get('consumer') ?? null) : null,
    topic: family === 'traffic' ? null : (keyTopic ?? tags.get('topic') ?? null),
    partition: partitionOf(tags.get('partition') ?? tags.get('partitionId') ?? last),
  };
}

/** @param rest what follows the cluster in the message key; null without a key */
function aboutWhom(tags: ReadRecord['tags'], rest: string | null, isRate: boolean): SampleOwner {
  if (tags.has('consumer')) return 'group';
  if (rest !== null) return rest === 'traffic' ? 'traffic' : rest.startsWith(OF_A_TOPIC) ? 'topic' : 'group';
  return tags.has('topic') || isRate ? 'topic' : 'traffic';
}

function partitionOf(text: string): number | null {
  return isNumber(text) ? Number(text) : null;
}

function isNumber(text: string): boolean {
  return /^\d{1,10}$/.test(text);
}

function splitAt(text: string, separator: string): [string, string | null] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, null] : [text.slice(0, at), text.slice(at + separator.length)];
}
