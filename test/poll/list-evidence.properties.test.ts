import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import type { Outcome } from '../../src/burrow/outcome.ts';
import { type FakeBurrow, clusterOf, lagOf, offsetsOf } from './fake-burrow.ts';
import { createHarness, POLL_MS } from './maintainer-harness.ts';

/** What a poll of a name that lives comes to. */
type Word = 'data' | 'failed' | 'notFound';
/** The two polls of a name between one list and the next. */
type Words = readonly [Word, Word];

/** One discovery and the polls after it; what is not said is full and well. */
interface Step {
  readonly list: 'full' | 'failed' | { readonly lacks: ReadonlySet<number> };
  readonly wordsOf: (name: number) => Words;
}

const UNREACHABLE = { kind: 'unreachable', reason: 'no answer within 10 s' } as const;
const NOT_FOUND = { kind: 'notFound' } as const;
const NAMES = [0, 1, 2, 3, 4, 5];
/** It lives until a certain step. */
const DOOMED = 5;
const LIVING = NAMES.filter((name) => name !== DOOMED);

const WELL: Words = ['data', 'data'];
const UNHEARD: Words = ['notFound', 'notFound'];
const DOWN: Words = ['failed', 'failed'];
const FULL: Step = { list: 'full', wordsOf: () => WELL };
const lacking = (lacks: ReadonlySet<number>, words: Words): Step => ({
  list: { lacks },
  wordsOf: (name) => (lacks.has(name) ? words : WELL),
});

const word = fc.constantFrom<Word>('data', 'failed', 'notFound');
const someNames = fc.subarray(NAMES, { minLength: 1 }).map((names) => new Set(names));
/** For each name. */
const wordsFor = (words: fc.Arbitrary<Words>): fc.Arbitrary<Step['wordsOf']> =>
  fc
    .array(words, { minLength: NAMES.length, maxLength: NAMES.length })
    .map((all) => (name) => all[name] ?? WELL);

/** Whatever polls say of a name that is listed, it lives. */
const steady = fc.array(
  wordsFor(fc.tuple(word, word)).map((wordsOf): Step => ({ list: 'full', wordsOf })),
  { minLength: 1, maxLength: 5 },
);

/** Whatever lists say of a name, it lives as long as not every poll of it says NOTFOUND. */
const contradicted = fc
  .oneof(
    // The same ones are missing for long, or others each time.
    someNames.map((lacks) => fc.constant(lacks)),
    fc.constant(someNames),
  )
  .chain((lacking) =>
    fc.array(
      fc.record<Step>({
        list: fc.oneof(
          { weight: 1, arbitrary: fc.constantFrom('full', 'failed') },
          { weight: 6, arbitrary: lacking.map((lacks) => ({ lacks })) },
        ),
        wordsOf: wordsFor(
          fc
            .tuple(word, word)
            .map((words): Words =>
              words.every((one) => one === 'notFound') ? ['failed', 'notFound'] : words,
            ),
        ),
      }),
      { minLength: 1, maxLength: 10 },
    ),
  );

/** Two Burrows behind one address: each has lists of its own, and polls go to either. */
const alternating = fc
  .tuple(someNames, fc.integer({ min: 2, max: 10 }))
  .map(([lacks, rounds]) =>
    Array.from({ length: rounds }, (_, round) =>
      round % 3 === 2 ? FULL : lacking(lacks, round % 2 === 0 ? ['notFound', 'data'] : ['data', 'notFound']),
    ),
  );

/** Fewer lists in a row than it takes, with something in between that begins the row anew. */
const interrupted = (deadAfter: number): fc.Arbitrary<readonly Step[]> => {
  const row = fc.integer({ min: 0, max: deadAfter - 1 });
  return fc
    .tuple(someNames, row, fc.constantFrom('list', 'polls', 'data', 'nothing'), row)
    .map(([lacks, before, what, after]) => {
      const unheard = lacking(lacks, UNHEARD);
      const rows = (length: number): Step[] => Array.from({ length }, () => unheard);
      switch (what) {
        case 'list':
          return [...rows(before), { ...unheard, list: 'failed' }, ...rows(after)];
        case 'polls':
          // The list before the polls is one of the row, and the one after them the first of the next.
          return [...rows(before), lacking(lacks, DOWN), ...rows(after)].slice(before === 0 ? 0 : 1);
        case 'data':
          return [...rows(before), lacking(lacks, WELL), ...rows(after)].slice(before === 0 ? 0 : 1);
        case 'nothing':
          return rows(before);
      }
    });
};

/** A Burrow that has restarted: nothing, then long a name or two, then more and more, in an order of its own. */
const refilling = (deadAfter: number): fc.Arbitrary<readonly Step[]> =>
  fc
    .record({
      order: fc.shuffledSubarray(LIVING, { minLength: LIVING.length }),
      first: fc.integer({ min: 0, max: 1 }),
      scant: fc.integer({ min: 0, max: 10 }),
      stalls: fc.array(fc.integer({ min: 0, max: deadAfter - 1 }), { minLength: 5, maxLength: 5 }),
      isTold: fc.boolean(),
    })
    .map(({ order, first, scant, stalls, isTold }) => {
      const down: Step = { list: isTold ? 'failed' : 'full', wordsOf: () => DOWN };
      // The doomed one comes last: where it is no more, nothing grows by it.
      const heard = (count: number): Step => lacking(new Set([...order, DOOMED].slice(count)), UNHEARD);
      const growing = stalls.flatMap((stall, index) =>
        Array.from({ length: 1 + stall }, () => heard(first + index + 1)),
      );
      return [down, ...Array.from({ length: scant }, () => heard(first)), ...growing];
    });

/** Each ends with a list that has everyone. */
const history = (deadAfter: number): fc.Arbitrary<readonly Step[]> =>
  fc
    .array(fc.oneof(steady, contradicted, alternating, interrupted(deadAfter), refilling(deadAfter)), {
      minLength: 1,
      maxLength: 5,
    })
    .map((parts) => parts.flatMap((part) => [...part, FULL]));

const lives = fc.integer({ min: 1, max: 4 }).chain((deadAfter) =>
  fc.record({
    deadAfter: fc.constant(deadAfter),
    steps: history(deadAfter),
    /** Share of the history after which the doomed ones are no more. */
    diesAfter: fc.double({ min: 0, max: 1, noNaN: true }),
    /** Whether Burrow answers on for the topic with what it last knew. */
    isTopicKept: fc.boolean(),
  }),
);

/** Plays steps to a maintainer with six groups and six topics. */
function createStage(deadAfter: number, isTopicKept: boolean) {
  const harness = createHarness({ deadAfter });
  const group = (name: number): string => `group-${String(name)}`;
  const topic = (name: number): string => `topic-${String(name)}`;
  harness.burrow.world.set('local', clusterOf(NAMES.map(group), NAMES.map(topic)));
  const newcomers: string[] = [];
  let produced = 0;

  function setWords(burrow: FakeBurrow, step: Step, half: 0 | 1, isDead: boolean): void {
    const { groups, topics } = burrow.world.get('local')!;
    produced += 1;
    for (const name of NAMES) {
      const said = step.wordsOf(name)[half];
      const dead = isDead && name === DOOMED;
      groups.set(
        group(name),
        said === 'failed' ? UNREACHABLE : dead || said === 'notFound' ? NOT_FOUND : lagOf(500),
      );
      if (said === 'failed') topics.set(topic(name), UNREACHABLE);
      else if (dead) topics.set(topic(name), isTopicKept ? offsetsOf([7, 7]) : NOT_FOUND);
      else topics.set(topic(name), said === 'notFound' ? NOT_FOUND : offsetsOf([produced, 7]));
    }
  }

  function listOf(
    nameOf: (name: number) => string,
    { list }: Step,
    isDead: boolean,
  ): Outcome<readonly string[]> {
    if (list === 'failed') return UNREACHABLE;
    const lacks = list === 'full' ? new Set<number>() : list.lacks;
    const listed = NAMES.filter((name) => !lacks.has(name) && !(isDead && name === DOOMED));
    return { kind: 'ok', value: [...listed.map(nameOf), ...newcomers] };
  }

  return {
    ...harness,
    /** Large clusters have new names all the time. */
    addNewcomer(): void {
      const { groups, topics } = harness.burrow.world.get('local')!;
      const newcomer = `new-${String(newcomers.length)}`;
      newcomers.push(newcomer);
      groups.set(newcomer, lagOf(1));
      topics.set(newcomer, offsetsOf([1]));
    },
    async play(step: Step, isDead: boolean): Promise<void> {
      const local = harness.burrow.world.get('local')!;
      local.groupList = listOf(group, step, isDead);
      local.topicList = listOf(topic, step, isDead);
      for (const half of [0, 1] as const) {
        setWords(harness.burrow, step, half, isDead);
        await harness.time.advance(POLL_MS);
      }
    },
  };
}

describe('given groups and topics of which all but one live throughout', () => {
  test('when lists and polls say what they like, then those never end, and those that die do within two more lists', async () => {
    await fc.assert(
      fc.asyncProperty(lives, async ({ deadAfter, steps, diesAfter, isTopicKept }) => {
        const stage = createStage(deadAfter, isTopicKept);
        const { ended } = stage;
        await stage.startSettled();
        const death = Math.round(steps.length * diesAfter);
        for (const step of steps.slice(0, death)) await stage.play(step, false);
        expect(ended()).toEqual([]);
        for (const step of steps.slice(death)) await stage.play(step, true);
        for (let list = 0; list < deadAfter + 2; list += 1) {
          stage.addNewcomer();
          await stage.play(FULL, true);
        }
        expect(ended().sort()).toEqual([
          `local/group-${String(DOOMED)}`,
          `local/topic/topic-${String(DOOMED)}`,
        ]);
      }),
      { numRuns: 100 },
    );
  }, 300_000);
});
