import type { FollowedKind } from '../../src/poll/followed-kind.ts';
import type { FollowedKinds } from '../../src/poll/followed-kinds.ts';
import type { Handler, HandlerState } from '../../src/poll/handler.ts';

/** The same kinds, with all handlers that they make kept in view. */
export function recordHandlers([first, ...others]: FollowedKinds) {
  const handlers: Handler[] = [];
  const record = (kind: FollowedKind): FollowedKind => ({
    ...kind,
    createHandler(...args) {
      const handler = kind.createHandler(...args);
      handlers.push(handler);
      return handler;
    },
  });
  const kinds: FollowedKinds = [record(first), ...others.map(record)];
  return {
    kinds,
    /** How many handlers are in each state. */
    states: (): Readonly<Record<HandlerState, number>> => {
      const states = { asleep: 0, waiting: 0, polling: 0, backingOff: 0, unknown: 0, stopped: 0 };
      for (const handler of handlers) states[handler.state()] += 1;
      return states;
    },
  };
}
