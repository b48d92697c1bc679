import type { Writable } from 'node:stream';
import type { Logger } from 'pino';
import type { Configuration } from '../config/configuration.ts';
import { systemScheduler, type Scheduler } from '../platform/clock.ts';
import type { Finding } from '../platform/finding.ts';
import type { ProcessSignals } from '../platform/process-signals.ts';
import { cleanText } from '../records/clean-text.ts';
import { processDeps } from './part-process.ts';
import { runCheck } from './run-check.ts';
import { EXIT_FAILED, EXIT_OK } from './terminal.ts';

/** `check` gives up on everything after this. */
const DEADLINE_MS = 30_000;

/** Tells on standard output whether everything that `run` needs is there; resolves with the exit code. */
export async function check(
  configuration: Configuration,
  log: Logger,
  signals: ProcessSignals,
): Promise<number> {
  // There is nothing to put in order. A check that was not finished is no good one.
  signals.listen(() => process.exit(EXIT_FAILED));
  const { stdout } = process;
  const isTerminal = stdout.isTTY && process.env['TERM'] !== 'dumb';
  const view = createCheckView(
    { stdout, scheduler: systemScheduler, monotonicMs: () => performance.now() },
    { isTerminal },
  );
  const deps = { ...processDeps(log), asking: (what: string) => view.asking(what) };
  let isFine = true;
  for await (const finding of runCheck(configuration, deps, AbortSignal.timeout(DEADLINE_MS))) {
    view.found(finding);
    isFine &&= finding.ok;
  }
  view.end();
  return isFine ? EXIT_OK : EXIT_FAILED;
}

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
