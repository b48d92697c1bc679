import type { Outcome } from '../burrow/outcome.ts';

/** What the maintainer may do with a list that it has just heard. */
export interface ListVerdict {
  /** Names to have a handler for. */
  readonly names: readonly string[];
  /** Whether a handler whose name is missing may be stopped as gone. */
  readonly mayRemove: boolean;
}

/**
 * One of Burrow's lists (groups or topics of one cluster), and how far its silence about a name is believed.
 *
 * After a restart Burrow answers 200 with empty lists, then with partly filled ones. Taken at its word it would end
 * every series, only to start them again a minute later. So:
 *
 * - names in a list are believed at once;
 * - a failed answer says nothing;
 * - a list that turns empty (or 404) after it had names is believed when `deadAfter` discoveries in a row said so;
 * - after a failed or an empty answer a missing name is believed again from the `deadAfter`-th good discovery in a row on.
 *
 * While the list is in doubt, `trusted` is false and NOTFOUND polls do not count towards a death. Discoveries in quick
 * succession (the maintainer settling after a start) add names and prove nothing: `counts` is false for them.
 */
export interface BelievedList {
  hear(outcome: Outcome<readonly string[]>, counts: boolean): ListVerdict;
  /** There were names in a former process: as if they had been heard, and now were in doubt. */
  remember(): void;
  /** Another server answers from now on, or the cluster itself is in doubt: as after a failed answer. */
  doubt(): void;
  readonly trusted: boolean;
}

/** @param options.deadAfter discoveries in a row, 1 or more */
export function createBelievedList(options: { readonly deadAfter: number }): BelievedList {
  const { deadAfter } = options;
  let hadNames = false;
  let emptyInARow = 0;
  let goodInARow = deadAfter;

  function doubt(): void {
    goodInARow = 0;
    emptyInARow = 0;
  }

  function hearNothing(counts: boolean): ListVerdict {
    if (!hadNames) return { names: [], mayRemove: false };
    goodInARow = 0;
    if (counts) emptyInARow += 1;
    if (emptyInARow < deadAfter) return { names: [], mayRemove: false };
    hadNames = false;
    emptyInARow = 0;
    goodInARow = deadAfter;
    return { names: [], mayRemove: true };
  }

  return {
    hear(outcome, counts) {
      switch (outcome.kind) {
        case 'unreachable':
        case 'invalid':
          doubt();
          return { names: [], mayRemove: false };
        case 'notFound':
          return hearNothing(counts);
        case 'ok':
          if (outcome.value.length === 0) return hearNothing(counts);
          hadNames = true;
          emptyInARow = 0;
          if (counts) goodInARow = Math.min(deadAfter, goodInARow + 1);
          return { names: outcome.value, mayRemove: counts && goodInARow >= deadAfter };
      }
    },
    remember() {
      hadNames = true;
      doubt();
    },
    doubt,
    get trusted() {
      return goodInARow >= deadAfter;
    },
  };
}
