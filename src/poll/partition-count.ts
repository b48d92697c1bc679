/** Equal short answers in a row after which a topic is taken to have been created anew with fewer partitions. */
const BELIEVE_SHORTER_AFTER = 10;

/**
 * How many partitions a topic has, learnt from the lengths of its offset lists.
 *
 * Burrow leaves out partitions whose offset it does not know, so an index in the list is a partition id only while the
 * list is as long as the topic has partitions. A longer list means that the topic has grown. A shorter one is
 * incomplete and of no use, unless it stays at the same length for ten answers: then the topic was deleted and created
 * anew with fewer partitions between two discoveries, and would otherwise be silent for ever. (A broker that is down
 * for ten polls right after Burrow's own start looks the same; until it is back, ids are then off.)
 */
export interface PartitionCount {
  /** True when a list of this length can be read by index. */
  accepts(length: number): boolean;
}

export function createPartitionCount(): PartitionCount {
  let known = 0;
  let shorter = 0;
  let shorterInARow = 0;

  return {
    accepts(length) {
      if (length === 0) return false;
      if (length < known) {
        shorterInARow = length === shorter ? shorterInARow + 1 : 1;
        shorter = length;
        if (shorterInARow < BELIEVE_SHORTER_AFTER) return false;
      }
      known = length;
      shorterInARow = 0;
      return true;
    },
  };
}
