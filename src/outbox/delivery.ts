import type { Logger } from 'pino';
import { abortable } from '../platform/abortable.ts';
import type { Scheduler } from '../platform/clock.ts';
import { retry } from '../platform/retry.ts';
import type { EncodedSample } from '../records/encoded-sample.ts';
import type { Backlog } from './backlog.ts';
import { createGate } from './gate.ts';

/** Where the outbox delivers to; the promises are those of `Sink` in `sinks/sink.ts`. */
export interface OutboxSink {
  deliver(
    samples: readonly EncodedSample[],
    report: {
      acknowledged(samples: readonly EncodedSample[]): void;
      refused(samples: readonly EncodedSample[], reason: string): void;
      closed(): void;
    },
    signal: AbortSignal,
  ): Promise<void>;
}

export interface DeliveryDeps {
  readonly sink: OutboxSink;
  readonly backlog: Backlog;
  readonly scheduler: Scheduler;
  readonly log: Logger;
  readonly onAcknowledged: (samples: readonly EncodedSample[]) => void;
  readonly onRefused: (samples: readonly EncodedSample[], reason: string) => void;
  readonly oldestWaitingMs: () => number;
}

/** Hands the samples of a backlog to a sink, in order, one batch at a time. */
export interface Delivery {
  start(): void;
  isStarted(): boolean;
  /** A sample has come. */
  offered(wasEmpty: boolean): void;
  /** There is something to take where there was nothing. */
  wake(): void;
  /** Whether nothing is delivered any more. */
  isOver(): boolean;
  /** Delivers what waits until the signal aborts. Resolves in any case; false where it was cut short, or never began. */
  stop(signal: AbortSignal): Promise<boolean>;
}

const unexpectedRetry = { initialMs: 1000, maxMs: 30_000 };

export function createDelivery(
  deps: DeliveryDeps,
  options: { readonly batchBytes: number; readonly lingerMs: () => number },
): Delivery {
  const { sink, backlog, scheduler, log } = deps;
  const gate = createGate(scheduler);
  const deadline = new AbortController();
  let state: 'open' | 'draining' | 'over' = 'open';
  let running: Promise<void> | null = null;

  const report = {
    acknowledged: deps.onAcknowledged,
    refused: deps.onRefused,
    closed(): void {
      state = 'over';
    },
  };

  function isOver(): boolean {
    return state === 'over' || deadline.signal.aborted;
  }

  /** Delivers what is in flight; resolves when all of it is settled, the sink is closed or time is up. */
  async function deliver(): Promise<void> {
    const attempt = async (): Promise<void> => {
      const samples = backlog.inFlight();
      // What a sink says late, between two attempts, counts, too.
      if (isOver() || samples.length === 0) return;
      try {
        // A destination that hangs must not hold up the end.
        await abortable(sink.deliver(samples, report, deadline.signal), deadline.signal);
      } catch (error) {
        if (!isOver()) throw error;
      }
      if (isOver() || backlog.inFlight().length === 0) return;
      throw new Error('the sink came back without naming every sample');
    };
    // A sink retries by itself, so this is a fault in its code; records are worth more than a crash here.
    const onFailed = (error: unknown): void =>
      log.error({ err: error }, 'The sink failed unexpectedly; the batch is tried again');
    const noJitter = { scheduler, random: () => 0 };
    await retry(noJitter, unexpectedRetry, deadline.signal, attempt, onFailed).catch(() => undefined);
  }

  /** Gives a batch that is not full time to grow, unless its oldest sample has had that time already. */
  async function linger(): Promise<void> {
    const leftMs = options.lingerMs() - deps.oldestWaitingMs();
    if (leftMs > 0 && state === 'open' && backlog.waitingBytes() < options.batchBytes)
      await gate.wait(leftMs);
  }

  async function run(): Promise<void> {
    while (!isOver()) {
      if (backlog.waitingBytes() === 0) {
        if (state === 'draining' && backlog.depth().samples === 0) return;
        await gate.wait();
      }
      await linger();
      if (backlog.waitingBytes() === 0) continue;
      backlog.take(options.batchBytes);
      await deliver();
    }
  }

  return {
    start() {
      running ??= run();
    },
    isStarted: () => running !== null,
    offered(wasEmpty) {
      // The first one wakes the loop; a full batch ends its linger.
      if (wasEmpty || backlog.waitingBytes() >= options.batchBytes) gate.open();
    },
    wake: () => gate.open(),
    isOver,
    async stop(signal) {
      if (state === 'open') state = 'draining';
      const onAbort = (): void => {
        deadline.abort(signal.reason);
        gate.open();
      };
      if (signal.aborted) onAbort();
      signal.addEventListener('abort', onAbort, { once: true });
      gate.open();
      await running;
      signal.removeEventListener('abort', onAbort);
      state = 'over';
      return running !== null && !deadline.signal.aborted;
    },
  };
}
