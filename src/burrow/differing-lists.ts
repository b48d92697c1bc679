/** Replicas differ for a moment by groups that are new: up to a fifth is no difference. */
const NEARLY = 1 / 5;

/** Two servers that know a cluster of one name, and how many groups each lists of it. */
export interface DifferingLists {
  readonly cluster: string;
  /** The one whose groups are followed. */
  readonly server: string;
  readonly groups: number;
  readonly other: string;
  readonly otherGroups: number;
}

/** Whether so many groups that only the other server lists make it another cluster. */
export function isAnotherCluster(onlyThere: number, otherGroups: number): boolean {
  return onlyThere > otherGroups * NEARLY;
}

/** What an operator should know and do about it. */
export function describeDifference({ server, groups, other, otherGroups }: DifferingLists): string {
  const ofFirst = `${server} lists ${groups} group${groups === 1 ? '' : 's'}`;
  return (
    `${ofFirst}, ${other} ${otherGroups}, and not the same ones; only those of ${server} are followed: if they are two ` +
    'clusters, give one of them another name with burrow.servers[].clusters'
  );
}
