/** Which names are of interest: those that `allow` finds a match in and `deny` does not. */
export interface NameFilter {
  readonly allow: RegExp;
  /** Null denies nothing. */
  readonly deny: RegExp | null;
}

/** Expressions match anywhere in the name, as `grep` does; anchor them to match the whole. */
export function passes(filter: NameFilter, name: string): boolean {
  return filter.allow.test(name) && !(filter.deny?.test(name) ?? false);
}
