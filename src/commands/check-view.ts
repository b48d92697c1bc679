import type { Writable } from 'node:stream';
import type { Finding } from '../platform/finding.ts';
import type { Scheduler } from '../platform/clock.ts';
import { cleanText } from '../records/clean-text.ts';

/** Shows a check as it goes: a line for each finding, and on a terminal what it is waiting for. */
export interface CheckView {
  asking(what: string): void;
  found(finding: Finding): void;
  end(): void;
}

export interface CheckViewDeps {
  readonly stdout: Writable & { readonly columns?: number };
  readonly scheduler: Scheduler;
  readonly monotonicMs: () => number;
}

const SECOND_MS = 1000;
const CLEAR_LINE = '\r\u001b[K';

/** See {@link CheckView}. */
export function createCheckView(
  { stdout, scheduler, monotonicMs }: CheckViewDeps,
  { isTerminal }: { readonly isTerminal: boolean },
): CheckView {
  let cancel = (): void => undefined;

  function clear(): void {
    cancel();
    if (isTerminal) stdout.write(CLEAR_LINE);
  }

  function wait(what: string, sinceMs: number): void {
    const seconds = Math.floor((monotonicMs() - sinceMs) / SECOND_MS);
    const text = `...  ${cleanText(what)}${seconds > 0 ? ` (${seconds} s)` : ''}`;
    stdout.write(CLEAR_LINE + text.slice(0, (stdout.columns ?? 80) - 1));
    cancel = scheduler.after(SECOND_MS, () => wait(what, sinceMs));
  }

  return {
    asking(what) {
      clear();
      if (isTerminal) wait(what, monotonicMs());
    },
    found({ ok, isWarning = false, subject, message }) {
      clear();
      const verdict = ok ? (isWarning ? 'warn' : 'ok  ') : 'FAIL';
      stdout.write(`${verdict} ${cleanText(subject)}: ${cleanText(message)}\n`);
    },
    end: clear,
  };
}
