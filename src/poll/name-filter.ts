/** Which names are of interest: those that `allow` finds a match in and `deny` does not. */
export interface NameFilter {
  readonly allow: Pick<RegExp, 'test'>;
  /** Null denies nothing. */
  readonly deny: Pick<RegExp, 'test'> | null;
}

/** Expressions match anywhere in the name, as `grep` does; anchor them to match the whole. */
export function passes(filter: NameFilter, name: string): boolean {
  return filter.allow.test(name) && !(filter.deny?.test(name) ?? false);
}

/** Which clusters are followed, and which names in them. */
export interface NameFilters {
  readonly clusters: NameFilter;
  readonly groups: NameFilter;
  readonly topics: NameFilter;
}
