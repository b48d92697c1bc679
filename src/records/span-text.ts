import type { Metric, Span, Subject } from './record.ts';

/** What the spans of one text have in common. */
export interface SpanOwner {
  readonly about: 'group' | 'topic' | 'traffic';
  readonly cluster: string;
  /** The group or the topic; '' for traffic. */
  readonly name: string;
}

/** Topic, partition, owner and client id, those at the end left out where there are none. */
type Facts = readonly (string | number | null)[];

/**
 * Spans of one group, topic or cluster as compact JSON: a list for each kind of subject and set of metrics,
 * `["partition","Lag,startOffset",["orders",3,"/10.0.0.1","worker-1"],…]`. Null for none.
 */
export function writeSpans(spans: readonly Span[]): string | null {
  if (spans.length === 0) return null;
  const metricsOf = new Map<Subject, Metric[]>();
  for (const { subject, metric } of spans) {
    const metrics = metricsOf.get(subject);
    if (metrics === undefined) metricsOf.set(subject, [metric]);
    else metrics.push(metric);
  }
  const lists = new Map<string, [kind: string, metrics: string, ...Facts[]]>();
  for (const [subject, metrics] of metricsOf) {
    const { kind } = subject;
    const names = metrics.join(',');
    const list = lists.get(`${kind} ${names}`);
    if (list === undefined) lists.set(`${kind} ${names}`, [kind, names, factsOf(subject)]);
    else list.push(factsOf(subject));
  }
  return JSON.stringify([...lists.values()]);
}

function factsOf({ kind, topic, partition, owner, clientId }: Subject): Facts {
  const facts = [
    // A topic's own partitions are all of the same one.
    kind === 'topicPartition' ? null : (topic ?? null),
    partition ?? null,
    owner ?? null,
    clientId ?? null,
  ];
  while (facts.length > 0 && facts.at(-1) === null) facts.pop();
  return facts;
}

/** The spans of a parsed text; null where it is none. Equal subjects are one object. */
export function readSpans(parsed: unknown, owner: SpanOwner): readonly Span[] | null {
  if (parsed === null) return [];
  if (!Array.isArray(parsed)) return null;
  const spans: Span[] = [];
  for (const list of parsed as unknown[]) {
    if (!Array.isArray(list)) return null;
    const [kind, names, ...subjects] = list as unknown[];
    if (typeof kind !== 'string' || typeof names !== 'string') return null;
    for (const facts of subjects) {
      const subject = readSubject(kind, facts, owner);
      if (subject === null) return null;
      for (const metric of names.split(',')) {
        if (!isMetric(metric)) return null;
        spans.push({ subject, metric });
      }
    }
  }
  return spans;
}

function readSubject(kind: string, facts: unknown, owner: SpanOwner): Subject | null {
  if (!Array.isArray(facts)) return null;
  const [topic = null, partition, clientOwner = null, clientId = null] = facts as unknown[];
  const { about, cluster, name } = owner;
  if (!isText(topic) || !isText(clientOwner) || !isText(clientId)) return null;
  const tags = {
    ...(clientOwner !== null && { owner: clientOwner }),
    ...(clientId !== null && { clientId }),
  };
  const isPlaced = typeof partition === 'number' && Number.isSafeInteger(partition) && partition >= 0;
  switch (`${about} ${kind}`) {
    case 'traffic cluster':
      return { kind: 'cluster', cluster };
    case 'topic topicPartition':
      return isPlaced ? { kind: 'topicPartition', cluster, topic: name, partition, text: null } : null;
    case 'group group':
      return { kind: 'group', cluster, group: name };
    case 'group groupTopic':
      return topic === null ? null : { kind: 'groupTopic', cluster, group: name, topic, text: null };
    case 'group maxLag':
      return { kind: 'maxLag', cluster, group: name, ...(topic !== null && { topic }), ...tags };
    case 'group partition':
      return isPlaced && topic !== null
        ? { kind: 'partition', cluster, group: name, topic, partition, ...tags, text: null }
        : null;
    case 'group host':
      return isPlaced ? { kind: 'host', cluster, group: name, partition, ...tags, text: null } : null;
    default:
      return null;
  }
}

function isText(value: unknown): value is string | null {
  return value === null || typeof value === 'string';
}

const METRICS: ReadonlySet<string> = new Set<Metric>([
  'totalLag',
  'topicLag',
  'status',
  'maxLagPartitionID',
  'maxLagCurrentLag',
  'maxLagStartOffset',
  'maxLagEndOffset',
  'Lag',
  'startOffset',
  'endOffset',
  'lagSeconds',
  'hosts',
  'offset',
  'offsetRate',
  'totalMessage',
  'validMessage',
  'metricsSent',
  'exceptionCount',
]);

function isMetric(name: string): name is Metric {
  return METRICS.has(name) || /^exception\.\w+$/.test(name);
}
