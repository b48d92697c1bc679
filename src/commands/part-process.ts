import type { Logger } from 'pino';
import { systemClock, systemScheduler } from '../platform/clock.ts';
import type { Part } from '../platform/part.ts';
import type { ProcessSignals } from '../platform/process-signals.ts';
import type { SidecarDeps } from '../sidecar/sidecar.ts';
import { flushLog, LOG_DEADLINE_MS } from '../telemetry/logger.ts';
import { runUntilStopped, type RunOptions } from './run-until-stopped.ts';

export interface ProcessDeps {
  readonly log: Logger;
  /** Resolves when there is no use in going on: null for a normal end, else with what broke. */
  readonly closed: Promise<Error | null>;
  readonly signals: ProcessSignals;
  /** What SIGHUP does; absent: it asks to stop. */
  readonly reload?: () => void;
}

/** Runs a part until this process is asked to stop, or the destination is gone; resolves with the exit code. */
export function runAsProcess(part: Part, deps: ProcessDeps, options: RunOptions): Promise<number> {
  const { log, closed, signals, reload } = deps;
  return runUntilStopped(
    part,
    {
      log,
      scheduler: systemScheduler,
      closed,
      exitNow: (exitCode) => void flushLog(log, LOG_DEADLINE_MS).then(() => process.exit(exitCode)),
      onStopSignal(stop) {
        let isAsked = false;
        signals.listen((signal) => {
          if (signal === 'SIGHUP' && reload !== undefined && !isAsked) {
            reload();
            return;
          }
          isAsked = true;
          stop(signal);
        });
      },
    },
    options,
  );
}

/** What a sidecar needs of the process and its system. */
export function processDeps(log: Logger): SidecarDeps {
  return {
    clock: systemClock,
    scheduler: systemScheduler,
    monotonicMs: () => performance.now(),
    random: Math.random,
    log,
    stdout: process.stdout,
  };
}
