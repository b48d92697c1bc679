/** How urgent a request is: a poll at its time, a notifier's wake, or discovery. */
export type Urgency = 'regular' | 'wake' | 'discovery';

/** What waits in a lane. Whoever put it there clears `waits` when it is cancelled; it is then passed over. */
export interface Waiting {
  waits: boolean;
}

/** What is next, and whether it was taken as a wake. */
export interface Turn<T> {
  readonly item: T;
  readonly isWake: boolean;
}

/**
 * Who goes next when more wait than may be in flight. Discovery goes before wakes, and both before regular polls, but
 * while regular polls wait they get every second turn: anybody may send webhooks, and what he names must not keep all
 * other groups from being polled.
 */
export interface FairLanes<T extends Waiting> {
  add(item: T, urgency: Urgency): void;
  /** Whether there is one to be taken now. */
  hasNext(mayWake: boolean): boolean;
  /** Takes one, which no longer waits; null where there is none. */
  take(mayWake: boolean): Turn<T> | null;
}

/** See {@link FairLanes}. */
export function createFairLanes<T extends Waiting>(): FairLanes<T> {
  const lanes = { regular: createLane<T>(), wake: createLane<T>(), discovery: createLane<T>() };
  let wasUrgent = false;

  return {
    add: (item, urgency) => lanes[urgency].push(item),
    hasNext: (mayWake) =>
      (lanes.regular.first() ?? lanes.discovery.first() ?? (mayWake ? lanes.wake.first() : undefined)) !==
      undefined,
    take(mayWake) {
      const regular = lanes.regular.first();
      const wake = lanes.wake.first();
      const urgent = lanes.discovery.first() ?? (mayWake ? wake : undefined);
      const isUrgentTurn = urgent !== undefined && (regular === undefined || !wasUrgent);
      const item = isUrgentTurn ? urgent : regular;
      if (item === undefined) return null;
      wasUrgent = isUrgentTurn;
      item.waits = false;
      return { item, isWake: isUrgentTurn && item === wake };
    },
  };
}

/** First in, first out. What no longer waits is let go when its place is reached. */
interface Lane<T> {
  push(item: T): void;
  /** The first that still waits; it stays where it is. */
  first(): T | undefined;
}

/** Places that were passed before the array is cut. */
const COMPACT_AFTER = 100;

function createLane<T extends Waiting>(): Lane<T> {
  let items: T[] = [];
  let head = 0;
  return {
    push: (item) => void items.push(item),
    first() {
      while (head < items.length && items[head]?.waits === false) head += 1;
      if (head === items.length) {
        items = [];
        head = 0;
      } else if (head > COMPACT_AFTER && head > items.length / 2) {
        items = items.slice(head);
        head = 0;
      }
      return items[head];
    },
  };
}
