import type { SamplePlace, SpanChange } from '../records/encoded-sample.ts';
import { hasArrived, readMark } from './delivery-mark.ts';
import type { LedgerContents } from './ledger.ts';
import type { Metric } from '../records/metrics.ts';
import type { Span, Subject } from '../records/record.ts';
import type { ShowTag } from '../records/formats/format.ts';
import { createEntryWriter, readEntry, type EntrySpan, type Identity } from './ledger-entry.ts';
import { readLedgerKey, writeMarkKey, type EntryOwner } from './ledger-key.ts';

/** Spans of one group, topic or cluster that a former process opened and did not close. */
export interface RecoveredSpans {
  readonly owner: EntryOwner;
  readonly identity: Identity;
  readonly spans: readonly EntrySpan[];
}

/** The newest states among samples that still lie on disk, by ledger key. */
export type SpansOnDisk = ReadonlyMap<
  string,
  Pick<SpanChange, 'open' | 'doubted' | 'as'> & { readonly place: SamplePlace }
>;

/** Recovered spans, sorted by what becomes of them. */
export interface SortedSpans {
  /** Of the same series as this process will have: to go on. */
  readonly ours: readonly RecoveredSpans[];
  /** Of series that this process cannot have, because its configuration names them in another way: to be ended. */
  readonly former: readonly RecoveredSpans[];
  /** Of other sources, by source. */
  readonly foreign: ReadonlyMap<string, readonly RecoveredSpans[]>;
  /** Entries that could not be understood. */
  readonly unreadable: number;
  /** Metrics and kinds of subjects that only another version knows: their series are left out. */
  readonly unknown: ReadonlySet<string>;
}

/**
 * Sorts what a ledger holds. Where samples on disk tell of a key and have not arrived yet, they are newer than the
 * ledger and count; as they will be delivered, nothing that they open is in doubt.
 */
export function sortRecovered(
  { entries }: LedgerContents,
  onDisk: SpansOnDisk,
  self: { readonly source: string; readonly identity: Identity; readonly showTag?: ShowTag },
): SortedSpans {
  const ours: RecoveredSpans[] = [];
  const former: RecoveredSpans[] = [];
  const foreign = new Map<string, RecoveredSpans[]>();
  const unknown = new Set<string>();
  let unreadable = 0;
  const writer = createEntryWriter(self.identity);
  for (const key of new Set([...entries.keys(), ...onDisk.keys()])) {
    const read = readLedgerKey(key);
    if (read !== null && read.holds !== 'entry') continue;
    const recovered = read === null ? null : readRecovered(key, read.owner);
    if (recovered === null) unreadable += 1;
    else if (recovered.spans.length === 0) continue;
    else if (recovered.owner.source !== self.source) {
      foreign.set(recovered.owner.source, [...(foreign.get(recovered.owner.source) ?? []), recovered]);
    } else if (!isSameIdentity(recovered.identity, self.identity)) former.push(recovered);
    else {
      const { go, conflicts } = withoutConflicts(recovered.spans);
      if (go.length > 0) ours.push({ ...recovered, spans: go });
      if (conflicts.length > 0) former.push({ ...recovered, spans: conflicts });
    }
  }
  return { ours, former, foreign, unreadable, unknown };

  function readRecovered(key: string, owner: EntryOwner): RecoveredSpans | null {
    const state = onDisk.get(key);
    const isNewer =
      state !== undefined && !hasArrived(state.place, readMark(entries.get(writeMarkKey(owner.source))));
    const value = isNewer ? writer.settled(state) : (entries.get(key) ?? null);
    if (value === null) return { owner, identity: self.identity, spans: [] };
    const entry = readEntry(value, owner, self.showTag);
    if (entry === null) return null;
    for (const name of entry.unknown) unknown.add(name);
    return { owner, identity: entry.identity, spans: entry.spans };
  }
}

/**
 * A partition has one owner at a time: where it changed hands while the process died, the series that was being closed
 * cannot go on beside the one that was being opened.
 */
function withoutConflicts(spans: readonly EntrySpan[]): {
  readonly go: readonly EntrySpan[];
  readonly conflicts: readonly EntrySpan[];
} {
  const places = new Map<string, { readonly metrics: Metric[]; subject: Subject }>();
  const placeAt = new Map<Subject, string>();
  const placeOf = (subject: Subject): string => {
    const text = placeAt.get(subject) ?? writePlace(subject);
    placeAt.set(subject, text);
    return text;
  };
  const go: EntrySpan[] = [];
  const conflicts: EntrySpan[] = [];
  for (const isClosing of [false, true]) {
    for (const span of spans) {
      if (span.isClosing !== isClosing) continue;
      const { subject, metric } = span;
      const place = places.get(placeOf(subject)) ?? { metrics: [], subject };
      if (place.metrics.includes(metric)) {
        conflicts.push(span);
        continue;
      }
      go.push(span);
      place.metrics.push(metric);
      place.subject = subject;
      places.set(placeOf(subject), place);
    }
  }
  // Riders share a twin, and hosts ride on the same slot: what goes on of a partition must be of one subject.
  const isMoved = ({ subject }: EntrySpan): boolean => places.get(placeOf(subject))?.subject !== subject;
  const moved = go.filter(isMoved);
  return moved.length === 0
    ? { go, conflicts }
    : { go: go.filter((span) => !isMoved(span)), conflicts: [...conflicts, ...moved] };
}

function writePlace({ kind, topic = '', partition, owner = '' }: Subject): string {
  // Several owners may have partitions of one id, of different topics.
  const of = kind === 'host' ? owner : kind === 'maxLag' ? '' : topic;
  return `${kind} ${partition ?? ''} ${of}`;
}

/** Whether both give a span the same name and tags. */
function isSameIdentity(one: Identity, other: Identity): boolean {
  const text = ({ prefix, naming, tags, seriesTags }: Identity): string =>
    JSON.stringify([prefix, naming, Object.entries(tags).sort(), [...seriesTags].sort()]);
  return text(one) === text(other);
}

/** The groups and topics that spans belong to, by cluster. */
export function namesOf(
  spans: readonly Span[],
): ReadonlyMap<string, { readonly groups: readonly string[]; readonly topics: readonly string[] }> {
  const names = new Map<string, { groups: Set<string>; topics: Set<string> }>();
  for (const { subject } of spans) {
    const { cluster, kind, group, topic } = subject;
    if (kind === 'cluster') continue;
    const ofCluster = names.get(cluster) ?? { groups: new Set(), topics: new Set() };
    names.set(cluster, ofCluster);
    if (kind === 'topicPartition') ofCluster.topics.add(topic ?? '');
    else ofCluster.groups.add(group ?? '');
  }
  return new Map(
    Array.from(names, ([cluster, { groups, topics }]) => [
      cluster,
      { groups: [...groups], topics: [...topics] },
    ]),
  );
}
