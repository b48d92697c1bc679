/**
 * Why: kafkajs 2.2.4 looks after its queue of pending requests with a timer that it arms again for ever, whether requests
 * are pending or not, with a negative delay. Node makes 1 ms of it, and Node 24 warns: 3 to 4 % of a core for each idle
 * connection. And it looks ten times a second at every connection whether a request has outlived its time, which is
 * half of all that an idle process with three brokers does.
 *
 * Relies on: two methods of its RequestQueue without parameters, which nothing but this class calls, and the fields that
 * the new ones read. A queue is made as a probe.
 *
 * Without it: idle connections use the CPU; everything works.
 */
import { hasMethods, loadInternal, type KafkajsPatch } from './patch.ts';

/** The parts of kafkajs's RequestQueue that the new methods touch. */
interface RequestQueue {
  /** Of a request that has none of its own, ms. */
  readonly requestTimeout: number;
  readonly enforceRequestTimeout: boolean;
  readonly inflight: ReadonlyMap<number, SentRequest>;
  requestTimeoutIntervalId: NodeJS.Timeout | null;
  isConnected(): boolean;
  /** Disarms every timer. */
  destroy(): void;
  readonly pending: readonly unknown[];
  readonly throttledUntil: number;
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  checkPendingRequests(): void;
}

interface SentRequest {
  readonly sentAt: number;
  readonly requestTimeout: number;
  timeoutRequest(): void;
}

type RequestQueueClass = new (options: object) => RequestQueue;

const RECHECK_MS = 10;
/** How late a request may fail at its deadline: by this share of its deadline, and by a second at most. */
const LATE_SHARE = 0.1;
const MOST_LATE_MS = 1000;

/**
 * There is something to look after only while requests are pending, which happens only while the broker throttles us or
 * the in-flight limit is reached; `push` and `fulfillRequest` call this method in every such case.
 */
function scheduleCheckPendingRequests(this: RequestQueue): void {
  if (this.pending.length === 0 || this.throttleCheckTimeoutId !== null) return;
  const throttledMs = this.throttledUntil - Date.now();
  this.throttleCheckTimeoutId = setTimeout(
    () => {
      this.throttleCheckTimeoutId = null;
      this.checkPendingRequests();
    },
    throttledMs > 0 ? throttledMs : RECHECK_MS,
  );
}

function scheduleRequestTimeoutCheck(this: RequestQueue): void {
  if (!this.enforceRequestTimeout) return;
  this.destroy();
  this.requestTimeoutIntervalId = setInterval(
    () => {
      for (const request of this.inflight.values()) {
        if (Date.now() - request.sentAt > request.requestTimeout) request.timeoutRequest();
      }
      if (!this.isConnected()) this.destroy();
    },
    Math.min(this.requestTimeout * LATE_SHARE, MOST_LATE_MS),
  );
}

export const idleTimer: KafkajsPatch = {
  name: 'idle-timer',
  versions: ['2.2.4'],
  without: 'each idle connection to a broker uses 3 to 4 % of a core',
  apply() {
    const Queue = loadInternal('src/network/requestQueue/index.js') as RequestQueueClass;
    const prototype = Queue.prototype as object;
    const methods = { scheduleCheckPendingRequests, scheduleRequestTimeoutCheck };
    const arities = { scheduleCheckPendingRequests: 0, scheduleRequestTimeoutCheck: 0 };
    if (
      !hasMethods(prototype, { ...arities, destroy: 0, checkPendingRequests: 0, push: 1, fulfillRequest: 1 })
    )
      return 'the methods of RequestQueue are not the ones that it knows';
    if (!hasFields(new Queue({ requestTimeout: 1, enforceRequestTimeout: true, maxInFlightRequests: null })))
      return 'the fields of RequestQueue are not the ones that it knows';
    for (const [name, value] of Object.entries(methods)) Object.defineProperty(prototype, name, { value });
    return null;
  },
};

function hasFields(queue: Readonly<Record<keyof RequestQueue, unknown>>): boolean {
  return (
    queue.requestTimeout === 1 &&
    queue.enforceRequestTimeout === true &&
    queue.inflight instanceof Map &&
    Array.isArray(queue.pending) &&
    typeof queue.throttledUntil === 'number' &&
    queue.throttleCheckTimeoutId === null &&
    typeof queue.isConnected === 'function'
  );
}
