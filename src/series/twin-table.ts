import { declareTwinMachine } from './twin-declaration.ts';
import { TWIN_ACTIONS, type TWIN_GUARDS, type TwinEvent } from './twin-machine.ts';

/**
 * What can happen to a series as far as its machine tells it apart: an event, and the guards that hold. The order is
 * that of the numbers in {@link Twins}. What is not listed changes nothing.
 */
export const TWIN_CASES: readonly {
  readonly event: TwinEvent['type'];
  readonly guards: readonly (typeof TWIN_GUARDS)[number][];
}[] = [
  { event: 'VALUE', guards: ['isZero'] },
  { event: 'VALUE', guards: ['isZero', 'isLastZero'] },
  { event: 'VALUE', guards: [] },
  { event: 'VALUE', guards: ['isSame'] },
  { event: 'VALUE', guards: ['hasZeroStart'] },
  { event: 'VALUE', guards: ['isSame', 'hasZeroStart'] },
  { event: 'GONE', guards: [] },
  { event: 'RECOVERED', guards: [] },
  { event: 'DOUBTED', guards: [] },
  { event: 'ENDED_ELSEWHERE', guards: ['hasNoLaterRecord'] },
];

/** The twin machine as a dense table. */
export interface TwinTable {
  /** Each reachable state's value as JSON; its index is the state's number. State 0 is the initial one. */
  readonly states: readonly string[];
  /** `next[state * TWIN_CASES.length + case]`: the state after. */
  readonly next: Uint8Array;
  /** `actions[state * TWIN_CASES.length + case]`: bit i set where the i-th of {@link TWIN_ACTIONS} is to be done. */
  readonly actions: Uint8Array;
}

let compiled: TwinTable | null = null;

/** The table of the declared machine; made when it is first wanted. */
export function twinTable(): TwinTable {
  compiled ??= compileTwinTable();
  return compiled;
}

/**
 * Walks the declaration from its initial state over every case.
 *
 * @throws Error when a transition has actions in another order than {@link TWIN_ACTIONS}
 */
function compileTwinTable(): TwinTable {
  const { regions } = declareTwinMachine();
  const states = [JSON.stringify(Object.fromEntries(regions.map(({ id, initial }) => [id, initial])))];
  const next: number[] = [];
  const bits: number[] = [];
  for (const state of states) {
    const before = JSON.parse(state) as Readonly<Record<string, string>>;
    for (const { event, guards } of TWIN_CASES) {
      const after: Record<string, string> = { ...before };
      const actions: string[] = [];
      for (const { id, transitions } of regions) {
        const taken = transitions.find(
          ({ from, event: on, guard }) =>
            from === before[id] &&
            on === event &&
            (guard === null || guards.some((holds) => holds === guard)),
        );
        if (taken === undefined) continue;
        after[id] = taken.to;
        actions.push(...taken.actions);
      }
      const value = JSON.stringify(after);
      if (!states.includes(value)) states.push(value);
      next.push(states.indexOf(value));
      bits.push(toBits(actions));
    }
  }
  return { states, next: Uint8Array.from(next), actions: Uint8Array.from(bits) };
}

function toBits(actions: readonly string[]): number {
  let bits = 0;
  let latest = -1;
  for (const action of actions) {
    const index = TWIN_ACTIONS.findIndex((name) => name === action);
    if (index <= latest) throw new Error(`action ${action} is not in the order of TWIN_ACTIONS`);
    bits |= 1 << index;
    latest = index;
  }
  return bits;
}
