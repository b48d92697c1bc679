import PQueue, { type Queue, type QueueAddOptions } from 'p-queue';
import { createFairLanes, type FairLanes, type Urgency, type Waiting } from './fair-lanes.ts';

export type { Urgency } from './fair-lanes.ts';

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
  /** Lets a request that still waits go with the wakes, if that is sooner than its own turn. */
  hurry(): void;
  /** As if its signal had aborted; does nothing once it has settled. */
  cancel(): void;
}

/**
 * The requests of one Burrow server: at most `concurrency` in flight. While regular polls wait they get every second
 * turn, and wakes have at most half of what may be in flight, so that polls of groups which hang, asked for by webhooks
 * again and again, cannot take all of it. Equals go in order.
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
    signal?: AbortSignal,
    owner?: object,
  ): QueuedRequest<T>;
  /** Cancels what was asked for this owner. */
  cancelOf(owner: object): void;
  /** Cancels everything, refuses what comes later (`cancelled`), and resolves when nothing is in flight. */
  stop(): Promise<void>;
}

/** @param options.concurrency requests in flight, 1 or more */
export function createRequestQueue(options: { readonly concurrency: number }): RequestQueue {
  const { concurrency } = options;
  const mostWakes = Math.max(1, Math.floor(concurrency / 2));
  let wakesInFlight = 0;
  const lanes = createFairLanes<QueuedRun>();
  const queue = new PQueue<FairQueue, FairOptions>({
    concurrency,
    queueClass: fairQueueOf(lanes, () => wakesInFlight < mostWakes),
  });
  /**
   * Those neither settled nor cancelled, each in its own slot. Not a `Set`: at thousands of changes a second its
   * outgrown tables, which still name their last members, pile up in the engine's old space.
   */
  const live: (Cancellable | undefined)[] = [];
  const freeSlots: number[] = [];
  /** Controllers that have never aborted serve again. */
  const spareControllers: AbortController[] = [];
  let stopped = false;

  function enqueue<T>(
    send: (signal: AbortSignal) => Promise<T>,
    urgency: Urgency,
    signal?: AbortSignal,
    owner?: object,
  ): QueuedRequest<T> {
    if (stopped || signal?.aborted === true) return NEVER_SENT;
    const controller = spareControllers.pop() ?? new AbortController();
    let sent = false;
    let cancelled = false;
    const isCancelled = (): boolean => cancelled;
    let isHurried = false;
    let isLive = true;

    let settle: (result: T | Cancelled) => void = () => undefined;
    let fail: (error: unknown) => void = () => undefined;
    const settled = new Promise<T | Cancelled>((resolve, reject) => {
      settle = resolve;
      fail = reject;
    });

    // A cancelled request stays in its lane: removing it would search the whole lane, which is quadratic when
    // ten thousand handlers stop together.
    function cancel(): void {
      if (!isLive) return;
      cancelled = true;
      release();
      controller.abort();
      if (sent) return;
      request.waits = false;
      settle(CANCELLED);
    }
    function release(): void {
      if (!isLive) return;
      isLive = false;
      live[slot] = undefined;
      freeSlots.push(slot);
      signal?.removeEventListener('abort', cancel);
    }
    async function turn(): Promise<void> {
      sent = true;
      if (request.isWake) wakesInFlight += 1;
      try {
        const result = await send(controller.signal);
        settle(isCancelled() ? CANCELLED : result);
        if (!isCancelled()) spareControllers.push(controller);
      } finally {
        if (request.isWake) wakesInFlight -= 1;
        release();
        // What still knows this function shall not keep the result.
        settle = () => undefined;
      }
    }
    const slot = freeSlots.pop() ?? live.length;
    live[slot] = { owner, cancel };
    signal?.addEventListener('abort', cancel, ONCE);
    const request: QueuedRun = { waits: true, isWake: false, run: null };
    queue.add(turn, { request, urgency }).catch(fail);

    return {
      settled,
      sent: () => sent,
      hurry() {
        // It keeps its own turn, too: a hurried request must not wait behind a thousand wakes.
        if (!request.waits || urgency !== 'regular' || isHurried) return;
        isHurried = true;
        lanes.add(request, 'wake');
      },
      cancel,
    };
  }

  return {
    enqueue,
    cancelOf(owner) {
      for (const request of [...live]) if (request?.owner === owner) request.cancel();
    },
    async stop() {
      stopped = true;
      for (const request of [...live]) request?.cancel();
      await queue.onIdle();
    },
  };
}

/** A request as p-queue's queue holds it. */
interface QueuedRun extends Waiting {
  /** Whether it was sent as a wake. */
  isWake: boolean;
  /** p-queue's own: starts the request, and rejects never. Null before it was queued. */
  run: (() => Promise<unknown>) | null;
}

interface FairOptions extends QueueAddOptions {
  readonly request: QueuedRun;
  readonly urgency: Urgency;
}

/** What p-queue takes its next run from. */
type FairQueue = Queue<() => Promise<unknown>, FairOptions>;

/** @param mayWake whether another wake may be sent now */
function fairQueueOf(lanes: FairLanes<QueuedRun>, mayWake: () => boolean): new () => FairQueue {
  return class {
    enqueue(run: () => Promise<unknown>, options?: Partial<FairOptions>): void {
      const { request, urgency = 'regular' } = options ?? {};
      if (request === undefined) return;
      request.run = run;
      lanes.add(request, urgency);
    }

    dequeue(): (() => Promise<unknown>) | undefined {
      const turn = lanes.take(mayWake());
      if (turn === null) return undefined;
      turn.item.isWake = turn.isWake;
      return turn.item.run ?? undefined;
    }

    /** p-queue asks only whether it is 0: whether nothing may be sent now. */
    get size(): number {
      return lanes.hasNext(mayWake()) ? 1 : 0;
    }

    filter(): (() => Promise<unknown>)[] {
      return [];
    }

    setPriority(): void {
      throw new Error('a request hurries, it has no priority');
    }
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
  hurry: () => undefined,
  cancel: () => undefined,
};
