import type { Family } from '../records/record.ts';

/** A record of the topic, read back from whatever wire format and naming it was written in. */
export interface TailRecord {
  readonly name: string;
  readonly family: Family;
  /** The last word of the name; `hosts` and `offsetRate` for the rates, `exception.{kind}` with its kind. */
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

/** What a line itself says, before it is known what it is about. */
export interface LineParts {
  readonly name: string;
  readonly value: number;
  readonly timestampSeconds: number;
  readonly source: string;
  readonly tags: ReadonlyMap<string, string>;
}

const OF_A_GROUP = /^(?:totalLag|status|maxLag\w+|Lag|startOffset|endOffset|lagSeconds)$/;
const EXCEPTION = /\.(exception\.\w+)$/;

/**
 * What a line is about, from its tags, the key of its message, and the words of its name. The key comes first: it has
 * the true names, and goRainbow's naming leaves cluster and group out of the tags of its rates.
 *
 * @param key `{cluster}/{group}`, `{cluster}/topic/{topic}` or `{cluster}/traffic`; null where the message has none
 */
export function toTailRecord(parts: LineParts, key: string | null): TailRecord {
  const { name, tags } = parts;
  const [cluster, rest] = splitAt(key ?? '', '/');
  const keyTopic = rest?.startsWith('topic/') === true ? rest.slice('topic/'.length) : null;
  const words = name.split('.');
  const last = words.at(-1) ?? '';
  const isOfTopic = keyTopic !== null || (key === null && !tags.has('consumer'));
  const { family, metric } = classify(name, last, isOfTopic);
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

function classify(name: string, last: string, isOfTopic: boolean): Pick<TailRecord, 'family' | 'metric'> {
  if (isNumber(last)) {
    return isOfTopic ? { family: 'producer', metric: 'offsetRate' } : { family: 'consumer', metric: 'hosts' };
  }
  if (last === 'offset') return { family: 'producer', metric: last };
  const exception = EXCEPTION.exec(name)?.[1];
  if (exception === undefined && OF_A_GROUP.test(last)) return { family: 'lag', metric: last };
  return { family: 'traffic', metric: exception ?? last };
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
