import type { Outcome } from '../burrow/outcome.ts';
import type { PollEvidence } from './handler.ts';

/** So many names missing at once, and more than half of all, are a Burrow that has restarted rather than deaths. */
const MANY_MISSING = 10;
/** Discoveries between which polls have to say that a name is gone: one poll alone may have met a wrong server. */
const CONFIRMATIONS = 2;

/** A followed name: its own polls are what a list that lacks it is held against. */
export interface Followed {
  /** The list lacks it. Returns the strongest evidence of its polls since the last such call, see `Handler`. */
  missed(): PollEvidence | null;
  /** The list names it again. */
  listed(): void;
  /** Polls now. */
  wake(): void;
}

/** What the maintainer does about a list that it has just heard. */
export interface ListVerdict {
  /** Names to have a handler for; null: the list said nothing. */
  readonly names: readonly string[] | null;
  /** Followed names that are dead: their series end. */
  readonly gone: readonly string[];
}

/**
 * One of Burrow's lists, the names of one kind in one cluster. Decides when a name that it lacks is dead.
 *
 * A Burrow that has restarted lists what it has heard so far, for half an hour where it reads much, and answers NOTFOUND
 * for the rest; of two Burrows behind a load balancer each has a list of its own. So a list alone ends nothing, and
 * neither does a poll. A name is dead when
 *
 * - `deadAfter` counted lists in a row lacked it,
 * - in all that time its own polls said NOTFOUND and nothing else, before two of these lists. Data, or a failed poll,
 *   begin the row anew. A topic may be answered for long after it was deleted: offsets that stay the same serve for
 *   NOTFOUND, but the row has to be longer by one;
 * - and the lists are not in doubt: none of that row failed, or brought back a name that was missing. New names are no
 *   doubt; large clusters have some all the time.
 *
 * A list that names less than half of what is followed is still filling, and ends nothing, if requests have failed since
 * a fuller one (Burrow restarted) or many names are missing (it restarted unseen). No doubt lasts for ever, though: what
 * `patience` lists in a row lacked, and what was NOTFOUND all the while, is dead in any case.
 *
 * Discoveries in quick succession (the maintainer settling after a start) do not count: they add names and raise doubt.
 */
export interface BelievedList {
  /** @param followed the names that have a handler; those that are said to be gone shall have none when it hears again */
  hear(
    outcome: Outcome<readonly string[]>,
    followed: ReadonlyMap<string, Followed>,
    counts: boolean,
  ): ListVerdict;
  /** Another server answers from now on, or that of the cluster failed: as after a failed answer. */
  doubt(): void;
  /** A request about the cluster failed. */
  shake(): void;
}

/** What is known of a followed name that the newest list lacks. */
interface Absence {
  /** Counted lists in a row that lacked it, without evidence of its own polls that it may live. */
  row: number;
  /** The same, failed polls aside. */
  total: number;
  /** How often in that row its own polls have said that it is gone. */
  confirmations: number;
  /** Whether one of them only said that it is as it was. */
  isUnchanged: boolean;
}

/**
 * @param options.deadAfter discoveries in a row, 1 or more
 * @param options.patience discoveries in a row after which no doubt helps; no fewer than `deadAfter` count
 */
export function createBelievedList(options: {
  readonly deadAfter: number;
  readonly patience: number;
}): BelievedList {
  const { deadAfter } = options;
  const absences = new Map<string, Absence>();
  /** Counted lists since the last doubt. */
  let undoubted = deadAfter;
  let isShaken = false;
  /** Names that were followed at the newest list that named half of them; what is new since then fills no gap. */
  let atFullest: number | null = null;

  function doubt(): void {
    undoubted = 0;
    isShaken = true;
  }

  /** Takes note of the names that are back; returns whether there were any. */
  function welcome(listed: ReadonlySet<string>, followed: ReadonlyMap<string, Followed>): boolean {
    let isGrowing = false;
    for (const name of [...absences.keys()]) {
      if (followed.has(name) && !listed.has(name)) continue;
      absences.delete(name);
      followed.get(name)?.listed();
      if (followed.has(name)) isGrowing = true;
    }
    return isGrowing;
  }

  function note(absence: Absence, evidence: PollEvidence | null): void {
    switch (evidence) {
      case 'data':
        absence.total = 0;
        restart(absence);
        break;
      case 'failed':
        restart(absence);
        break;
      case 'unchanged':
      case 'notFound':
        absence.confirmations += 1;
        if (evidence === 'unchanged') absence.isUnchanged = true;
        break;
      case null:
        break;
    }
  }

  /** Whether all but its own polls says that it is dead; `ahead` lists before that is so. */
  function isMissed({ row, total, isUnchanged }: Absence, isFilling: boolean, ahead = 0): boolean {
    const longer = isUnchanged ? 1 : 0;
    const inARow = Math.min(row, undoubted) + ahead;
    const patience = Math.max(options.patience, deadAfter);
    return (!isFilling && inARow >= deadAfter + longer) || total + ahead >= patience + longer;
  }

  function judge(
    names: readonly string[],
    followed: ReadonlyMap<string, Followed>,
    counts: boolean,
    mayFill: boolean,
  ): ListVerdict {
    const listed = new Set(names);
    const isGrowing = welcome(listed, followed);
    if (isGrowing) undoubted = 0;
    else if (counts) undoubted += 1;
    const missing = [...followed.keys()].filter((name) => !listed.has(name));
    const isScant = missing.length * 2 > (atFullest ?? followed.size);
    if (!isScant) {
      isShaken = false;
      atFullest = followed.size;
    }
    const isFilling = mayFill && isScant && (isShaken || missing.length >= MANY_MISSING);
    const gone: string[] = [];
    for (const name of missing) {
      const witness = followed.get(name);
      if (witness === undefined) continue;
      const absence = absences.get(name) ?? { row: 0, total: 0, confirmations: 0, isUnchanged: false };
      absences.set(name, absence);
      note(absence, witness.missed());
      if (!counts) continue;
      absence.row += 1;
      absence.total += 1;
      if (absence.confirmations < CONFIRMATIONS) {
        // In time for the list at which it matters; a handler may poll rarely, or sleep.
        if (isMissed(absence, isFilling, 1)) witness.wake();
      } else if (isMissed(absence, isFilling)) gone.push(name);
    }
    for (const name of gone) absences.delete(name);
    return { names, gone };
  }

  return {
    hear(outcome, followed, counts) {
      switch (outcome.kind) {
        case 'unreachable':
        case 'invalid':
          doubt();
          return { names: null, gone: [] };
        case 'notFound':
          // It does not know the cluster; those that it knows it knows from its start on.
          return judge([], followed, counts, false);
        case 'ok':
          return judge(outcome.value, followed, counts, true);
      }
    },
    doubt,
    shake() {
      isShaken = true;
    },
  };
}

/** Nothing that came before counts any more. */
function restart(absence: Absence): void {
  absence.row = 0;
  absence.confirmations = 0;
  absence.isUnchanged = false;
}
