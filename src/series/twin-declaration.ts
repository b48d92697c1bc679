import { TWIN_EVENTS, twinMachine } from './twin-machine.ts';

/** One region of the twin machine as it is declared. */
export interface DeclaredRegion {
  readonly id: string;
  readonly initial: string;
  readonly states: readonly string[];
  readonly transitions: readonly DeclaredTransition[];
}

export interface DeclaredTransition {
  readonly from: string;
  readonly event: string;
  /** `from` where the state stays the same. */
  readonly to: string;
  /** Null where the transition is taken whenever none before it is. */
  readonly guard: string | null;
  /** In their order. */
  readonly actions: readonly string[];
}

/** The twin machine as plain data, read off its declaration. Of the transitions of one event the first whose guard holds is taken. */
export function declareTwinMachine(): {
  readonly id: string;
  readonly events: readonly string[];
  readonly regions: readonly DeclaredRegion[];
} {
  const { root } = twinMachine;
  const regions = Object.values(root.states).map((region): DeclaredRegion => {
    const states = Object.values(region.states);
    return {
      id: region.key,
      initial: region.initial.target[0]?.key ?? '',
      states: states.map(({ key }) => key),
      transitions: states.flatMap((state) =>
        [...state.transitions.values()].flat().map(({ eventType, target, guard, actions }) => ({
          from: state.key,
          event: eventType,
          to: target?.[0]?.key ?? state.key,
          guard: nameOf(guard),
          actions: actions.map((action) => nameOf(action) ?? ''),
        })),
      ),
    };
  });
  return { id: root.key, events: TWIN_EVENTS, regions };
}

/** The machine names its guards and actions, or holds them as objects that have a type. */
function nameOf(part: unknown): string | null {
  if (typeof part === 'string') return part;
  if (typeof part === 'object' && part !== null && 'type' in part) return String(part.type);
  return null;
}
