import { createRequire } from 'node:module';

/** The parts of kafkajs's RequestQueue that {@link scheduleCheckPendingRequests} touches. */
interface RequestQueue {
  readonly pending: readonly unknown[];
  readonly throttledUntil: number;
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  checkPendingRequests(): void;
}

const recheckMs = 10;

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
 * Replaces that one method in the kafkajs of this process; harmless when called again.
 *
 * @returns false when this kafkajs is not the one the cure was made for; it is then left as it is.
 */
export function cureIdleTimer(): boolean {
  const require = createRequire(import.meta.url);
  const { version } = require('kafkajs/package.json') as { readonly version: string };
  const queue = (require('kafkajs/src/network/requestQueue/index.js') as { readonly prototype: object })
    .prototype;
  if (version !== '2.2.4' || !('scheduleCheckPendingRequests' in queue)) return false;
  Object.defineProperty(queue, 'scheduleCheckPendingRequests', { value: scheduleCheckPendingRequests });
  return true;
}
