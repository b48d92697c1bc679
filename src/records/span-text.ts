import {
  isMetric,
  isSubjectKind,
  rowOf,
  SUBJECT_KINDS,
  type Metric,
  type SampleOwner,
  type SubjectKind,
  type SubjectRow,
} from './metrics.ts';
import type { Span, Subject } from './record.ts';

/** What the spans of one text have in common. */
export interface SpanOwner {
  readonly about: SampleOwner;
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
  let lastSubject: Subject | null = null;
  let metricsOfLast: Metric[] = [];
  for (const { subject, metric } of spans) {
    // Those of one subject come one after the other, mostly.
    if (subject !== lastSubject) {
      metricsOfLast = metricsOf.get(subject) ?? [];
      metricsOf.set(subject, metricsOfLast);
      lastSubject = subject;
    }
    metricsOfLast.push(metric);
  }
  const lists = new Map<string, SpanList>();
  let list: SpanList = ['', ''];
  let listed: readonly Metric[] = [];
  for (const [subject, metrics] of metricsOf) {
    const { kind } = subject;
    if (list[0] !== kind || !isSame(listed, metrics)) {
      const names = metrics.join(',');
      list = lists.get(`${kind} ${names}`) ?? [kind, names];
      lists.set(`${kind} ${names}`, list);
      listed = metrics;
    }
    list.push(factsOf(subject));
  }
  return JSON.stringify([...lists.values()]);
}

type SpanList = [kind: string, metrics: string, ...Facts[]];

function isSame(some: readonly Metric[], others: readonly Metric[]): boolean {
  return some.length === others.length && some.every((metric, index) => metric === others[index]);
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

/** What a text tells of spans. */
export interface ReadSpans {
  /** Equal subjects are one object. */
  readonly spans: readonly Span[];
  /** Metrics and kinds of subjects that another version has written and this one does not know. */
  readonly unknown: readonly string[];
}

/** The spans of a parsed text; null where it is none. What another version knows beside them is left out. */
export function readSpans(parsed: unknown, owner: SpanOwner): ReadSpans | null {
  const spans: Span[] = [];
  const unknown = new Set<string>();
  if (parsed === null) return { spans, unknown: [] };
  if (!Array.isArray(parsed)) return null;
  for (const list of parsed as unknown[]) {
    if (!Array.isArray(list)) return null;
    const [kind, names, ...subjects] = list as unknown[];
    if (typeof kind !== 'string' || typeof names !== 'string') return null;
    if (!isSubjectKind(kind)) {
      unknown.add(kind);
      continue;
    }
    const metrics: Metric[] = [];
    for (const name of names.split(',')) {
      if (isMetric(name) && rowOf(name).of.includes(kind)) metrics.push(name);
      else unknown.add(name);
    }
    for (const facts of subjects) {
      const subject = readSubject(kind, facts, owner);
      if (subject === null) return null;
      for (const metric of metrics) spans.push({ subject, metric });
    }
  }
  return { spans, unknown: [...unknown] };
}

function readSubject(kind: SubjectKind, facts: unknown, owner: SpanOwner): Subject | null {
  const row: SubjectRow = SUBJECT_KINDS[kind];
  if (row.about !== owner.about || !Array.isArray(facts)) return null;
  const [topic = null, partition = null, clientOwner = null, clientId = null] = facts as unknown[];
  if (!isText(topic) || !isPartition(partition) || !isText(clientOwner) || !isText(clientId)) return null;
  const known = { topic, partition, owner: clientOwner, clientId };
  if (row.needs.some((fact) => known[fact] === null)) return null;
  // A large ledger has hundreds of thousands of them, so each is built in one way.
  const has = (fact: keyof typeof known): boolean =>
    row.needs.some((each) => each === fact) || row.mayHave.some((each) => each === fact);
  const subject: { -readonly [Fact in keyof Subject]: Subject[Fact] } = { kind, cluster: owner.cluster };
  if (row.about === 'group') subject.group = owner.name;
  if (row.about === 'topic') subject.topic = owner.name;
  else if (topic !== null && has('topic')) subject.topic = topic;
  if (partition !== null && has('partition')) subject.partition = partition;
  if (clientOwner !== null && has('owner')) subject.owner = clientOwner;
  if (clientId !== null && has('clientId')) subject.clientId = clientId;
  subject.encoderSlot = null;
  return subject;
}

function isText(value: unknown): value is string | null {
  return value === null || typeof value === 'string';
}

function isPartition(value: unknown): value is number | null {
  return value === null || (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0);
}
