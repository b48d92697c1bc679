import type { Scheduler } from '../platform/clock.ts';

/** Where one loop waits until there is something to do. */
export interface Gate {
  /** Resolves at the next `open`, or after `atMostMs`. One waiter at a time. */
  wait(atMostMs?: number): Promise<void>;
  /** Lets the waiter through; nothing is remembered for one who comes later. */
  open(): void;
}

export function createGate(scheduler: Scheduler): Gate {
  let pass: (() => void) | null = null;
  return {
    wait(atMostMs) {
      return new Promise((resolve) => {
        const cancel = atMostMs === undefined ? undefined : scheduler.after(atMostMs, through);
        function through(): void {
          pass = null;
          cancel?.();
          resolve();
        }
        pass = through;
      });
    },
    open: () => pass?.(),
  };
}
