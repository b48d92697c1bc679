/**
 * One large answer at a time: twenty requests in flight whose answers are of the largest size each, read and parsed
 * side by side, would take more than a gigabyte. The others stay where they are, in the sockets.
 */
export interface LargeAnswers {
  /**
   * Calls `go` when it is this one's turn, at once where nobody else is at it. The returned function ends the turn or
   * the wait, and is idempotent.
   */
  waitForTurn(go: () => void): () => void;
}

export function createLargeAnswers(): LargeAnswers {
  const waiting = new Set<() => void>();
  let current: (() => void) | null = null;

  function next(): void {
    [current = null] = waiting;
    if (current === null) return;
    waiting.delete(current);
    current();
  }

  return {
    waitForTurn(go) {
      // A function of its own even where the same one waits twice.
      const turn = (): void => go();
      waiting.add(turn);
      if (current === null) next();
      return () => {
        waiting.delete(turn);
        if (current === turn) next();
      };
    },
  };
}
