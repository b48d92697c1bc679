import { describe, expect, test } from 'vitest';
import { createActor, initialTransition, transition, type SnapshotFrom } from 'xstate';
import { TWIN_ACTIONS, TWIN_EVENTS, twinMachine } from '../../src/series/twin-machine.ts';
import { compileTwinTable } from '../../src/series/twin-table.ts';

const table = compileTwinTable(twinMachine, TWIN_EVENTS, TWIN_ACTIONS);

function actionsOf(bits: number): string[] {
  return TWIN_ACTIONS.filter((_, bit) => bits & (1 << bit));
}

/** Every reachable state, found anew without the compiler: depth first, by a path of events. */
function reachable(): Map<string, SnapshotFrom<typeof twinMachine>> {
  const found = new Map<string, SnapshotFrom<typeof twinMachine>>();
  const visit = (snapshot: SnapshotFrom<typeof twinMachine>): void => {
    const value = JSON.stringify(snapshot.value);
    if (found.has(value)) return;
    found.set(value, snapshot);
    for (const type of TWIN_EVENTS) visit(transition(twinMachine, snapshot, { type })[0]);
  };
  visit(initialTransition(twinMachine)[0]);
  return found;
}

describe('given the twin machine and the table compiled from it', () => {
  test('when every reachable state is listed, then both have the same', () => {
    expect([...table.states].sort()).toEqual([...reachable().keys()].sort());
  });

  for (const [value, snapshot] of reachable()) {
    for (const [event, type] of TWIN_EVENTS.entries()) {
      test(`when ${type} comes in ${value}, then both go the same way and do the same`, () => {
        const [after, done] = transition(twinMachine, snapshot, { type });
        const cell = table.states.indexOf(value) * table.eventCount + event;

        expect(table.states[table.next[cell]!]).toBe(JSON.stringify(after.value));
        expect(actionsOf(table.actions[cell]!)).toEqual(done.map((action) => action.type));
      });
    }
  }

  test('when a running actor takes a long walk, then the table arrives where it does', () => {
    const actor = createActor(twinMachine).start();
    let state = 0;
    for (let step = 0; step < 500; step++) {
      const event = (step * 7 + ((step * step) >> 3)) % TWIN_EVENTS.length;
      actor.send({ type: TWIN_EVENTS[event]! });
      state = table.next[state * table.eventCount + event]!;
      expect(table.states[state]).toBe(JSON.stringify(actor.getSnapshot().value));
    }
  });

  test('when the table starts, then it is closed and fresh', () => {
    expect(table.states[0]).toBe('{"span":"closed","cadence":"fresh"}');
  });
});
