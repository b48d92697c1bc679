import type { SpanChange } from '../records/encoded-sample.ts';
import type { Metric } from '../records/metrics.ts';
import { NAMING_NAMES, type NamingName } from '../records/naming/naming.ts';
import type { OpenSpan, Span, Subject } from '../records/record.ts';
import type { ShowTag } from '../records/formats/format.ts';
import { readSpans, type ReadSpans, type SpanOwner } from '../records/span-text.ts';

/** What names a series besides its subject, its metric and its source. */
export interface Identity {
  readonly prefix: string;
  readonly naming: NamingName;
  readonly tags: Readonly<Record<string, string>>;
  /** Which of owner and client id are tags. */
  readonly seriesTags: readonly string[];
}

/** A span of an entry. */
export interface EntrySpan extends OpenSpan {
  /** Whether its zero-end may have arrived. */
  readonly isClosing: boolean;
}

/** What an entry tells. */
export interface Entry {
  readonly identity: Identity;
  readonly spans: readonly EntrySpan[];
  /** See `ReadSpans`. */
  readonly unknown: readonly string[];
}

/** Composes the values of entries out of what samples say of their spans. */
export interface EntryWriter {
  /** Once the samples have arrived: what is open after the last of them; null when nothing is. */
  settled(last: Pick<SpanChange, 'open' | 'doubted' | 'as'>): string | null;
  /**
   * While samples of one key are under way, in order: what is open after them and what they close, with note of what
   * they open, since none of it may have arrived. All of one identity.
   */
  underWay(changes: readonly SpanChange[]): string | null;
}

/** @param identity of changes that do not say theirs */
export function createEntryWriter(identity: Identity): EntryWriter {
  const headOf = (as = JSON.stringify(identity)): string => `{"v":1,"as":${as}`;
  return {
    settled({ open, doubted, as }) {
      if (open === null) return null;
      const head = headOf(as);
      return doubted === null ? `${head},"open":${open}}` : `${head},"open":${open},"opened":[${doubted}]}`;
    },
    underWay(changes) {
      const last = changes.at(-1);
      const head = headOf(last?.as);
      const open = last?.open ?? 'null';
      const opened = [...changes.map((change) => change.opened), last?.doubted ?? null]
        .filter((spans) => spans !== null)
        .join(',');
      const closed = changes.flatMap((change) => change.closed ?? []).join(',');
      return `${head},"open":${open},"opened":[${opened}],"closed":[${closed}]}`;
    },
  };
}

/**
 * What an entry tells; null where its value is not understood.
 *
 * @param showTag what records show of a text: spans that look the same there are one
 */
export function readEntry(
  value: string,
  owner: SpanOwner,
  showTag: ShowTag = (_key, text) => text,
): Entry | null {
  const parsed = parse(value);
  if (typeof parsed !== 'object' || parsed === null || !('v' in parsed) || parsed.v !== 1) return null;
  const { as, open, opened = [], closed = [] } = parsed as Partial<Record<string, unknown>>;
  const identity = readIdentity(as);
  const openSpans = readSpans(open, owner);
  const openedSpans = readLists(opened, owner);
  const closedSpans = readLists(closed, owner);
  if (identity === null || openSpans === null || openedSpans === null || closedSpans === null) return null;
  const unknown = [openSpans, openedSpans, closedSpans].flatMap((read) => read.unknown);

  const shown = createShownSubjects(showTag);
  for (const { subject, metric } of openedSpans.spans) shown.find(subject).doubtful.push(metric);
  const spans: EntrySpan[] = [];
  const note = ({ subject: told, metric }: Span, isClosing: boolean): void => {
    const { subject, metrics, doubtful } = shown.find(told);
    if (metrics.includes(metric)) return;
    metrics.push(metric);
    // Of one that was being closed it is not known how far that came: another zero-start fits in any case.
    spans.push({ subject, metric, isDoubtful: isClosing || doubtful.includes(metric), isClosing });
  };
  for (const span of openSpans.spans) note(span, false);
  for (const span of closedSpans.spans) note(span, true);
  return { identity, spans, unknown };
}

/** A subject of an entry as records show it: one object, however often and in whatever words the entry tells of it. */
interface ShownSubject {
  readonly subject: Subject;
  /** Those of its spans that were noted. */
  readonly metrics: Metric[];
  /** Those whose zero-start may not have arrived. */
  readonly doubtful: Metric[];
}

/** There are half a million spans in a large ledger: what costs something is done once for each subject. */
function createShownSubjects(showTag: ShowTag): { find(told: Subject): ShownSubject } {
  const byTold = new Map<Subject, ShownSubject>();
  const byText = new Map<string, ShownSubject>();
  let last: { readonly told: Subject; readonly shown: ShownSubject } | null = null;
  const shownTexts = new Map<string, string>();
  const showOnce: ShowTag = (key, text) => {
    const id = `${key} ${text}`;
    const known = shownTexts.get(id);
    if (known !== undefined) return known;
    const shown = showTag(key, text);
    shownTexts.set(id, shown);
    return shown;
  };

  function find(told: Subject): ShownSubject {
    const known = byTold.get(told);
    if (known !== undefined) return known;
    const subject = showSubject(told, showOnce);
    const { kind, topic = '', partition, owner = '', clientId = '' } = subject;
    const text = `${kind} ${partition ?? ''} ${topic.length} ${topic} ${owner.length} ${owner} ${clientId}`;
    const shown = byText.get(text) ?? { subject, metrics: [], doubtful: [] };
    byText.set(text, shown);
    byTold.set(told, shown);
    return shown;
  }

  return {
    find(told) {
      // The metrics of one subject come one after the other.
      if (last?.told !== told) last = { told, shown: find(told) };
      return last.shown;
    },
  };
}

/** With what its tags show; a partition's topic is in its names, too, where others do not look like it. */
function showSubject(subject: Subject, showTag: ShowTag): Subject {
  const { kind, topic, owner, clientId } = subject;
  const shown = {
    ...(topic !== undefined && { topic: kind === 'maxLag' ? showTag('topic', topic) || topic : topic }),
    ...(owner !== undefined && { owner: showTag('owner', owner) || owner }),
    ...(clientId !== undefined && { clientId: showTag('client_id', clientId) || clientId }),
  };
  const isSame = shown.topic === topic && shown.owner === owner && shown.clientId === clientId;
  return isSame ? subject : { ...subject, ...shown };
}

function readLists(lists: unknown, owner: SpanOwner): ReadSpans | null {
  if (!Array.isArray(lists)) return null;
  const spans: Span[] = [];
  const unknown: string[] = [];
  for (const list of lists as unknown[]) {
    const read = readSpans(list, owner);
    if (read === null) return null;
    spans.push(...read.spans);
    unknown.push(...read.unknown);
  }
  return { spans, unknown };
}

function readIdentity(as: unknown): Identity | null {
  if (typeof as !== 'object' || as === null) return null;
  const { prefix, tags, seriesTags, ...rest } = as as Partial<Record<string, unknown>>;
  const naming = NAMING_NAMES.find((name) => name === rest['naming']);
  if (typeof prefix !== 'string' || naming === undefined) return null;
  if (typeof tags !== 'object' || tags === null || !Array.isArray(seriesTags)) return null;
  const texts = Object.entries(tags).filter((tag): tag is [string, string] => typeof tag[1] === 'string');
  return { prefix, naming, tags: Object.fromEntries(texts), seriesTags: seriesTags.map(String) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
