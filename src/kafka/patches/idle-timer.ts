import { createRequire } from 'node:module';

/** The parts of kafkajs's RequestQueue that the cures below touch. */
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

const recheckMs = 10;
/** A request is given up so much of its time too late at most, and never more than a second. */
const lateShare = 0.1;
const mostLateMs = 1000;

/**
 * kafkajs 2.2.4 looks after its queue of pending requests with a timer that re-arms itself for ever, pending
 * requests or not, with a negative delay (Node makes 1 ms of it, and Node 24 warns): 3 to 4 % of a core for each idle
 * connection. There is something to look after only while requests are pending, which happens only while the broker
 * throttles us or the in-flight limit is reached; `push` and `fulfillRequest` call this method in every such case.
 */
function scheduleCheckPendingRequests(this: RequestQueue): void {
  if (this.pending.length === 0 || this.throttleCheckTimeoutId !== null) return;
  const throttledMs = this.throttledUntil - Date.now();
  this.throttleCheckTimeoutId = setTimeout(
    () => {
      this.throttleCheckTimeoutId = null;
      this.checkPendingRequests();
    },
    throttledMs > 0 ? throttledMs : recheckMs,
  );
}

/**
 * kafkajs 2.2.4 looks ten times a second at every connection whether a request has outlived its time, be there one or
 * not: half of all that an idle process with three brokers does.
 */
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
    Math.min(this.requestTimeout * lateShare, mostLateMs),
  );
}

/**
 * Replaces these two methods in the kafkajs of this process; harmless when called again.
 *
 * @returns false when this kafkajs is not the one the cure was made for; it is then left as it is.
 */
export function cureIdleTimer(): boolean {
  const require = createRequire(import.meta.url);
  const { version } = require('kafkajs/package.json') as { readonly version: string };
  const queue = (require('kafkajs/src/network/requestQueue/index.js') as { readonly prototype: object })
    .prototype;
  const cures = { scheduleCheckPendingRequests, scheduleRequestTimeoutCheck };
  if (version !== '2.2.4' || !Object.keys(cures).every((name) => name in queue)) return false;
  for (const [name, value] of Object.entries(cures)) Object.defineProperty(queue, name, { value });
  return true;
}
