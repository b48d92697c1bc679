import { initialTransition, transition, type AnyStateMachine } from 'xstate';

/** A state machine as a dense table: what runs in place of it, a few nanoseconds a step. */
export interface TwinTable {
  /** Each reachable state's value as JSON; its index is the state's number. State 0 is the initial one. */
  readonly states: readonly string[];
  readonly eventCount: number;
  /** `next[state * eventCount + event]`: the state after. */
  readonly next: Uint8Array;
  /** `actions[state * eventCount + event]`: bit i set where the i-th action is to be done. */
  readonly actions: Uint8Array;
}

/**
 * Walks a machine once, from its initial state over every event, and writes down what it does.
 *
 * @param events every event type, its index becoming its number; none of them carries data
 * @param actions every action type (8 at most), its index becoming its bit
 * @throws Error when the machine does an action that is not listed, or one of them in another order
 */
export function compileTwinTable(
  machine: AnyStateMachine,
  events: readonly string[],
  actions: readonly string[],
): TwinTable {
  const [initial] = initialTransition(machine);
  const snapshots = [initial];
  const states = [JSON.stringify(initial.value)];
  const next: number[] = [];
  const bits: number[] = [];
  for (const snapshot of snapshots) {
    for (const type of events) {
      const [after, done] = transition(machine, snapshot, { type });
      const value = JSON.stringify(after.value);
      let number = states.indexOf(value);
      if (number < 0) {
        number = states.push(value) - 1;
        snapshots.push(after);
      }
      next.push(number);
      bits.push(toBits(done, actions));
    }
  }
  return { states, eventCount: events.length, next: Uint8Array.from(next), actions: Uint8Array.from(bits) };
}

function toBits(done: readonly { readonly type: string }[], actions: readonly string[]): number {
  let bits = 0;
  let latest = -1;
  for (const { type } of done) {
    const index = actions.indexOf(type);
    if (index <= latest)
      throw new Error(`action ${type} is not in the declared order: ${actions.join(', ')}`);
    bits |= 1 << index;
    latest = index;
  }
  return bits;
}
