import {
  ALL_METRICS,
  exceptionKindOf,
  isMetric,
  rowOf,
  SUBJECT_KINDS,
  type Metric,
  type SampleOwner,
  type SubjectRow,
} from '../metrics.ts';
import type { Subject, Tag } from '../record.ts';
import { goRainbowTags } from './gorainbow.ts';
import { rainbowTags } from './rainbow.ts';

interface NamingRow {
  readonly description: string;
  /** The tags besides the global ones, in a fixed order. */
  readonly tagsOf: (subject: Subject, metric: Metric) => readonly Tag[];
}

/** Every way to name series. The names themselves stand in the table of metrics. */
export const NAMINGS = {
  rainbow: { description: 'names and tags of this project', tagsOf: rainbowTags },
  gorainbow: { description: "exactly goRainbow's names and tags", tagsOf: goRainbowTags },
} as const satisfies Readonly<Record<string, NamingRow>>;

export type NamingName = keyof typeof NAMINGS;

export const NAMING_NAMES = Object.keys(NAMINGS) as [NamingName, ...NamingName[]];

/** Every tag that a naming gives. */
export const NAMED_TAGS = [
  'env',
  'consumer',
  'topic',
  'partition',
  'partitionId',
  'owner',
  'client_id',
  'source',
] as const;

/**
 * How series are named and tagged: dotted paths and tags, before any wire format's own quoting. Stem and tags are the
 * same for all metrics of a subject whose name ends with a word.
 */
export interface Naming {
  /** The parts of a name before its last word, those of the prefix among them. */
  stemOf(subject: Subject, metric: Metric): readonly string[];
  /**
   * The last word of a name, which for an exception has a dot in it; '' where a name ends with a part of the subject, as
   * with rates.
   */
  wordOf(metric: Metric): string;
  tagsOf(subject: Subject, metric: Metric): readonly Tag[];
}

/** The naming of that name, with what every name begins with. */
export function createNaming(name: NamingName, prefix: string): Naming {
  const path = prefix.split('.');
  return {
    stemOf: (subject, metric) => [...path, subject.cluster, ...fill(splitName(name, metric).stem, subject)],
    wordOf: (metric) => splitName(name, metric).word,
    tagsOf: NAMINGS[name].tagsOf,
  };
}

/** A metric's name in two: up to the last placeholder, and what follows. */
function splitName(naming: NamingName, metric: Metric): { readonly stem: string; readonly word: string } {
  const template = rowOf(metric).names[naming].replace('{kind}', exceptionKindOf(metric));
  const end = template.lastIndexOf('}') + 1;
  return { stem: template.slice(0, end), word: template.slice(end === 0 ? 0 : end + 1) };
}

/** A path with what the subject has in place of the placeholders; what it has not is left out. */
function fill(path: string, { group, topic, partition }: Subject): readonly string[] {
  const known: Readonly<Record<string, string | number | undefined>> = {
    '{group}': group,
    '{topic}': topic,
    '{partition}': partition,
  };
  return path.split('.').flatMap((part) => {
    const filled = part in known ? known[part] : part;
    return filled === undefined || part === '' ? [] : [String(filled)];
  });
}

/** What is known of a record besides its name. */
export interface NameContext {
  readonly about: SampleOwner;
  readonly hasTopic: boolean;
}

/** The metric of a name in whatever naming; null where no metric has such a name. */
export function metricOfName(name: string, { about, hasTopic }: NameContext): Metric | null {
  const exception = /\.(exception\.\w+)$/.exec(name)?.[1];
  if (exception !== undefined && isMetric(exception) && about === 'traffic') return exception;
  const last = name.slice(name.lastIndexOf('.') + 1);
  const word = /^\d{1,10}$/.test(last) ? '' : last;
  const named = ALL_METRICS.filter((metric) =>
    NAMING_NAMES.some((each) => splitName(each, metric).word === word),
  );
  const kindsOf = (metric: Metric): readonly SubjectRow[] =>
    rowOf(metric).of.map((kind) => SUBJECT_KINDS[kind]);
  const owned = named.filter((metric) => kindsOf(metric).some((kind) => kind.about === about));
  const exact = owned.find((metric) =>
    kindsOf(metric).some(({ needs }) => needs.includes('topic') === hasTopic),
  );
  return exact ?? owned[0] ?? named[0] ?? null;
}
