import type { TailRecord } from './tail-record.ts';

/** Which records to show. An empty list lets all through; a name must match as a whole, with `*` for any text. */
export interface TailFilterOptions {
  readonly families: readonly string[];
  readonly clusters: readonly string[];
  readonly groups: readonly string[];
  readonly topics: readonly string[];
}

/** Whether all lists let a record through. A list of groups lets no record through that has no group, and so on. */
export function createTailFilter(options: TailFilterOptions): (record: TailRecord) => boolean {
  const family = matcher(options.families);
  const cluster = matcher(options.clusters);
  const group = matcher(options.groups);
  const topic = matcher(options.topics);
  return (record) =>
    family(record.family) && cluster(record.cluster) && group(record.group) && topic(record.topic);
}

function matcher(names: readonly string[]): (text: string | null) => boolean {
  if (names.length === 0) return () => true;
  const patterns = names.map((name) => {
    const pieces = name.split('*').map((piece) => piece.replace(/[\\^$.+?()[\]{}|/]/gu, '\\$&'));
    return new RegExp(`^${pieces.join('.*')}$`, 'su');
  });
  return (text) => text !== null && patterns.some((pattern) => pattern.test(text));
}
