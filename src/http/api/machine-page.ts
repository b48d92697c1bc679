import type { Route } from '../route.ts';
import { apiRoute, type ApiDeps } from './api-route.ts';
import type { ApiSource, TwinCount } from './api-source.ts';
import { machine, type Machine } from './contract/machine.ts';

/** A count is used again for this long, because counting walks over every series. */
const COUNT_MEMORY_MS = 3000;

export function machineRoute({ source, clock }: ApiDeps): Route {
  const describeMachine = createMachinePage(source);
  return apiRoute(
    '/api/machine',
    {
      id: 'machine',
      summary: 'The twin machine, and how many series are in each state',
      answer: machine,
    },
    (reply) => reply.send(describeMachine(clock.nowMs())),
  );
}

/** Tells the twin machine with its live counts. */
function createMachinePage(source: ApiSource): (nowMs: number) => Machine {
  let states: readonly TwinCount[] = [];
  let countedAtMs = -Infinity;

  return (nowMs) => {
    if (Math.abs(nowMs - countedAtMs) >= COUNT_MEMORY_MS) {
      states = source.countTwins();
      countedAtMs = nowMs;
    }
    const { id, events, regions } = source.machine;
    return {
      id,
      events: [...events],
      regions: regions.map((region) => ({
        id: region.id,
        initial: region.initial,
        states: region.states.map((state) => ({ id: state, twins: twinsIn(states, region.id, state) })),
        transitions: region.transitions.map((transition) => ({
          ...transition,
          actions: [...transition.actions],
        })),
      })),
      states: states.map(({ span, cadence, twins }) => ({ span, cadence, twins })),
      twins: states.reduce((sum, { twins }) => sum + twins, 0),
      countedAtMs,
    };
  };
}

function twinsIn(states: readonly TwinCount[], region: string, state: string): number {
  return states
    .filter((count) => (region === 'span' ? count.span : count.cadence) === state)
    .reduce((sum, { twins }) => sum + twins, 0);
}
