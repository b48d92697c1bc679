/** What stops a process, in order; SIGHUP reloads where there is something to reload. */
export type ProcessSignal = 'SIGTERM' | 'SIGINT' | 'SIGQUIT' | 'SIGHUP';

export interface ProcessSignals {
  /** Hands each signal to `take` from now on, instead of to whoever took them before; a held SIGHUP comes at once. */
  listen(take: (signal: ProcessSignal) => void): void;
}

export interface SignalSource {
  on(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown;
}

const STOPPING = ['SIGTERM', 'SIGINT', 'SIGQUIT'] as const;

/**
 * A second signal to stop within this time is the same request: Ctrl-C reaches the whole job and npm passes it on
 * too, and `timeout` signals both its child and its group.
 */
const SAME_ASK_MS = 250;

/**
 * Takes the signals from the system, so that none ends the process in the middle of something, or, for the first
 * process of a container, is lost. SIGUSR1 would open Node's debugger and SIGUSR2 would end the process: both do
 * nothing. This module imports nothing, so that it is there before all that takes time to load.
 *
 * @param beforeListening what a signal that asks to stop does while nobody listens; a SIGHUP is held until then
 */
export function catchSignals(
  source: SignalSource,
  monotonicMs: () => number,
  beforeListening: (signal: ProcessSignal) => void,
): ProcessSignals {
  let isHangUpHeld = false;
  let askedAtMs = -Infinity;
  let take: ((signal: ProcessSignal) => void) | null = null;

  for (const signal of STOPPING) {
    source.on(signal, () => {
      if (monotonicMs() - askedAtMs < SAME_ASK_MS) return;
      askedAtMs = monotonicMs();
      (take ?? beforeListening)(signal);
    });
  }
  source.on('SIGHUP', () => {
    if (take === null) isHangUpHeld = true;
    else take('SIGHUP');
  });
  source.on('SIGUSR1', () => undefined);
  source.on('SIGUSR2', () => undefined);

  return {
    listen(next) {
      take = next;
      if (!isHangUpHeld) return;
      isHangUpHeld = false;
      next('SIGHUP');
    },
  };
}
