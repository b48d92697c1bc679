import type { Clock } from '../platform/clock.ts';
import type { NotifierHealth } from './health.ts';
import { parseNotifierBody } from './notifier-body.ts';
import type { BodyFault, NotifierEvent } from './notifier-body.ts';

/** What an event came to; `unknown`: no live handler goes by that name, perhaps not yet. */
export type NotifierOutcome = 'woken' | 'unknown' | 'ignored' | 'invalid';

export interface NotifierReceiverDeps {
  /**
   * Makes the group's handler ask Burrow now; in every cluster that has such a group when `cluster` is null.
   * Returns at once with how many handlers were woken. Repeats are the handler's to coalesce.
   */
  readonly wake: (cluster: string | null, group: string) => number;
  /** For `invalid` this is the one place that counts the exception `notifierInvalid`. */
  readonly count: (outcome: NotifierOutcome, times: number) => void;
  /** Told of each event that woke someone, so that the names in it are real ones. */
  readonly heard: (event: NotifierEvent, atMs: number) => void;
  readonly clock: Clock;
}

export interface NotifierReceiverOptions {
  /** `off`: events are taken and come to nothing. */
  readonly push: 'also' | 'only' | 'off';
}

/** How a body was received; `accepted` and `woken` count distinct groups and handlers. */
export type Receipt =
  | { readonly kind: 'accepted'; readonly accepted: number; readonly woken: number }
  | { readonly kind: 'ignored' }
  | { readonly kind: 'invalid'; readonly faults: readonly BodyFault[] };

export interface NotifierReceiver {
  receive(body: Uint8Array, method: string): Receipt;
  condition(): NotifierHealth;
}

/** Turns what Burrow's notifier sends into wake-ups. A notification is a hint and never touches a series itself. */
export function createNotifierReceiver(
  deps: NotifierReceiverDeps,
  options: NotifierReceiverOptions,
): NotifierReceiver {
  let acceptedEvents = 0;
  let invalidBodies = 0;
  let lastEventMs: number | null = null;

  return {
    receive(body, method) {
      if (options.push === 'off') {
        deps.count('ignored', 1);
        return { kind: 'ignored' };
      }
      const parsed = parseNotifierBody(body, method === 'DELETE');
      if (parsed.kind === 'invalid') {
        invalidBodies += 1;
        deps.count('invalid', 1);
        return parsed;
      }
      const groups = distinctGroups(parsed.events);
      acceptedEvents += parsed.events.length;
      lastEventMs = deps.clock.nowMs();
      let woken = 0;
      for (const event of groups) {
        const handlers = deps.wake(event.cluster, event.group);
        if (handlers > 0) deps.heard(event, lastEventMs);
        deps.count(handlers > 0 ? 'woken' : 'unknown', 1);
        woken += handlers;
      }
      return { kind: 'accepted', accepted: groups.length, woken };
    },
    condition: () => ({ acceptedEvents, invalidBodies, lastEventMs }),
  };
}

function distinctGroups(events: readonly NotifierEvent[]): NotifierEvent[] {
  return [...new Map(events.map((event) => [JSON.stringify([event.cluster, event.group]), event])).values()];
}
