import { faultsOf, isOpen, toSeries } from '../../integration/support/series.ts';
import type { ReadRecord } from '../../integration/support/wavefront-reader.ts';
import { CLUSTER, type TickingBurrow } from './ticking-burrow.ts';

/** What the topic tells of a run that is over. */
export interface Outcome {
  /** Samples of the groups that are in the topic, each counted once. */
  readonly delivered: number;
  /** Answers of Burrow's that are not in it, each as `group: total lag`. */
  readonly missing: readonly string[];
  /** Records that are in it more than once, as `name timestamp`. */
  readonly duplicates: readonly string[];
  readonly danglingSpans: number;
  /** What breaks the rules of a series, copies aside. */
  readonly faults: readonly string[];
}

/** Holds what was read back against what Burrow told and against the rules that hold for every series. */
export function judgeOutcome(
  burrow: Pick<TickingBurrow, 'groups' | 'answered'>,
  records: readonly ReadRecord[],
): Outcome {
  const { once, copies } = withoutCopies(records);
  const totals = new Map<string, Set<number>>();
  for (const { name, value } of once) {
    if (name.endsWith('.totalLag')) totals.set(name, (totals.get(name) ?? new Set()).add(value));
  }
  const missing: string[] = [];
  let delivered = 0;
  for (const group of burrow.groups) {
    const found = totals.get(`burrow.${CLUSTER}.${group}.totalLag`);
    for (const total of burrow.answered(group)) {
      if (found?.has(total) === true) delivered += 1;
      else missing.push(`${group}: ${total}`);
    }
  }
  const series = toSeries(once);
  return {
    delivered,
    missing,
    duplicates: copies.map(({ name, timestamp }) => `${name} ${timestamp}`),
    danglingSpans: series.filter(isOpen).length,
    faults: series.flatMap((each) => faultsOf(each, false)),
  };
}

/** A copy has the name, the tags and the time of a record before it, whatever its value: a database keeps one of them. */
function withoutCopies(records: readonly ReadRecord[]) {
  const seen = new Set<string>();
  const once: ReadRecord[] = [];
  const copies: ReadRecord[] = [];
  for (const record of records) {
    const { name, source, tags, timestamp } = record;
    const identity = JSON.stringify([name, source, Object.entries(tags).sort(), timestamp]);
    (seen.has(identity) ? copies : once).push(record);
    seen.add(identity);
  }
  return { once, copies };
}
