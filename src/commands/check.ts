import type { Logger } from 'pino';
import type { Configuration } from '../config/configuration.ts';
import { systemScheduler } from '../platform/clock.ts';
import type { ProcessSignals } from '../platform/process-signals.ts';
import { createCheckView } from './check-view.ts';
import { EXIT_FAILED, EXIT_OK } from './exit-codes.ts';
import { processDeps } from './part-process.ts';
import { runCheck } from './run-check.ts';

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
