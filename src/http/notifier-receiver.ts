import type { Clock } from '../platform/clock.ts';
import type { NotifierHealth } from './health-inputs.ts';
import { parseNotifierBody } from './notifier-body.ts';
import type { BodyFault, NotifierEvent } from './notifier-body.ts';

/** What waking one handler came to: it polls now, was to poll at once anyway, or waits because too many were woken. */
export type WakeOutcome = 'woken' | 'merged' | 'deferred';

/** What an event came to; `unknown`: no live handler goes by that name, perhaps not yet. */
export type NotifierOutcome = WakeOutcome | 'unknown' | 'ignored' | 'invalid';

export interface NotifierReceiverDeps {
  /**
   * Makes the group's handler ask Burrow now; in every cluster that has such a group when `cluster` is null.
   * Returns at once what came of it for each handler; how many polls that may cause is bounded there.
   */
  readonly wake: (cluster: string | null, group: string) => readonly WakeOutcome[];
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

/**
 * How a body was received. `accepted` counts distinct groups; `woken` handlers that ask Burrow at once, `deferred` those
 * that do so later.
 */
export type Receipt =
  | {
      readonly kind: 'accepted';
      readonly accepted: number;
      readonly woken: number;
      readonly deferred: number;
    }
  | { readonly kind: 'ignored' }
  | { readonly kind: 'invalid'; readonly faults: readonly BodyFault[] };

export interface NotifierReceiver {
  receive(body: Uint8Array, method: string): Receipt;
  condition(): NotifierHealth;
}

/** Of several handlers that one event wakes, the first of these that occurs is what it came to. */
const WAKE_OUTCOMES: readonly WakeOutcome[] = ['woken', 'merged', 'deferred'];

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
      const counts = new Map<NotifierOutcome, number>();
      let woken = 0;
      let deferred = 0;
      for (const event of groups) {
        const outcomes = deps.wake(event.cluster, event.group);
        if (outcomes.length > 0) deps.heard(event, lastEventMs);
        const outcome = WAKE_OUTCOMES.find((each) => outcomes.includes(each)) ?? 'unknown';
        counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
        const later = outcomes.filter((each) => each === 'deferred').length;
        deferred += later;
        woken += outcomes.length - later;
      }
      if (parsed.faults.length > 0) counts.set('invalid', parsed.faults.length);
      for (const [outcome, times] of counts) deps.count(outcome, times);
      return { kind: 'accepted', accepted: groups.length, woken, deferred };
    },
    condition: () => ({ acceptedEvents, invalidBodies, lastEventMs }),
  };
}

function distinctGroups(events: readonly NotifierEvent[]): NotifierEvent[] {
  return [...new Map(events.map((event) => [JSON.stringify([event.cluster, event.group]), event])).values()];
}
