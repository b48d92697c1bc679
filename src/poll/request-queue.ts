import PQueue from 'p-queue';

/** Who goes first when more requests wait than may be in flight: discovery, then a notifier's wake, then the rest. */
export type Urgency = 'regular' | 'wake' | 'discovery';

const PRIORITY: { readonly [urgency in Urgency]: number } = { regular: 0, wake: 1, discovery: 2 };

/** The result of a request that was cancelled, by its own signal or because the queue stopped. */
export interface Cancelled {
  readonly kind: 'cancelled';
}

const CANCELLED: Cancelled = { kind: 'cancelled' };

/** A request that waits for its turn, is in flight, or has settled. */
export interface QueuedRequest<T> {
  /**
   * What `send` resolved with, or `cancelled`: at once for a request that had not been sent, else when `send`
   * settles. Rejects only when `send` does, which is a programmer's error.
   */
  readonly settled: Promise<T | Cancelled>;
  /** True once it has been handed to `send`. */
  sent(): boolean;
  /** Moves a request that still waits forward; does nothing to one that was sent or cancelled. */
  raise(urgency: Urgency): void;
  /** As if its signal had aborted; does nothing once it has settled. */
  cancel(): void;
}

/**
 * The requests of one Burrow server: at most `concurrency` in flight, the more urgent first, equals in order.
 *
 * The queue holds no more than its callers do: every handler has at most one request, discovery a few a cluster.
 */
export interface RequestQueue {
  /**
   * A request whose signal aborts before its turn is never sent. `send` must be done with its own signal when it has
   * settled: the next request may be given the same one.
   */
  enqueue<T>(
    send: (signal: AbortSignal) => Promise<T>,
    urgency: Urgency,
    signal: AbortSignal,
    owner?: object,
  ): QueuedRequest<T>;
  /** Cancels what was asked for this owner. */
  cancelOf(owner: object): void;
  /** How many wait for their turn, and how many are in flight. */
  load(): { readonly waiting: number; readonly inFlight: number };
  /** Cancels everything, refuses what comes later (`cancelled`), and resolves when nothing is in flight. */
  stop(): Promise<void>;
}

/** @param options.concurrency requests in flight, 1 or more */
export function createRequestQueue(options: { readonly concurrency: number }): RequestQueue {
  const queue = new PQueue({ concurrency: options.concurrency });
  /**
   * Those neither settled nor cancelled, each at its own place. Not a `Set`: at thousands of changes a second its
   * outgrown tables, which still name their last members, pile up in the engine's old space.
   */
  const live: (Cancellable | undefined)[] = [];
  const freePlaces: number[] = [];
  /** Controllers that have never aborted serve again. */
  const spareControllers: AbortController[] = [];
  let requests = 0;
  let waiting = 0;
  let inFlight = 0;
  let stopped = false;

  function enqueue<T>(
    send: (signal: AbortSignal) => Promise<T>,
    urgency: Urgency,
    signal: AbortSignal,
    owner?: object,
  ): QueuedRequest<T> {
    if (stopped || signal.aborted) return NEVER_SENT;
    const controller = spareControllers.pop() ?? new AbortController();
    requests += 1;
    const id = String(requests);
    let sent = false;
    let cancelled = false;
    const isCancelled = (): boolean => cancelled;
    let isLive = true;
    waiting += 1;

    let settle: (result: T | Cancelled) => void = () => undefined;
    let fail: (error: unknown) => void = () => undefined;
    const settled = new Promise<T | Cancelled>((resolve, reject) => {
      settle = resolve;
      fail = reject;
    });

    // A cancelled request keeps its place in p-queue and passes through it empty-handed: removing it would search the
    // whole queue, which is quadratic when ten thousand handlers stop together.
    function cancel(): void {
      if (!isLive) return;
      cancelled = true;
      release();
      controller.abort();
      if (sent) return;
      waiting -= 1;
      settle(CANCELLED);
    }
    function release(): void {
      if (!isLive) return;
      isLive = false;
      live[place] = undefined;
      freePlaces.push(place);
      signal.removeEventListener('abort', cancel);
    }
    async function turn(): Promise<void> {
      if (isCancelled()) return;
      sent = true;
      waiting -= 1;
      inFlight += 1;
      try {
        const result = await send(controller.signal);
        settle(isCancelled() ? CANCELLED : result);
        if (!isCancelled()) spareControllers.push(controller);
      } finally {
        inFlight -= 1;
        release();
        // What still knows this function shall not keep the result.
        settle = () => undefined;
      }
    }
    const place = freePlaces.pop() ?? live.length;
    live[place] = { owner, cancel };
    signal.addEventListener('abort', cancel, ONCE);
    queue.add(turn, { id, priority: PRIORITY[urgency] }).catch(fail);

    return {
      settled,
      sent: () => sent,
      raise(to) {
        if (!sent && !isCancelled()) queue.setPriority(id, PRIORITY[to]);
      },
      cancel,
    };
  }

  return {
    enqueue,
    cancelOf(owner) {
      for (const request of [...live]) if (request?.owner === owner) request.cancel();
    },
    load: () => ({ waiting, inFlight }),
    async stop() {
      stopped = true;
      for (const request of [...live]) request?.cancel();
      await queue.onIdle();
    },
  };
}

interface Cancellable {
  readonly owner: object | undefined;
  cancel(): void;
}

const ONCE = { once: true };

const NEVER_SENT: QueuedRequest<never> = {
  settled: Promise.resolve(CANCELLED),
  sent: () => true,
  raise: () => undefined,
  cancel: () => undefined,
};
