/** What the stand-in for Burrow serves: one cluster, groups of equal size. */
export interface LoadOptions {
  readonly groups: number;
  /** Of each group. */
  readonly partitions: number;
  /** Which share of the partitions has a lag, another one at each poll; the others have 0 throughout. */
  readonly lagging: 'none' | 'tenth' | 'all';
  /**
   * `still`: committed offsets stand, so that a group has a lag because its topics grow.
   * `moving`: every partition commits between two polls, and so every poll brings a consumption rate as well.
   */
  readonly commits: 'still' | 'moving';
}

export const CLUSTER = 'bench';

/** Digits of a group's number in names. */
export const GROUP_DIGITS = 5;
const GROUP_PREFIX = 'consumers-of-payments-';

/** Number from 0 to 99,999. */
export function groupName(group: number): string {
  return GROUP_PREFIX + String(group).padStart(GROUP_DIGITS, '0');
}

/** The group that a path asks the lag of, or -1 for any other path. */
export function groupOfLagPath(path: string): number {
  if (!path.startsWith(LAG_PATH_START) || !path.endsWith('/lag')) return -1;
  return Number(path.slice(LAG_PATH_START.length, -'/lag'.length));
}

const LAG_PATH_START = `/v3/kafka/${CLUSTER}/consumer/${GROUP_PREFIX}`;
