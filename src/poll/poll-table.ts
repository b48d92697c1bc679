import { initialTransition, transition, type StateValueFrom } from 'xstate';

import { POLL_ACTIONS, POLL_GUARDS, pollMachine, type PollAction, type PollEvent } from './poll-machine.ts';

/** All that can happen to a handler: an event, and which guards hold. */
const CASES = [
  { name: 'START', event: { type: 'START', isOnDemand: false }, guards: [] },
  { name: 'START_ON_DEMAND', event: { type: 'START', isOnDemand: true }, guards: ['isOnDemand'] },
  { name: 'WAKE', event: { type: 'WAKE' }, guards: [] },
  { name: 'SERVER_BACK', event: { type: 'SERVER_BACK' }, guards: [] },
  { name: 'OK', event: ok(false), guards: [] },
  { name: 'OK_CALM', event: ok(true), guards: ['isCalm'] },
  { name: 'OK_CALM_ENOUGH', event: ok(true), guards: ['isCalm', 'isCalmEnough'] },
  { name: 'NOT_FOUND', event: { type: 'NOT_FOUND' }, guards: [] },
  { name: 'FAILED', event: { type: 'FAILED' }, guards: [] },
  { name: 'STOP', event: { type: 'STOP' }, guards: [] },
  { name: 'GONE', event: { type: 'GONE' }, guards: [] },
  { name: 'RELEASED', event: { type: 'RELEASED' }, guards: [] },
] as const satisfies readonly {
  readonly name: string;
  readonly event: PollEvent;
  readonly guards: readonly (typeof POLL_GUARDS)[number][];
}[];

export type PollCase = (typeof CASES)[number]['name'];
export type PollState = StateValueFrom<typeof pollMachine>;

/** What follows a case in a state. */
export interface PollStep {
  readonly next: PollState;
  /** In the order in which they are to be done. */
  readonly actions: readonly PollAction[];
}

/** The poll machine, ready to be looked up. */
export type PollTable = { readonly [state in PollState]: { readonly [name in PollCase]: PollStep } };

let compiled: PollTable | null = null;

/** The table of {@link pollMachine}; it is made once. */
export function pollTable(): PollTable {
  compiled ??= compilePollTable();
  return compiled;
}

/** Asks the machine what it does in each state and case. */
function compilePollTable(): PollTable {
  // Guards hold where the case says so, and actions do nothing but show.
  const idle = Object.fromEntries(POLL_ACTIONS.map((action) => [action, () => undefined]));

  function stepOf(state: string, isFinal: boolean, { event, guards }: (typeof CASES)[number]): PollStep {
    // An actor that has come to its end hears nothing more.
    if (isFinal) return { next: state as PollState, actions: [] };
    const holding: readonly string[] = guards;
    const held = POLL_GUARDS.map((guard) => [guard, () => holding.includes(guard)] as const);
    const machine = pollMachine.provide({ actions: idle, guards: Object.fromEntries(held) });
    const [{ context }] = initialTransition(machine, { calmBeforeSleep: null });
    const [after, done] = transition(machine, machine.resolveState({ value: state, context }), event);
    return { next: after.value, actions: done.map(({ type }) => type as PollAction) };
  }

  const rows = Object.values(pollMachine.states).map(({ key, type }) => {
    const steps = CASES.map((each) => [each.name, stepOf(key, type === 'final', each)] as const);
    return [key, Object.fromEntries(steps)] as const;
  });
  return Object.fromEntries(rows) as PollTable;
}

function ok(isCalm: boolean): PollEvent {
  return { type: 'OK', isCalm, isWakePending: false };
}
