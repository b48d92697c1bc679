import { describe, expect, test } from 'vitest';
import { transition, type StateValue } from 'xstate';
import {
  TWIN_ACTIONS,
  TWIN_EVENTS,
  TWIN_GUARDS,
  twinMachine,
  type TwinEvent,
} from '../../src/series/twin-machine.ts';
import { TWIN_CASES, twinTable } from '../../src/series/twin-table.ts';

const table = twinTable();
const context = {
  ...({ span: 'nonZero', confirmZero: 1, zeroTolerance: 0, lastValue: null } as const),
  ...{ zeroes: 0, firstZeroSeconds: 0, lastRecordSeconds: 0 },
};

/** The state and the actions that XState comes to, where only the named guards hold and actions do nothing. */
function interpret(state: string, type: string, held: readonly string[]) {
  const machine = twinMachine.provide({
    guards: Object.fromEntries(TWIN_GUARDS.map((guard) => [guard, () => held.includes(guard)])),
    actions: Object.fromEntries(TWIN_ACTIONS.map((action) => [action, () => undefined])),
  });
  const before = machine.resolveState({ value: JSON.parse(state) as StateValue, context });
  const [after, done] = transition(machine, before, { type } as TwinEvent);
  return { state: JSON.stringify(after.value), actions: done.map((action) => action.type) };
}

describe('given the twin machine and the table that is made of it', () => {
  for (const [number, state] of table.states.entries()) {
    for (const [index, { event, guards }] of TWIN_CASES.entries()) {
      test(`when ${event} comes in ${state} and [${guards.join()}] holds, then both do the same`, () => {
        const cell = number * TWIN_CASES.length + index;
        const bits = table.actions[cell]!;
        expect({
          state: table.states[table.next[cell]!],
          actions: TWIN_ACTIONS.filter((_, bit) => bits & (1 << bit)),
        }).toEqual(interpret(state, event, guards));
      });
    }

    test(`when something comes in ${state} that the table does not list, then XState changes nothing`, () => {
      expect(interpret(state, 'UNKNOWN', [])).toEqual({ state, actions: [] });
      expect(interpret(state, 'ENDED_ELSEWHERE', [])).toEqual({ state, actions: [] });
    });
  }

  test('when it is made, then it begins closed and fresh, and knows every event', () => {
    expect(table.states[0]).toBe('{"span":"closed","cadence":"fresh"}');
    expect(new Set([...TWIN_CASES.map(({ event }) => event), 'UNKNOWN'])).toEqual(new Set(TWIN_EVENTS));
  });
});
