import type { Writable } from 'node:stream';
import type { Logger } from 'pino';
import type { Configuration } from '../config/configuration.ts';
import { systemScheduler, type Scheduler } from '../platform/clock.ts';
import type { Finding } from '../platform/finding.ts';
import type { ProcessSignals } from '../platform/process-signals.ts';
import { cleanText } from '../records/clean-text.ts';
import { formatCount } from '../words/numbers.ts';
import { processDeps } from './part-process.ts';
import { runCheck } from './run-check.ts';
import { EXIT_FAILED, EXIT_OK } from './terminal.ts';

/** `check` gives up on everything after this. */
const DEADLINE_MS = 30_000;

/**
 * Tells on standard output whether everything that `run` needs is there; resolves with the exit code, which is 0 where there
 * are warnings only.
 */
export async function check(
  configuration: Configuration,
  log: Logger,
  signals: ProcessSignals,
): Promise<number> {
  // There is nothing to put in order. A check that was not finished is no good one.
  signals.listen(() => process.exit(EXIT_FAILED));
  const { stdout } = process;
  // A reader that has left is no failure: the exit code still says what was found.
  stdout.on('error', () => undefined);
  const isTerminal = stdout.isTTY && process.env['TERM'] !== 'dumb';
  const view = createCheckView(
    { stdout, scheduler: systemScheduler, monotonicMs: () => performance.now() },
    { isTerminal },
  );
  const deps = { ...processDeps(log), asking: (what: string) => view.asking(what) };
  for await (const finding of runCheck(configuration, deps, AbortSignal.timeout(DEADLINE_MS))) {
    view.found(finding);
  }
  return view.end() === 0 ? EXIT_OK : EXIT_FAILED;
}

/** Shows a check as it goes: a line for each finding, and on a terminal what it is waiting for. */
export interface CheckView {
  asking(what: string): void;
  found(finding: Finding): void;
  /** Sums up, and returns how many things have failed. */
  end(): number;
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
  const counts = { ok: 0, warn: 0, fail: 0 };
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
    found({ verdict, subject, message }) {
      clear();
      counts[verdict] += 1;
      stdout.write(`${LABELS[verdict]} ${cleanText(subject)}: ${cleanText(message)}\n`);
    },
    end() {
      clear();
      stdout.write(`\n${summary(counts)}\n`);
      return counts.fail;
    },
  };
}

type Counts = Readonly<Record<Finding['verdict'], number>>;

const LABELS = { ok: 'ok  ', warn: 'WARN', fail: 'FAIL' } as const satisfies Record<
  Finding['verdict'],
  string
>;

function summary({ ok, warn, fail }: Counts): string {
  const counts = `${ok} ok, ${formatCount(warn, 'warning')}, ${formatCount(fail, 'failure')}`;
  const meaning =
    fail > 0
      ? 'run would not do its work: mend what is marked FAIL'
      : warn > 0
        ? 'run does its work; look at what is marked WARN'
        : 'run can start';
  return `${counts}: ${meaning}.`;
}
