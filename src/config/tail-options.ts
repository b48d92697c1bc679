import { parseDuration } from './setting/units.ts';
import type { Fault } from './fault.ts';
import { nearest } from './nearest.ts';

/** What `tail` reads, and how it shows it. */
export interface TailOptions {
  /** `since`: begin that long ago. */
  readonly from:
    | { readonly kind: 'end' }
    | { readonly kind: 'beginning' }
    | { readonly kind: 'since'; readonly agoMs: number };
  /** An empty list means all; in names `*` stands for anything. */
  readonly families: readonly string[];
  readonly clusters: readonly string[];
  readonly groups: readonly string[];
  readonly topics: readonly string[];
  /** Null: a table on a terminal, else lines. */
  readonly output: 'lines' | 'table' | 'json' | null;
  /** Times of a table are in UTC; else in the zone of the terminal. */
  readonly isUtc: boolean;
}

const FAMILIES = ['lag', 'consumer', 'producer', 'traffic'];
const OUTPUTS = ['table', 'lines', 'json'] as const;
const MOST_AGO_MS = 366 * 86_400_000;
const SOURCE = 'command line';

/** Reads the flags of `tail`, each as given, in their order. */
export function readTailOptions(
  given: readonly { readonly name: string; readonly value: string }[],
  faults: Fault[],
): TailOptions {
  const all = (name: string): string[] =>
    given.filter((flag) => flag.name === name).map(({ value }) => value);
  const families = all('family').flatMap((list) => list.split(','));
  for (const family of families) {
    if (FAMILIES.includes(family)) continue;
    const near = nearest(family, FAMILIES);
    const hint = near === null ? `there are ${FAMILIES.join(', ')}` : `did you mean ${near}?`;
    faults.push({
      path: '--family',
      rule: 'is not a known family',
      got: JSON.stringify(family),
      source: SOURCE,
      hint,
    });
  }
  return {
    from: readFrom(all('since').at(-1), all('from-beginning').length > 0, faults),
    families,
    clusters: all('cluster'),
    groups: all('group'),
    topics: all('topic'),
    output: readOutput(all('output').at(-1), faults),
    isUtc: all('utc').length > 0,
  };
}

function readFrom(since: string | undefined, isFromBeginning: boolean, faults: Fault[]): TailOptions['from'] {
  if (since === undefined) return { kind: isFromBeginning ? 'beginning' : 'end' };
  const agoMs = parseDuration(since);
  if (isFromBeginning) {
    faults.push({
      path: '--since',
      rule: 'contradicts --from-beginning',
      source: SOURCE,
      hint: 'give one of them',
    });
  } else if (agoMs === null || agoMs === 0 || agoMs > MOST_AGO_MS) {
    const rule = 'must be a duration up to 366d, such as 10m or 2h';
    faults.push({ path: '--since', rule, got: JSON.stringify(since), source: SOURCE });
  }
  return { kind: 'since', agoMs: agoMs ?? 0 };
}

function readOutput(text: string | undefined, faults: Fault[]): TailOptions['output'] {
  const output = OUTPUTS.find((each) => each === text);
  if (text !== undefined && output === undefined) {
    faults.push({
      path: '--output',
      rule: `must be one of ${OUTPUTS.join(', ')}`,
      got: JSON.stringify(text),
      source: SOURCE,
    });
  }
  return output ?? null;
}
