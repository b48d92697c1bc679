import { describe, expect, test } from 'vitest';

import type { Outcome } from '../../src/burrow/outcome.ts';
import { createBelievedList } from '../../src/poll/believed-list.ts';
import type { PollEvidence } from '../../src/poll/handler.ts';

const EMPTY = { kind: 'ok', value: [] } as const;
const UNREACHABLE = { kind: 'unreachable', reason: 'refused' } as const;
const INVALID = { kind: 'invalid', reason: 'no list' } as const;
/** The cluster is unknown. */
const NOT_FOUND = { kind: 'notFound' } as const;

const only = (...names: readonly string[]): Outcome<readonly string[]> => ({ kind: 'ok', value: names });

/** A list of so many followed names (a, b, c and d where it is not said), all of which Burrow knows at first. */
function createList(
  options: {
    readonly names?: readonly string[];
    readonly deadAfter?: number;
    readonly patience?: number;
  } = {},
) {
  const { names = ['a', 'b', 'c', 'd'], deadAfter = 3, patience = 20 } = options;
  const list = createBelievedList({ deadAfter, patience });
  const words = new Map<string, PollEvidence | null>();
  const woken: string[] = [];
  const followed = new Map(
    names.map((name) => {
      let isMissing = false;
      const witness = {
        missed: () => {
          const word = isMissing ? (words.get(name) ?? null) : null;
          isMissing = true;
          return word;
        },
        listed: () => (isMissing = false),
        wake: () => woken.push(name),
      };
      return [name, witness];
    }),
  );
  /** What the polls of a name say between two lists from here on. */
  const say = (word: PollEvidence | null, ...of: readonly string[]): void => {
    for (const name of of) words.set(name, word);
  };
  /** Who is gone after each list. */
  const hearAll = (...outcomes: readonly Outcome<readonly string[]>[]): string[] =>
    outcomes.map((outcome) => {
      const { gone } = list.hear(outcome, followed, true);
      for (const name of gone) followed.delete(name);
      return gone.join();
    });
  const full = only(...names);
  hearAll(full);
  return { list, followed, say, hearAll, full, woken };
}

describe('given a name that lists lack', () => {
  test('when its polls say NOTFOUND all the while, then it is gone with the third list, and named once', () => {
    const { say, hearAll } = createList();
    say('notFound', 'a');
    expect(
      hearAll(only('b', 'c', 'd'), only('b', 'c', 'd'), only('b', 'c', 'd'), only('b', 'c', 'd')),
    ).toEqual(['', '', 'a', '']);
  });

  test.each<[PollEvidence | null]>([['data'], ['failed'], [null]])(
    'when its polls say %s, then it stays for as long as they do',
    (word) => {
      const { say, hearAll } = createList();
      say(word, 'a');
      const lists = Array.from({ length: 100 }, () => only('b', 'c', 'd'));
      expect(hearAll(...lists).join('')).toBe('');
    },
  );

  test.each<[PollEvidence]>([['data'], ['failed']])(
    'when one poll says %s between, then the row begins anew',
    (word) => {
      const { say, hearAll } = createList();
      const without = only('b', 'c', 'd');
      say('notFound', 'a');
      expect(hearAll(without, without)).toEqual(['', '']);
      say(word, 'a');
      expect(hearAll(without)).toEqual(['']);
      say('notFound', 'a');
      expect(hearAll(without, without)).toEqual(['', 'a']);
    },
  );

  test('when it is listed in between, then the row begins anew', () => {
    const { say, hearAll, full } = createList();
    const without = only('b', 'c', 'd');
    say('notFound', 'a');
    expect(hearAll(without, without, full, without, without, without)).toEqual(['', '', '', '', '', 'a']);
  });

  test.each([
    ['fails', UNREACHABLE],
    ['breaks the contract', INVALID],
  ])('when a list %s in between, then it takes three more', (_, bad) => {
    const { say, hearAll } = createList();
    const without = only('b', 'c', 'd');
    say('notFound', 'a');
    expect(hearAll(without, without, bad, without, without, without)).toEqual(['', '', '', '', '', 'a']);
  });

  test('when another server answers, then it takes three more', () => {
    const { list, say, hearAll } = createList();
    const without = only('b', 'c', 'd');
    say('notFound', 'a');
    hearAll(without, without);
    list.doubt();
    expect(hearAll(without, without, without)).toEqual(['', '', 'a']);
  });

  test('when lists come in quick succession, then they prove nothing', () => {
    const { list, followed, say, hearAll } = createList();
    const without = only('b', 'c', 'd');
    say('notFound', 'a');
    for (let times = 0; times < 10; times += 1) expect(list.hear(without, followed, false).gone).toEqual([]);
    expect(hearAll(without, without, without)).toEqual(['', '', 'a']);
  });

  test('when its polls have said nothing, then it is polled in time for the list that matters', () => {
    const { say, hearAll, woken } = createList();
    const without = only('b', 'c', 'd');
    hearAll(without);
    expect(woken).toEqual([]);
    hearAll(without);
    expect(woken).toEqual(['a']);
    say('notFound', 'a');
    expect(hearAll(without, without)).toEqual(['', 'a']);
    expect(woken).toEqual(['a', 'a']);
  });

  test('when discoveries are so rare that doubt lasts for less than the row, then the row is as long all the same', () => {
    const { say, hearAll } = createList({ deadAfter: 5, patience: 1 });
    say('notFound', 'a');
    const lists = Array.from({ length: 5 }, () => only('b', 'c', 'd'));
    expect(hearAll(...lists)).toEqual(['', '', '', '', 'a']);
  });

  test('when one list is to be enough, then its own poll is waited for', () => {
    const { say, hearAll, woken } = createList({ deadAfter: 1 });
    say('notFound', 'a');
    expect(hearAll(only('b', 'c', 'd'))).toEqual(['']);
    expect(woken).toEqual(['a']);
    expect(hearAll(only('b', 'c', 'd'))).toEqual(['']);
    expect(hearAll(only('b', 'c', 'd'))).toEqual(['a']);
  });
});

describe('given a topic that is answered for though lists lack it', () => {
  test('when its offsets stay the same, then it is gone one list later', () => {
    const { say, hearAll } = createList();
    const without = only('b', 'c', 'd');
    say('unchanged', 'a');
    expect(hearAll(without, without, without, without)).toEqual(['', '', '', 'a']);
  });

  test('when they change once, then the row begins anew', () => {
    const { say, hearAll } = createList();
    const without = only('b', 'c', 'd');
    say('unchanged', 'a');
    hearAll(without, without, without);
    say('data', 'a');
    hearAll(without);
    say('unchanged', 'a');
    expect(hearAll(without, without, without)).toEqual(['', '', 'a']);
  });
});

describe('given lists that still grow', () => {
  test('when each brings back one that was missing, then none of the others ends', () => {
    const { say, hearAll, full } = createList({ names: ['a', 'b', 'c', 'd', 'e', 'f'], deadAfter: 2 });
    say('notFound', 'a', 'b', 'c', 'd', 'e', 'f');
    expect(
      hearAll(
        only('f'),
        only('e', 'f'),
        only('e', 'f'),
        only('d', 'e', 'f'),
        only('d', 'e', 'f'),
        only('c', 'd', 'e', 'f'),
        only('c', 'd', 'e', 'f'),
        only('b', 'c', 'd', 'e', 'f'),
        only('b', 'c', 'd', 'e', 'f'),
        full,
      ).join(''),
    ).toBe('');
  });

  test('when each brings names that nobody knew, then those that die end', () => {
    const { say, hearAll } = createList();
    say('notFound', 'a');
    const lists = ['x', 'y', 'z'].map((name) => only('b', 'c', 'd', name));
    expect(hearAll(...lists)).toEqual(['', '', 'a']);
  });

  test('when there is no end of it, then who was never listed nor answered for ends all the same', () => {
    const { say, hearAll } = createList();
    say('notFound', 'a');
    const lists = Array.from({ length: 10 }, () => [only('b', 'c', 'd'), only('c', 'd')]).flat();
    expect(hearAll(...lists.slice(0, -1)).join('')).toBe('');
    expect(hearAll(only('c', 'd'))).toEqual(['a']);
  });
});

describe('given a list that names less than half of what is followed', () => {
  test.each([
    ['a failed list', (list: ReturnType<typeof createList>) => void list.hearAll(UNREACHABLE)],
    ['a failed poll', ({ list }: ReturnType<typeof createList>) => list.shake()],
  ])('when it comes after %s, then it is taken to be filling, though not for ever', (_, fail) => {
    const scene = createList();
    scene.say('notFound', 'a', 'b', 'c', 'd');
    fail(scene);
    const scant = Array.from({ length: 19 }, () => only('d'));
    expect(scene.hearAll(...scant, only('d'))).toEqual([...scant.map(() => ''), 'a,b,c']);
  });

  test('when it has named half in between, then what failed before is forgotten', () => {
    const { list, say, hearAll } = createList();
    say('notFound', 'a', 'b', 'c', 'd');
    list.shake();
    hearAll(only('c', 'd'));
    expect(hearAll(only('d'), only('d'), only('d'))).toEqual(['', 'a,b', 'c']);
  });

  test('when all of a few are missing and nothing failed, then they end as others do', () => {
    const { say, hearAll } = createList();
    say('notFound', 'a', 'b', 'c', 'd');
    expect(hearAll(EMPTY, EMPTY, EMPTY)).toEqual(['', '', 'a,b,c,d']);
  });

  test('when ten are missing at once, then it is taken to be filling though nothing failed', () => {
    const names = Array.from({ length: 10 }, (_, index) => `group-${String(index)}`);
    const { say, hearAll } = createList({ names });
    say('notFound', ...names);
    expect(hearAll(...Array.from({ length: 19 }, () => EMPTY)).join('')).toBe('');
    expect(hearAll(EMPTY)).toEqual([names.join()]);
  });

  test('when the cluster itself is unknown, then there is nothing to fill', () => {
    const { list, say, hearAll } = createList();
    say('notFound', 'a', 'b', 'c', 'd');
    list.shake();
    expect(hearAll(NOT_FOUND, NOT_FOUND, NOT_FOUND)).toEqual(['', '', 'a,b,c,d']);
  });
});

describe('given a list that never had a name', () => {
  test('when it is empty for long, then there is nothing to end', () => {
    const { hearAll } = createList({ names: [] });
    expect(hearAll(EMPTY, EMPTY, EMPTY, EMPTY).join('')).toBe('');
  });
});
