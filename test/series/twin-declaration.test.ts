import { describe, expect, test } from 'vitest';
import { declareTwinMachine } from '../../src/series/twin-declaration.ts';
import { TWIN_ACTIONS, TWIN_EVENTS, twinMachine } from '../../src/series/twin-machine.ts';
import { compileTwinTable } from '../../src/series/twin-table.ts';

const table = compileTwinTable(twinMachine, TWIN_EVENTS, TWIN_ACTIONS);
const { regions } = declareTwinMachine();

/** What the declaration as plain data says of one step. */
function step(state: Readonly<Record<string, string>>, event: string) {
  const after: Record<string, string> = {};
  const done: string[] = [];
  for (const { id, transitions } of regions) {
    const isTaken = (guard: string | null) =>
      guard === null || (guard === 'spanIsOpen' && state['span'] === 'open');
    const taken = transitions.find(
      (transition) =>
        transition.from === state[id] && transition.event === event && isTaken(transition.guard),
    );
    after[id] = taken?.to ?? state[id]!;
    done.push(...(taken?.actions ?? []));
  }
  return { after, done };
}

describe('given the twin machine as plain data', () => {
  test('when it is walked by hand, then every step is that of the table which runs', () => {
    for (const [number, text] of table.states.entries()) {
      for (const [index, event] of TWIN_EVENTS.entries()) {
        const { after, done } = step(JSON.parse(text) as Record<string, string>, event);
        const cell = number * table.eventCount + index;
        expect([text, event, after]).toEqual([text, event, JSON.parse(table.states[table.next[cell]!]!)]);
        const bits = done.reduce(
          (all, action) => all | (1 << TWIN_ACTIONS.indexOf(action as 'emitValue')),
          0,
        );
        expect([text, event, bits]).toEqual([text, event, table.actions[cell]]);
      }
    }
  });

  test('when it begins, then in the first state of the table', () => {
    const initial = Object.fromEntries(regions.map((region) => [region.id, region.initial]));
    expect(initial).toEqual(JSON.parse(table.states[0]!));
  });
});
